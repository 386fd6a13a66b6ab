"""Awake: keeps the screen saver away, with what each system has for that."""

import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import partial

log = logging.getLogger(__name__)

WHO, WHY = "webcam-pix2pix", "a show is on"
WINDOWS_ON, WINDOWS_OFF = 0x80000003, 0x80000000  # ES_CONTINUOUS with ES_SYSTEM_REQUIRED and ES_DISPLAY_REQUIRED, and without
SERVICES = (("org.freedesktop.ScreenSaver", "/org/freedesktop/ScreenSaver"), ("org.gnome.ScreenSaver", "/org/gnome/ScreenSaver"))


def keep_awake() -> Callable[[], object] | None:
    """Keep the screen on until the result is called; None where this system offers nothing for it.

    Windows: SetThreadExecutionState. macOS: caffeinate. Linux: the ScreenSaver service of the desktop on D-Bus, else the X11 extension.
    """
    try:
        if sys.platform == "win32":
            return _on_windows()
        return _on_mac() if sys.platform == "darwin" else _by_dbus() or _by_x11()
    except Exception as error:  # a show goes on without it
        log.info("the screen saver stays as it is: %s", error)
        return None


def _on_windows() -> Callable[[], None]:
    import ctypes

    state = ctypes.windll.kernel32.SetThreadExecutionState  # type: ignore[attr-defined]
    state(WINDOWS_ON)
    return lambda: state(WINDOWS_OFF)


def _on_mac() -> Callable[[], None] | None:
    program = shutil.which("caffeinate")
    if program is None:
        return None
    process = subprocess.Popen([program, "-d", "-i", "-w", str(os.getpid())])  # it ends with us, however we end
    return process.terminate


def _by_dbus() -> Callable[[], object] | None:
    from PySide6.QtDBus import QDBusConnection, QDBusInterface, QDBusMessage

    bus = QDBusConnection.sessionBus()
    if not bus.isConnected():
        return None
    for service, path in SERVICES:
        interface = QDBusInterface(service, path, service, bus)
        if not interface.isValid():
            continue
        interface.setTimeout(1000)
        answer = interface.call("Inhibit", WHO, WHY)
        if answer.type() == QDBusMessage.MessageType.ReplyMessage and answer.arguments():
            return partial(interface.call, "UnInhibit", answer.arguments()[0])
    return None


def _by_x11() -> Callable[[], None] | None:
    """XScreenSaverSuspend holds for as long as this connection to the display lives."""
    import ctypes
    from ctypes.util import find_library

    names = find_library("X11"), find_library("Xss")
    if not os.environ.get("DISPLAY") or None in names:
        return None
    x11, saver = (ctypes.CDLL(name) for name in names)
    x11.XOpenDisplay.restype = ctypes.c_void_p
    display = x11.XOpenDisplay(None)
    if not display:
        return None
    first, last = ctypes.c_int(), ctypes.c_int()
    if not saver.XScreenSaverQueryExtension(ctypes.c_void_p(display), ctypes.byref(first), ctypes.byref(last)):
        x11.XCloseDisplay(ctypes.c_void_p(display))
        return None
    saver.XScreenSaverSuspend(ctypes.c_void_p(display), 1)
    x11.XFlush(ctypes.c_void_p(display))
    return lambda: x11.XCloseDisplay(ctypes.c_void_p(display))
