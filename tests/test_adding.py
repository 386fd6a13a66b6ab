"""Each "How do I add ..." of docs/architecture.md, tried: a copy of the program gets a toy of every kind, by the files that the recipe
names."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def insert(root: Path, file: str, anchor: str, text: str, after: bool = False) -> None:
    """Put `text` before (or after) the first line of `file` that contains `anchor`.

    `file` may be a package: then the module that has it.
    """
    path = root / file
    files = sorted(path.rglob("*.py")) if path.is_dir() else [path]
    owner = next((f for f in files if anchor in f.read_text(encoding="utf-8")), None)
    assert owner is not None, f"{file}: the recipe needs the line {anchor!r}: change docs/architecture.md with it"
    lines = owner.read_text(encoding="utf-8").splitlines(keepends=True)
    at = next(i for i, line in enumerate(lines) if anchor in line)
    lines.insert(at + after, text)
    owner.write_text("".join(lines), encoding="utf-8")


def exchange(root: Path, file: str, old: str, new: str) -> None:
    path = root / file
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{file}: the recipe needs {old!r}: change docs/architecture.md with it"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def add_source(root: Path) -> None:
    (root / "msa/capturer/sources/toy.py").write_text('''"""A toy source: grey images, five of them."""

import numpy as np


class ToySource:
    name, size, fps, live, finite, note, skipped, camera = "toy", (32, 24), 30.0, False, True, "", 0, ""

    def __init__(self):
        self.left = 5

    def read(self):
        self.left -= 1
        return None if self.left < 0 else np.full((24, 32, 3), 50, np.uint8)

    def close(self):
        pass
''', encoding="utf-8")
    insert(root, "msa/capturer/opening.py", 'if text.partition(":")[0] == "test":',
           '    if text == "toy":\n        from .sources.toy import ToySource\n        return ToySource()\n')


def add_step(root: Path) -> None:
    package = "webcam_pix2pix/preprocessing" if (root / "webcam_pix2pix/preprocessing").is_dir() else "webcam_pix2pix/preprocessing.py"
    insert(root, package, "    invert: bool = knob(", '    toy_brightness: int = knob(0, "Toy: adds so much", limits=(0, 100))\n')
    insert(root, package, "    if processing.invert:", "    if processing.toy_brightness:\n        image = image + "
                                                       "np.uint8(processing.toy_brightness)\n")


def add_setting(root: Path) -> None:
    insert(root, "webcam_pix2pix/settings.py", "    sleep_s: float = knob(", '    toy: int = knob(3, "Toy setting", limits=(0, 9), '
                                                                             'unit="px")\n')


def add_network(root: Path) -> None:
    insert(root, "webcam_pix2pix/specs/__init__.py", "Generator = UNet | ResNet", '''from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class ToyNet:
    """One 3x3 convolution."""

    type: ClassVar[str] = "toy"
    multiple: ClassVar[int] = 1
    default_size: ClassVar[int] = 32
    scale: ClassVar[float] = 1.0
    fixed: ClassVar[bool] = False

    in_channels: int = 3
    out_channels: int = 3
    norm: str = "none"
    dropout: bool = False
    running_stats: bool = True


''')
    exchange(root, "webcam_pix2pix/specs/__init__.py", "Generator = UNet | ResNet", "Generator = UNet | ResNet | ToyNet")
    exchange(root, "webcam_pix2pix/specs/__init__.py", "for spec in (UNet, ResNet,", "for spec in (ToyNet, UNet, ResNet,")
    insert(root, "webcam_pix2pix/specs/__init__.py", "    if isinstance(spec, UNet):",
           '    if isinstance(spec, ToyNet):\n        return "toy"\n')
    (root / "webcam_pix2pix/networks/toy.py").write_text('''"""A toy network."""

from torch import nn


class ToyNetwork(nn.Module):
    """Built from ToyNet."""

    def __init__(self, spec):
        super().__init__()
        self.conv = nn.Conv2d(spec.in_channels, spec.out_channels, 3, padding=1, bias=False)

    def forward(self, x):
        return self.conv(x).tanh()
''', encoding="utf-8")
    insert(root, "webcam_pix2pix/networks/__init__.py", "CLASSES = {", "from webcam_pix2pix.specs import ToyNet\n\nfrom .toy import "
                                                                       "ToyNetwork\n\n")
    exchange(root, "webcam_pix2pix/networks/__init__.py", "CLASSES = {", "CLASSES = {ToyNet: ToyNetwork, ")
    insert(root, "webcam_pix2pix/checkpoints/shapes.py", "    return _unet_shapes(spec) if",
           '    if spec.type == "toy":\n        return {"conv.weight": (spec.out_channels, spec.in_channels, 3, 3)}\n')


def add_format(root: Path) -> None:
    (root / "webcam_pix2pix/checkpoints/formats/toy.py").write_text('''"""A toy format: TOYNET and the values of one 3x3 convolution."""

import numpy as np

from webcam_pix2pix.specs import ToyNet

from .. import Checkpoint
from ..weights import Weight, fitted, permuted


def read(path):
    data = path.read_bytes()[6:]
    if len(data) != 4 * 81:
        raise ValueError(f"{path}: {len(data)} bytes of values, expected 81 numbers")
    values = np.frombuffer(data, "<f4")
    weight = permuted(Weight((3, 3, 3, 3), lambda: values.reshape(3, 3, 3, 3).copy()))
    return Checkpoint("toy format", ToyNet(), fitted(ToyNet(), {"conv.weight": weight}, path), "eval")
''', encoding="utf-8")
    exchange(root, "webcam_pix2pix/checkpoints/__init__.py", "READERS = {", 'READERS = {"toy": "toy", ')
    exchange(root, "webcam_pix2pix/identify/content.py", "FORMATS = {", 'FORMATS = {"toy": "toy format", ')
    insert(root, "webcam_pix2pix/identify/content.py", "    if head.startswith(b\"PK", '    if head.startswith(b"TOYNET"):\n        '
                                                                                          'return Content("toy", path)\n')


def add_operator(root: Path) -> None:
    insert(root, "webcam_pix2pix/networks/onnx/arithmetic.py", "ARITHMETIC: dict",
           "def _toy(node: Node, x: Tensor) -> Tensor:\n    return x * node.attributes.get(\"factor\", 2.0)\n\n\n")
    exchange(root, "webcam_pix2pix/networks/onnx/arithmetic.py", '"Div": _div,', '"Toy": _toy, "Div": _div,')


def add_family(root: Path) -> None:
    with (root / "webcam_pix2pix/specs/families.py").open("a", encoding="utf-8") as file:
        file.write('''

@dataclass(frozen=True)
class ToyFamily:
    """One pointwise convolution."""

    type: ClassVar[str] = "toy_family"
    multiple: ClassVar[int] = 1
    default_size: ClassVar[int] = 32
    scale: ClassVar[float] = 1.0
    fixed: ClassVar[bool] = False
    norm: ClassVar[str] = "none"
    dropout: ClassVar[bool] = False
    running_stats: ClassVar[bool] = True

    in_channels: int = 3
    out_channels: int = 3
''')
    specs, networks = "webcam_pix2pix/specs/__init__.py", "webcam_pix2pix/networks/__init__.py"
    families = "webcam_pix2pix/checkpoints/families.py"
    exchange(root, specs, "from .families import AnimeGAN,", "from .families import ToyFamily, AnimeGAN,")
    exchange(root, specs, "Generator = UNet | ResNet", "Generator = UNet | ResNet | ToyFamily")
    exchange(root, specs, "for spec in (", "for spec in (ToyFamily, ")
    insert(root, specs, "    if isinstance(spec, UNet):", '    if isinstance(spec, ToyFamily):\n        return "toy family"\n')
    with (root / "webcam_pix2pix/networks/families.py").open("a", encoding="utf-8") as file:
        file.write('''

class ToyFamilyGenerator(nn.Module):
    """The generator of a ToyFamily spec."""

    def __init__(self, spec) -> None:
        super().__init__()
        self.far = nn.Conv2d(spec.in_channels, spec.out_channels, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.far(x)
''')
    exchange(root, networks, "CLASSES = {", "CLASSES = {ToyFamily: ToyFamilyGenerator, ")
    exchange(root, networks, "from .families import ", "from webcam_pix2pix.specs.families import ToyFamily\nfrom .families import "
                                                      "ToyFamilyGenerator, ")
    exchange(root, families, "MARKERS = (", 'MARKERS = ("far.weight", ')
    exchange(root, families, "    return STYLE in weights or", '    return "far.weight" in weights or STYLE in weights or')
    insert(root, families, "    if STYLE in weights:", '''    if "far.weight" in weights:
        from webcam_pix2pix.specs.families import ToyFamily
        sides = _sides(weights, "far.weight", path)
        spec = ToyFamily(sides[1], sides[0])
        return Checkpoint("toy family", spec, fitted(spec, weights, path), "eval")
''')


def add_dock_and_action(root: Path) -> None:
    insert(root, "gui.py", "DOCKS: tuple", '''class ToyDock(QWidget):
    """A dock."""

    def __init__(self, pipeline, notify):
        super().__init__()
        notify("the toy is here")


''')
    insert(root, "gui.py", '    ("training", "training", Training)', '    ("toy", "toy dock", ToyDock),\n')
    insert(root, "webcam_pix2pix/ui/shell/actions.py", '    Spec("open_source"', '    Spec("toy", "File", "Do the toy", '
                                                                                 '("Ctrl+Alt+T",), tip="Toy"),\n')
    wiring = next(file for file in (root / "gui.py", *sorted((root / "webcam_pix2pix/ui/shell").glob("*.py")))
                  if re.search(r'"open_source": \w+\.open\.ask_source', file.read_text(encoding="utf-8")))
    window = re.search(r'"open_source": (\w+)\.', wiring.read_text(encoding="utf-8"))[1]
    insert(root, str(wiring.relative_to(root)), '"open_source":', f'            "toy": lambda: {window}.messages.note("toy done"),\n')


def add_shape(root: Path) -> None:
    shapes = "webcam_pix2pix/control/modulation/shapes.py"
    insert(root, shapes, "def one_shot(", 'def toy(cycles: float, seed: int = 0) -> float:\n    """Always 1."""\n    return 1.0\n\n\n')
    insert(root, shapes, '    "sine": sine,', '    "toy": toy,\n')


def add_command(root: Path) -> None:
    (root / "webcam_pix2pix/cli/commands/toy.py").write_text('''"""Says toy."""

EXAMPLES = "examples:\\n  webcam-pix2pix toy --times 2"


def add_arguments(parser):
    parser.add_argument("--times", type=int, default=1, help="how often")


def run(args):
    print("toy " * args.times)
    return 0
''', encoding="utf-8")
    exchange(root, "webcam_pix2pix/cli/__init__.py", "COMMANDS = {", 'COMMANDS = {\n    "toy": "says toy",')


def add_metric(root: Path) -> None:
    insert(root, "webcam_pix2pix/evaluation/metrics.py", "    if lpips is not None", '    values["toy"] = (a - b).abs().max().item()\n')


def add_training_option_and_codec(root: Path) -> None:
    insert(root, "webcam_pix2pix/training/setup/options.py", "    ngf: int = knob(", '    toy_weight: float = knob(1.0, "Toy weight", '
                                                                                     'limits=(0.0, 2.0))\n')
    exchange(root, "webcam_pix2pix/sinks/video_writer.py", "CODECS = {", 'CODECS = {"ffv1": {"level": "3"}, ')


SCRIPT = '''
import contextlib, io, json, sys, time, traceback
from pathlib import Path

import numpy as np

results = {}


def trial(function):
    try:
        results[function.__name__] = function()
    except BaseException:
        results[function.__name__] = traceback.format_exc()


def printed(arguments):
    from webcam_pix2pix.cli import main
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = main(arguments)
        except SystemExit as end:
            code = end.code
    return [code, out.getvalue() + err.getvalue()]


@trial
def source():
    from msa.capturer import Capturer, Init
    capturer = Capturer(Init(device_id="toy", use_thread=False), live=False)
    images = []
    while (captured := capturer.take()) is not None:
        images.append(captured.image)
    capturer.close()
    return [len(images), int(images[0][0, 0, 0]), capturer.finished]


@trial
def step():
    from webcam_pix2pix.preprocessing import EdgeDetection, Processing, preprocess
    from webcam_pix2pix.recipe import Recipe
    image = np.full((8, 8, 3), 50, np.uint8)
    off = preprocess(image, Processing(), EdgeDetection(method="none"))
    on = preprocess(image, Processing(toy_brightness=7), EdgeDetection(method="none"))
    recipe = Recipe.from_json({"Capture.Processing.toy_brightness": 7}, "test")
    return [int(off[0, 0, 0]), int(on[0, 0, 0]), recipe.to_json()["Capture.Processing.toy_brightness"]]


@trial
def setting():
    from params import rows
    from webcam_pix2pix.settings import Settings, read_preset, write_preset
    row = next(row for row in rows() if row.name == "Main.toy")
    write_preset("toy.json", {"Main.toy": 5})
    settings = Settings().with_values(read_preset("toy.json"))
    bad = printed(["live", "--headless", "--source", "toy", "--set", "Main.toy=12"])
    return [row.slider, row.shown(4), settings.main.toy, bad[0], "Main.toy" in bad[1]]


@trial
def network():
    import torch
    from webcam_pix2pix import checkpoints
    from webcam_pix2pix.checkpoints.formats import safetensors
    from webcam_pix2pix.networks import build
    from webcam_pix2pix.predictor import PyTorchPredictor
    from webcam_pix2pix.specs import describe, from_json, to_json
    spec = from_json({"type": "toy"})
    torch.manual_seed(0)
    network = build(spec).eval()
    safetensors.write(Path("toy.safetensors"), spec, network.state_dict(), {})
    predictor = PyTorchPredictor("toy.safetensors", device="cpu", precision="fp32", size=(32, 48))
    image = np.random.default_rng(0).integers(0, 255, (32, 48, 3), np.uint8)
    with torch.no_grad():
        exact = network(torch.from_numpy(image).permute(2, 0, 1)[None].float() / 127.5 - 1)
    exact = ((exact[0].permute(1, 2, 0) + 1) * 127.5).numpy()
    error = float(np.abs(predictor(image).astype(float) - exact).max())
    predictor.close()
    return [describe(spec), error < 2, checkpoints.load("toy.safetensors").spec == spec]


@trial
def checkpoint_format():
    from webcam_pix2pix import checkpoints
    Path("weights.toy").write_bytes(b"TOYNET" + np.arange(81, dtype="<f4").tobytes())
    checkpoint = checkpoints.load("weights.toy")
    Path("broken.toy").write_bytes(b"TOYNET123")
    try:
        checkpoints.load("broken.toy")
        message = ""
    except ValueError as error:
        message = str(error)
    return [checkpoint.format, float(checkpoint.state["conv.weight"].sum()), "broken.toy" in message]


@trial
def operator():
    import torch
    from msa.onnxfile import Node
    from webcam_pix2pix.networks.onnx.plan import Plan, Planner, needed
    planner = Planner(18, {})
    planner.values["x"] = planner.image((1, 1, 2, 2))
    planner.run(Node("Toy", ("x",), ("y",), {"factor": 3.0}))
    last = planner.values["y"].slot
    return Plan(needed(planner.steps, last), last)(torch.ones(1, 1, 2, 2)).flatten().tolist()


@trial
def family():
    import torch
    from webcam_pix2pix import checkpoints
    from webcam_pix2pix.predictor import PyTorchPredictor
    from webcam_pix2pix.specs import describe
    torch.save({"far.weight": torch.eye(3)[[2, 1, 0], :, None, None].contiguous()}, "family.pth")
    checkpoint = checkpoints.load("family.pth")
    predictor = PyTorchPredictor("family.pth", device="cpu", precision="fp32", size=(32, 48))
    image = np.random.default_rng(0).integers(0, 255, (32, 48, 3), np.uint8)
    error = int(np.abs(predictor(image).astype(int) - image[..., ::-1]).max())
    predictor.close()
    return [checkpoint.format, describe(checkpoint.spec), error]


@trial
def sink():
    from msa.capturer import Capturer, Init
    from webcam_pix2pix.pipeline import Pipeline
    from webcam_pix2pix.settings import Settings

    class Toy:
        frames, closed = [], False

        def put(self, frame):
            self.frames.append(frame.index)

        def close(self):
            self.closed = True

    toy, settings = Toy(), Settings().with_values({"Capture.Init.device_id": "toy", "Capture.Init.use_thread": False})
    pipeline = Pipeline(Capturer(settings.capture_init, live=False), settings)
    pipeline.add_sink(toy)
    pipeline.start()
    end = time.monotonic() + 20
    while len(toy.frames) < 5 and time.monotonic() < end:
        time.sleep(0.01)
    pipeline.close()
    return [len(toy.frames), toy.closed]


@trial
def command():
    return [printed(["toy", "--times", "2"])[0], printed(["toy", "--times", "2"])[1].strip(), "says toy" in printed(["--help"])[1]]


@trial
def metric():
    from webcam_pix2pix.evaluation.metrics import measure
    black, white = np.zeros((32, 32, 3), np.uint8), np.full((32, 32, 3), 255, np.uint8)
    return round(measure(black, white)["toy"], 3)


@trial
def training_option():
    code, text = printed(["train", "--help"])
    from webcam_pix2pix.training.setup.options import Options
    return ["--toy_weight" in text, Options().with_values({"toy_weight": "0.5"}).toy_weight]


@trial
def shape():
    from webcam_pix2pix.control.modulation import Modulation
    from webcam_pix2pix.control.modulation.modulator import parse
    from webcam_pix2pix.settings import Settings
    return Modulation((parse("EdgeDetection.tone=toy 1s 0.5"),)).apply(Settings(), 3.0).edges.tone


@trial
def codec():
    import av
    from webcam_pix2pix.sinks import VideoWriter
    writer = VideoWriter("toy.mkv", 25)
    for value in (10, 200):
        writer.write(np.full((48, 64, 3), value, np.uint8))
    writer.close()
    with av.open("toy.mkv") as container:
        return container.streams.video[0].codec_context.name


@trial
def dock_and_action():
    from PySide6.QtWidgets import QApplication
    from gui import MainWindow
    from msa.capturer import Capturer
    from webcam_pix2pix.pipeline import Pipeline
    from webcam_pix2pix.settings import Settings
    app = QApplication([])
    settings = Settings().with_values({"Capture.Init.device_id": "test"})
    window = MainWindow(Pipeline(Capturer(settings.capture_init), settings), config_dir=Path("config"))
    window.actions_["toy"].trigger()
    docks = [dock.windowTitle() for dock in window.docks]
    text = window.actions_["toy"].toolTip()
    window.close()
    return ["toy dock" in docks, "Toy" in text]


print(json.dumps(results))
'''

EXPECTED = {
    "source": [5, 50, True], "step": [50, 57, 7], "setting": [True, "4 px", 5, 2, True], "network": ["toy", True, True],
    "operator": [3.0] * 4, "family": ["toy family", "toy family", 0],
    "checkpoint_format": ["toy format", 3240.0, True], "sink": [5, True], "command": [0, "toy toy", True], "metric": 1.0,
    "training_option": [True, 0.5], "codec": "ffv1", "shape": 0.5, "dock_and_action": [True, True],
}


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    root = tmp_path_factory.mktemp("house")
    for name in ("msa", "webcam_pix2pix"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("gui.py", "params.py"):
        shutil.copy(ROOT / name, root)
    for add in (add_source, add_step, add_setting, add_network, add_operator, add_family, add_format, add_dock_and_action, add_shape,
                add_command, add_metric, add_training_option_and_codec):
        add(root)
    (root / "trial.py").write_text(SCRIPT, encoding="utf-8")
    work = tmp_path_factory.mktemp("work")
    environment = os.environ | {"PYTHONPATH": str(root), "QT_QPA_PLATFORM": "offscreen", "WEBCAM_PIX2PIX_CACHE": str(work / "cache"),
                                "WEBCAM_PIX2PIX_MODELS": str(work / "models")}
    done = subprocess.run([sys.executable, str(root / "trial.py")], cwd=work, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0 and done.stdout.strip(), done.stderr
    return json.loads(done.stdout.strip().splitlines()[-1])


@pytest.mark.parametrize("what", EXPECTED)
def test_the_recipe_for_adding_works(what, results):
    assert results[what] == EXPECTED[what], results[what]


def test_every_row_of_the_table_is_tried():
    """A new row in docs/architecture.md needs a toy here."""
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8").partition("## How do I add")[2].partition("\n## ")[0]
    rows = [line.split("**")[1] for line in text.splitlines() if line.startswith("| **")]
    tried = {"a source", "a processing step", "a network", "a checkpoint format", "a sink", "a setting", "a dock", "an action",
             "a command", "a metric", "an LFO shape", "an ONNX operator", "a family of state dicts", "a video codec",
             "a training option"}
    one_function = {"an int8 scale rule", "a dataset finding"}  # a change of one function, not an entry in a table
    assert set(rows) == tried | one_function
