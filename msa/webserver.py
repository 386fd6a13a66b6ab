"""WebServer: an aiohttp application on a thread and an event loop of its own. MadeOnce: what many of its readers want."""

import asyncio
import contextlib
import errno
import ipaddress
import logging
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

from .heartbeats import Heartbeat

if TYPE_CHECKING:
    from aiohttp import web

log = logging.getLogger(__name__)
log.addFilter(lambda record: not _is_of_a_peer(record))

LOOPBACK = "127.0.0.1"
EVERYONE = "0.0.0.0"  # where a server listens for other machines too
PATIENCE_S = 0.1  # for open connections to end by themselves when the server closes
JOIN_S = 10.0
BEAT_S, STILL_S = 1.0, 4.0
CONNECTIONS = 128  # at a time, whatever comes over them: each takes a file handle of the program
FIRST_S = 10.0  # for the first whole request; who connects and says nothing, or a letter now and then, is hung up on
IDLE_S = 30.0  # between two requests of a connection


class WebServer:
    """Serves `app` from start() to close(), beside the rest of the program.

    On a loopback address only requests that name such an address are answered: a page from elsewhere that made its own name point
    here reads nothing.

    Attributes:
        loop: the event loop that the handlers run on, while it is started.
    """

    def __init__(self, app: "web.Application", host: str = LOOPBACK, port: int = 0) -> None:
        """app: not started elsewhere. host: an address or a name of this machine. port: 0 takes a free one."""
        self.host, self.port = host, port
        self.loop: asyncio.AbstractEventLoop | None = None
        self._app = app
        self._stop: asyncio.Event | None = None
        self._silent: dict[Any, float] = {}  # connections without a whole request yet, and when they came
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """http://HOST:PORT as others can reach it: for a server on all addresses, the one of this machine in its network."""
        host = lan_address() if self.host in (EVERYONE, "::") else self.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    def start(self) -> None:
        """Listen; returns when requests are answered. Raises OSError with one line that names host and port."""
        self._app.middlewares.insert(0, self._note_request())
        if is_loopback(self.host):
            self._app.middlewares.append(_own_names_only())
        started: Future[int] = Future()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(started)), name=f"web {self.host}:{self.port}", daemon=True)
        self._thread.start()
        try:
            self.port = started.result()
        except OSError as error:
            self._thread.join(JOIN_S)
            raise OSError(f"{self.host}:{self.port}: {_reason(error)}") from None

    def call(self, function: Callable[..., Any], *args: Any) -> None:
        """Run function(*args) on the event loop soon, from any thread; it must not wait. Nothing happens once the server is closed."""
        if (loop := self.loop) is not None:
            with contextlib.suppress(RuntimeError):  # closed in between
                loop.call_soon_threadsafe(function, *args)

    def close(self) -> None:
        """Stop listening, end every connection, join the thread. May be called twice, and without start()."""
        if self._stop is not None:
            self.call(self._stop.set)
        if self._thread is not None:
            self._thread.join(JOIN_S)

    async def _serve(self, started: "Future[int]") -> None:
        from aiohttp import web

        self._stop = asyncio.Event()
        runner = web.AppRunner(self._app, access_log=None, handle_signals=False, shutdown_timeout=PATIENCE_S, keepalive_timeout=IDLE_S,
                               logger=log)
        listening: asyncio.Server | None = None
        try:
            try:
                await runner.setup()
                assert runner.server is not None
                taken = partial(self._connected, runner.server)
                listening = await asyncio.get_running_loop().create_server(taken, self.host, self.port, reuse_address=True)
            except (OSError, OverflowError) as error:  # the latter: no such port
                started.set_exception(error if isinstance(error, OSError) else OSError(str(error)))
                return
            self.loop = asyncio.get_running_loop()
            port = listening.sockets[0].getsockname()[1]
            started.set_result(port)
            heart = Heartbeat(f"web server {self.host}:{port}", STILL_S, "nobody gets an answer from it; the show goes on")
            while not self._stop.is_set():
                heart.beat()
                self._hang_up()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stop.wait(), BEAT_S)
        finally:
            self.loop = None
            if listening is not None:
                listening.close()
            open_ = [connection.transport for connection in runner.server.connections] if runner.server else []
            await runner.cleanup()
            for transport in open_:
                if transport is not None:
                    transport.abort()  # what a slow reader has not taken will not be waited for
            await asyncio.sleep(0)  # they close their sockets in the next turn

    def _connected(self, server: Any) -> asyncio.Protocol:
        """Somebody connects."""
        if len(server.connections) >= CONNECTIONS:
            return _Full()
        handler: asyncio.Protocol = server()
        self._silent[handler] = time.monotonic()
        return handler

    def _hang_up(self) -> None:
        """On those who have said nothing for too long."""
        for handler, came in list(self._silent.items()):
            transport = getattr(handler, "transport", None)
            if transport is None or time.monotonic() - came > FIRST_S:
                del self._silent[handler]
                if transport is not None:
                    transport.abort()

    def _note_request(self) -> Any:
        from aiohttp import web

        @web.middleware
        async def note_request(request: web.Request, handler: Any) -> web.StreamResponse:
            self._silent.pop(request.protocol, None)
            try:
                _ = request.url  # made of the Host header: whoever asks for it later does not expect that it cannot be
            except ValueError:
                raise web.HTTPBadRequest(text=f"{request.host!a:.100}: not the name of a host\n") from None
            return await handler(request)

        return note_request


