"""Whether a window can be opened here. Qt itself ends the process when it cannot, so this asks first."""

import contextlib
import ctypes
import os
import socket
import sys
from pathlib import Path

# what Qt needs for X11 and a small system lacks
PACKAGES = "libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0 libxkbcommon-x11-0 libegl1 libgl1"


def why_no_window() -> str:
    """One line saying why no window can be opened; empty when it can."""
    platform = os.environ.get("QT_QPA_PLATFORM", "")
    if platform and not platform.startswith(("xcb", "wayland")):
        return _missing_library()
    if sys.platform in ("win32", "darwin"):
        return ""
    if os.environ.get("WAYLAND_DISPLAY") and not platform.startswith("xcb"):
        return _missing_library()
    display = os.environ.get("DISPLAY", "")
    if not display:
        return "No display"
    if not _answers(display):
        return f"Display {display} does not answer"
    return _missing_library("libqxcb.so")


def _answers(display: str) -> bool:
    host, _, number = display.rpartition(":")
    number = number.partition(".")[0]
    if not number.isdigit():
        return False
    with contextlib.suppress(OSError):
        if host and not host.startswith(("unix", "/")):
            with socket.create_connection((host, 6000 + int(number)), timeout=2):
                return True
        for address in (f"/tmp/.X11-unix/X{number}", f"\0/tmp/.X11-unix/X{number}"):
            with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(2)
                connection.connect(address)
                return True
    return host.startswith("/")  # a macOS launchd socket, which XQuartz opens on demand


def _missing_library(plugin: str = "") -> str:
    """What keeps Qt, and its `plugin` for this kind of display, from being loaded."""
    try:
        from PySide6 import QtWidgets  # noqa: F401
        from PySide6.QtCore import QLibraryInfo
        path = Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.PluginsPath), "platforms", plugin)
        if plugin and path.is_file():
            ctypes.CDLL(str(path))
    except (OSError, ImportError) as error:
        library, lacking, _ = str(error).partition(": cannot open shared object file")
        if lacking:
            return f"Qt needs the system library {library} for a window (Debian, Ubuntu: sudo apt install {PACKAGES})"
        return f"Qt cannot be loaded ({error})"
    return ""
