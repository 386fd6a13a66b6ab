"""However the window ends, it ends well: exit code, settings kept, no process, thread or half file left behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).parent.parent
pytestmark = pytest.mark.skipif(os.name == "nt", reason="POSIX signals")


def started(home: Path) -> subprocess.Popen:
    """A window of its own home, once its first settings are written or its engine has had a moment."""
    environment = os.environ | {"HOME": str(home), "XDG_CONFIG_HOME": str(home / "config"), "XDG_DATA_HOME": str(home / "data"),
                                "QT_QPA_PLATFORM": "offscreen", "OMP_NUM_THREADS": "1", "WEBCAM_PIX2PIX_CACHE": str(home / "cache")}
    environment.pop("DISPLAY", None)
    command = [sys.executable, str(ROOT / "webcam-pix2pix.py"), "live", "--source", "test"]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
    until = time.monotonic() + 60
    while not (home / "config" / "webcam-pix2pix" / "crash.log").exists():  # the last thing before the window is at work
        assert time.monotonic() < until and process.poll() is None, process.stderr.read() if process.poll() is not None else "no window"
        time.sleep(0.05)
    return process


@pytest.mark.parametrize("number, wait_s", [(signal.SIGTERM, 0.0), (signal.SIGHUP, 1.5)])
def test_a_signal_ends_the_window_as_its_button_does(number, wait_s, tmp_path):
    process = started(tmp_path)
    time.sleep(wait_s)  # while the model loads, or a little later
    process.send_signal(number)
    _, error = process.communicate(timeout=60)
    assert process.returncode == 0 and "Traceback" not in error
    folder = tmp_path / "config" / "webcam-pix2pix"
    assert {"settings.json", "layout.ini"} <= {path.name for path in folder.iterdir()}
    assert not (folder / "crash.log").exists()
    assert not [path for path in tmp_path.rglob("*") if ".part" in path.name]
    assert not [child for child in psutil.Process().children(recursive=True) if child.pid == process.pid]
