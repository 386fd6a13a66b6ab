"""What fuzz.py feeds: each reader of files and packets, and small good files for it."""

import functools
import io
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from . import peers


@dataclass(frozen=True)
class Reader:
    """suffix: of the file. make: small good files. read: raises ValueError or OSError in one line when it refuses."""

    suffix: str
    make: Callable[[Path], list[bytes]]
    read: Callable[[Path], object]


def _images(folder: Path) -> list[bytes]:
    from PIL import Image
    made = []
    kinds = (("RGB", "PNG", {}), ("RGBA", "PNG", {}), ("P", "PNG", {}), ("RGB", "JPEG", {}), ("L", "JPEG", {"progressive": True}),
             ("CMYK", "JPEG", {}), ("RGB", "WEBP", {}), ("RGB", "TIFF", {"compression": "tiff_lzw"}), ("RGB", "BMP", {}),
             ("P", "GIF", {}), ("I;16", "TIFF", {}))
    for mode, name, options in kinds:
        data = io.BytesIO()
        Image.radial_gradient("L").resize((40, 30)).convert("I" if mode == "I;16" else mode).convert(mode).save(data, name, **options)
        made.append(data.getvalue())
    return made


def _read_image(path: Path) -> object:
    from msa.images.reader import read_image
    return read_image(path)


def _films(folder: Path) -> list[bytes]:
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from footage import write_steady
    names = (("a.mp4", "libx264"), ("a.avi", "mpeg4"), ("a.mkv", "libx264"), ("a.mov", "libx264"))
    return [write_steady(folder / name, range(8), codec=codec).read_bytes() for name, codec in names]


def _read_film(path: Path) -> object:
    from msa.capturer.init import Init
    from msa.capturer.opening import open_source
    source = open_source(str(path), Init(), False)
    try:
        for _ in range(20):
            if source.read() is None:
                return None
    finally:
        source.close()
    return None


def _presets(folder: Path) -> list[bytes]:
    from webcam_pix2pix.settings import BUILT_IN_PRESETS, Settings, write_preset
    for name, values in (*BUILT_IN_PRESETS.items(), ("all", Settings().flat())):
        write_preset(folder / f"{name}.json", values)
    return [path.read_bytes() for path in folder.glob("*.json")]


def _read_preset(path: Path) -> object:
    from webcam_pix2pix.settings import read_preset
    return read_preset(path)


def _snapshots(folder: Path) -> list[bytes]:
    import numpy as np

    from webcam_pix2pix.frame import Frame, sealed
    from webcam_pix2pix.settings import Settings
    from webcam_pix2pix.sinks import write_snapshot
    image = sealed(np.full((20, 30, 3), 90, np.uint8))
    write_snapshot(folder / "a.png", Frame(0, 0.0, image, image, image), Settings().flat(), "a model")
    return [(folder / "a.png").read_bytes()]


def _read_snapshot(path: Path) -> object:
    from webcam_pix2pix.sinks import read_snapshot
    return read_snapshot(path)


def _checkpoints(folder: Path) -> list[bytes]:
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from foreign_files import write_one_of_each
    return [data for name, data in write_one_of_each(folder).items() if not name.startswith("tf-")]  # those are two files in one


def _load_model(path: Path) -> object:
    from webcam_pix2pix import checkpoints
    return checkpoints.load(path).build()


def _descriptors(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in (Path(__file__).parents[2] / "models").glob("*.json")]


def _read_descriptor(path: Path) -> object:
    from webcam_pix2pix.model import read_model
    return read_model(path)


def _remembered(folder: Path) -> list[bytes]:
    from webcam_pix2pix.settings import Settings
    from webcam_pix2pix.ui.foundation.store import Remembered, Store
    Store(folder).write(Remembered(settings=Settings().flat(), recent_sources=["a", "b"], mirror={"camera": True}))
    return [(folder / "settings.json").read_bytes()]


def _read_remembered(path: Path) -> object:
    from webcam_pix2pix.ui.foundation.store import Store
    (path.parent / "store").mkdir(exist_ok=True)
    shutil.copyfile(path, path.parent / "store" / "settings.json")
    return Store(path.parent / "store").read().valid_settings()


