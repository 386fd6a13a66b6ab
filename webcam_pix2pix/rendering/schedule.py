"""Schedule: at which rate a film is shown, and which of its frames stands at each place."""

import numpy as np

from webcam_pix2pix.dataset.footage.index import Index
from webcam_pix2pix.dataset.footage.selection import Selection, select

AGREES = 0.005  # share by which a rate may be off
ROUNDED_S = 0.0005  # half a millisecond, to which many programs round
RATES = (25.0, 24.0, 24000 / 1001, 30.0, 30000 / 1001, 50.0, 60.0, 60000 / 1001, 12.0, 15.0)  # usual ones: stamps are rounded
SLOWEST, FASTEST = 1.0, 120.0  # frames per second
EARLY = 0.4  # of the time of one image: so much too early it may come, or the jitter of a camera would double and drop images
LONGEST = 5_000_000  # images
HELD_S = 0.5  # so much longer than its images a film must be to hold its last one: sound is padded


def rate_of(index: Index, declared: float) -> float:
    """Frame rate of the result: that of the container if most frames agree with it, else the measured one."""
    gaps = np.diff(index.times)
    if not len(gaps):
        return declared
    n = max(1, min(30, len(gaps) // 10))  # over several images, so that the rounding of stamps weighs less
    gap = float(np.median(index.times[n:] - index.times[:-n])) / n  # not the mean: between two scenes a telephone may pause
    for rate in (declared, *RATES):
        if abs(gap - 1 / rate) <= max(AGREES / rate, max(0.6 * index.seconds, ROUNDED_S) / n):
            return rate
    return max(SLOWEST, min(FASTEST, round(1 / max(1 / FASTEST, gap), 3)))


def schedule(index: Index, fps: float, duration: float | None, part: Selection, most: int | None,
             name: str) -> tuple[np.ndarray, np.ndarray]:
    """The frames to show, and how often each is: the result has one rate, the film may have many, and may hold its last image.

    duration: of the film in seconds, where it is known. most: images. Raises ValueError naming the film.
    """
    inside = select(index.times, part)
    if not len(inside):
        raise ValueError(f"{name}: no frame between --start and --end; the film lasts {index.times[-1]:.1f} s")
    times = index.times[inside]
    end = float(times[-1]) + 1 / fps
    if inside[-1] == len(index.times) - 1 and (duration or 0.0) - end > HELD_S:
        end = min(duration or 0.0, part.end or LONGEST)
    count = min(max(1, round((end - float(times[0])) * fps)), most or LONGEST + 1)
    if count > LONGEST:
        raise ValueError(f"{name}: lasts {end:.0f} s by its time stamps, which cannot be right; limit it with --frames or --end")
    ticks = times[0] + (np.arange(count) + EARLY) / fps
    picks, counts = np.unique(np.searchsorted(times, ticks, "right") - 1, return_counts=True)
    return inside[picks], counts
