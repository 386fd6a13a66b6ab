import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from msa.listing import list_images
from msa.utils import Latest, ahead, in_order, lerp, to_uint8


def test_latest_hands_over_the_newest_and_counts_the_rest():
    latest = Latest()
    for value in range(5):
        latest.put(value)
    assert latest.take() == 4
    assert latest.take() is None
    assert latest.dropped == 4


def test_latest_wakes_the_one_who_waits():
    latest = Latest()
    threading.Timer(0.05, latest.put, ["picture"]).start()
    assert latest.take(timeout=5) == "picture"


def test_ahead_keeps_the_order_and_leaves_no_thread():
    assert list(ahead(range(100), 3)) == list(range(100))
    endless = ahead(iter(int, 1), 2)
    assert next(endless) == 0
    endless.close()
    assert not [t for t in threading.enumerate() if t.name == "ahead"]


def test_ahead_raises_here_what_was_raised_there():
    def broken():
        yield 1
        raise OSError("lost")

    items = ahead(broken(), 4)
    assert next(items) == 1
    with pytest.raises(OSError, match="lost"):
        next(items)


@pytest.mark.parametrize("workers", [1, 3])
def test_in_order_keeps_the_order_whoever_is_done_first(workers):
    def slow(i):
        time.sleep(0.001 * (i % 3))
        return -i

    assert list(in_order(slow, range(30), workers)) == [-i for i in range(30)]


def test_in_order_works_at_the_same_time_and_begins_few_more_than_it_gives():
    both, begun = threading.Barrier(2, timeout=10), []

    def meet(i):
        begun.append(i)
        both.wait()
        return i

    results = in_order(meet, iter(range(1000)), 2)
    assert [next(results) for _ in range(4)] == [0, 1, 2, 3]
    both.abort()
    results.close()
    assert len(begun) <= 8
    assert not [t for t in threading.enumerate() if t.name.startswith("in_order")]


def test_in_order_raises_here_what_was_raised_there():
    results = in_order(lambda i: 1 / i, [1, 0, 1], 2)
    assert next(results) == 1
    with pytest.raises(ZeroDivisionError):
        next(results)


INTERRUPTED = """
import signal, sys, threading, time
from contextlib import closing
from msa.utils import ahead, in_order, uninterruptible

working = threading.Event()

def slow(i):
    working.set()
    time.sleep(0.5)
    ended.append(i)
    return i

def interrupt():
    working.wait()
    for pause in (0.1, 0.05, 0.1, 0.005):
        time.sleep(pause)
        signal.raise_signal(signal.SIGINT) if threading.current_thread() is threading.main_thread() else \
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

for make in (lambda: ahead(map(slow, range(9)), 1), lambda: in_order(slow, range(9), 2), lambda: [uninterruptible(lambda: slow(0))]):
    working.clear()
    ended = []
    threading.Thread(target=interrupt).start()
    try:
        for _ in make():
            pass
        print("not interrupted")
    except KeyboardInterrupt:
        print(sorted(ended))
        time.sleep(0.3)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_what_has_begun_ends_before_an_interrupt_continues():
    done = subprocess.run([sys.executable, "-c", INTERRUPTED], capture_output=True, text=True, timeout=60, cwd=Path(__file__).parent.parent)
    assert done.stdout.splitlines() == ["[0]", "[0, 1]", "[0]"] and not done.stderr


def test_lerp_reaches_its_aim_even_with_a_small_weight():
    state = lerp(None, np.zeros((4, 4, 3), np.uint8), 0.05)
    for _ in range(300):
        state = lerp(state, np.full((4, 4, 3), 200, np.uint8), 0.05)
    assert (to_uint8(state) == 200).all()


def test_lerp_starts_afresh_when_the_shape_changes():
    state = lerp(np.zeros((2, 2, 3), np.float32), np.full((4, 4, 3), 9, np.uint8), 0.1)
    assert state.shape == (4, 4, 3)
    assert (state == 9).all()


def test_to_uint8_rounds_and_saturates():
    assert to_uint8(np.array([[-5.0, 0.6, 254.6, 400.0]], np.float32)).tolist() == [[0, 1, 255, 255]]


def test_images_are_listed_in_natural_order(tmp_path):
    for name in ("frame_10.png", "frame_2.PNG", ".hidden.png", "notes.txt", "sub/frame_1.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert [p.name for p in list_images(tmp_path)] == ["frame_2.PNG", "frame_10.png"]
    assert [p.name for p in list_images(tmp_path, recursive=True)] == ["frame_2.PNG", "frame_10.png", "frame_1.jpg"]
