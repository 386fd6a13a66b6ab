"""The phone remote: a page that the program serves, with large sliders, buttons and the live image.

server.py is the server, pins.py what the page may change, access.py who may; page.py and script.py are the page, which asks no one else.
May import: control, frame, pipeline, preprocessing, settings, msa.
To offer another action on the page: ACTIONS in pins.py; it is there once the desk has it.
"""

from .access import new_token
from .pins import DEFAULT_PINS, Pin, PresetButton, pin, pinnable
from .server import PhoneRemote

__all__ = ["DEFAULT_PINS", "PhoneRemote", "Pin", "PresetButton", "new_token", "pin", "pinnable"]
