"""Hand-over between threads, temporal smoothing, the order of names."""

import queue
import re
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Generic, TypeVar

import cv2
import numpy as np

T = TypeVar("T")
R = TypeVar("R")


class Latest(Generic[T]):
    """Newest-wins hand-over from one thread to another: a value that was not taken in time is replaced, and counted.

    Attributes:
        dropped: values that were replaced before anyone took them.
    """

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._value: T | None = None
        self._fresh = False
        self.dropped = 0

    def put(self, value: T) -> None:
        with self._condition:
            self.dropped += self._fresh
            self._value, self._fresh = value, True
            self._condition.notify_all()

    def take(self, timeout: float = 0.0) -> T | None:
        """The newest value that was not taken yet; None when none comes within `timeout` seconds."""
        with self._condition:
            if not self._fresh and timeout > 0:
                self._condition.wait_for(lambda: self._fresh, timeout)
            if not self._fresh:
                return None
            value, self._value, self._fresh = self._value, None, False
            return value


def ahead(items: Iterable[T], n: int) -> Generator[T, None, None]:
    """The same items in the same order, produced up to `n` ahead on another thread. Their exceptions are raised here.

    Leaving the loop (or closing the generator) stops the thread after the item it is working on.
    """
    ready: queue.Queue = queue.Queue(n)
    stop, ended = threading.Event(), threading.Event()

    def hand_over(kind: str, value: object) -> bool:
        while not stop.is_set():
            try:
                ready.put((kind, value), timeout=0.1)
                return True
            except queue.Full:
                continue
        return False

    def work() -> None:
        try:
            for item in items:
                if not hand_over("item", item):
                    return
            hand_over("end", None)
        except BaseException as error:
            hand_over("error", error)
        finally:
            ended.set()

    thread = threading.Thread(target=work, name="ahead", daemon=True)
    thread.start()
    try:
        while True:
            kind, value = ready.get()
            if kind == "error":
                raise value
            if kind == "end":
                return
            yield value
    finally:
        stop.set()
        _wait(ended.wait)
        thread.join()


def uninterruptible(work: Callable[[], T]) -> T:
    """Run work() on its own thread to the end, even when Ctrl-C is pressed; KeyboardInterrupt is raised afterwards."""
    done: Future[T] = Future()

    def run() -> None:
        try:
            done.set_result(work())
        except BaseException as error:
            done.set_exception(error)

    threading.Thread(target=run, name="undisturbed", daemon=True).start()
    try:
        _wait(lambda: wait([done]))
    except KeyboardInterrupt:
        done.result()  # what went wrong meanwhile is more than an interrupt
        raise
    return done.result()


def _wait(until: Callable[[], object]) -> None:
    """until(), again and again while Ctrl-C interrupts it: what works on another thread must not find its things closed.

    Not for Thread.join: once interrupted, Python takes the thread for ended.
    """
    interrupt: KeyboardInterrupt | None = None
    while True:
        try:
            until()
            break
        except KeyboardInterrupt as error:
            interrupt = error
    if interrupt is not None:
        raise interrupt


def in_order(work: Callable[[T], R], items: Iterable[T], workers: int) -> Generator[R, None, None]:
    """work(item) for every item, in order, on `workers` threads. Exceptions are raised here.

    Leaving the loop (or closing the generator) waits for what has begun and drops the rest.
    """
    pool = ThreadPoolExecutor(workers, "in_order")
    begun: deque[Future[R]] = deque()
    try:
        for item in items:
            begun.append(pool.submit(work, item))
            if len(begun) > workers:  # one more than they do, so that none waits for the next
                yield begun[0].result()
                begun.popleft()
        while begun:
            yield begun[0].result()
            begun.popleft()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        _wait(lambda: wait([future for future in begun if not future.cancelled()]))
        pool.shutdown()


def lerp(previous: np.ndarray | None, image: np.ndarray, amount: float) -> np.ndarray:
    """`previous` moved towards `image` by `amount` (0..1), as float32 0..255; starts afresh at None or another shape.

    The state must stay float32: with 8 bits a weight of 0.05 stops 19 grey levels short of its aim.
    `previous` is updated in place and returned.
    """
    if previous is None or previous.shape != image.shape:
        return image.astype(np.float32)
    return cv2.accumulateWeighted(image, previous, amount)


def to_uint8(image: np.ndarray) -> np.ndarray:
    """float32 0..255 to uint8, rounded and saturated."""
    return cv2.convertScaleAbs(np.maximum(image, 0.0))


def natural_key(path: Path) -> list:
    """Sort key that puts frame_2 before frame_10."""
    return [int(part) if part.isdigit() else part.lower() for part in re.split(r"(\d+)", path.as_posix())]
