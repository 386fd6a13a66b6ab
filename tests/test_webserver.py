"""WebServer: requests over real sockets, a taken port, closing while connections are open."""

import asyncio
import http.client
import socket
import threading
import urllib.request

import pytest
from aiohttp import ClientSession, web

from msa.webserver import WebServer, is_loopback, parse_address


def application() -> web.Application:
    async def hello(request: web.Request) -> web.Response:
        return web.Response(text="hello")

    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"more\n")
            await asyncio.sleep(0.01)

    async def socket_of(request: web.Request) -> web.WebSocketResponse:
        answer = web.WebSocketResponse()
        await answer.prepare(request)
        async for message in answer:
            await answer.send_str(message.data.upper())
        return answer

    app = web.Application()
    app.add_routes([web.get("/", hello), web.get("/endless", endless), web.get("/ws", socket_of)])
    return app


@pytest.fixture
def server():
    server = WebServer(application())
    server.start()
    yield server
    server.close()


def test_it_answers_on_loopback_at_a_free_port(server):
    assert server.port > 0 and server.url == f"http://127.0.0.1:{server.port}"
    with urllib.request.urlopen(server.url, timeout=5) as answer:
        assert answer.read() == b"hello"


def test_a_web_socket(server):
    async def talk() -> str:
        async with ClientSession() as session, session.ws_connect(f"{server.url}/ws") as ws:
            await ws.send_str("morph")
            return await ws.receive_str()
    assert asyncio.run(talk()) == "MORPH"


def test_a_taken_port_is_one_line(server):
    second = WebServer(application(), port=server.port)
    with pytest.raises(OSError, match=rf"^127\.0\.0\.1:{server.port}: the port is taken by another program; choose another one$"):
        second.start()
    second.close()


@pytest.mark.parametrize("host", ["192.0.2.77", "no.such.machine.invalid"])
def test_an_address_of_another_machine_is_one_line(host):
    with pytest.raises(OSError, match=f"^{host}:0: not an address of this machine"):
        WebServer(application(), host).start()


def test_it_closes_while_connections_are_open_and_the_port_is_free_again(server):
    with socket.create_connection(("127.0.0.1", server.port)):  # says nothing
        streams = [http.client.HTTPConnection("127.0.0.1", server.port, timeout=5) for _ in range(3)]
        for stream in streams:
            stream.request("GET", "/endless")
            assert stream.getresponse().read(5) == b"more\n"
        server.close()
    for stream in streams:
        stream.close()
    assert not [t for t in threading.enumerate() if t.name.startswith("web ")]
    again = WebServer(application(), port=server.port)
    again.start()
    again.close()


def test_call_runs_on_the_event_loop_and_nothing_happens_after_closing(server):
    where, done = [], threading.Event()
    server.call(lambda: (where.append(threading.current_thread().name), done.set()))
    assert done.wait(5) and where == ["web 127.0.0.1:0"]
    server.close()
    server.call(where.append, "late")
    server.close()
    assert len(where) == 1


def test_another_name_that_points_here_reads_nothing(server):
    for host, status in (("evil.example", 403), ("localhost", 200), (f"127.0.0.1:{server.port}", 200), ("[::1]", 200)):
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
        connection.request("GET", "/", headers={"Host": host})
        assert connection.getresponse().status == status, host
        connection.close()


@pytest.mark.parametrize("text, address", [
    ("8080", ("127.0.0.1", 8080)), ("0", ("127.0.0.1", 0)), ("0.0.0.0:8080", ("0.0.0.0", 8080)), (" [::1]:90 ", ("::1", 90)),
    ("stage.local:65535", ("stage.local", 65535))])
def test_addresses(text, address):
    assert parse_address(text) == address


@pytest.mark.parametrize("text", ["", "host", "host:", ":80", "80.5", "-1", "65536", "1" * 40, "host:port", "\u0661"])
def test_what_is_no_address_is_one_line(text):
    with pytest.raises(ValueError, match=r"is not an address, expected PORT or HOST:PORT") as raised:
        parse_address(text)
    assert "\n" not in str(raised.value)


def test_what_only_this_machine_reaches():
    assert is_loopback("127.0.0.1") and is_loopback("::1") and is_loopback("localhost") and is_loopback("127.8.8.8")
    assert not is_loopback("0.0.0.0") and not is_loopback("192.168.1.4") and not is_loopback("stage.local")
