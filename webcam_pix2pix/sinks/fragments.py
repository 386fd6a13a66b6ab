"""Films that play whatever happens while they are written: each image a fragment of its own, a normal file at the end."""

import contextlib
import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

from msa.heartbeats import Heartbeat

STILL_S = 10.0
SYNC_S = 0.5  # between two commands to the disk to keep what it has
PACKETS = 500  # between two signs of life while a film is made normal


def fragmented(suffix: str) -> dict[str, str]:
    """Options of FFmpeg's muxer: everything but the last image can be played at any time, however slowly images come."""
    if suffix.lower() == ".mkv":
        return {"cluster_time_limit": "1", "flush_packets": "1"}  # milliseconds
    return {"movflags": "+empty_moov+default_base_moof+frag_every_frame", "flush_packets": "1"}


def immediate(rate: float) -> dict[str, str]:
    """Options of x264: each image leaves the encoder at once; a place to start from each second."""
    return {"tune": "zerolatency", "g": str(max(1, round(rate)))}


def made_normal(path: Path, target: Path, alive: Callable[[], object] = lambda: None) -> bool:
    """Copy a fragmented film to `target` as a normal one that starts at once, nothing coded anew. False when it cannot be, such as when
    the disk has no room for both: then there is no `target`.

    alive: called now and then while it works.
    """
    import av

    try:
        if shutil.disk_usage(path.parent).free < 1.05 * path.stat().st_size:
            return False
        with av.open(path.as_posix()) as source, av.open(target.as_posix(), "w", options={"movflags": "+faststart"}) as made:
            made.metadata.update(source.metadata)
            seen = source.streams.video[0]
            stream = made.add_stream_from_template(seen)
            for number, packet in enumerate(source.demux(seen)):
                if packet.dts is not None:
                    packet.stream = stream
                    made.mux(packet)
                if number % PACKETS == 0:
                    alive()
        return True
    except (av.error.FFmpegError, OSError):
        target.unlink(missing_ok=True)
        return False


def plays(path: Path) -> bool:
    """Whether a film, complete or not, has an image that can be seen."""
    import av

    with contextlib.suppress(av.error.FFmpegError, OSError, IndexError), av.open(path.as_posix()) as film:
        return next(film.decode(video=0), None) is not None
    return False


class Syncer:
    """Has the disk keep what was written to a file, on a thread of its own: a pulled plug costs little more than a crash."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"sync {path.name}", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the thread; it may be waiting for a slow disk, and is not waited for then."""
        self._stop.set()
        self._thread.join(SYNC_S)

    def _run(self) -> None:
        with contextlib.suppress(OSError):  # the writer tells what is wrong with the disk
            file = os.open(self._path, os.O_RDWR)
            try:
                heart = Heartbeat(f"disk of {self._path.name}", STILL_S, "it does not keep what is recorded; the show goes on")
                while not self._stop.wait(SYNC_S):
                    with heart:
                        os.fsync(file)
            finally:
                os.close(file)
