"""OscServer: listens for OSC on a thread of its own, plays on the desk, and tells subscribed controllers what has changed."""

import heapq
import itertools
import logging
import math
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from pythonosc.osc_message_builder import OscMessageBuilder
from pythonosc.osc_packet import OscPacket

from msa.heartbeats import Heartbeat
from msa.webserver import parse_address

from ..actions import Change
from ..desk import Desk
from . import addresses
from .packets import is_osc
from .query import query_server

log = logging.getLogger(__name__)

BY = "osc"
LARGEST = 65535  # bytes of a packet
FEEDBACK_S = 0.04  # between two rounds of feedback
POLL_S = 0.2
STILL_S = 4.0
SUBSCRIBERS = 16
LATEST_S, WAITING = 600.0, 4096  # time tags further ahead, or more messages that wait, are refused
TELL = 50  # different refusals that are told; the others are counted
TAKEN = 8  # ports that are tried where any will do

Sender = tuple[str, int]

logging.getLogger().addFilter(lambda record: "pythonosc" not in record.pathname)  # it writes a line for each tag that carries no value


class OscServer:
    """Messages to settings and actions; the same port number answers OSCQuery over TCP.

    /subscribe [port] sends every change to the sender from then on, /unsubscribe [port] ends it; a message to a setting without a
    value is answered with the value.

    Attributes:
        host, port: where it listens.
        received, refused: messages since the start; packets that are no OSC count as one.
    """

    def __init__(self, desk: Desk, address: str, report: Callable[[str], object]) -> None:
        """address: [HOST:]PORT, port 0 takes a free one. report: takes one line for people; each trouble is told once.

        Raises ValueError for an address that is none, OSError with one line when it cannot listen.
        """
        self.host, port = parse_address(address)
        self.received = self.refused = 0
        self._desk, self._report = desk, report
        self._known: set[str] = set()  # what was reported
        self._subscribers: dict[Sender, None] = {}  # in the order of their coming
        self._changed: deque[str] = deque(maxlen=4096)  # addresses to tell of
        self._sent_at = 0.0
        self._waiting: list[tuple[float, int, str, Sequence[Any], Sender]] = []  # heap of messages that wait, by time.monotonic()
        self._number = itertools.count()
        self._stop = threading.Event()
        self._socket, self._query = self._open(port)
        self.port = self._socket.getsockname()[1]
        self._unsubscribe = desk.subscribe(self._hear)
        self._thread = threading.Thread(target=self._run, name="osc", daemon=True)
        self._heart = Heartbeat("OSC", STILL_S, "no message is played; the show goes on", self._thread)
        self._thread.start()

    @property
    def url(self) -> str:
        """Of OSCQuery."""
        return self._query.url

    def close(self) -> None:
        """Stop listening; joins."""
        self._unsubscribe()
        self._stop.set()
        self._thread.join(2 * POLL_S + 1)
        self._socket.close()
        self._query.close()

    def _open(self, port: int) -> tuple[socket.socket, Any]:
        for attempt in range(TAKEN if port == 0 else 1):
            listening = socket.socket(socket.AF_INET6 if ":" in self.host else socket.AF_INET, socket.SOCK_DGRAM)
            try:
                listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
                listening.bind((self.host, port))
            except OSError as error:
                listening.close()
                raise OSError(f"--osc {self.host}:{port}: cannot listen ({error.strerror or error}); choose another port") from None
            query = query_server(self._desk, self.host, listening.getsockname()[1])
            try:
                query.start()
                return listening, query
            except OSError as error:
                query.close()
                listening.close()
                if port or attempt == TAKEN - 1:
                    raise OSError(f"--osc {error}") from None
        raise AssertionError

    # ---- the thread

    def _run(self) -> None:
        while not self._stop.is_set():
            self._heart.beat()
            now = time.monotonic()
            waits = POLL_S if not self._subscribers else FEEDBACK_S
            self._socket.settimeout(max(0.001, min(waits, self._waiting[0][0] - now)) if self._waiting else waits)
            try:
                packet, sender = self._socket.recvfrom(LARGEST)
            except TimeoutError:
                packet, sender = b"", ("", 0)
            except OSError as error:  # Windows: a subscriber is gone
                log.debug("osc: %s", error)
                self._stop.wait(0.01)
                continue
            try:
                if packet:
                    self._take(packet, (sender[0], sender[1]))
                self._play_due()
                self._send_changes()
            except Exception as error:  # of a bug; the show goes on
                log.exception("osc")
                self._refuse(f"OSC: internal error: {error}")

    def _take(self, packet: bytes, sender: Sender) -> None:
        try:
            if not is_osc(packet):
                raise ValueError
            messages = OscPacket(packet).messages
        except Exception:  # the library raises many kinds
            self.received += 1
            return self._refuse(f"OSC: a packet from {sender[0]} that is no OSC message; it changes nothing", "packet")
        now = time.time()
        for at, message in messages:
            self.received += 1
            ahead = at - now  # from here on a clock that jumps moves nothing
            if math.isfinite(ahead) and ahead <= 0.001:
                self._play(message.address, message.params, sender)
            elif not ahead <= LATEST_S or len(self._waiting) >= WAITING:
                self._refuse("OSC: a time tag too far ahead, or too many messages that wait; they change nothing", "time")
            else:
                heapq.heappush(self._waiting, (time.monotonic() + ahead, next(self._number), message.address, message.params, sender))

    def _play_due(self) -> None:
        while self._waiting and self._waiting[0][0] <= time.monotonic():
            _, _, address, params, sender = heapq.heappop(self._waiting)
            self._play(address, params, sender)

    def _play(self, address: str, params: Sequence[Any], sender: Sender) -> None:
        try:
            if address in ("/subscribe", "/unsubscribe"):
                return self._follow(address, params, sender)
            found = addresses.find(address, self._desk)
            if not params and not found[0].action:
                for target in found:
                    self._send(target, sender)
            else:
                for target in found:
                    target.set(self._desk, params, BY)
        except ValueError as error:
            self._refuse(f"OSC: {error}", address[:addresses.LONGEST])

    def _refuse(self, text: str, kind: str = "") -> None:
        """Count it, and tell it where it is new."""
        self.refused += 1
        if (kind or text) not in self._known and len(self._known) < TELL:
            self._known.add(kind or text)
            self._report(text)

    # ---- feedback

    def _follow(self, address: str, params: Sequence[Any], sender: Sender) -> None:
        port = params[0] if params else sender[1]
        if len(params) > 1 or isinstance(port, bool) or not isinstance(port, int) or not 0 < port < 65536:
            raise ValueError(f"{address}: {params!r:.60}, expected nothing or a port")
        subscriber = (sender[0], port)  # only the machine that asks
        self._subscribers.pop(subscriber, None)
        if address == "/unsubscribe":
            return
        while len(self._subscribers) >= SUBSCRIBERS:
            self._subscribers.pop(next(iter(self._subscribers)))
        self._subscribers[subscriber] = None
        for target in addresses.SETTINGS.values():
            self._send(target, subscriber)

    def _hear(self, change: Change) -> None:
        """From any thread."""
        if self._subscribers:
            self._changed.extend(addresses.address_of(name) for name in change.values)
            if change.action:
                self._changed.append(addresses.ACTION + change.action)

    def _send_changes(self) -> None:
        now = time.monotonic()
        if not self._changed or now - self._sent_at < FEEDBACK_S:
            return
        self._sent_at = now
        known, changed = addresses.targets(self._desk), dict.fromkeys(self._changed.popleft() for _ in range(len(self._changed)))
        for subscriber in self._subscribers:
            for address in changed:
                self._send(known[address], subscriber)

    def _send(self, target: addresses.Target, to: Sender) -> None:
        builder, value = OscMessageBuilder(target.address), target.value(self._desk)
        if value is not None:
            builder.add_arg(value)
        try:
            self._socket.sendto(builder.build().dgram, to)
        except OSError as error:
            log.debug("osc: %s: %s", to, error)
