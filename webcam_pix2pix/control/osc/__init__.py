"""Control by OSC: every setting and action has an address; OSCQuery lists them for other programs.

addresses.py is the table that everything else derives from, server.py listens and answers, packets.py
checks bytes, query.py is OSCQuery over HTTP, page.py the page
in the Help menu. May import: settings, msa.
To add a kind of address: one entry in addresses.py.
"""

from .server import OscServer

__all__ = ["OscServer"]
