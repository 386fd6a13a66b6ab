"""OSC over real sockets: settings, actions, patterns, time tags, feedback, OSCQuery, and packets that are no OSC."""

import json
import random
import socket
import time
import urllib.error
import urllib.request

import pytest
from pythonosc.osc_bundle_builder import OscBundleBuilder
from pythonosc.osc_message_builder import OscMessageBuilder
from pythonosc.osc_packet import OscPacket

from webcam_pix2pix.control.osc import OscServer
from webcam_pix2pix.control.osc.addresses import ACTION, SETTINGS, SHARES, address_of
from webcam_pix2pix.control.osc.packets import is_osc
from webcam_pix2pix.control.osc.page import OFF, page
from webcam_pix2pix.settings import NAMES, Settings

TONE, T1 = "/EdgeDetection/tone", "/Capture/Processing/canny_t1"


def packet(address, *arguments):
    builder = OscMessageBuilder(address)
    for argument in arguments:
        builder.add_arg(argument)
    return builder.build().dgram


class Controller:
    def __init__(self, server):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(5)
        self.to = ("127.0.0.1", server.port)

    def send(self, address, *arguments):
        self.socket.sendto(packet(address, *arguments), self.to)

    def receive(self):
        message = OscPacket(self.socket.recv(65535)).messages[0].message
        return message.address, message.params

    def hear(self, address):
        """The next value of `address`."""
        while True:
            heard, params = self.receive()
            if heard == address:
                return params


@pytest.fixture
def server(desk):
    problems = []
    server = OscServer(desk, "0", problems.append)
    server.problems = problems
    yield server
    server.close()


@pytest.fixture
def controller(server):
    controller = Controller(server)
    yield controller
    controller.socket.close()


def within(condition, seconds=5.0):
    until = time.monotonic() + seconds
    while not condition() and time.monotonic() < until:
        time.sleep(0.005)
    return condition()


def get(server, path):
    with urllib.request.urlopen(f"{server.url}{path}", timeout=10) as answer:
        return answer.status, json.loads(answer.read() or "null")


def test_messages_set_settings_and_trigger_actions(desk, server, controller):
    controller.send(TONE, 0.4)
    controller.send(T1, 42.4)  # a fader
    controller.send("/normalised/Prediction/post_time_lerp", 0.25)
    controller.send("/EdgeDetection/tone_equalize", True)
    controller.send("/Capture/Processing/fit", "pad")
    controller.send("/action/freeze")
    controller.send("/action/bypass", 1)
    assert within(lambda: not desk.settings.prediction.enabled)
    settings = desk.settings
    assert settings.edges.tone == pytest.approx(0.4) and settings.processing.canny_t1 == 42 and settings.prediction.post_time_lerp == 0.25
    assert settings.edges.tone_equalize and settings.processing.fit == "pad" and settings.capture.freeze
    assert desk.changed_by("EdgeDetection.tone") == "osc" and not server.problems


def test_what_does_not_fit_changes_nothing_and_is_told_once(desk, server, controller):
    bad = [(TONE, 7.0), (TONE, "much"), (TONE, float("nan")), (TONE, 0.1, 0.2), (T1, True), ("/Nothing/here", 1), ("/action/nothing",),
           ("/normalised/EdgeDetection/tone", 1.5), ("/Capture/Processing/fit", "round"), ("/Capture/freeze", 3), (T1, float("inf")),
           ("/subscribe", "x"), ("/action/freeze", "x"), ("/Capture/Processing/" + "*" * 50, 1), ("/{[*?!", 1), ("/[z-a]", 1)]
    for _ in range(3):
        for message in bad:
            controller.send(*message)
    assert within(lambda: server.refused == 3 * len(bad))
    assert desk.settings == Settings() and desk.version == 0
    assert len(server.problems) == len({message[0] for message in bad}) and "0 to 1" in server.problems[0]


def test_patterns_reach_several(desk, server, controller):
    controller.send("/Capture/Processing/{pre,post}_blur", 3)
    assert within(lambda: desk.settings.processing.post_blur == 3) and desk.settings.processing.pre_blur == 3
    controller.send("/Prediction/p*_time_ler[op]", 0.5)
    assert within(lambda: desk.settings.prediction.pre_time_lerp == 0.5) and desk.settings.prediction.post_time_lerp == 0.5


def test_bundles_wait_for_their_time(desk, server, controller):
    start = time.time()
    for delay, value in ((0.3, 0.9), (-5, 0.2)):
        builder = OscBundleBuilder(start + delay)
        message = OscMessageBuilder(TONE)
        message.add_arg(value)
        builder.add_content(message.build())
        controller.socket.sendto(builder.build().dgram, controller.to)
    assert within(lambda: desk.settings.edges.tone == pytest.approx(0.2))
    assert within(lambda: desk.settings.edges.tone == pytest.approx(0.9)) and time.time() - start >= 0.29
    builder = OscBundleBuilder(start + 1e6)
    builder.add_content(message.build())
    controller.socket.sendto(builder.build().dgram, controller.to)
    assert within(lambda: server.refused == 1) and "time tag" in server.problems[0]


