"""Settings: everything the window can change, as one immutable value; presets."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from msa.capturer.init import Init
from msa.files import parse_json, write_atomic
from msa.knob import checked, knob, knobs
from msa.words import did_you_mean
from webcam_pix2pix.bend import Bend
from webcam_pix2pix.outgoing import Output
from webcam_pix2pix.preprocessing import EdgeDetection, Processing
from webcam_pix2pix.projection import Screen
from webcam_pix2pix.recipe import DOCUMENTED, Recipe

DEVICES = ("auto", "cuda", "mps", "cpu")
PRECISIONS = ("auto", "fp32", "bf16", "fp16", "int8")
BACKENDS = ("auto", "torch", "openvino")
NORM_MODES = ("auto", "eval", "batch", "paper")
MORPH_CURVES = ("soft", "even", "slow start", "slow end")
PREDICTION_SHAPES = ("as trained", "16:9")


@dataclass(frozen=True)
class Main:
    """The program as a whole."""

    verbose: bool = knob(False, "Print the frame rate and the milliseconds of each stage once a second")
    sleep_s: float = knob(0.0, "Pause after each frame: keeps a laptop cool", limits=(0.0, 10.0), unit="s")


@dataclass(frozen=True)
class Capture:
    """What the capture thread does with its source."""

    enabled: bool = knob(True, "Take images from the source. Off: the last image stays and the source pauses")
    freeze: bool = knob(False, "Stop the camera image. The painting goes on, so you can still change its settings")
    slide_s: float = knob(2.0, "Slideshow: how long each image of a folder stays", limits=(0.05, 600.0), unit="s")


@dataclass(frozen=True)
class Prediction:
    """The network and what surrounds it."""

    enabled: bool = knob(True, "Run the network; off: show the processed image instead")
    pre_time_lerp: float = knob(0.0, "Mix what the network sees with earlier images. 0: off; more: calmer, slower", limits=(0.0, 1.0))
    post_time_lerp: float = knob(0.6, "Mix the painting with the paintings before it. 0: off; 0.5 to 0.8: calm; 0.9: very slow and soft",
                                 limits=(0.0, 1.0))
    then: bool = knob(True, "What follows the model, such as an upscaler or a colour grade. Off: the painting as it comes out of the model")
    number_1: float = knob(0.5, "First number that goes in beside the image, for ONNX models with such inputs. 0.5: as the model says",
                           limits=(0.0, 1.0))
    number_2: float = knob(0.5, "Second number that goes in beside the image. 0.5: as the model says", limits=(0.0, 1.0))
    number_3: float = knob(0.5, "Third number that goes in beside the image. 0.5: as the model says", limits=(0.0, 1.0))
    number_4: float = knob(0.5, "Fourth number that goes in beside the image. 0.5: as the model says", limits=(0.0, 1.0))
    crossfade_s: float = knob(0.0, "Time to change from the old model to the new one. 0: change at once", limits=(0.0, 10.0), unit="s")


@dataclass(frozen=True)
class Model:
    """Which network paints and how it is run. A change builds the next predictor beside the running one."""

    model_name: str = knob("", "Name of a model in the models folders, or path of a checkpoint; empty: the default model")
    then: str = knob("", "What follows the model: a model (such as an upscaler) by name or path, or a colour grade (.cube); several with "
                     "commas. Empty: what the model itself says; none: nothing")
    device: str = knob("auto", "Where the network runs. auto: on an NVIDIA (cuda) or Apple (mps) GPU if there is one, else on the CPU",
                       choices=DEVICES)
    precision: str = knob("auto", "Number format of the network. fp32 is exact, the others are faster. auto: the fastest one whose image "
                          "is right. If your choice gives a wrong image, another one runs and a message says so", choices=PRECISIONS)
    backend: str = knob("auto", "What runs the network: torch, or OpenVINO when it is installed. auto: torch, "
                         "or OpenVINO where `bench` found it faster", choices=BACKENDS)
    norm_mode: str = knob("auto", "Normalisation. eval: steady and fastest. batch: measures each image anew. paper: adds random changes "
                          "(dropout), so that even a frozen image flickers. auto: as the model says", choices=NORM_MODES)
    size: int = knob(0, "Short side of the painting; larger is finer and slower. 0: as the model says",
                     limits=(0, 2048), unit="px")
    shape: str = knob("as trained", "Shape of the live painting. 16:9 fills a wide screen and takes up to twice the time. `video` keeps "
                      "the shape of the film", choices=PREDICTION_SHAPES)
    threads: int = knob(0, "CPU threads of the network. 0: automatic, leaves room for camera and window", limits=(0, 64))
    compile: bool = knob(False, "Let torch.compile build the network. It starts some seconds later and needs a C++ compiler. It may be "
                          "faster on a GPU; it was slower on the CPUs that we measured. `bench --compile` measures yours")


@dataclass(frozen=True)
class Quality:
    """For the show: what may give way when an image takes too long."""

    ladder: bool = knob(False, "When images take too long, lower the quality: first precision, then size, then paint every second frame. "
                        "Raise it again when the machine is fast enough. Off while a file is recorded frame by frame")
    target_fps: float = knob(25.0, "Frame rate that Quality.ladder keeps", limits=(1.0, 120.0), unit="fps")
    target_latency_ms: float = knob(0.0, "Longest delay from camera to screen that is allowed. 0: only the frame rate counts",
                                    limits=(0.0, 2000.0), unit="ms")
    smallest_size: int = knob(128, "Smallest short side that the ladder uses", limits=(32, 1024), unit="px")
    skip: bool = knob(True, "Last step of Quality.ladder: paint only every second frame and mix the frames between")


@dataclass(frozen=True)
class Presets:
    """How a preset is recalled."""

    morph_s: float = knob(0.0, "Time that a recalled preset takes: numbers glide, switches change in the middle. 0: at once",
                          limits=(0.0, 30.0), unit="s")
    morph_curve: str = knob("soft", "How a morph goes: evenly, softly at both ends, or slowly at one end", choices=MORPH_CURVES)


@dataclass(frozen=True)
class Settings:
    """One value for the whole program. The engine reads the reference once per frame and uses it for the whole frame."""

    main: Main = field(default_factory=Main)
    capture: Capture = field(default_factory=Capture)
    capture_init: Init = field(default_factory=Init)
    processing: Processing = field(default_factory=Processing)
    edges: EdgeDetection = field(default_factory=EdgeDetection)
    model: Model = field(default_factory=Model)
    prediction: Prediction = field(default_factory=Prediction)
    bend: Bend = field(default_factory=Bend)
    quality: Quality = field(default_factory=Quality)
    output: Output = field(default_factory=Output)
    screen: Screen = field(default_factory=Screen)
    presets: Presets = field(default_factory=Presets)

    def flat(self) -> dict[str, Any]:
        """Every value by dotted name, such as Capture.Processing.flip_h."""
        return {name: getattr(getattr(self, attribute), key) for name, (attribute, key) in NAMES.items()}

    def with_values(self, values: Mapping[str, Any], recipe: Recipe | None = None) -> "Settings":
        """These settings with some values changed, by dotted name; text is parsed, limits are checked.

        A changed edge value means that the edges are no longer those of the training: unless the same call sets it, the method changes
        from training_matched to the one that the value belongs to, else to that of the model's `recipe`.
        Raises ValueError with one line that names the setting, its value and what was expected.
        """
        values = dict(values)
        edges = [name for name in values if name.startswith("EdgeDetection.")]
        if edges and "EdgeDetection.method" not in values and self.edges.method == "training_matched":
            values["EdgeDetection.method"] = _method_of(edges, recipe)
        changed: dict[str, dict[str, Any]] = {}
        for name, value in values.items():
            if name not in NAMES:
                raise ValueError(f"{name}: no such setting{_nearest(name)}")
            attribute, key = NAMES[name]
            changed.setdefault(attribute, {})[key] = checked(getattr(self, attribute), key, value, name)
        return replace(self, **{attribute: replace(getattr(self, attribute), **keys) for attribute, keys in changed.items()})

    def with_recipe(self, recipe: Recipe | None) -> "Settings":
        """The live chain set to what a model was trained with; the pose (flips) stays, and all of it where the model does not say."""
        return self if recipe is None else self.with_values(recipe.values() | {"EdgeDetection.method": "training_matched"})


# the method of edges that alone uses a setting, by how its name starts
METHOD_OF = {"soft_": "soft", "network": "network", "canny_": "custom_canny", "morph_": "custom_canny"}

# dotted group name -> attribute of Settings
GROUPS = {"Main": "main", "Capture": "capture", "Capture.Init": "capture_init", "Capture.Processing": "processing",
          "EdgeDetection": "edges", "Model": "model", "Prediction": "prediction", "Bend": "bend", "Quality": "quality",
          "Output": "output", "Screen": "screen",
          "Presets": "presets"}
NAMES = {f"{group}.{key}": (attribute, key) for group, attribute in GROUPS.items()
         for key in knobs(getattr(Settings(), attribute))}


def parse_assignments(assignments: list[str]) -> dict[str, str]:
    """["Group.name=value", ...] as given to --set -> {name: text}. Raises ValueError."""
    values = {}
    for text in assignments:
        name, equals, value = text.partition("=")
        if not equals:
            raise ValueError(f"--set {text}: expected Group.name=value, such as EdgeDetection.tone=0.5")
        values[name.strip()] = value.strip()
    return values


def read_preset(path: str | os.PathLike) -> dict[str, Any]:
    """Values of a preset file by dotted name, checked against today's settings. Raises OSError or ValueError naming the file."""
    path = Path(path)
    try:
        data = parse_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise FileNotFoundError(f"{path}: no such preset file") from None
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ValueError(f"{path}: not a preset, expected JSON ({error})") from None
    if not isinstance(data, dict) or not isinstance(data.get("settings"), dict):
        raise ValueError(f'{path}: this is not a preset, it has no "settings"; choose a preset file')
    try:
        Settings().with_values(data["settings"])
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    return data["settings"]


