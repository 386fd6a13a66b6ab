"""Transport: where a film or a folder of images stands, and what is asked of it: pause, place, loop, speed."""

from collections import deque

SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0)


class Transport:
    """Written by whoever plays, obeyed by the thread that reads the source. Every change is one assignment, so no lock is needed.

    Attributes:
        unit: "s" for a film, "images" for a folder; `length`, `position`, `start` and `end` count in it.
        length: of the whole.
        step: from one frame to the next, on average.
        position: of the image that was given last.
        paused: the same image is given again and again. frozen: likewise, while the image that is shown is held.
        speed: 1 is the source's own.
        stay_s: how long an image of a folder stays, at speed 1.
        start, end: what is played in a loop; end None: to the end.
    """

    def __init__(self, length: float, step: float, unit: str) -> None:
        self.length, self.step, self.unit = length, step, unit
        self.position = 0.0
        self.paused = False
        self.frozen = False
        self.speed = 1.0
        self.stay_s = 2.0
        self.start = 0.0
        self.end: float | None = None
        self._asked: deque[float] = deque(maxlen=1)  # only the newest counts: a scrub asks faster than a film can follow
        self._steps: deque[int] = deque()  # these all count

    @property
    def resting(self) -> bool:
        """Whether the place stays as it is by itself."""
        return self.paused or self.frozen

    def seek(self, position: float) -> None:
        """Go there; what lies outside is brought to the nearest image."""
        self._steps.clear()
        self._asked.append(min(max(position, 0.0), self.length))

    def move(self, steps: int) -> None:
        """Pause, and go so many images on (or back)."""
        self.paused = True
        self._steps.append(steps)

    def mark_in(self) -> None:
        """Play from here on; a loop end that lies before is taken away."""
        self.start = self.position
        if self.end is not None and self.end <= self.start:
            self.end = None

    def mark_out(self) -> None:
        """Play up to here; a loop start that lies behind is taken away."""
        self.end = self.position
        if self.start >= self.end:
            self.start = 0.0

    def unmark(self) -> None:
        """Play the whole again."""
        self.start, self.end = 0.0, None

    def set_loop(self, start: float, end: float | None) -> None:
        """Play from `start` to `end` (None: the end of the whole); at least one image stays between them."""
        end = None if end is None or end >= self.length else max(end, self.step)
        self.start = min(max(start, 0.0), (self.length if end is None else end) - self.step)
        self.end = end

    def resume(self, other: "Transport") -> None:
        """Play on from where `other`, of the same film, was left: place, loop and speed. What has become another film begins anew."""
        if (self.unit, self.length) == (other.unit, other.length):
            self.start, self.end, self.speed = other.start, other.end, other.speed
            self.seek(other.position)

    def asked(self) -> tuple[float | None, int]:
        """For the source, told once: where to go (None: stay), and how many images on (or back) from there."""
        place, steps = None, 0
        while self._asked:
            place = self._asked.popleft()
        while self._steps:
            steps += self._steps.popleft()
        return place, steps