def _onnx(folder: Path) -> list[bytes]:
    import onnx
    from onnx import TensorProto, helper
    made = []
    for layout, shape in (("NCHW", [1, 3, 8, 8]), ("free", [1, 3, "h", "w"])):
        weight = helper.make_tensor("w", TensorProto.FLOAT, [3, 3, 3, 3], [0.1] * 81)
        scale = helper.make_tensor("s", TensorProto.INT64, [4], [1, 3, 8, 8])
        nodes = [helper.make_node("Conv", ["x", "w"], ["a"], pads=[1, 1, 1, 1]), helper.make_node("Relu", ["a"], ["b"]),
                 helper.make_node("Reshape", ["b", "s"], ["y"]) if layout == "NCHW" else helper.make_node("Tanh", ["b"], ["y"])]
        ports = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in "xy"]
        graph = helper.make_graph(nodes, layout, ports[:1], ports[1:], [weight, scale])
        made.append(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)]).SerializeToString())
    onnx.checker.check_model(onnx.load_from_string(made[0]))
    return made


def _osc(folder: Path) -> list[bytes]:
    from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
    from pythonosc.osc_message_builder import OscMessageBuilder

    def message(address: str, *values):
        builder = OscMessageBuilder(address)
        for value in values:
            builder.add_arg(value)
        return builder.build()

    messages = [message("/EdgeDetection/tone", 0.5), message("/normalised/EdgeDetection/canny_t1_fine", 0.2),
                message("/Capture/freeze", True), message("/action/freeze"), message("/EdgeDetection/*", 1), message("/subscribe", 9001),
                message("/EdgeDetection/method", "soft")]
    bundle = OscBundleBuilder(IMMEDIATELY)
    for each in messages[:3]:
        bundle.add_content(each)
    return [each.dgram for each in (*messages, bundle.build())]


def _take_osc(path: Path) -> object:
    """A packet changes a setting to what it may be, or nothing."""
    server = _osc_server()
    server._take(path.read_bytes(), ("127.0.0.1", 9))
    server._play_due()
    server._subscribers.clear()
    settings = server._desk.settings
    return settings.with_values(settings.flat())


@functools.cache
def _osc_server():
    from webcam_pix2pix.control.desk import Desk
    from webcam_pix2pix.control.osc.server import OscServer
    from webcam_pix2pix.settings import Settings
    return OscServer(Desk(Settings(), lambda settings: None), "0", lambda text: None)


def _replays(folder: Path) -> list[bytes]:
    from msa.capturer import Capturer
    from webcam_pix2pix.control.replay import ReplayRecorder
    from webcam_pix2pix.pipeline import Pipeline
    from webcam_pix2pix.settings import Settings
    settings = Settings().with_values({"Capture.Init.device_id": "test", "Capture.Init.width": 64, "Capture.Init.height": 48})
    pipeline = Pipeline(Capturer(settings.capture_init, live=False), settings)
    recorder = ReplayRecorder(folder / "a.replay", pipeline, wait=True)
    for _ in range(3):
        recorder(pipeline.capturer.take(1.0), settings)
    recorder.close()
    pipeline.close()
    return [(folder / "a.replay").read_bytes()]


def _read_replay(path: Path) -> object:
    from webcam_pix2pix.control.replay import Performance
    performance = Performance(path)
    try:
        return list(performance.cues())
    finally:
        performance.close()


READERS = {
    "image": Reader(".png", _images, _read_image), "film": Reader(".mp4", _films, _read_film),
    "preset": Reader(".json", _presets, _read_preset), "snapshot": Reader(".png", _snapshots, _read_snapshot),
    "checkpoint": Reader(".pth", _checkpoints, _load_model), "descriptor": Reader(".json", _descriptors, _read_descriptor),
    "remembered": Reader(".json", _remembered, _read_remembered), "onnx": Reader(".onnx", _onnx, _load_model),
    "osc": Reader(".osc", _osc, _take_osc), "replay": Reader(".replay", _replays, _read_replay),
    "http": Reader(".http", peers.requests, peers.send_request),
}
