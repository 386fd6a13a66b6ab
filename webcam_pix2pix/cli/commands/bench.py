"""Measure how fast this machine is: preprocessing, models with every backend and precision, the whole loop, training.

Candidates whose image differs too much from fp32 are listed as refused. The fastest accurate one is remembered; the next start uses it.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

from webcam_pix2pix.model import DEFAULT_MODEL, ModelInfo, find_models, model_folders, resolve_model

from ..errors import UsageError
from ..output import result, say

EXAMPLES = """examples:
  webcam-pix2pix bench
  webcam-pix2pix bench "oil portraits" --size 512 --device cuda
  webcam-pix2pix bench --only loop --json"""

PARTS = ("chain", "models", "loop", "training")
CAMERAS = ((480, 640), (720, 1280), (1080, 1920))  # height, width
SMOOTH_FPS = 25  # what a show wants


@dataclass(frozen=True)
class Line:
    """One line of the table: what was measured, and milliseconds per image."""

    part: str
    what: str
    ms: float
    remark: str = ""

    def __str__(self) -> str:
        speed = f"{self.ms:8.1f} ms {1000 / self.ms:8.1f} /s" if self.ms else " " * 22
        return f"{self.what:<44}{speed}  {self.remark}".rstrip()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument("models", nargs="*", metavar="MODEL", help="names or paths (default: all in the models folders)")
    parser.add_argument("--size", type=int, metavar="PX", help="short side to run the models at (default: as each says)")
    parser.add_argument("--device", default="auto", metavar="auto|cuda|mps|cpu", help="where to run them")
    parser.add_argument("--only", choices=PARTS, action="append", help="this part only; may be given several times")
    parser.add_argument("--compile", action="store_true", help="try torch.compile too: takes minutes, needs a C++ compiler")
    parser.add_argument("--seconds", type=float, default=3.0, help="time for each measurement (default 3)")


def run(args: argparse.Namespace) -> int:
    """Run the command; returns its exit code."""
    if not 0 < args.seconds <= 600:
        raise UsageError(f"--seconds {args.seconds:g}: expected more than 0 and at most 600")
    models = [resolve_model(name) for name in args.models] or find_models(model_folders()) or [resolve_model(DEFAULT_MODEL)]
    measure: dict[str, Callable[[], list[Line]]] = {
        "chain": lambda: chain(args.seconds), "models": lambda: [line for info in models for line in every_candidate(info, args)],
        "loop": lambda: [loop(models[0], args)], "training": lambda: [training(args)]}
    from webcam_pix2pix.predictor.device.machine import describe
    machine = describe(args.device)
    say(", ".join(f"{value}" for value in machine.values()))
    lines: list[Line] = []
    for part in args.only or PARTS:
        say(f"\n{part}")
        for line in measure[part]():
            say(f"  {line}")
            lines.append(line)
    for text in recommended(lines):
        say(f"\n{text}")
    result({"machine": machine, "lines": [asdict(line) for line in lines]})
    return 0


def chain(seconds: float) -> list[Line]:
    """Camera image to model input, as the default model's recipe wants it."""
    from msa.capturer.sources.testscene import draw
    from webcam_pix2pix.preprocessing import fit, preprocess, resized
    from webcam_pix2pix.recipe import Recipe

    recipe = resolve_model(DEFAULT_MODEL).recipe or Recipe()
    lines = []
    for height, width in CAMERAS:
        frame = resized(draw(0), (height, width))
        def once(image=frame):
            return preprocess(fit(image, (256, 256), recipe.processing), recipe.processing, recipe.edges)
        lines.append(Line("chain", f"{width}x{height} to 256x256", _median(once, seconds / 3)))
    return lines


def every_candidate(info: ModelInfo, args: argparse.Namespace) -> list[Line]:
    """One model in all ways, fastest first; refused ones last."""
    from webcam_pix2pix.predictor import benchmark

    rows = benchmark(info, device=args.device, size=(args.size, args.size) if args.size else None, compiled=args.compile,
                  seconds=args.seconds, progress=_say)
    _say("")
    naive = next(row.ms for row in rows if row.config == "naive")
    lines = []
    for row in sorted(rows, key=lambda row: (bool(row.refused), row.ms)):
        what = f"{row.model} {row.size[1]}x{row.size[0]} {row.config}"
        remark = f"{naive / row.ms:.1f}x, SSIM {row.fidelity.ssim:.4f}" if row.fidelity and not row.refused else f"refused: {row.refused}"
        lines.append(Line("models", what, row.ms, remark))
    return lines


def loop(info: ModelInfo, args: argparse.Namespace) -> Line:
    """The whole engine on the test scene, camera thread and all, with the settings of a first start."""
    from dataclasses import replace

    from msa.capturer import Capturer
    from webcam_pix2pix.pipeline import Pipeline
    from webcam_pix2pix.predictor import predictor_for
    from webcam_pix2pix.settings import Settings

    settings = Settings().with_recipe(info.recipe)
    settings = replace(settings, model=replace(settings.model, device=args.device, size=args.size or 0),
                       capture_init=replace(settings.capture_init, device_id="test"))
    pipeline = Pipeline(Capturer(settings.capture_init, live=False), settings)
    try:
        predictor = predictor_for(info, settings.model)
        pipeline.use(predictor)
        times: list[float] = []
        end = time.perf_counter() + args.seconds + 0.5
        while (start := time.perf_counter()) < end:
            captured = pipeline.capturer.take(1.0)
            if captured is not None:
                pipeline.step(captured, settings)
                times.append(1000 * (time.perf_counter() - start))
    finally:
        pipeline.close()
    return Line("loop", f"{info.name}, test scene, {predictor.label}", statistics.mean(times[len(times) // 8:]))


def training(args: argparse.Namespace) -> Line:
    """One step of generator and discriminator, preset live."""
    from webcam_pix2pix.predictor import choose_device
    from webcam_pix2pix.specs import UNet
    from webcam_pix2pix.training.estimate import estimate
    from webcam_pix2pix.training.setup.presets import preset

    options = preset("live")
    spec = UNet(ngf=options.ngf, upsample="resize_conv" if options.upsample == "resize" else "conv_transpose")
    ms = estimate(options, spec, choose_device(args.device), (256, 256), 1).step_ms
    return Line("training", f"preset live, ngf {options.ngf}, 256x256, per image", ms / options.batch_size)


def recommended(lines: list[Line]) -> list[str]:
    """What to do with it, in words."""
    texts = []
    loops = [line for line in lines if line.part == "loop"]
    if loops:
        fps = 1000 / loops[0].ms
        texts.append(f"Live: about {fps:.0f} frames per second." if fps >= SMOOTH_FPS else
                     f"Live: about {fps:.0f} frames per second. For a smooth show: --set Quality.ladder=true --set "
                     "Prediction.post_time_lerp=0.7, or a model with fewer filters.")
    best: dict[str, Line] = {}
    for line in lines:
        if line.part == "models" and line.ms and not line.remark.startswith("refused"):
            best.setdefault(line.what.rpartition("x")[0], line)
    for line in best.values():
        texts.append(f"Fastest accurate candidate: {line.what} ({line.ms:.1f} ms, {line.remark}). "
                     "--precision auto now uses it.")
    return texts


def _median(call: Callable[[], object], seconds: float) -> float:
    times: list[float] = []
    end = time.perf_counter() + seconds
    while len(times) < 5 or time.perf_counter() < end:
        start = time.perf_counter()
        call()
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times)


def _say(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