def test_subscribed_controllers_hear_what_others_change(desk, server, controller):
    controller.send(TONE)
    assert controller.hear(TONE) == [0.0]
    controller.send("/subscribe")
    first = {controller.receive()[0] for _ in SETTINGS}
    assert first == set(SETTINGS)
    desk.set("EdgeDetection.tone", 0.75)
    assert controller.hear(TONE) == [0.75]
    desk.trigger("freeze")
    assert controller.hear("/Capture/freeze") == [True]
    controller.send("/unsubscribe")
    assert within(lambda: not server._subscribers)


def test_oscquery_lists_everything_and_both_ends_can_be_set(desk, server, controller):
    _, root = get(server, "/")

    def nodes(here):
        yield here
        for child in here.get("CONTENTS", {}).values():
            yield from nodes(child)

    listed = {node["FULL_PATH"]: node for node in nodes(root) if "TYPE" in node}
    assert {address_of(name) for name in NAMES} <= set(listed) and set(SHARES) <= set(listed)
    assert {f"{ACTION}{name}" for name in desk.actions} <= set(listed)
    for address, target in SETTINGS.items():
        facts = listed[address]
        assert facts["VALUE"] == [target.value(desk)] and facts["DESCRIPTION"]
        if target.parameter.kind not in ("text",) and target.parameter.can_be_normalised:
            ends = facts["RANGE"][0]
            for value in (ends["MIN"], ends["MAX"]) if "MIN" in ends else ends["VALS"]:
                target.set(desk, [value], "test")
                assert target.value(desk) == value
    assert get(server, f"{TONE}?VALUE")[1] == {"VALUE": [SETTINGS[TONE].value(desk)]}
    assert get(server, "/?HOST_INFO")[1]["OSC_PORT"] == server.port
    assert get(server, "/action/recipe?VALUE")[0] == 204
    for path, status in (("/nothing", 404), ("/?WHATEVER", 400), ("/%00/../..", 404)):
        with pytest.raises(urllib.error.HTTPError) as error:
            get(server, path)
        assert error.value.code == status
        error.value.close()


def test_packets_that_are_no_osc_change_nothing_and_are_told_once(desk, server, controller):
    chance, good = random.Random(1), [packet(TONE, 0.3), packet("/action/freeze", 1), packet(T1, "abc", 3, 4.5)]
    for sent in range(1, 3001):
        data = bytearray(chance.choice(good)) if chance.random() < 0.5 else bytearray(chance.randbytes(chance.randint(2, 60)))
        data[0] = chance.choice(b"\x00#abc")  # never the address of a setting
        for _ in range(chance.randint(0, 5)):
            data[chance.randrange(1, len(data))] = chance.randrange(256)
        controller.socket.sendto(bytes(data), controller.to)
        if sent % 50 == 0:
            assert within(lambda: server.received > 0)
            time.sleep(0.002)
    controller.send("/Capture/freeze", 1)
    assert within(lambda: desk.settings.capture.freeze) and desk.settings.with_values({"Capture.freeze": False}) == Settings()
    assert sum("no OSC message" in text for text in server.problems) == 1 and len(server.problems) <= 50


def test_a_packet_is_osc_to_the_last_byte():
    builder = OscBundleBuilder(1.0)
    message = OscMessageBuilder(TONE)
    for value in (0.5, 3, "text", b"blob", True, False):
        message.add_arg(value)
    builder.add_content(message.build())
    builder.add_content(message.build())
    bundle, single = builder.build().dgram, packet(TONE, 0.5, "abc")
    assert is_osc(bundle) and is_osc(single) and is_osc(b"/action/freeze\0\0,I\0\0")
    half = 16 + (len(bundle) - 16) // 2  # a bundle of one
    for whole, also in ((bundle, {16, half}), (single, set())):
        assert {end for end in range(len(whole)) if is_osc(whole[:end])} == also and not is_osc(whole + bytes(4))
    nested = single
    for _ in range(10):
        nested = b"#bundle\0" + bytes(8) + len(nested).to_bytes(4, "big") + nested
    assert not is_osc(nested)


def test_a_port_that_is_taken_is_named(desk, server):
    with pytest.raises(OSError, match=str(server.port)):
        OscServer(desk, str(server.port), print)
    with pytest.raises(ValueError, match="not an address"):
        OscServer(desk, "many", print)


def test_the_page_lists_every_address(desk):
    html = page(desk, OFF, {})
    assert all(f"<b>{address}</b>" in html for address in SETTINGS) and "/action/freeze" in html and "--osc" in html
