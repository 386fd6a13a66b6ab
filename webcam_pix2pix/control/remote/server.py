"""PhoneRemote: serves the page, takes what phones do, and keeps them in step."""

import asyncio
import base64
import contextlib
import json
import math
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from msa.files import parse_json
from msa.images import encode_jpeg, shrunk
from msa.webserver import LOOPBACK, MadeOnce, WebServer, is_loopback
from webcam_pix2pix.frame import Frame
from webcam_pix2pix.pipeline import Pipeline

from ..desk import Change, Desk
from ..values import value_of
from .access import check_token, guard, new_token
from .page import PAGE, STYLE
from .pins import ACTIONS, DEFAULT_PINS, MORPH, MOST, Pin, PresetButton, pin
from .script import SCRIPT

if TYPE_CHECKING:
    from aiohttp import web

PHONES = 16  # at most, at a time
MESSAGE = 4096  # bytes of one message of a phone
STEP_S = 0.02  # between two messages to one phone
IMAGE_S = 0.05  # between two live images
SEEN = '{"seen":true}'  # what a phone says when an image has come; until then it gets no other one
UNSEEN_S = 5.0  # a phone that does not say so gets the next one after so long
SIDE = 320  # pixels: the longer side of the live image
QUALITY = 70
BY = "phone"
FILES = {"/": ("text/html", PAGE), "/remote.css": ("text/css", STYLE), "/remote.js": ("text/javascript", SCRIPT)}
PNG = bytes((137, 80, 78, 71))


