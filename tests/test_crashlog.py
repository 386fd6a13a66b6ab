"""The crash log, with processes that really crash or stand still."""

import subprocess
import sys
from pathlib import Path

from msa.crashlog import CrashLog

CRASHES = """
import sys, ctypes, threading, time
sys.path.insert(0, {root!r})
from pathlib import Path
import msa.crashlog
msa.crashlog.STILL_S = 0.2
log = msa.crashlog.CrashLog(Path({folder!r}))
def engine_at_work():
    time.sleep(30)
threading.Thread(target=engine_at_work, daemon=True).start()
{then}
"""


def run(folder, then):
    root = str(Path(__file__).parent.parent)
    return subprocess.run([sys.executable, "-c", CRASHES.format(root=root, folder=str(folder), then=then)], capture_output=True, timeout=60)


def test_a_crash_leaves_the_stacks_of_all_threads(tmp_path):
    assert run(tmp_path, "ctypes.string_at(0)").returncode != 0
    assert "engine_at_work" in (tmp_path / "crash.log").read_text()
    log = CrashLog(tmp_path)
    log.close()
    assert log.last == tmp_path / "crash.last.log" and "engine_at_work" in log.last.read_text()
    assert not (tmp_path / "crash.log").exists()


def test_a_window_that_stands_still_leaves_its_stacks_and_a_good_end_leaves_nothing(tmp_path):
    assert run(tmp_path / "still", "log.alive(); time.sleep(1)").returncode == 0
    assert "engine_at_work" in (tmp_path / "still" / "crash.log").read_text()
    assert run(tmp_path / "well", "log.alive(); log.close()").returncode == 0
    assert not any((tmp_path / "well").iterdir())
