"""Memory: what the chain remembers from one frame to the next."""

from dataclasses import dataclass

import numpy as np


@dataclass
class Memory:
    """What the chain remembers from one frame to the next. Use a new one to start without a past."""

    raw: np.ndarray | None = None  # previous camera image, for frame_diff
    equalization: np.ndarray | None = None  # float32, 256 values: the equalisation of the tone
    thumbnail: np.ndarray | None = None  # 16x16 uint8, the tone before: tells a cut from something that comes into view
    accumulated: np.ndarray | None = None  # float32 0..255, not clipped