class PhoneRemote:
    """A sink of the pipeline, for the live image, and a subscriber of the desk.

    token: "" makes one up where `host` is not loopback, and asks for none where it is.
    presets: the preset buttons; asked again after presets_changed().

    Attributes:
        token: that a phone has to know; "" where none is asked for.
        phones: connected now.
    """

    def __init__(self, desk: Desk, pipeline: Pipeline, host: str = LOOPBACK, port: int = 0, token: str = "",
                 pins: Iterable[str] = DEFAULT_PINS, presets: Callable[[], list[PresetButton]] = list) -> None:
        """Raises OSError with one line when the port is taken, ValueError for a token that cannot be."""
        from aiohttp import web

        self.token = check_token(token) if token else "" if is_loopback(host) else new_token()
        self.phones = 0
        self._desk, self._pipeline, self._presets = desk, pipeline, presets
        self._frame: Frame | None = None
        self._jpegs = MadeOnce("phone image", _jpeg)
        self._lock = threading.Lock()
        self._pins: tuple[Pin, ...] = ()
        self._layout = 0  # raised when pins or presets change
        self.pin(pins)
        app = web.Application(middlewares=[guard(self.token, host)], client_max_size=MESSAGE)
        for path in FILES:
            app.router.add_get(path, _file)
        app.router.add_get("/state.json", self._state_json)
        app.router.add_get("/ws", self._socket)
        self.server = WebServer(app, host, port)
        self.server.start()
        self._unsubscribe = desk.subscribe(self._hear)
        pipeline.add_sink(self)

    @property
    def address(self) -> str:
        """What a phone opens, with the token."""
        return f"{self.server.url}/?token={self.token}" if self.token else f"{self.server.url}/"

    def pin(self, names: Iterable[str]) -> None:
        """Show these settings on the page, in this order; names that cannot be are left out."""
        found = [one for name in dict.fromkeys((*names, MORPH)) if (one := pin(name)) is not None]
        self._pins = tuple(found[:MOST])
        self._layout += 1

    def presets_changed(self) -> None:
        """Ask for the presets again."""
        self._layout += 1

    def put(self, frame: Frame) -> None:
        """Take the newest frame. Nothing is done with it until a phone wants it."""
        self._frame = frame

    def close(self) -> None:
        """End every connection and free the port."""
        self._unsubscribe()
        self._pipeline.remove_sink(self)
        self.server.close()
        self._jpegs.close()

    # ---- what phones see

    def state(self) -> dict[str, Any]:
        """Everything the page shows, but for the image."""
        layout = {"layout": self._layout, "pins": [one.to_json() for one in self._pins],
                  "presets": [{"name": p.name, "action": p.action, "image": _as_address(p.thumbnail)} for p in self._presets()]}
        return layout | self._now()

    def _now(self) -> dict[str, Any]:
        settings, actions, status = self._desk.settings, self._desk.actions, self._pipeline.status
        offered = [actions[name] for name in ACTIONS if name in actions]
        return {"values": {one.name: value_of(settings, one.name) for one in self._pins},
                "actions": [{"name": a.name, "text": a.text, "on": a.state() if a.state else None} for a in offered],
                "status": {"model": getattr(status.model, "name", "") or "", "fps": round(status.fps, 1), "source": status.source,
                           "problem": status.source_note}}

    def _hear(self, change: Change) -> None:
        """Phones look every STEP_S; nothing is to be done here but for what changes the layout."""
        if change.action.startswith("preset"):
            self.presets_changed()

    # ---- on the event loop

    async def _state_json(self, request: "web.Request") -> "web.Response":
        return _text("application/json", json.dumps(self.state()))

    async def _socket(self, request: "web.Request") -> "web.StreamResponse":
        from aiohttp import WSMsgType, web

        if self.phones >= PHONES:
            raise web.HTTPServiceUnavailable(text=f"{PHONES} phones are connected already\n")
        socket = web.WebSocketResponse(max_msg_size=MESSAGE, heartbeat=10.0, compress=False)
        try:
            await socket.prepare(request)
        except ValueError:  # a key of the handshake that is no text
            raise web.HTTPBadRequest(text="not a WebSocket handshake\n") from None
        self.phones += 1
        seen = asyncio.Event()
        seen.set()
        sending = asyncio.create_task(self._send(socket, seen))
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT and message.data == SEEN:
                    seen.set()
                elif message.type is WSMsgType.TEXT:
                    if (problem := self._obey(message.data)) and not socket.closed:
                        await socket.send_json({"problem": problem})
                elif message.type is not WSMsgType.PING:
                    break
        finally:
            self.phones -= 1
            sending.cancel()
            with contextlib.suppress(asyncio.CancelledError, ConnectionError):
                await sending
        return socket

    async def _send(self, socket: "web.WebSocketResponse", seen: asyncio.Event) -> None:
        """What is new since the last time; a slow phone gets the newest, never a queue of old things. seen: the image before has come."""
        loop, shown, imaged, sent = asyncio.get_running_loop(), None, 0.0, {}
        layout = -1
        with contextlib.suppress(ConnectionError):
            while not socket.closed:
                if layout != self._layout:
                    layout, sent = self._layout, self.state()
                    await socket.send_json(sent)
                elif (now := self._now()) and (news := {key: value for key, value in now.items() if sent.get(key) != value}):
                    sent = sent | news
                    await socket.send_json(news)
                frame = self._frame
                if frame is not None and frame is not shown and loop.time() - imaged >= (IMAGE_S if seen.is_set() else UNSEEN_S):
                    imaged = loop.time()
                    seen.clear()
                    shown, image = await self._jpegs.of(frame)
                    await socket.send_bytes(image)
                await asyncio.sleep(STEP_S)

    def _obey(self, text: str) -> str:
        """Do what a phone asks for; why not, in one line, else ""."""
        try:
            asked = parse_json(text)
            if not isinstance(asked, dict):
                raise ValueError("expected an object")
            if isinstance(asked.get("set"), Mapping):
                for name, value in asked["set"].items():
                    self._set(name, value)
            if "do" in asked:
                self._do(asked["do"], asked.get("on"))
        except (ValueError, TypeError, RecursionError) as error:
            return " ".join(str(error).split())[:200]
        return ""

    def _set(self, name: str, value: Any) -> None:
        if name not in {one.name for one in self._pins}:
            raise ValueError(f"{str(name)[:60]}: not pinned to the remote")
        if not isinstance(value, bool | int | float | str) or (isinstance(value, float) and not math.isfinite(value)):
            raise ValueError(f"{name}: {value!r:.40} is no value")
        self._desk.set(name, value, by=BY)

    def _do(self, name: Any, on: Any) -> None:
        if name not in ACTIONS and name not in {preset.action for preset in self._presets()}:
            raise ValueError(f"{str(name)[:60]}: not offered by the remote")
        self._desk.trigger(name, on if isinstance(on, bool) else None, by=BY)


def _jpeg(frame: Frame) -> bytes:
    image = frame.captured if frame.predicted is None else frame.predicted
    return encode_jpeg(shrunk(image, SIDE, SIDE), QUALITY)


def _as_address(image: bytes) -> str:
    kind = "png" if image.startswith(PNG) else "jpeg"
    return f"data:image/{kind};base64,{base64.b64encode(image).decode()}" if image else ""


async def _file(request: "web.Request") -> "web.Response":
    return _text(*FILES[request.path])


def _text(kind: str, text: str) -> "web.Response":
    from aiohttp import web

    return web.Response(text=text, content_type=kind)
