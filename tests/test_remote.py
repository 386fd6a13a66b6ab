"""The phone remote, by aiohttp's own client: who gets in, what a phone may do, phones in step."""

import asyncio
import contextlib
import json
import time
from contextlib import contextmanager

import aiohttp
import numpy as np
import pytest

from msa.capturer import Capturer
from msa.images import decode_image
from webcam_pix2pix.control import Action, Desk, register_common
from webcam_pix2pix.control.labels import full_label
from webcam_pix2pix.control.remote import DEFAULT_PINS, PhoneRemote, PresetButton, pin, pinnable
from webcam_pix2pix.control.remote.access import check_token, new_token, own_name
from webcam_pix2pix.control.remote.pins import MORPH
from webcam_pix2pix.control.remote.script import SCRIPT
from webcam_pix2pix.control.remote.server import SEEN
from webcam_pix2pix.frame import Frame
from webcam_pix2pix.pipeline import Pipeline
from webcam_pix2pix.settings import Settings

SETTINGS = Settings().with_values({"Capture.Init.device_id": "test", "Capture.Init.width": 64, "Capture.Init.height": 48})


@pytest.fixture
def desk():
    pipeline = Pipeline(Capturer(SETTINGS.capture_init, live=False), SETTINGS)
    made = Desk(SETTINGS, lambda settings: setattr(pipeline, "settings", settings))
    register_common(made)
    made.pipeline = pipeline
    yield made
    pipeline.close()


@contextmanager
def serving(desk, **options):
    remote = PhoneRemote(desk, desk.pipeline, **options)
    try:
        yield remote
    finally:
        remote.close()


def run(remote, does, **headers):
    """await does(session, base address)."""
    async def main():
        timeout = aiohttp.ClientTimeout(total=20)
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True), timeout=timeout, headers=headers) as session:
            return await does(session, f"http://127.0.0.1:{remote.server.port}")
    return asyncio.run(main())


async def until(socket, condition):
    """The first JSON message of which `condition` is true."""
    while True:
        message = await socket.receive(10)
        assert message.type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY), message
        if message.type is aiohttp.WSMsgType.TEXT and condition(news := json.loads(message.data)):
            return news


def status_of(remote, path, **headers):
    async def ask(session, base):
        async with session.get(base + path) as answer:
            return answer.status
    return run(remote, ask, **headers)


# ---- who gets in

def test_on_this_machine_the_page_needs_no_token_and_nothing_from_elsewhere(desk):
    async def fetch(session, base):
        texts = []
        for path in ("/", "/remote.css", "/remote.js"):
            async with session.get(base + path) as answer:
                assert answer.status == 200 and "default-src 'none'" in answer.headers["Content-Security-Policy"]
                texts.append(await answer.text())
        return texts

    with serving(desk) as remote:
        assert remote.token == "" and remote.address.startswith("http://127.0.0.1:")
        texts = run(remote, fetch)
    assert not [text for text in texts if "http://" in text or "https://" in text or "//cdn" in text]


def test_in_the_network_a_token_is_made_and_asked_for(desk):
    with serving(desk, host="0.0.0.0") as remote:
        assert len(remote.token) >= 16 and remote.address.endswith(f"/?token={remote.token}")
        for path in ("/", "/state.json", "/ws", "/remote.js", "/nothing", f"/?token={remote.token[:-1]}"):
            assert status_of(remote, path) == 401
        assert status_of(remote, f"/state.json?token={remote.token}") == 200
        assert status_of(remote, "/state.json", Authorization=f"Bearer {remote.token}") == 200

        async def by_cookie(session, base):
            async with session.get(f"{base}/?token={remote.token}") as answer:
                cookie = answer.headers["Set-Cookie"]
            async with session.get(f"{base}/remote.js") as answer:
                return cookie, answer.status

        cookie, status = run(remote, by_cookie)
        assert status == 200 and "HttpOnly" in cookie and "SameSite=Strict" in cookie


@pytest.mark.parametrize("headers", [
    {"Host": "evil.example"}, {"Origin": "http://evil.example"}, {"Origin": "null"}, {"Origin": "http://127.0.0.1:1"}])
@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_pages_of_other_sites_are_refused(desk, headers, host):
    with serving(desk, host=host, token="let-me-in") as remote:
        for path in ("/ws", "/state.json", "/"):
            assert status_of(remote, f"{path}?token=let-me-in", **headers) == 403


def test_names_and_tokens():
    assert own_name("192.168.1.5", "0.0.0.0") and own_name("::1", "::") and own_name("localhost", "127.0.0.1")
    assert not own_name("192.168.1.5.evil.example", "0.0.0.0") and not own_name(None, "0.0.0.0")
    assert new_token() != new_token() and check_token("abc-DEF_1.2")
    for token in ("short", "with space", "ä" * 10, "a/b/c/d/e", "x" * 201):
        with pytest.raises(ValueError, match="--token"):
            check_token(token)


def test_a_taken_port_is_one_line(desk):
    with serving(desk) as remote, pytest.raises(OSError, match=f"{remote.server.port}: the port is taken"):
        PhoneRemote(desk, desk.pipeline, port=remote.server.port)


# ---- what a phone does

