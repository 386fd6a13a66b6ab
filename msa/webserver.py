"""WebServer: an aiohttp application on a thread and an event loop of its own. MadeOnce: what many of its readers want."""

import asyncio
import contextlib
import errno
import ipaddress
import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aiohttp import web

LOOPBACK = "127.0.0.1"
EVERYONE = "0.0.0.0"  # where a server listens for other machines too
PATIENCE_S = 0.1  # for open connections to end by themselves when the server closes
JOIN_S = 10.0


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
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """http://HOST:PORT as others can reach it: for a server on all addresses, the one of this machine in its network."""
        host = lan_address() if self.host in (EVERYONE, "::") else self.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    def start(self) -> None:
        """Listen; returns when requests are answered. Raises OSError with one line that names host and port."""
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
        runner = web.AppRunner(self._app, access_log=None, handle_signals=False, shutdown_timeout=PATIENCE_S)
        try:
            try:
                await runner.setup()
                await web.TCPSite(runner, self.host, self.port, reuse_address=True).start()
            except (OSError, OverflowError) as error:  # the latter: no such port
                started.set_exception(error if isinstance(error, OSError) else OSError(str(error)))
                return
            self.loop = asyncio.get_running_loop()
            started.set_result(runner.addresses[0][1])
            await self._stop.wait()
        finally:
            self.loop = None
            open_ = [connection.transport for connection in runner.server.connections] if runner.server else []
            await runner.cleanup()
            for transport in open_:
                if transport is not None:
                    transport.abort()  # what a slow reader has not taken will not be waited for
            await asyncio.sleep(0)  # they close their sockets in the next turn


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
            raise web.HTTPForbidden(text=f"{request.host}: this address is served for this machine only\n")
        return await handler(request)

    return own_names_only


def _reason(error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return "the port is taken by another program; choose another one"
    if error.errno == errno.EADDRNOTAVAIL or isinstance(error, socket.gaierror):
        return "not an address of this machine; use 127.0.0.1, or 0.0.0.0 for all of its addresses"
    if error.errno == errno.EACCES:
        return "ports below 1024 are for the administrator; choose another one, such as 8080"
    return error.strerror or str(error)
