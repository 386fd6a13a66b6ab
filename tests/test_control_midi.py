"""MIDI without a device: knobs, pads, pick-up, 14 bit, endless knobs, learning, clock, files; and a device that comes and goes."""

import json

import numpy as np
import pytest

from webcam_pix2pix.control.midi import Mapping, Mappings, MidiInput, MidiRouter
from webcam_pix2pix.control.midi import ports as midi_ports
from webcam_pix2pix.control.midi.mapping import Control
from webcam_pix2pix.control.parameters import PARAMETERS

TONE, T1, FREEZE = "EdgeDetection.tone", "Capture.Processing.canny_t1", "Capture.freeze"
KNOB, PAD = Control("control", 0, 21), Control("note", 9, 36)


@pytest.fixture
def router(desk):
    problems = []
    router = MidiRouter(desk, problems.append)
    router.problems = problems
    return router


def turn(router, value, number=21):
    router.take(bytes((0xB0, number, value)))


def test_a_knob_reaches_both_ends(desk, router):
    router.mappings = Mappings((Mapping(KNOB, TONE, pick_up=False), Mapping(KNOB, T1, low=1.0, high=0.0, pick_up=False)))
    turn(router, 127)
    assert desk.settings.edges.tone == 1.0 and desk.settings.processing.canny_t1 == 0 and desk.changed_by(TONE) == "midi"
    turn(router, 0)
    assert desk.settings.edges.tone == 0.0 and desk.settings.processing.canny_t1 == PARAMETERS[T1].limits[1]
    turn(router, 64, number=22)  # another knob
    assert desk.settings.edges.tone == 0.0


def test_a_knob_does_nothing_until_it_has_met_the_value(desk, router):
    desk.set(TONE, 0.5)
    router.mappings = Mappings((Mapping(KNOB, TONE),))
    for value in (0, 20, 50):
        turn(router, value)
        assert desk.settings.edges.tone == 0.5
    turn(router, 80)  # over it
    assert desk.settings.edges.tone == pytest.approx(80 / 127)
    turn(router, 100)
    assert desk.settings.edges.tone == pytest.approx(100 / 127)
    desk.apply({TONE: 0.2}, "by mouse")
    turn(router, 110)
    assert desk.settings.edges.tone == 0.2
    turn(router, 25)
    assert desk.settings.edges.tone == pytest.approx(25 / 127)


def test_fourteen_bits_and_endless_knobs(desk, router):
    fader, endless = Control("control", 2, 7), Control("control", 2, 80)
    router.mappings = Mappings((Mapping(fader, TONE, fine=True, pick_up=False), Mapping(endless, T1, "relative")))
    for message in ((0xB2, 7, 64), (0xB2, 39, 37)):
        router.take(bytes(message))
    assert desk.settings.edges.tone == pytest.approx((64 * 128 + 37) / 16383)
    before = desk.settings.processing.canny_t1
    for _ in range(4):
        router.take(bytes((0xB2, 80, 3)))  # up
    up = desk.settings.processing.canny_t1
    assert up == pytest.approx(before + 12 / 128 * PARAMETERS[T1].limits[1], abs=1)
    for _ in range(4):
        router.take(bytes((0xB2, 80, 125)))  # down by 3
    assert desk.settings.processing.canny_t1 == pytest.approx(before, abs=1)
    router.mappings = Mappings((Mapping(Control("bend", 0, 0), TONE, pick_up=False),))
    router.take(bytes((0xE0, 127, 127)))
    assert desk.settings.edges.tone == 1.0


def test_pads_toggle_hold_and_trigger_and_their_leds_follow(desk, router):
    sent, calls = [], []
    router.send = sent.append
    from webcam_pix2pix.control import Action
    desk.register(Action("preset_1", "Preset 1", calls.append))
    desk.register(Action("morph", "Morph", calls.append, "value"))
    router.mappings = Mappings((Mapping(PAD, FREEZE, "toggle"), Mapping(Control("note", 9, 37), TONE, "momentary"),
                                Mapping(Control("note", 9, 38), "action:preset_1"), Mapping(Control("program", 0, 5), "action:recipe"),
                                Mapping(Control("control", 0, 1), "action:morph"), Mapping(Control("control", 0, 2), "action:preset_1b")))
    for on, off in (((0x99, 36, 100), (0x89, 36, 0)), ((0x99, 36, 1), (0x99, 36, 0))):
        router.take(bytes(on))
        router.take(bytes(off))
    assert not desk.settings.capture.freeze and desk.changed_by(FREEZE) == "midi"
    assert sent == [bytes((0x99, 36, 127)), bytes((0x99, 36, 0))]
    desk.apply({FREEZE: True}, "by mouse")
    assert sent[-1] == bytes((0x99, 36, 127))
    desk.apply({FREEZE: False}, "by mouse")
    router.take(bytes((0x99, 37, 100)))
    assert desk.settings.edges.tone == 1.0
    router.take(bytes((0x89, 37, 0)))
    assert desk.settings.edges.tone == 0.0
    router.take(bytes((0x99, 38, 100)))
    router.take(bytes((0x89, 38, 0)))
    turn(router, 127, number=1)
    assert calls == [None, 1.0]
    router.take(bytes((0xC0, 5)))
    turn(router, 127, number=2)
    turn(router, 0, number=2)
    turn(router, 127, number=2)
    assert len(router.problems) == 1 and "preset_1b" in router.problems[0]


