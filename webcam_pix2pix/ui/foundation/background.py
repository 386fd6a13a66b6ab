"""Background: slow things off the GUI thread. The GUI pulls: results are handed over when it polls."""

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

log = logging.getLogger(__name__)


class Background:
    """One worker thread. `submit` from the GUI thread, `poll` from its timer."""

    def __init__(self, name: str) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._jobs: list[tuple[Future, Callable[[Any], None], Callable[[BaseException], None] | None]] = []
        self._waiting: list[Future] = []  # what close() may drop

    def submit(self, work: Callable[[], Any], done: Callable[[Any], None], failed: Callable[[BaseException], None] | None = None,
               must: bool = False) -> None:
        """Do `work` on the worker; `done(result)` or `failed(error)` follow in the GUI thread. must: also when close() comes first."""
        future = self._pool.submit(work)
        self._jobs.append((future, done, failed))
        self._waiting = [other for other in self._waiting if not other.done()] + [future] * (not must)

    @property
    def busy(self) -> bool:
        """Whether something is under way or waiting to be handed over."""
        return bool(self._jobs)

    def poll(self) -> None:
        """Hand over what is finished."""
        finished = [job for job in self._jobs if job[0].done()]
        self._jobs = [job for job in self._jobs if not job[0].done()]
        for future, done, failed in finished:
            error = future.exception()
            if error is None:
                done(future.result())
            elif failed is not None:
                failed(error)
            else:
                log.warning("%s", error)

    def close(self) -> None:
        """Drop what has not begun and need not be done, wait for the rest."""
        self._jobs.clear()
        for future in self._waiting:
            future.cancel()
        self._pool.shutdown(wait=True)
