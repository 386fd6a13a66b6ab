"""OSCQuery: every address with its type, range and value as JSON over HTTP, so that other programs list them.

As github.com/Vidvox/OSCQueryProposal has it, without its WebSocket.
"""

from typing import TYPE_CHECKING, Any

from msa.webserver import WebServer

from ..desk import Desk
from . import addresses

if TYPE_CHECKING:
    from aiohttp import web

READ, WRITE = 1, 2
ATTRIBUTES = ("FULL_PATH", "CONTENTS", "TYPE", "ACCESS", "RANGE", "VALUE", "DESCRIPTION", "UNIT", "CLIPMODE")


def node(target: addresses.Target, desk: Desk) -> dict[str, Any]:
    """What OSCQuery says of one address."""
    value = target.value(desk)
    facts: dict[str, Any] = {"FULL_PATH": target.address, "ACCESS": WRITE if value is None else READ | WRITE}
    if value is not None:
        facts["VALUE"] = [value]
    if target.action:
        action = desk.actions[target.action]
        facts |= {"DESCRIPTION": action.text, "TYPE": {"trigger": "I", "toggle": "T", "value": "f"}[action.kind]}
        return facts | ({"RANGE": [{"MIN": 0.0, "MAX": 1.0}]} if action.kind == "value" else
                        {"RANGE": [{"VALS": [False, True]}]} if action.kind == "toggle" else {})
    parameter = target.parameter
    assert parameter is not None
    facts |= {"DESCRIPTION": parameter.help, "TYPE": "f" if target.normalised else addresses.TYPES[parameter.kind], "CLIPMODE": ["none"]}
    if target.normalised:
        return facts | {"RANGE": [{"MIN": 0.0, "MAX": 1.0}]}
    if parameter.unit:
        facts["UNIT"] = [parameter.unit]
    if parameter.choices or parameter.kind == "switch":
        facts["RANGE"] = [{"VALS": list(parameter.choices or (False, True))}]
    elif parameter.limits:
        low, high = (int(end) if parameter.kind == "whole" else float(end) for end in parameter.limits)
        facts["RANGE"] = [{"MIN": low, "MAX": high}]
    return facts


def tree(desk: Desk) -> dict[str, Any]:
    """Everything, as the root of OSCQuery."""
    root: dict[str, Any] = {"FULL_PATH": "/", "CONTENTS": {}, "ACCESS": 0, "DESCRIPTION": "webcam-pix2pix"}
    for address, target in addresses.targets(desk).items():
        here, path = root, ""
        *groups, last = address.strip("/").split("/")
        for group in groups:
            path += f"/{group}"
            here = here.setdefault("CONTENTS", {}).setdefault(group, {"FULL_PATH": path, "CONTENTS": {}, "ACCESS": 0})
        here.setdefault("CONTENTS", {})[last] = node(target, desk)
    return root


def find(root: dict[str, Any], path: str) -> dict[str, Any] | None:
    """The node at `path`; None where there is none."""
    here: dict[str, Any] | None = root
    for part in filter(None, path.split("/")):
        here = here.get("CONTENTS", {}).get(part) if here else None
    return here


def host_info(host: str, port: int) -> dict[str, Any]:
    """What OSCQuery says of the program."""
    return {"NAME": "webcam-pix2pix", "OSC_IP": host, "OSC_PORT": port, "OSC_TRANSPORT": "UDP",
            "EXTENSIONS": dict.fromkeys(("ACCESS", "VALUE", "RANGE", "DESCRIPTION", "UNIT", "CLIPMODE"), True)}


def query_server(desk: Desk, host: str, port: int) -> WebServer:
    """Not started yet. It reads the desk; nothing can be changed through it."""
    from aiohttp import web

    async def answer(request: "web.Request") -> "web.Response":
        asked = list(request.query)
        if "HOST_INFO" in asked:
            return web.json_response(host_info(host, port))
        found = find(tree(desk), request.path)
        if found is None:
            return web.json_response({"error": f"{request.path[:200]}: no such address"}, status=404)
        if not asked:
            return web.json_response(found)
        if len(asked) > 1 or asked[0] not in ATTRIBUTES:
            return web.json_response({"error": f"one of {', '.join(ATTRIBUTES)} was expected"}, status=400)
        if asked[0] not in found:
            return web.Response(status=204)
        return web.json_response({asked[0]: found[asked[0]]})

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    return WebServer(app, host, port)
