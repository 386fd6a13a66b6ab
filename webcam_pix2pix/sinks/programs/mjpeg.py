"""MJPEG over HTTP: the newest image for any browser, OBS, OpenCV, or another machine."""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from msa.images import encode_jpeg
from msa.webserver import LOOPBACK, MadeOnce, WebServer
from webcam_pix2pix.frame import Frame
from webcam_pix2pix.outgoing import Output

from ..output_image import composed
from .mjpeg_page import PAGE

if TYPE_CHECKING:
    from aiohttp import web

VIEWS = ("painting", "processed", "camera", "side-by-side")
QUALITY = 90  # of the JPEG, 0..100
READERS = 32  # at most, at a time
REPEAT_S = 1.0  # an image that stays is sent again, so that nobody takes the stream for dead
GIVE_UP_S = 30.0  # for a reader that takes nothing
BUFFER = 64 * 1024  # bytes on their way to one reader: a slow one gets the newest image, not old ones
BOUNDARY = "image"


class MjpegServer:
    """A sink that serves /painting.mjpg, /processed.mjpg, /camera.mjpg, /side-by-side.mjpg, /painting.jpg, /status.json and a page at /.

    An image is encoded once, on a thread of the server, and only when a reader waits for it. Each reader gets the newest image when it
    has taken the one before.

    Attributes:
        readers: connections that are being served a stream.
        encoded: images encoded so far.
    """

    def __init__(self, host: str = LOOPBACK, port: int = 0, output: Callable[[], Output] = Output,
                 status: Callable[[], Mapping[str, Any]] = dict) -> None:
        """output: size and shape, asked for each image. status: what /status.json says. Raises OSError with one line."""
        from aiohttp import web

        self.readers = self.encoded = 0
        self._output, self._status = output, status
        self._frame: Frame | None = None  # the newest
        self._came = asyncio.Event()  # set and replaced, on the event loop, when there is a newer frame
        self._jpegs = MadeOnce("jpeg", self._encode)
        app = web.Application()
        app.router.add_get("/", self._page)
        app.router.add_get("/status.json", self._status_json)
        for view in VIEWS:
            app.router.add_get(f"/{view}.mjpg", partial(self._stream, view))
            app.router.add_get(f"/{view}.jpg", partial(self._still, view))
        self.server = WebServer(app, host, port)
        self.server.start()

    @property
    def url(self) -> str:
        return self.server.url

    def put(self, frame: Frame) -> None:
        """Take the newest frame. Does not wait; with no reader nothing more is done."""
        self._frame = frame
        if self.readers:
            self.server.call(self._wake)

    def close(self) -> None:
        """End every connection and free the port."""
        self.server.close()
        self._jpegs.close()

    # ---- on the event loop

    def _wake(self) -> None:
        came, self._came = self._came, asyncio.Event()
        came.set()

    async def _newer(self, than: Frame | None, patience_s: float) -> Frame | None:
        """The newest frame, as soon as it is another one than `than`, or after `patience_s`."""
        if self._frame is than:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._came.wait(), patience_s)
        return self._frame

    def _encode(self, frame: Frame, view: str) -> bytes:
        self.encoded += 1
        return encode_jpeg(composed(frame, view, self._output()), QUALITY)

    async def _stream(self, view: str, request: "web.Request") -> "web.StreamResponse":
        from aiohttp import web

        if self.readers >= READERS:
            raise web.HTTPServiceUnavailable(text=f"{READERS} readers are served already\n")
        response = web.StreamResponse(headers={"Content-Type": f"multipart/x-mixed-replace; boundary={BOUNDARY}",
                                               "Cache-Control": "no-store", "Connection": "close"})
        _keep_little(request)
        self.readers += 1
        try:
            writer = await response.prepare(request)
            assert writer is not None
            await writer.write(f"--{BOUNDARY}\r\n".encode())
            shown: Frame | None = None
            while True:
                frame = await self._newer(shown, REPEAT_S)
                if frame is None:
                    continue
                shown, data = await self._jpegs.of(frame, view)
                head = f"Content-Type: image/jpeg\r\nContent-Length: {len(data)}\r\n\r\n".encode()
                # the boundary follows at once: browsers show an image when they see the next boundary
                await asyncio.wait_for(_sent(writer, head + data + f"\r\n--{BOUNDARY}\r\n".encode()), GIVE_UP_S)
        except (ConnectionError, TimeoutError):  # the reader has left, or has gone to sleep
            return response
        finally:
            self.readers -= 1

    async def _still(self, view: str, request: "web.Request") -> "web.Response":
        from aiohttp import web

        if (frame := self._frame) is None:
            raise web.HTTPServiceUnavailable(text="there is no image yet\n", headers={"Retry-After": "1"})
        _, data = await self._jpegs.of(frame, view)
        return web.Response(body=data, content_type="image/jpeg", headers={"Cache-Control": "no-store"})

    async def _status_json(self, request: "web.Request") -> "web.Response":
        from aiohttp import web

        return web.json_response(dict(self._status()) | {"readers": self.readers}, headers={"Cache-Control": "no-store"})

    async def _page(self, request: "web.Request") -> "web.Response":
        from aiohttp import web

        return web.Response(text=PAGE, content_type="text/html")


async def _sent(writer: Any, data: bytes) -> None:
    """Write, and wait until it is on its way."""
    await writer.write(data)
    await writer.drain()


def _keep_little(request: "web.Request") -> None:
    """Let little lie between here and the reader."""
    if request.transport is not None:
        request.transport.set_write_buffer_limits(high=0)  # type: ignore[attr-defined]
        connection = request.transport.get_extra_info("socket")
        if connection is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