def write_preset(path: str | os.PathLike, values: Mapping[str, Any]) -> None:
    """Write values by dotted name as a preset; a file of that name is replaced whole or not at all."""
    write_atomic(Path(path), json.dumps({"version": 1, "settings": dict(values)}, indent=1) + "\n")


# A look of the original application of 2017: its chain and its defaults.
ORIGINAL_2017 = {
    "Capture.Processing.flip_h": True, "Capture.Processing.flip_v": False, "Capture.Processing.frame_diff": False,
    "Capture.Processing.fit": "crop", "Capture.Processing.grayscale": False, "Capture.Processing.pre_blur": 0,
    "Capture.Processing.pre_median": 1, "Capture.Processing.pre_thresh": 0, "Capture.Processing.adaptive_thresh": False,
    "Capture.Processing.adaptive_thresh_block": 1, "Capture.Processing.adaptive_thresh_c": 7, "Capture.Processing.invert": False,
    "Capture.Processing.canny": True, "Capture.Processing.canny_t1": 1, "Capture.Processing.canny_t2": 10,
    "Capture.Processing.post_blur": 0, "Capture.Processing.accum_w1": 0.0, "Capture.Processing.accum_w2": 0.0,
    "Capture.Processing.pre_gamma": 1.0, "Capture.Processing.lightness": False, "Capture.Processing.blank": 0.0,
    "Capture.Processing.post_thresh": 0, "EdgeDetection.method": "none", "EdgeDetection.tone": 0.0,
    "Prediction.enabled": True, "Prediction.pre_time_lerp": 0.0, "Prediction.post_time_lerp": 0.5,
}
PRESET_GROUPS = ("Capture.Processing.", "EdgeDetection.", "Prediction.", "Bend.")  # what undo and presets change; source and model stay
# What the first default model (oil_tone) saw; `prepare --recipe tone` makes the same.
GREY_LIGHT = {
    "Capture.Processing.canny": False, "Capture.Processing.grayscale": False, "Capture.Processing.invert": False,
    "EdgeDetection.method": "custom_canny", "EdgeDetection.blur_kernel": 0, "EdgeDetection.blur_sigma": 0.8,
    "EdgeDetection.canny_t1_fine": 40, "EdgeDetection.canny_t2_fine": 120, "EdgeDetection.canny_t1_coarse": 480,
    "EdgeDetection.canny_t2_coarse": 960, "EdgeDetection.morph_kernel_size": 2, "EdgeDetection.morph_iterations": 1,
    "EdgeDetection.tone": 0.55, "EdgeDetection.tone_blur": 5.0, "EdgeDetection.tone_equalize": True, "EdgeDetection.tone_color": False,
}
BUILT_IN_PRESETS = {"original 2017 look": ORIGINAL_2017, "edges over grey light": GREY_LIGHT}


def _method_of(changed: list[str], recipe: Recipe | None) -> str:
    """The method of edges that is meant by a change of these settings."""
    own = {method for name in changed for start, method in METHOD_OF.items() if name.startswith(f"EdgeDetection.{start}")}
    trained = recipe.edges.method if recipe else DOCUMENTED.method
    return own.pop() if len(own) == 1 else trained


def _nearest(name: str) -> str:
    same = (n for n in NAMES if n.endswith("." + name.rpartition(".")[2]))
    return did_you_mean(name, NAMES, same) or f"; groups are {', '.join(GROUPS)}"
