"""The page "Control by OSC" of the Help menu, made from the same tables that the server uses."""

from collections.abc import Mapping
from html import escape

from ..desk import Desk
from . import addresses
from .query import node

HOW = """<p>{where}</p>
<p>One message sets one setting: its address, then a value. Values out of range change nothing, and the window says so once.</p>
<table cellpadding=3>
<tr><td><b>/EdgeDetection/tone 0.4</b></td><td>sets a value</td></tr>
<tr><td><b>/normalised/EdgeDetection/tone 0.5</b></td><td>the same from 0 to 1, for faders</td></tr>
<tr><td><b>/Capture/freeze 1</b></td><td>a switch: true or false, 1 or 0</td></tr>
<tr><td><b>/action/snapshot</b></td><td>an action; with 1 or without a value. 0 is a button that is let go</td></tr>
<tr><td><b>/EdgeDetection/tone</b></td><td>without a value: the value comes back to the port that asked</td></tr>
<tr><td><b>/subscribe</b>, or <b>/subscribe 9000</b></td><td>sends you every change, to that port; <b>/unsubscribe</b> ends it</td></tr>
<tr><td><b>/Capture/Processing/*_blur 3</b></td><td>patterns: * ? [ab] {{this,that}}</td></tr>
</table>
<p>Bundles wait for their time tag, up to ten minutes. Whole numbers may come as fractions: they are rounded. A choice may be sent as its
text or as its number, from 0.</p>"""
TYPES = {"s": "text", "i": "whole number", "f": "number", "T": "on or off", "F": "on or off", "N": "no value"}  # as OSC tags them
OFF = "OSC is off. Start the program with <b>--osc 9000</b> to listen on this computer, or with <b>--osc 0.0.0.0:9000</b> for the network."
ON = "OSC is on: UDP port <b>{port}</b> on {host}. The same list for other programs (OSCQuery): <b>{url}</b>"


def page(desk: Desk, where: str, labels: Mapping[str, str]) -> str:
    """The page as HTML. where: OFF, or ON with its fields; labels: names for people of the settings, by dotted name."""
    rows = []
    for address, target in sorted(addresses.targets(desk).items()):
        if target.normalised:
            continue
        facts = node(target, desk)
        ends = facts.get("RANGE", [{}])[0]
        words = [str(value).lower() if isinstance(value, bool) else value for value in ends.get("VALS", ())]
        values = f"{ends['MIN']:g} to {ends['MAX']:g}" if "MIN" in ends else " · ".join(words)
        unit = facts.get("UNIT", [""])[0]
        values = f"{escape(values)} {escape(unit)}".strip() or TYPES.get(facts["TYPE"], "")
        text = escape(facts["DESCRIPTION"].split(". ")[0])
        label = escape(labels.get(address.strip("/").replace("/", "."), ""))
        rows.append(f"<tr><td><b>{escape(address)}</b></td><td width='16%'>{values}</td>"
                    f"<td width='48%'>{f'<b>{label}</b>: ' if label else ''}{text}</td></tr>")
    return HOW.format(where=where) + f"<table cellpadding=3 width='100%'>{''.join(rows)}</table>"
