"""Fixtures for every test: no display needed, no thread and no timer left behind."""

import gc
import os
import sys
import threading
import time

import pytest

from webcam_pix2pix.cli import GARBAGE

gc.set_threshold(GARBAGE)  # as the program does
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

ALLOWED = ("tqdm_monitor", "pydevd")  # of libraries, there for the life of the process
GRACE_S = 5.0  # for threads that are just ending


def pytest_addoption(parser):
    parser.addoption("--classic-steps", metavar="DIR", help="folder(s) with recorded training steps of pytorch-CycleGAN-and-pix2pix")
    parser.addoption("--budget", metavar="SECONDS", type=float, help="start no test later than this; the others are skipped")


def pytest_configure(config):
    config.started = time.monotonic()


def pytest_runtest_setup(item):
    budget = item.config.getoption("--budget")
    if budget and time.monotonic() - item.config.started > budget:
        pytest.skip(f"not within the {budget:g} s of this run; `make test` runs all")


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory):
    """What the tests find out about their networks is not kept among the user's own."""
    os.environ["WEBCAM_PIX2PIX_CACHE"] = str(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="session")
def small_model(tmp_path_factory):
    """A checkpoint of a U-Net for 64 pixels, not trained."""
    import torch

    from webcam_pix2pix import networks
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("model") / "latest_net_G.pth"
    torch.save(networks.init_weights(networks.build(networks.UNet(depth=6, ngf=4))).state_dict(), path)
    return path


@pytest.fixture(scope="session")
def weights(tmp_path_factory):
    """Random weights of a small network of torchvision, under the name that it gives them: what it sees is the same for the same images."""
    import torch
    from torchvision.models import squeezenet1_1
    torch.manual_seed(3)
    path = tmp_path_factory.mktemp("weights") / "squeezenet1_1-b8a52dc0.pth"
    torch.save(squeezenet1_1(weights=None).state_dict(), path)
    return path


@pytest.fixture
def desk():
    """A desk with the actions that need no window."""
    from webcam_pix2pix.control import Desk, register_common
    from webcam_pix2pix.settings import Settings
    desk = Desk(Settings(), lambda settings: None)
    register_common(desk)
    return desk


@pytest.fixture(autouse=True)
def denormals_as_before():
    """A predictor takes the smallest numbers for 0, in the thread that paints; the tests after it want them."""
    yield
    if "torch" in sys.modules:
        sys.modules["torch"].set_flush_denormal(False)


@pytest.fixture(autouse=True)
def no_thread_left():
    """Every Python thread that a test starts has ended when it ends."""
    before = set(threading.enumerate())

    def left() -> list[str]:
        return [t.name for t in threading.enumerate() if t not in before and t.is_alive() and not t.name.startswith(ALLOWED)
                and type(t).__name__ != "TMonitor"]

    yield
    until = time.monotonic() + GRACE_S
    while left() and time.monotonic() < until:
        time.sleep(0.02)
    assert not left(), f"threads left running: {left()}"


@pytest.fixture(autouse=True)
def closed_windows_deleted():
    """What a test closes for good is deleted when that test ends: `deleteLater` alone leaves it to the event loop of a later test."""
    yield
    core = sys.modules.get("PySide6.QtCore")
    if core is not None and core.QCoreApplication.instance() is not None:
        core.QCoreApplication.sendPostedEvents(None, core.QEvent.Type.DeferredDelete)


@pytest.fixture(autouse=True)
def no_button_held():
    """No button of the mouse is down when the next test begins: QTest leaves it down after a double click."""
    yield
    gui = sys.modules.get("PySide6.QtGui")
    if gui is not None and gui.QGuiApplication.instance() is not None and gui.QGuiApplication.mouseButtons().value:
        from PySide6.QtCore import Qt
        from PySide6.QtTest import QTest
        QTest.mouseRelease(gui.QWindow(), Qt.MouseButton.LeftButton)
        assert not gui.QGuiApplication.mouseButtons().value


@pytest.fixture(autouse=True)
def no_timer_left(closed_windows_deleted):
    """Every QTimer has stopped when a test with a window ends."""
    yield
    widgets = sys.modules.get("PySide6.QtWidgets")
    if widgets is None or widgets.QApplication.instance() is None:
        return
    core = sys.modules["PySide6.QtCore"]
    timers = [timer for top in widgets.QApplication.topLevelWidgets() for timer in top.findChildren(core.QTimer)]
    running = [timer.parent() for timer in timers if timer.isActive()]
    assert not running, f"timers left running, of {running}"
