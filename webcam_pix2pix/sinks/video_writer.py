"""VideoWriter: images to a video file of constant frame rate, H.264 where this build of FFmpeg has it."""

import logging
import os
import secrets
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from msa.files import replace_file, shortened
from webcam_pix2pix.preprocessing import resized

from .fragments import Syncer, fragmented, immediate, made_normal, plays

log = logging.getLogger(__name__)

SUFFIXES = (".mp4", ".mkv", ".mov")
CODECS = {"libx264": {"crf": "18", "preset": "veryfast"}, "mpeg4": {"qscale": "3"}}  # in order of preference
CHECK_EVERY = 30  # images between two looks whether the file is still there
BT709 = 1  # AVCOL_SPC_BT709 and friends
LIMITED_RANGE = 1  # AVCOL_RANGE_MPEG


def check_target(path: Path) -> None:
    """Raises ValueError or OSError naming `path` where no video can be written to it."""
    if path.suffix.lower() not in SUFFIXES:
        raise ValueError(f"{path}: cannot record to {path.suffix or 'a name without suffix'}, expected {', '.join(SUFFIXES)}")
    if path.is_dir():
        raise IsADirectoryError(f"{path}: is a folder, expected the name of a video file")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"{path}: there is no folder {path.parent}")
    if not os.access(path.parent, os.W_OK):
        raise PermissionError(f"{path}: the folder {path.parent} cannot be written to")


def partial_name(path: Path) -> Path:
    """The temporary name of a video that is being written: beside `path`, unused so far."""
    return path.absolute().with_name(f"{shortened(path.stem, 200)}.{secrets.token_hex(4)}.part{path.suffix}")


class VideoWriter:
    """Writes to a partial file beside `path`, which takes its name at close(); a broken run leaves no half video there.

    With `safe` what is written can be played at any time, up to its last image: after a crash, too. A new file then has its name
    from the start.

    Attributes:
        count: images written.
        progress: grows while close() works.
    """

    def __init__(self, path: str | os.PathLike, fps: float, safe: bool = False, comment: str = "") -> None:
        """path: its suffix is .mp4, .mkv or .mov; an existing file is replaced at close(). comment: kept in the metadata.

        Raises ValueError or OSError naming `path`.
        """
        self.path, self.fps, self.count, self.progress = Path(path), fps, 0, 0
        check_target(self.path)
        if not 0 < fps <= 1000:
            raise ValueError(f"{path}: {fps:g} is not a frame rate, expected 1 to 1000")
        self._safe, self._comment = safe, comment
        self._partial = self.path.absolute() if safe and not self.path.exists() else partial_name(self.path)
        self._syncer: Syncer | None = None
        self._container: Any = None  # av's, once the first image tells the size
        self._stream: Any = None

    def write(self, image: np.ndarray) -> None:
        """Add HxWx3 RGB uint8. The first one decides the size (made even); others are fitted into it. Raises OSError."""
        if self.count % CHECK_EVERY == CHECK_EVERY - 1 and not self._partial.exists():
            raise OSError(f"{self.path}: its folder or the file was removed while it was written")
        try:
            if self._container is None:
                self._open(image.shape[1], image.shape[0])
            self._container.mux(self._stream.encode(self._frame(image)))
        except OSError as error:
            raise OSError(f"{self.path}: {error.strerror or error}") from None
        self.count += 1

    @property
    def size(self) -> int:
        """Bytes in the file so far."""
        try:
            return self._partial.stat().st_size
        except OSError:
            return 0

    def close(self) -> None:
        """Finish the file and give it its name. Without images there is no file. Raises OSError."""
        if self._container is None:
            return
        try:
            self._container.mux(self._stream.encode(None))
            self._container.close()
            self._container = self._stream = None
            self._stop_syncing()
        except OSError as error:
            raise OSError(f"{self.path}: {error.strerror or error}") from None
        finally:
            self.discard()  # what could not be finished
        try:
            if self._safe and self.path.suffix.lower() != ".mkv":
                self._normalise()
            elif self._partial != self.path.absolute():
                replace_file(self._partial, self.path)
        except OSError as error:
            raise OSError(f"{self.path}: cannot be replaced ({error.strerror or error}), the film is in {self._partial}") from None

    def discard(self) -> None:
        """Give up what is not finished: leave nothing of it behind, unless it is `safe` and a second of it plays."""
        container, self._container, self._stream = self._container, None, None
        self._stop_syncing()
        if container is None:
            return
        try:
            container.close()
        except OSError as error:  # the disk that is full already
            log.debug("%s: %s", self._partial, error)
        if self._safe and self.count >= self.fps and plays(self._partial):
            if self._partial != self.path.absolute():
                log.warning("%s: unfinished, it is kept as %s", self.path, self._partial)
            return
        self._partial.unlink(missing_ok=True)

    def _normalise(self) -> None:
        """From fragments to a normal file, which replaces them once it is whole; without room for both the fragments are the film."""
        target = partial_name(self.path)
        if made_normal(self._partial, target, self._advance):
            replace_file(target, self.path)
            if self._partial != self.path.absolute():
                self._partial.unlink(missing_ok=True)
        elif self._partial != self.path.absolute():
            replace_file(self._partial, self.path)

    def _advance(self) -> None:
        self.progress += 1

    def _stop_syncing(self) -> None:
        syncer, self._syncer = self._syncer, None
        if syncer is not None:
            syncer.close()

    def _open(self, width: int, height: int) -> None:
        import av

        av.logging.set_level(None)
        codec = next((name for name in CODECS if name in av.codecs_available), None)
        if codec is None:
            raise OSError(f"no encoder: FFmpeg has neither {' nor '.join(CODECS)}")
        suffix = self.path.suffix.lower()
        movable = {"movflags": "+faststart"} if suffix != ".mkv" else {}  # starts playing before all of it is loaded
        self._container = av.open(self._partial.as_posix(), "w", options=fragmented(suffix) if self._safe else movable)
        if self._comment:
            self._container.metadata["comment"] = self._comment
        if self._safe:
            self._syncer = Syncer(self._partial)
        rate = Fraction(self.fps).limit_denominator(1001)
        at_once = immediate(self.fps) if self._safe and codec == "libx264" else {}
        self._stream = self._container.add_stream(codec, rate=rate, options=CODECS[codec] | at_once)
        self._stream.width, self._stream.height = width + width % 2, height + height % 2
        self._stream.pix_fmt = "yuv420p"
        context = self._stream.codec_context
        context.time_base = 1 / rate
        context.colorspace = context.color_primaries = context.color_trc = BT709
        context.color_range = LIMITED_RANGE

    def _frame(self, image: np.ndarray):
        import av

        width, height = self._stream.width, self._stream.height
        h, w = image.shape[:2]
        if (w + w % 2, h + h % 2) != (width, height):
            image = resized(image, (height, width), "pad")
        elif (w, h) != (width, height):  # odd: the last column or row once more
            image = cv2.copyMakeBorder(image, 0, height - h, 0, width - w, cv2.BORDER_REPLICATE)
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24")
        frame = frame.reformat(format="yuv420p", dst_colorspace="ITU709")
        frame.pts = self.count
        frame.time_base = self._stream.codec_context.time_base
        return frame