def test_two_phones_stay_in_step(desk):
    async def play(session, base):
        async with session.ws_connect(f"{base}/ws") as one, session.ws_connect(f"{base}/ws") as two:
            first = await until(one, lambda news: "pins" in news)
            await until(two, lambda news: "pins" in news)
            await one.send_json({"set": {"Bend.level_1": 1.5, "Capture.Processing.invert": True}})
            values = (await until(two, lambda news: "values" in news))["values"]
            await two.send_json({"do": "freeze", "on": True})
            actions = (await until(one, lambda news: "actions" in news))["actions"]
            return first, values, actions

    with serving(desk) as remote:
        first, values, actions = run(remote, play)
    assert [p["name"] for p in first["pins"]][:len(DEFAULT_PINS)] == list(DEFAULT_PINS)
    assert {p["name"]: p["label"] for p in first["pins"]} == {name: full_label(name) for name in (*DEFAULT_PINS, MORPH)}
    assert first["pins"][0]["label"] == "Smooth painting" and first["pins"][-1]["label"] == "Morph"  # without a window too
    assert values["Bend.level_1"] == 1.5 and values["Capture.Processing.invert"] is True
    assert {"name": "freeze", "text": "Freeze", "on": True} in actions
    assert desk.settings.capture.freeze and desk.settings.bend.level_1 == 1.5 and desk.changed_by("Bend.level_1") == "phone"


def test_what_others_change_reaches_the_phone(desk):
    async def play(session, base):
        async with session.ws_connect(f"{base}/ws") as socket:
            await until(socket, lambda news: "pins" in news)
            desk.apply({"EdgeDetection.tone": 0.125}, "by hand")
            return (await until(socket, lambda news: "values" in news))["values"]["EdgeDetection.tone"]

    with serving(desk) as remote:
        assert run(remote, play) == 0.125


@pytest.mark.parametrize("message", [
    '{"set":{"Capture.Init.device_id":"http://evil.example/x"}}', '{"set":{"Bend.level_1":9}}', '{"set":{"Bend.level_1":NaN}}',
    '{"set":{"Bend.level_1":[1]}}', '{"set":{"Bend.level_1":"x"}}', '{"do":"quit"}', '{"do":["freeze"]}', '{"do":{"a":1}}', "[1]", "x",
    "[" * 4000])
def test_what_is_not_offered_changes_nothing(desk, message):
    desk.register(Action("quit", "Quit", lambda _: pytest.fail("quit")))

    async def play(session, base):
        async with session.ws_connect(f"{base}/ws") as socket:
            await until(socket, lambda news: "pins" in news)
            await socket.send_str(message)
            return (await until(socket, lambda news: "problem" in news))["problem"]

    with serving(desk) as remote:
        problem = run(remote, play)
    assert problem and "\n" not in problem and desk.settings == SETTINGS


def test_long_messages_end_the_connection(desk):
    async def play(session, base):
        async with session.ws_connect(f"{base}/ws") as socket:
            await socket.send_str("x" * 10_000)
            while not socket.closed:
                await socket.receive(10)
            return socket.close_code

    with serving(desk) as remote:
        assert run(remote, play) == 1009  # too big


def test_presets_are_buttons_and_the_image_comes(desk):
    recalled = []
    desk.register(Action("preset_1", "warm", lambda _: recalled.append(1)))

    async def play(session, base):
        async with session.ws_connect(f"{base}/ws") as socket:
            presets = (await until(socket, lambda news: "pins" in news))["presets"]
            await socket.send_json({"do": "preset_1"})
            remote.put(Frame(0, 0.0, np.zeros((48, 64, 3), np.uint8), None, np.full((480, 640, 3), 200, np.uint8)))
            while (message := await socket.receive(10)).type is not aiohttp.WSMsgType.BINARY:
                pass
            until_then = time.monotonic() + 5
            while not recalled and time.monotonic() < until_then:
                await asyncio.sleep(0.02)
            return presets, message.data

    with serving(desk, presets=lambda: [PresetButton("warm", "preset_1", b"\xff\xd8x")]) as remote:
        presets, image = run(remote, play)
    assert presets == [{"name": "warm", "action": "preset_1", "image": "data:image/jpeg;base64,/9h4"}] and recalled
    assert image.startswith(b"\xff\xd8") and len(image) < 20_000


def test_a_phone_that_is_slow_gets_the_newest_image_and_no_queue(desk):
    def put(shade):
        remote.put(Frame(shade, 0.0, np.zeros((48, 64, 3), np.uint8), None, np.full((48, 64, 3), shade, np.uint8)))

    async def play(session, base):
        async with session.ws_connect(f"{base}/ws") as socket:
            shades = []

            async def take(seconds):
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(seconds):
                        while (message := await socket.receive()).type is not aiohttp.WSMsgType.BINARY:
                            pass
                        shades.append(round(float(decode_image(message.data, "image").mean()), -1))

            put(20)
            await take(10)
            for shade in range(30, 200, 10):
                put(shade)
                await take(0.05)
            await socket.send_str(SEEN)
            await take(10)
            return shades

    with serving(desk) as remote:
        assert run(remote, play) == [20, 190]
    assert json.dumps({"seen": True}, separators=(",", ":")) == SEEN and "send({seen: true})" in SCRIPT


def test_what_can_be_pinned():
    names = pinnable()
    assert set(DEFAULT_PINS) <= set(names) and "Capture.Init.device_id" not in names and "EdgeDetection.network" not in names
    assert pin("EdgeDetection.method").kind == "choice" and pin("Capture.Processing.invert").kind == "switch"
    assert (pin("Bend.noise").low, pin("Bend.noise").high) == (0.0, 1.0) and pin("Nothing.here") is None


def test_another_choice_of_pins_reaches_the_page(desk):
    async def play(session, base):
        async with session.ws_connect(f"{base}/ws") as socket:
            await until(socket, lambda news: "pins" in news)
            remote.pin(["EdgeDetection.method", "nothing", "Bend.noise"])
            return (await until(socket, lambda news: "pins" in news))["pins"]

    with serving(desk) as remote:
        assert [p["name"] for p in run(remote, play)][:2] == ["EdgeDetection.method", "Bend.noise"]
