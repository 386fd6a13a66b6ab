"""The engine without a window: every frame of a file in order and once, reading and preprocessing ahead of the network."""

import json
import time
from collections.abc import Generator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from tqdm import tqdm

from msa.capturer import Capturer, mirrored
from msa.capturer.init import Init
from msa.files import write_atomic
from msa.heartbeats import Heartbeat
from msa.utils import ahead, in_order
from webcam_pix2pix.bend import bending
from webcam_pix2pix.control import Desk, register_common
from webcam_pix2pix.control.controllers import Controllers, Wanted
from webcam_pix2pix.control.presets import Bank, Player, presets_folder
from webcam_pix2pix.control.remote import PhoneRemote
from webcam_pix2pix.control.replay import ReplayRecorder
from webcam_pix2pix.frame import Frame
from webcam_pix2pix.pipeline import Pipeline, why_not_bent
from webcam_pix2pix.settings import Settings
from webcam_pix2pix.sinks import SUFFIXES, About, Recorder, write_snapshot

from .building import build_predictor
from .errors import UsageError
from .output import no_progress, note
from .outputs import start_outputs

AHEAD = 2  # frames prepared while the network paints
SLACK_S = 0.25  # by which a frame of a live source may come early or late in a recording
NO_CONTROLLERS = Wanted()
STILL_S = 10.0  # with one frame: the capture, the network or the output stands still
OLD_S = 5.0  # at most, of looking for the newest frame


@dataclass(frozen=True)
class Report:
    """What a headless run did."""

    model: str
    device: str
    source: str
    frames_in: int
    frames_out: int
    frames_skipped: int
    seconds: float
    milliseconds: Mapping[str, float]  # stage -> mean
    record: Path | None = None
    recorded: int = 0  # images in it

    @property
    def fps(self) -> float:
        return self.frames_out / self.seconds if self.seconds > 0 else 0.0

    def to_json(self) -> dict[str, Any]:
        return {"fps": round(self.fps, 3), "milliseconds": {k: round(v, 3) for k, v in self.milliseconds.items()},
                "frames_in": self.frames_in, "frames_out": self.frames_out, "frames_skipped": self.frames_skipped,
                "seconds": round(self.seconds, 3), "model": self.model, "device": self.device, "source": self.source}

    def __str__(self) -> str:
        stages = " · ".join(f"{stage} {ms:.1f}" for stage, ms in self.milliseconds.items())
        where = f"{self.record}: " if self.record else ""
        if self.record and self.recorded != self.frames_out:  # of a live source, whose frames do not come evenly
            where += f"{self.recorded} images from "
        return f"{where}{self.frames_out} frames of {self.source} by {self.model}, {self.fps:.1f} frames/s ({stages} ms, {self.device})"


def run_headless(values: Mapping[str, Any], frames: int | None = None, record: Path | None = None, snapshot: Path | None = None,
                 stats: Path | None = None, outputs: Mapping[str, str] | None = None, replay: Path | None = None,
                 remote: tuple[str, int, str] | None = None, controllers: Wanted = NO_CONTROLLERS,
                 config_dir: Path | None = None) -> Report:
    """Run the settings `values` (dotted names) until the source ends or `frames` are done, or Ctrl-C; files are complete either way.

    config_dir: where the presets are, None: the user's own place.
    outputs: to other programs, as asked_outputs() gives them; a film then plays in its own time.
    Raises ValueError or OSError with one line for a source, model or file that cannot be used.
    """
    device_id = values.get("Capture.Init.device_id", Init.device_id)
    values = {"Capture.Processing.flip_h": mirrored(device_id), **values}  # a film is not mirrored, a camera is, unless asked for
    asked = Settings().with_values(values)
    check_outputs(record, snapshot, stats, asked.capture_init.device_id)
    capturer = Capturer(asked.capture_init, live=False)
    pipeline = Pipeline(capturer, asked)
    recorder = running = played = player = replay_recorder = phone = None
    try:
        predictor = build_predictor(asked, parallel=asked.capture_init.use_thread)
        pipeline.use(predictor)
        pipeline.settings = Settings().with_recipe(predictor.info.recipe).with_values(values, predictor.info.recipe)
        if bending(pipeline.settings.bend, 0.0) and (why := why_not_bent(predictor)):
            note("live", f"{why}; it runs as trained")
        desk = Desk(pipeline.settings, lambda settings: setattr(pipeline, "settings", settings))
        desk.recipe = predictor.info.recipe
        pipeline.hooks.add(desk.modulated)
        pipeline.watchdog.start()
        register_common(desk)
        say = partial(note, "live")
        player = Player(desk, Bank(presets_folder(config_dir)), note=say, problem=say, stays=("model", "source"))
        player.register()
        assert capturer.source is not None  # opened, as it is not live
        if outputs:
            running = start_outputs(pipeline, outputs, capturer.source.fps)
        played = Controllers(desk, lambda text: note("live", text))
        played.open(controllers)
        if record:
            live = capturer.source.live  # a camera does not wait
            recorder = Recorder(record, capturer.source.fps, block=not live, slack_s=SLACK_S, output=pipeline.settings.output,
                                about=About(pipeline.settings.flat(), predictor.info.name, predictor.info.recipe))
            if live:
                _catch_up(capturer, capturer.source.fps)
            pipeline.add_sink(recorder)
        if replay:
            replay_recorder = ReplayRecorder(replay, pipeline, capturer.source.fps if capturer.source else Init.fps, wait=True)
            pipeline.hooks.add(replay_recorder)
            desk.subscribe(replay_recorder.event)
        if remote:
            phone = PhoneRemote(desk, pipeline, *remote)
            note("live", f"phone remote: {phone.address}")
        paced = (outputs or remote) and not capturer.source.live  # somebody looks on
        report, last = _run(pipeline, frames, record, capturer.source.fps if paced else 0.0)
        if recorder is not None:
            pipeline.remove_sink(recorder)
            recorder.close()
            if recorder.error:
                raise OSError(recorder.error)
            if recorder.ended:
                note("live", recorder.ended)
            report = replace(report, recorded=recorder.written)
        if snapshot:
            moved = desk.modulation.to_json() if desk.modulation.modulators else None
            write_snapshot(snapshot, last, pipeline.settings.flat(), report.model, moved, recipe=predictor.info.recipe)
    finally:
        for part in (running, played, player, phone):
            if part is not None:
                part.close()
        pipeline.close()
        if replay_recorder is not None:
            replay_recorder.close()
    if replay_recorder is not None and replay_recorder.error:
        raise OSError(replay_recorder.error)
    if stats:
        text = json.dumps(report.to_json(), indent=1) + "\n"
        if stats.exists() and not stats.is_file():  # a pipe or a device, such as /dev/stdout, stays what it is
            stats.write_text(text, encoding="utf-8")
        else:
            write_atomic(stats, text)
    return report


