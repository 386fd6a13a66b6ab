"""Connection: one source from opening to closing, opened again when it is lost."""

import logging
import threading
import time
from collections.abc import Callable

import numpy as np

from msa.files import format_error
from msa.heartbeats import Heartbeat

from .init import Init
from .source import Source, SourceInfo
from .sources.snapshot import without_password
from .transport import Transport

log = logging.getLogger(__name__)

RETRY_S = 1.0  # between two attempts to open a lost source
STILL_S = 8.0  # an opening or a reading that takes longer: the thread stands still
BAD = 30  # images in a row that are none: then the source counts as lost

Opener = Callable[[str, Init, bool], Source]


class Connection:
    """Opens, reads, reopens and closes one source; on a thread of its own after start(), else wherever read() is called.

    Attributes:
        init: what was asked for.
        info: what the source gives, None until it is open.
        error: one line for the status line while something is wrong, else None.
        finished: a finite source has given its last image, or the connection gave up.
        skipped: images that its sources left out to keep up with real time.
    """

    def __init__(self, init: Init, live: bool, opener: Opener, source: Source | None = None, keep_trying: bool = True,
                 played: Transport | None = None) -> None:
        """played: how the same film was played before; it goes on from there."""
        self.init = init
        self.info: SourceInfo | None = None
        self.error: str | None = None
        self.finished = False
        self.skipped = 0
        self.keep_trying = keep_trying  # a lost source, or one that cannot be opened, is tried again each second
        self._live, self._opener, self._source = live, opener, source
        self._played = played
        self._stop = threading.Event()
        self._lock = threading.Lock()  # held while the source is in use
        self._thread: threading.Thread | None = None
        self._retry_at = 0.0
        self._bad = 0  # images in a row that are none
        self._busy_since = 0.0  # when the source was asked for what it has not given yet; 0: it is not being asked
        if source is not None:
            self._describe(source, source.size)

    @property
    def transport(self) -> Transport | None:
        """How a film or a folder is played; None for everything else."""
        return getattr(self._source, "transport", None)

    @property
    def played(self) -> Transport | None:
        """How it is played, or was before it was closed."""
        return self.transport or self._played

    @property
    def position(self) -> float | None:
        """Where the image that was read last stands in its film or replay, seconds; None where images have no place."""
        return getattr(self._source, "position", None)

    @property
    def blocked_s(self) -> float:
        """For how many seconds a live source has kept its thread waiting; 0 when it does not."""
        since = self._busy_since
        return time.perf_counter() - since if since and self.info is not None and self.info.live else 0.0

    def open(self) -> Source:
        """Open the source now. Raises ValueError or OSError with one clear line."""
        again = self.info.camera if self.info is not None else ""  # the same camera, though its index may have changed
        self._source = self._opener(again or self.init.device_id, self.init, self._live)
        if self._played is not None and self.transport is not None:
            self.transport.resume(self._played)
        self._describe(self._source, self._source.size)
        return self._source

    def start(self, deliver: "Deliver", resting: Callable[[], bool], after: "Connection | None" = None) -> None:
        """Read on a thread of its own, which hands each image to `deliver`, and None when it ends.

        resting: while it says so, the source is left alone (once it has given its first image).
        after: a feed to see off first, because it holds the same device.
        """
        name = f"capture {self.init.device_id}"
        self._thread = threading.Thread(target=self._run, args=(deliver, resting, after), name=name, daemon=True)
        self._thread.start()

    def read(self, timeout: float = RETRY_S) -> np.ndarray | None:
        """The next image; None when there is none now (error and finished tell why). Waits at most `timeout` seconds for a retry.

        Raises OSError only for a finite source: a file is not read again from its start.
        """
        try:
            with self._lock:
                return None if self._stop.is_set() else self._read(timeout)
        finally:
            if self._stop.is_set():
                self.close()  # close() came while the lock was held and left the source to us

    def close(self) -> None:
        """Ask the source to stop. It is released now, or by the thread that is reading it as soon as that read returns."""
        self._stop.set()
        if self._lock.acquire(blocking=False):
            try:
                self._release()
            finally:
                self._lock.release()

    def join(self, timeout: float) -> bool:
        """Wait for the thread after close(); False when it is still blocked inside the device."""
        if self._thread is not None:
            self._thread.join(timeout)
        return self._thread is None or not self._thread.is_alive()

    def _run(self, deliver: "Deliver", resting: Callable[[], bool], after: "Connection | None") -> None:
        if after is not None:
            after.close()
            after.join(2.0)
        delivered, name = False, self.init.device_id
        name = without_password(name) if "://" in name else name
        heart = Heartbeat(f"capture {name}", STILL_S, "no image comes from it; the show goes on")
        while not (self._stop.is_set() or self.finished):
            if delivered and resting():
                self._stop.wait(0.02)
                continue
            try:
                with heart:
                    image = self.read()
            except OSError:  # a finite source broke; error says how
                break
            if image is not None:
                deliver(self, image)
                delivered = True
        self.close()
        deliver(self, None)

    def _read(self, timeout: float) -> np.ndarray | None:
        if self._source is None:
            wait = self._retry_at - time.perf_counter()
            if wait > 0:
                self._stop.wait(min(wait, timeout))
                return None
        self._busy_since = time.perf_counter()
        try:
            source = self._source or self.open()
            image = source.read()
        except Exception as error:
            self._lost(error)
            return None
        finally:
            self._busy_since = 0.0
        if image is None:
            self.finished = True
            return None
        if not is_image(image):
            self._bad += 1
            if self._bad >= BAD:
                self._lost(OSError(f"{source.name}: {BAD} images in a row that are none ({image.dtype} of shape {list(image.shape)})"))
            return None
        self._bad = 0
        if self.error is not None:
            self.error = None
            log.info("%s is back", source.name)
        if self.info is None or self.info.size != (image.shape[1], image.shape[0]):
            self._describe(source, (image.shape[1], image.shape[0]))
        self.skipped, source.skipped = self.skipped + source.skipped, 0
        return image

    def _lost(self, error: Exception) -> None:
        if not isinstance(error, OSError | ValueError):
            log.error("%s", self.init.device_id, exc_info=error)
        finite = self._source is not None and self._source.finite
        text = format_error(error)
        if self._source is None and self.info is not None:  # it was open before
            text = f"{self.info.name} lost"
        again = self.keep_trying and not finite
        if text not in (self.error or ""):
            log.info("%s%s", text, "; trying again" if again else "")
        self.error = f"{text}; trying again" if again else text
        self._release()
        self._retry_at = time.perf_counter() + RETRY_S
        self.finished = not again
        if finite:
            raise OSError(text) from error

    def _release(self) -> None:
        self._played = self.transport or self._played
        source, self._source = self._source, None
        if source is not None:
            try:
                source.close()
            except Exception:
                log.exception("%s: closing failed", source.name)

    def _describe(self, source: Source, size: tuple[int, int]) -> None:
        self.info = SourceInfo(source.name, size, source.fps, source.live, source.finite, source.note, source.camera)


def is_image(image: np.ndarray) -> bool:
    """Whether a source gave what it must: HxWx3 uint8, not empty. Drivers have given others after a jolt."""
    return image.ndim == 3 and image.shape[2] == 3 and image.size > 0 and image.dtype == np.uint8


Deliver = Callable[[Connection, np.ndarray | None], None]