def test_the_next_knob_is_learned(desk, router):
    learned = []
    router.learned = learned.append
    router.learn(TONE)
    router.take(bytes((0x80, 1, 0)))  # letting go of a pad is no choice
    turn(router, 30)
    assert learned[0].control == KNOB and learned[0].mode == "absolute" and not router.learning
    router.learn(FREEZE)
    router.take(bytes((0x99, 36, 90)))
    assert router.mappings.of(FREEZE).mode == "toggle" and len(router.mappings.all) == 2
    router.take(bytes((0x99, 36, 90)))
    assert desk.settings.capture.freeze
    router.learn(TONE)
    router.take(bytes((0x99, 40, 90)))
    assert router.mappings.of(TONE).mode == "momentary" and len(router.mappings.all) == 2


def test_the_clock_gives_the_tempo_within_one_percent(desk, router):
    jitter = np.random.default_rng(0)
    router.take(b"\xfa", 0.0)
    for pulse in range(24 * 8 + 1):
        router.take(b"\xf8", pulse * 60 / 133 / 24 + abs(jitter.normal(0, 0.001)))
    assert desk.modulation.tempo.bpm == pytest.approx(133, rel=0.01)
    end = 8 * 60 / 133
    assert abs(desk.modulation.tempo.beats(end) - round(desk.modulation.tempo.beats(end))) < 0.02


def test_any_bytes_do_no_harm(desk, router):
    router.mappings = Mappings((Mapping(KNOB, TONE), Mapping(PAD, FREEZE, "toggle")))
    chance = np.random.default_rng(1)
    for _ in range(5000):
        router.take(chance.bytes(int(chance.integers(0, 5))))
    assert 0 <= desk.settings.edges.tone <= 1 and not router.problems


def test_mappings_are_kept_in_a_file_and_damaged_ones_are_named(tmp_path):
    mappings = Mappings((Mapping(KNOB, TONE, "relative", 0.2, 0.8), Mapping(PAD, "action:snapshot"))).with_mapping(Mapping(PAD, TONE))
    path = tmp_path / "midi.json"
    mappings.write(path)
    assert Mappings.read(path) == mappings and len(mappings.all) == 2
    good = json.loads(path.read_text())
    for damage in ([], {"mappings": 3}, {"mappings": [3]}, {"mappings": [good["mappings"][0] | {"mode": "odd"}]},
                   {"mappings": [good["mappings"][0] | {"target": "Nothing.here"}]}, {"mappings": [good["mappings"][0] | {"low": "x"}]},
                   {"mappings": [good["mappings"][0] | {"control": {"kind": "control", "channel": "1", "number": 2}}]}):
        path.write_text(json.dumps(damage), encoding="utf-8")
        with pytest.raises(ValueError, match=r"midi\.json"):
            Mappings.read(path)


class Backend:
    """A mido backend whose devices come and go."""

    def __init__(self):
        self.names, self.open, self.callback = [], [], None

    def get_input_names(self):
        return self.names

    def get_output_names(self):
        return []

    def open_input(self, name, callback):
        self.open.append(name)
        self.callback = callback
        return self

    def close(self):
        self.callback = None


class Message:
    def __init__(self, *data):
        self.data = data

    def bytes(self):
        return list(self.data)


def test_a_device_is_found_by_name_and_comes_back(desk, router, monkeypatch):
    monkeypatch.setattr(midi_ports, "SCAN_S", 0.01)
    backend, lines = Backend(), []
    router.mappings = Mappings((Mapping(KNOB, TONE, pick_up=False),))
    device = MidiInput(router, "nano", lines.append, backend)
    try:
        assert "not there yet" in lines[0]

        def until(condition):
            import time
            end = time.monotonic() + 5
            while not condition() and time.monotonic() < end:
                time.sleep(0.005)
            assert condition()

        backend.names = ["Midi Through 14:0", "nanoKONTROL2 20:0"]
        until(lambda: device.port == "nanoKONTROL2 20:0")
        backend.callback(Message(0xB0, 21, 127))
        assert desk.settings.edges.tone == 1.0
        backend.names = []
        until(lambda: device.port == "" and "is gone" in lines[-1])
        backend.names = ["nanoKONTROL2 24:0"]
        until(lambda: device.port == "nanoKONTROL2 24:0")
    finally:
        device.close()
    assert len(lines) == 2
