"""Heartbeats: each thread that lives long gives signs of life, and a watchdog tells which of them stands still, and when it is back.

A heartbeat hangs on its thread: nothing has to be entered in a list, and it goes with the thread. A beat is two assignments, no lock.
A thread that waits by design rests, and never stands still.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

log = logging.getLogger(__name__)

EVERY_S = 0.5  # between two rounds of the watchdog
PLACE = "heartbeat"  # the attribute of a thread that has one


class Heartbeat:
    """Of `thread`, or else of the thread that makes it.

    `with heartbeat:` around what it works on; or beat() again and again, and rest() at the end.

    name: for people. patience_s: it stands still when it works for longer without a beat. meanwhile: what that means, for people.

    Attributes:
        last: time.monotonic() of the last beat.
        resting: it waits by design.
    """

    def __init__(self, name: str, patience_s: float, meanwhile: str = "", thread: threading.Thread | None = None) -> None:
        self.name, self.patience_s, self.meanwhile = name, patience_s, meanwhile
        self.last, self.resting = time.monotonic(), True
        self.thread = thread or threading.current_thread()
        setattr(self.thread, PLACE, self)

    def beat(self) -> None:
        """At work, and alive."""
        self.last = time.monotonic()
        self.resting = False

    def rest(self) -> None:
        """It waits by design until the next beat."""
        self.resting = True
        self.last = time.monotonic()

    @property
    def busy_s(self) -> float:
        """Seconds since the last beat; 0 while it rests."""
        return 0.0 if self.resting else time.monotonic() - self.last

    def __enter__(self) -> "Heartbeat":
        self.beat()
        return self

    def __exit__(self, *exc: object) -> None:
        self.rest()


@dataclass(frozen=True)
class Standstill:
    """A thread that stands still, for so many seconds."""

    name: str
    seconds: float

    def __str__(self) -> str:
        return f"{self.name} has stood still for {self.seconds:.0f} s"


def heartbeats() -> list[Heartbeat]:
    """Of all threads that have one."""
    return [heart for thread in threading.enumerate() if (heart := getattr(thread, PLACE, None)) is not None]


def ages() -> str:
    """For people: each thread with the age of its last beat, a line each."""
    now = time.monotonic()
    return "\n".join(f"{heart.name}: {'rests' if heart.resting else f'{max(0.0, now - heart.last):.1f} s ago'}" for heart in heartbeats())


class Watchdog:
    """Looks at all heartbeats, on a thread of its own.

    report(text, over): takes one line for people when a thread stands still, and when it is back; `over` is then the line that is no longer
    true, else "". Both go to the log too.

    Attributes:
        still: what stands still now, the longest first.
    """

    def __init__(self, report: Callable[[str, str], object] = lambda text, over: None) -> None:
        self.still: tuple[Standstill, ...] = ()
        self._report = report
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        # seen by itself: a program that was stopped, or a laptop that slept, did not stand still
        self._seen: dict[Heartbeat, tuple[float, float]] = {}  # its last beat, and for how long that has been so
        self._reported: dict[Heartbeat, tuple[float, str]] = {}  # since when it stands still, and what was said

    def start(self) -> None:
        """Begin to look."""
        self._thread = threading.Thread(target=self._run, name="watchdog", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Joins."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        before = time.monotonic()
        while not self._stop.wait(EVERY_S):
            now = time.monotonic()
            self.check(min(now - before, 2 * EVERY_S))
            before = now

    def check(self, elapsed_s: float) -> None:
        """One round, so many seconds after the one before."""
        seen, still = {}, []
        for heart in heartbeats():
            last, seconds = self._seen.get(heart, (0.0, 0.0))
            seconds = seconds + elapsed_s if heart.last == last and not heart.resting else 0.0
            seen[heart] = heart.last, seconds
            if seconds > heart.patience_s:
                still.append(Standstill(heart.name, seconds))
                if heart not in self._reported:
                    text = str(still[-1]) + (f": {heart.meanwhile}" if heart.meanwhile else "")
                    self._reported[heart] = time.monotonic() - seconds, text
                    self._tell(text)
        self._seen = seen
        for heart in [one for one in self._reported if seen.get(one, (0.0, 0.0))[1] <= one.patience_s]:
            since, text = self._reported.pop(heart)
            ended = "is back" if heart.thread.is_alive() else "has ended"
            self._tell(f"{heart.name} {ended} after {time.monotonic() - since:.0f} s", over=text)
        self.still = tuple(sorted(still, key=lambda one: -one.seconds))

    def _tell(self, text: str, over: str = "") -> None:
        log.warning("%s", text)
        try:
            self._report(text, over)
        except Exception:
            log.exception("reporting %r", text)
