"""Running: the outputs to other programs that are switched on, for the window and for runs without one."""

import threading
from collections.abc import Callable, Mapping
from typing import Any

from msa.webserver import is_loopback, parse_address
from webcam_pix2pix.outgoing import Output

from ..sink import Engine, Sink
from .kinds import KINDS, missing
from .mjpeg import MjpegServer
from .publisher import Publisher

SERVE = "serve"  # name of the MJPEG server beside those of KINDS


class Running:
    """Starts and stops outputs of `engine` by name: "serve" or a key of KINDS. start() and stop() from one thread."""

    def __init__(self, engine: Engine, status: Callable[[], Mapping[str, Any]] = dict, fps: Callable[[], float] = lambda: 30.0) -> None:
        """status: what /status.json says. fps: images a second that a receiver is promised."""
        self._engine, self._status, self._fps = engine, status, fps
        self._sinks: dict[str, Sink] = {}
        self._lock = threading.Lock()  # of _ended
        self._ended: list[str] = []

    def __contains__(self, name: str) -> bool:
        return name in self._sinks

    def __len__(self) -> int:
        return len(self._sinks)

    def start(self, name: str, argument: str = "") -> str:
        """Start an output; one line that says where it is found.

        argument: of "serve" [HOST:]PORT, of the others a name; empty: the usual one. Raises ValueError or OSError with one line.
        """
        self.stop(name)
        if name == SERVE:
            host, port = parse_address(argument or "0")
            server = MjpegServer(host, port, self._output, self._status)
            sink: Sink = server
            text = where(server)
        else:
            kind = KINDS[name]
            if reason := missing(kind):
                raise ValueError(reason)
            sink = Publisher(kind.label, kind.opener, argument, self._output, self._fps(), kind.keeps_size,
                          lambda error: self._fail(name, error))
            text = f"{kind.label} is on{f': {argument}' if argument else ''}."
        self._sinks[name] = sink
        self._engine.add_sink(sink)
        return text

    def stop(self, name: str) -> None:
        """Stop an output, if it runs."""
        sink = self._sinks.pop(name, None)
        if sink is not None:
            self._engine.remove_sink(sink)
            sink.close()

    def ended(self) -> list[str]:
        """Names of outputs that failed since the last call; they are to be stopped. The engine has been told why."""
        with self._lock:
            names, self._ended = self._ended, []
        return names

    @property
    def url(self) -> str:
        """Where the MJPEG server is found; "" when it does not run."""
        server = self._sinks.get(SERVE)
        return server.url if isinstance(server, MjpegServer) else ""

    def close(self) -> None:
        """Stop everything."""
        for name in list(self._sinks):
            self.stop(name)

    def _output(self) -> Output:
        return self._engine.settings.output

    def _fail(self, name: str, error: str) -> None:
        self._engine.report(error)
        with self._lock:
            self._ended.append(name)


def where(server: MjpegServer) -> str:
    """Where a server is found, in one line for people."""
    who = "this machine only" if is_loopback(server.server.host) else "everyone in this network"
    return f"The painting is at {server.url}/painting.mjpg, a page at {server.url}/ ({who})."
