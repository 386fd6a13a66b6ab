"""Performance: a replay as images with the settings of then, and the frames that a chain makes of them."""

from collections.abc import Callable, Collection, Generator, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from msa.capturer import Captured
from msa.capturer.replay import Moment, Replay
from webcam_pix2pix.frame import Frame
from webcam_pix2pix.pipeline import Chain, Predictor
from webcam_pix2pix.settings import PRESET_GROUPS, Model, Settings

PLAYED = (*PRESET_GROUPS, "Model.")  # what of a recorded performance is set again: no source is opened, nothing else is touched


@dataclass(frozen=True)
class Cue:
    """One image with what it was shown with."""

    seconds: float  # of the performance
    captured: Captured
    settings: Settings  # `model`: of what then ran
    name: str  # of the model


class Performance:
    """A replay, checked whole. overrides: settings by dotted name that count instead of the recorded ones.

    Attributes:
        replay: the file.
    """

    def __init__(self, path: Path, overrides: Mapping[str, Any] | None = None) -> None:
        """Raises OSError or ValueError with one line naming the file."""
        self.replay = Replay(path)
        self._overrides = dict(overrides or {})
        try:
            for _ in self._settings():
                pass
        except ValueError:
            self.replay.close()
            raise

    @property
    def first(self) -> Settings:
        """The settings it begins with."""
        return next(self._settings())[1]

    def cues(self) -> Iterator[Cue]:
        """Every image in order. Raises OSError or ValueError with one line."""
        for number, (moment, settings, name) in enumerate(self._settings()):
            yield Cue(moment.seconds, Captured(number, moment.time, self.replay.image(number)), settings, name)

    def frames(self, build: Callable[[Settings], Predictor]) -> Generator[tuple[float, Frame], None, None]:
        """(seconds, frame) of every image, each model built with `build` and changed where it was. Deterministic: the same at each call."""
        chain, running = Chain(), None
        try:
            for cue in self.cues():
                if cue.settings.model != running:
                    running = cue.settings.model
                    chain.use(build(cue.settings))
                yield cue.seconds, chain.step(cue.captured, cue.settings)
        finally:
            if chain.predictor is not None:
                chain.predictor.close()

    def close(self) -> None:
        self.replay.close()

    def _settings(self) -> Iterator[tuple[Moment, Settings, str]]:
        settings, air = Settings().with_values(self._overrides), next((m.air for m in self.replay.moments if m.air), {})
        model, edges, name = self._air(air)
        made: Settings | None = None
        for moment in self.replay.moments:
            if moment.values:
                settings, made = self._with(settings, moment), None
            if moment.air is not None:
                (model, edges, name), made = self._air(moment.air), None
            if made is None:
                made = replace(settings, model=Settings(model=model).with_values(_only(self._overrides, ("Model.",))).model)
                if made.edges.method == "training_matched" and edges and "EdgeDetection.method" not in self._overrides:
                    made = made.with_values(edges | _only(self._overrides, ("EdgeDetection.",)))
            yield moment, made, name

    def _with(self, settings: Settings, moment: Moment) -> Settings:
        try:
            return with_recorded(settings, moment.values, self._overrides)
        except ValueError as error:
            raise ValueError(f"{self.replay.path}: at {moment.seconds:.2f} s: {error}") from None

    def _air(self, air: Mapping[str, Any]) -> tuple[Model, dict[str, Any], str]:
        """Model settings, edges as trained, and name of what ran."""
        try:
            model = air.get("model", {})
            edges = _only(air.get("edges", {}), ("EdgeDetection.",))
            Settings().with_values(edges)
            return Settings().with_values({f"Model.{key}": value for key, value in model.items()}).model, edges, str(air.get("name", ""))
        except (ValueError, AttributeError) as error:
            raise ValueError(f"{self.replay.path}: {error}") from None


def with_recorded(settings: Settings, values: Mapping[str, Any], kept: Collection[str] = ()) -> Settings:
    """Settings with recorded values, but for those of the names `kept`, and those that a replay does not touch. Raises ValueError."""
    return settings.with_values(playable(settings, values, kept))


def playable(settings: Settings, values: Mapping[str, Any], kept: Collection[str] = ()) -> dict[str, Any]:
    """What of recorded values a replay sets again."""
    chosen = {name: value for name, value in _only(values, PLAYED).items() if name not in kept}
    method = "EdgeDetection.method"
    if method not in chosen and any(name.startswith("EdgeDetection.") for name in chosen):
        chosen[method] = settings.edges.method  # as it was recorded: no change of an edge changes the method here
    return chosen


def _only(values: Mapping[str, Any], starts: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name.startswith(starts)}