class _Full(asyncio.Protocol):
    """Answers nobody: there are too many already."""

    def connection_made(self, transport: Any) -> None:
        transport.abort()


class MadeOnce:
    """Makes bytes of the newest thing, once for all who wait for them, on a thread of its own."""

    def __init__(self, name: str, make: Callable[..., bytes]) -> None:
        """name: of the thread, which starts with the first thing. make: is given the thing, and how to make it."""
        self._make = make
        self._pool = ThreadPoolExecutor(1, name)
        self._making: dict[tuple[Any, ...], tuple[Any, asyncio.Future[bytes]]] = {}

    async def of(self, thing: Any, *how: Any) -> tuple[Any, bytes]:
        """(thing, its bytes): of `thing`, or of the one that is being made already in the same way, which is about as new."""
        made = self._making.get(how)
        if made is None or (made[0] is not thing and made[1].done()):
            future = asyncio.get_running_loop().run_in_executor(self._pool, self._make, thing, *how)
            made = self._making[how] = thing, future
        return made[0], await asyncio.shield(made[1])

    def close(self) -> None:
        """End the thread."""
        self._pool.shutdown()


def parse_address(text: str) -> tuple[str, int]:
    """"8080", "0.0.0.0:8080", "[::1]:8080" -> (host, port); without a host, loopback. Raises ValueError with one line."""
    host, colon, port = text.strip().rpartition(":")
    host = host.removeprefix("[").removesuffix("]") if host.startswith("[") else host
    if not (port.isascii() and port.isdigit() and int(port[:6]) <= 65535) or (colon and not host):
        raise ValueError(f"{text[:80]!r} is not an address, expected PORT or HOST:PORT with a port from 0 to 65535, "
                         "such as 8080 or 0.0.0.0:8080")
    return host or LOOPBACK, int(port)


def is_loopback(host: str) -> bool:
    """Whether only programs of this machine reach a server on `host`."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def lan_address() -> str:
    """The address of this machine in its network, as far as it has one; loopback otherwise. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # an address for documentation: only the route to it is looked up
            return str(probe.getsockname()[0])
        except OSError:
            return LOOPBACK


def _own_names_only() -> Any:
    from aiohttp import web

    @web.middleware
    async def own_names_only(request: web.Request, handler: Any) -> web.StreamResponse:
        if not is_loopback(request.url.host or ""):
            raise web.HTTPForbidden(text=f"{request.host!a:.100}: this address is served for this machine only\n")
        return await handler(request)

    return own_names_only


def _is_of_a_peer(record: logging.LogRecord) -> bool:
    """Whether it is about a broken request, or about one who has left: whoever does so could fill the log."""
    error = record.exc_info[1] if record.exc_info else None
    return isinstance(error, ConnectionError) or type(error).__module__ == "aiohttp.http_exceptions"


def _reason(error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return "the port is taken by another program; choose another one"
    if error.errno == errno.EADDRNOTAVAIL or isinstance(error, socket.gaierror):
        return "not an address of this machine; use 127.0.0.1, or 0.0.0.0 for all of its addresses"
    if error.errno == errno.EACCES:
        return "ports below 1024 are for the administrator; choose another one, such as 8080"
    return error.strerror or str(error)
