"""Numbers for images that have no target: flicker, edges kept, colourfulness, contrast, distance to a set of paintings (KID).

Images are HxWx3 RGB uint8.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise

import cv2
import numpy as np
import torch

from .backbone import Backbone

EDGE_SIGMA, EDGE_LOW, EDGE_HIGH, EDGE_REACH = 1.0, 40, 120, 1  # what counts as an edge; how far away it is still the same one, px


def flicker(before: Sequence[np.ndarray], after: Sequence[np.ndarray]) -> float:
    """Mean absolute change of `after` from each frame to the next, over that of `before`; NaN where nothing changes before."""
    changes = [sum(float(cv2.absdiff(a, b).mean()) for a, b in pairwise(film)) for film in (after, before)]
    return changes[0] / changes[1] if changes[1] else float("nan")


def edges_kept(before: np.ndarray, after: np.ndarray) -> float:
    """Share of the edges of `before` that `after` has too, at most 1 pixel away: 0..1; NaN where there are none.

    Edges are those of Canny (40, 120) after a blur of sigma 1: soft strokes in place of hard ones are not counted as kept.
    """
    wanted, there = (_edges(image) for image in (before, after))
    near = cv2.dilate(there, np.ones((2 * EDGE_REACH + 1, 2 * EDGE_REACH + 1), np.uint8))
    count = np.count_nonzero(wanted)
    return float(np.count_nonzero(wanted & near) / count) if count else float("nan")


def colourfulness(image: np.ndarray) -> float:
    """Measure M3 of Hasler and Suesstrunk 2003: 0 is grey, 33 moderately, 59 highly colourful."""
    r, g, b = image.reshape(-1, 3).astype(np.float32).T
    rg, yb = r - g, (r + g) / 2 - b
    return float(np.hypot(rg.std(), yb.std()) + 0.3 * np.hypot(rg.mean(), yb.mean()))


def contrast(image: np.ndarray) -> float:
    """Standard deviation of the luminance, 0..127.5."""
    return float(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).std())


@torch.inference_mode()
def embedded(images: Iterable[np.ndarray], backbone: Backbone) -> np.ndarray:
    """NxC float64: one vector of features for each image."""
    batches = (torch.from_numpy(image.astype(np.float32)).permute(2, 0, 1)[None] / 127.5 - 1 for image in images)
    return torch.cat([backbone.pooled(batch) for batch in batches]).double().numpy()


def kernel_distance(a: np.ndarray, b: np.ndarray) -> float:
    """KID (Binkowski et al. 2018): unbiased squared MMD between two sets of vectors (NxC, MxC) with the kernel (x.y / C + 1)^3.

    0 for two samples of the same kind. NaN where a set has fewer than two.
    """
    n, m = len(a), len(b)
    if min(n, m) < 2:
        return float("nan")
    def kernel(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return (x @ y.T / x.shape[1] + 1) ** 3
    aa, bb = kernel(a, a), kernel(b, b)
    return float((aa.sum() - np.trace(aa)) / (n * (n - 1)) + (bb.sum() - np.trace(bb)) / (m * (m - 1)) - 2 * kernel(a, b).mean())


def _edges(image: np.ndarray) -> np.ndarray:
    grey = cv2.GaussianBlur(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), (0, 0), EDGE_SIGMA)
    return cv2.Canny(grey, EDGE_LOW, EDGE_HIGH)
