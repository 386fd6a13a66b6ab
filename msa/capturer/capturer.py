"""Capturer: images from a source, the newest always at hand; the source can be changed while it runs."""

import logging
import threading
import time
from dataclasses import dataclass

import numpy as np

from msa.framestats import FrameStats
from msa.utils import Latest

from .connection import Connection, Opener
from .init import Init
from .opening import is_camera, open_source
from .source import Source, SourceInfo
from .transport import Transport

log = logging.getLogger(__name__)

SILENT_S = 2.0  # without an image for so long, the status line says so
JOIN_S = 2.0  # a read that is blocked in a driver for longer is left behind
BLOCKED_S = 8.0  # a live source that keeps its thread waiting for longer is opened again on another one; each time twice as patiently
REPORTED_S = 20.0  # a source that could not be opened is told of for so long
LEFT_BEHIND = 4  # threads that may be blocked at a time


@dataclass(frozen=True, slots=True)
class Captured:
    """One image of a source."""

    index: int  # counts the images of the capturer, from 0
    time: float  # time.perf_counter() at capture, seconds
    image: np.ndarray  # HxWx3 RGB uint8, read-only
    place: float | None = None  # where it stands in its film or replay, seconds; None where it has no place


class Capturer:
    """Takes images from a source for one consumer.

    Live with `init.use_thread`: a capture thread reads, take() gives the newest. Otherwise take() reads itself, every one in order.

    Attributes:
        frozen: True gives the image of that moment again and again, at the pace of the source; a film stays where it is.
        enabled: False lets the source rest and gives nothing.
        refused: the last change that was asked for, when it failed and the source before it goes on; else None.
    """

    def __init__(self, init: Init, live: bool = True, *, source: Source | None = None, opener: Opener = open_source) -> None:
        """live: what open_source takes. source: one already open for `init`, taken over.

        A live source is opened later, where it is read: trouble shows in `error` and it is tried again each second.
        Raises ValueError or OSError when not live and the source cannot be opened.
        """
        self.frozen = False
        self.enabled = True
        self._live, self._opener = live, opener
        self._lock = threading.Lock()  # guards everything below
        self._latest: Latest[Captured] = Latest()
        self._held: np.ndarray | None = None
        self._held_place: float | None = None
        self._stats = FrameStats()
        self._index = 0
        self._last = time.perf_counter()  # when the last image came
        self._asked = 0.0  # when somebody last wanted to know
        self._switch_error: str | None = None
        self.refused: Init | None = None
        self._refused_at = 0.0
        self._played: dict[str, Transport] = {}  # device_id of a film -> how it was played when it was left
        self._skipped_before = 0  # by feeds that are gone
        self._next: Connection | None = None
        self._wanted: Init | None = None  # a change that take() is to make
        self._connection = Connection(init, live, opener, source)
        self._connections: list[Connection] = []  # all that may still have a thread
        self._patience_s = BLOCKED_S
        if not live and source is None:
            self._connection.open()
        self._threaded = self._wants_thread(self._connection)
        if self._threaded:
            self._start(self._connection)

    @property
    def source(self) -> SourceInfo | None:
        """What the source in use really gives; None until it is open."""
        return self._connection.info

    @property
    def init(self) -> Init:
        """What the source in use was asked for as."""
        return self._connection.init

    @property
    def device_id(self) -> str:
        """The name that it was asked for by."""
        return self._connection.init.device_id

    @property
    def transport(self) -> Transport | None:
        """How the film or folder in use is played; None for everything else."""
        return self._connection.transport

    @property
    def error(self) -> str | None:
        """One line for the status line while something is wrong, else None."""
        connection, now, asked = self._connection, time.perf_counter(), self._asked
        if connection.error or (self._switch_error and now - self._refused_at < REPORTED_S):
            return connection.error or self._switch_error
        self._asked = now
        if now - asked > SILENT_S / 2:  # the whole program stood still, or nobody asked: no fault of the camera
            self._last = max(self._last, now - SILENT_S / 2)
        silent_s = now - self._last
        if connection.info is not None and connection.info.live and self._threaded and self.enabled and silent_s > SILENT_S:
            return f"{connection.info.name}: no image for {silent_s:.0f} s"
        return None

    @property
    def lost(self) -> bool:
        """Whether the source in use gives no images. Unlike `error`, a failed change of source does not count."""
        return bool(self._connection.error)

    @property
    def dropped(self) -> int:
        """Frames that were replaced by a newer one before they were taken, or that a file skipped to stay in real time."""
        return self._latest.dropped + self._skipped_before + self._connection.skipped

    @property
    def fps(self) -> float:
        """frames per second that really come; 0 when none do."""
        return self._stats.fps

    @property
    def finished(self) -> bool:
        """A finite source has given its last image."""
        return self._connection.finished

    def take(self, timeout: float = 0.0) -> Captured | None:
        """The newest image not taken yet (threaded), or the next one (not threaded).

        None when none comes within `timeout` seconds, when capturing is off, or at the end of a finite source (`finished`).
        Raises OSError when a finite source breaks.
        """
        if self._wanted is not None:
            self._change_here()
        if self._threaded:
            if self._connection.blocked_s > self._patience_s:
                self._leave_blocked()
            return self._latest.take(timeout)
        if not self.enabled or self._connection.finished:
            time.sleep(min(timeout, 0.05))
            return None
        image = self._connection.read(timeout)
        if image is None:
            return None
        with self._lock:
            return self._captured(image, self._connection.position)

    def reinitialise(self, init: Init) -> None:
        """Change to the source that `init` names.

        The old source stays in use until the new one gives an image, or if the new one cannot be opened.
        """
        same = self._same_device(init)
        with self._lock:
            self._switch_error = self.refused = None
            if self._next is not None:
                self._next.close()
                self._next = None
            if not (self._live and init.use_thread and self._threaded):
                self._wanted = init
            elif same:
                old = self._connection
                self._replace(self._connection_to(init))
                self._start(self._connection, after=old)
            else:
                self._next = self._connection_to(init, keep_trying=False)
                self._start(self._next)

    def follow(self, init: Init) -> None:
        """As reinitialise(), but when the change to another source has failed, the way back to the one in use opens nothing anew."""
        if self.refused is None or init != self.init:
            self.reinitialise(init)

    def close(self) -> None:
        """Stop reading, wait for the thread, release the source."""
        with self._lock:
            connections, self._connections, self._next = [*self._connections, self._connection], [], None
        for connection in connections:
            connection.close()
        until = time.perf_counter() + JOIN_S
        for connection in connections:
            if not connection.join(max(0.0, until - time.perf_counter())):
                log.warning("%s: the driver does not answer; this source is given up", connection.info.name if connection.info
                            else connection.init.device_id)

    def __enter__(self) -> "Capturer":
        return self

    def __exit__(self, *exc) -> None:
        self.close()

    def _same_device(self, init: Init) -> bool:
        """Whether the source in use must go before the one asked for can be opened."""
        return init.device_id == self._connection.init.device_id or is_camera(init.device_id, self.source.camera if self.source else "")

    def _wants_thread(self, connection: Connection) -> bool:
        return connection.init.use_thread and (self._live or (connection.info is not None and connection.info.live))

    def _start(self, connection: Connection, after: Connection | None = None) -> None:
        self._connections = [f for f in self._connections if not f.join(0.0)] + [connection]
        connection.start(self._deliver, lambda: not self.enabled, after)

    def _deliver(self, connection: Connection, image: np.ndarray | None) -> None:
        """Called on capture threads with each image; None when a connection ends."""
        with self._lock:
            if connection is self._next:
                self._next = None
                if image is None:
                    self._stay(str(connection.error), connection.init)
                else:
                    connection.keep_trying = True  # from now on it is the source in use
                    self._replace(connection)
            if image is not None and connection is self._connection:
                self._patience_s = BLOCKED_S
                self._latest.put(self._captured(image, connection.position))

    def _stay(self, error: str, init: Init) -> None:
        """The change to `init` has failed."""
        self._switch_error = f"{error}; {self._connection.info.name if self._connection.info else 'the old source'} goes on"
        self.refused, self._refused_at = init, time.perf_counter()

    def _leave_blocked(self) -> None:
        """The thread in use is stuck in a driver: leave it behind and open the source again on another one."""
        with self._lock:
            old = self._connection
            self._connections = [c for c in self._connections if not c.join(0.0)]
            self._patience_s *= 2
            if len(self._connections) > LEFT_BEHIND:
                return
            log.warning("%s does not answer; it is opened again", old.info.name if old.info else old.init.device_id)
            self._replace(self._connection_to(old.init))
            self._connection.info = old.info
            self._start(self._connection)

    def _change_here(self) -> None:
        """Change the source on the thread of take(), because no capture thread is there or will be."""
        with self._lock:
            init, self._wanted = self._wanted, None
        if init is None:
            return
        old, new = self._connection, self._connection_to(init)
        same = self._same_device(init)
        if same:
            old.close()
            old.join(JOIN_S)
        try:
            new.open()
        except (ValueError, OSError) as error:
            if not same:
                return self._stay(str(error), init)
        with self._lock:
            self._replace(new)
            self._threaded = self._wants_thread(new)
            if self._threaded:
                self._start(new)

    def _connection_to(self, init: Init, keep_trying: bool = True) -> Connection:
        """A film goes on where it was left, also the one in use."""
        now = self._connection.init.device_id
        played = self._connection.played if init.device_id == now else self._played.get(init.device_id)
        return Connection(init, self._live, self._opener, keep_trying=keep_trying, played=played)

    def _replace(self, connection: Connection) -> None:
        """Make `connection` the one in use; the old one closes its source as soon as its read returns."""
        old, self._connection = self._connection, connection
        self._skipped_before += old.skipped
        if old.played is not None:
            self._played[old.init.device_id] = old.played
        self._held = None
        self._last = time.perf_counter()
        old.close()

    def _captured(self, image: np.ndarray, place: float | None) -> Captured:
        now = self._last = time.perf_counter()
        self._stats.tick(now)
        if not self.frozen or self._held is None:
            self._held, self._held_place = image, place
            image.flags.writeable = False
        if (transport := self._connection.transport) is not None:
            transport.frozen = self.frozen
        self._index += 1
        return Captured(self._index - 1, now, self._held, self._held_place)