def _run(pipeline: Pipeline, frames: int | None, record: Path | None, pace: float) -> tuple[Report, Frame]:
    """pace: images a second at most; 0: as fast as it goes."""
    totals: dict[str, float] = {}
    done, first, last = 0, 0, None
    predicted = _predicted(pipeline, frames)
    start = time.perf_counter()
    try:
        with tqdm(total=frames, unit="frame", disable=no_progress(), leave=False) as progress:
            for frame, settings in predicted:
                first = frame.index if last is None else first
                with Heartbeat("output", STILL_S):
                    last = pipeline.finish(frame, settings)
                    pipeline.deliver(last)
                done += 1
                for stage, ms in last.timings:
                    totals[stage] = totals.get(stage, 0.0) + ms
                progress.update()
                if rest := max(settings.main.sleep_s, start + done / pace - time.perf_counter() if pace else 0.0):
                    time.sleep(rest)
    except KeyboardInterrupt:  # what is recorded so far is kept
        if last is None:
            raise
    finally:
        predicted.close()
    seconds = time.perf_counter() - start
    status = pipeline.status
    if last is None:
        raise ValueError(f"{status.source}: no frame could be read; check the source")
    return Report(status.model.name, status.device, status.source, last.index - first + 1, done, status.skipped, seconds,
                  {stage: ms / done for stage, ms in totals.items()}, record), last


def _catch_up(capturer: Capturer, fps: float) -> None:
    """Leave out what a live source has piled up while the model was loaded: old frames that would come all at once."""
    end = time.perf_counter() + OLD_S
    while (asked := time.perf_counter()) < end:
        if capturer.take(1.0) is None or time.perf_counter() - asked > 0.5 / fps:  # it had to be waited for: it is new
            return


def _predicted(pipeline: Pipeline, frames: int | None) -> Generator[tuple[Frame, Settings], None, None]:
    """Frames with their predictions and the settings that each was made with, in order; with threads, up to `at_once` at a time."""
    assert pipeline.predictor is not None

    def predict(prepared: tuple[Frame, Settings]) -> tuple[Frame, Settings]:
        frame, settings = prepared
        with Heartbeat("network", STILL_S):
            return pipeline.predict(frame, settings), settings

    with closing(_prepared(pipeline, frames)) as prepared:
        if not pipeline.settings.capture_init.use_thread:
            yield from map(predict, prepared)
            return
        with closing(ahead(prepared, AHEAD)) as ready, closing(in_order(predict, ready, pipeline.predictor.at_once)) as predicted:
            yield from predicted


def _prepared(pipeline: Pipeline, frames: int | None) -> Generator[tuple[Frame, Settings], None, None]:
    """Frames up to the network, until the source ends. Here the "capture" timing is that of the reading."""
    capturer, count = pipeline.capturer, 0
    while frames is None or count < frames:
        asked = time.perf_counter()
        with Heartbeat("capture", STILL_S):
            captured = capturer.take(1.0)
        if captured is None:
            if capturer.finished:
                return
            if capturer.error:
                raise OSError(capturer.error)
            continue
        waited_ms = 1000 * (time.perf_counter() - asked)
        if capturer.source and not capturer.source.live:  # a film has its own clock: what depends on time is the same at each run
            captured = replace(captured, time=captured.index / capturer.source.fps)
        settings = pipeline.hooks(captured, pipeline.settings)  # read once for the whole frame
        frame = pipeline.prepare(captured, settings)
        yield replace(frame, timings=(("capture", waited_ms), *frame.timings[1:])), settings
        count += 1


def check_outputs(record: Path | None, snapshot: Path | None, stats: Path | None, source: str) -> None:
    """What would otherwise be found out after the last frame."""
    footage = Path(source).expanduser()
    for path, suffixes in ((record, SUFFIXES), (snapshot, (".png",)), (stats, ())):
        if path is None:
            continue
        if not path.resolve().parent.is_dir():
            raise UsageError(f"{path}: the folder {path.resolve().parent} does not exist")
        if path.is_dir():
            raise UsageError(f"{path}: this is a folder; give the name of a file")
        if footage.exists() and path.exists() and path.samefile(footage):
            raise UsageError(f"{path}: this is the source itself; choose another name")
        if suffixes and path.suffix.lower() not in suffixes:
            raise UsageError(f"{path}: cannot write {path.suffix or 'a name without suffix'}, expected {', '.join(suffixes)}")
