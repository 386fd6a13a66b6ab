"""Modulator: what moves one setting. Modulation: all of them, as one value; a function of (settings, time)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from webcam_pix2pix.recipe import Recipe
from webcam_pix2pix.settings import Settings

from ..parameters import PARAMETERS
from ..values import value_of
from .shapes import SHAPES
from .tempo import Tempo

UNITS = ("s", "beats")
BANDS = ("level", "bass", "mid", "treble")  # of sound; each 0..1
RATES = (0.02, 600.0)  # seconds or beats of a cycle


@dataclass(frozen=True)
class Modulator:
    """Moves the setting `name` around its base value: base + depth * range * shape, kept within the limits. Raises ValueError."""

    name: str  # dotted
    shape: str = "sine"  # one of SHAPES, or one of BANDS: sound
    rate: float = 4.0  # seconds or beats of one cycle
    unit: str = "s"
    depth: float = 0.25  # -1..1, share of the range of the setting
    phase: float = 0.0  # 0..1, share of a cycle
    seed: int = 0  # of the random shapes
    on: bool = True

    def __post_init__(self) -> None:
        parameter = PARAMETERS.get(self.name)
        if parameter is None or not parameter.can_be_modulated:
            raise ValueError(f"{self.name}: cannot be modulated, expected a number of the image such as EdgeDetection.tone")
        if self.shape not in SHAPES and self.shape not in BANDS:
            raise ValueError(f"{self.name}: {self.shape!r} is no shape, expected one of {', '.join((*SHAPES, *BANDS))}")
        if self.unit not in UNITS:
            raise ValueError(f"{self.name}: {self.unit!r} is no unit of a rate, expected s or beats")
        for what, (low, high) in (("rate", RATES), ("depth", (-1, 1)), ("phase", (0, 1))):
            value = getattr(self, what)
            if not isinstance(value, int | float) or isinstance(value, bool) or not low <= value <= high:
                raise ValueError(f"{self.name}: {what} {value} is out of range, expected {low:g} to {high:g}")
        if not isinstance(self.seed, int) or not isinstance(self.on, bool):
            raise ValueError(f"{self.name}: seed {self.seed!r}, on {self.on!r}: expected a whole number and true or false")

    def moved(self, base: float, time: float, tempo: Tempo, struck: float, sound: Mapping[str, float]) -> float | int:
        """The value at `time` (seconds). struck: when one-shot envelopes began. sound: 0..1 of each of BANDS."""
        if self.shape in BANDS:
            amount = sound.get(self.shape, 0.0)
        else:
            begin = struck if self.shape == "one shot" else None
            passed = (time - begin) * (tempo.bpm / 60 if self.unit == "beats" else 1) if begin is not None else (
                tempo.beats(time) if self.unit == "beats" else time)
            amount = SHAPES[self.shape](passed / self.rate + (self.phase if begin is None else 0.0), self.seed)
        parameter = PARAMETERS[self.name]
        low, high = parameter.limits or (0.0, 0.0)
        return parameter.fitted(base + self.depth * (high - low) * amount)


@dataclass(frozen=True)
class Modulation:
    """All modulators, the tempo, and when one-shot envelopes were struck. Replaced whole; applying it has no effect elsewhere."""

    modulators: tuple[Modulator, ...] = ()
    tempo: Tempo = field(default_factory=Tempo)
    struck: float = -1e9  # seconds

    def of(self, name: str) -> Modulator | None:
        """The modulator of a setting."""
        return next((one for one in self.modulators if one.name == name), None)

    def with_modulator(self, modulator: Modulator) -> "Modulation":
        """With one more, in place of the one of the same setting."""
        others = tuple(one for one in self.modulators if one.name != modulator.name)
        return replace(self, modulators=(*others, modulator))

    def without(self, name: str) -> "Modulation":
        """The setting `name` stands still."""
        return replace(self, modulators=tuple(one for one in self.modulators if one.name != name))

    def values(self, settings: Settings, time: float, sound: Mapping[str, float] | None = None) -> dict[str, float | int]:
        """The values at `time` (seconds) of what is modulated, by dotted name. settings: the base values."""
        return {one.name: one.moved(value_of(settings, one.name), time, self.tempo, self.struck, sound or {})
                for one in self.modulators if one.on}

    def apply(self, settings: Settings, time: float, recipe: Recipe | None = None, sound: Mapping[str, float] | None = None) -> Settings:
        """`settings` as they are at `time` (seconds). recipe: of the model that runs, for edges that are as trained."""
        if not self.modulators:
            return settings
        values = self.values(settings, time, sound)
        return settings.with_values(values, recipe) if values else settings

    def to_json(self) -> dict[str, Any]:
        """For a file."""
        return {"version": 1, "bpm": self.tempo.bpm, "modulators": [asdict(one) for one in self.modulators]}

    @classmethod
    def from_json(cls, data: Any, where: str = "modulation") -> "Modulation":
        """Read and check the stored form. Raises ValueError naming `where` and what is wrong."""
        known = {f.name for f in fields(Modulator)}
        if not isinstance(data, Mapping) or not isinstance(data.get("modulators"), list):
            raise ValueError(f'{where}: expected an object with "modulators"')
        result = cls()
        try:
            for item in data["modulators"]:
                if not isinstance(item, Mapping) or "name" not in item or not item.keys() <= known:
                    raise ValueError(f"{item!r} is no modulator")
                result = result.with_modulator(Modulator(**item))
            return replace(result, tempo=Tempo().changed(float(data.get("bpm", 120.0)), 0.0))
        except (ValueError, TypeError) as error:
            raise ValueError(f"{where}: {error}") from None


def parse(text: str) -> Modulator:
    """ "EdgeDetection.tone=sine 4s 0.25" as given to --modulate: shape, rate in s or beats, depth, phase. Raises ValueError."""
    name, equals, rest = text.partition("=")
    words = rest.split()
    shape = next((shape for shape in sorted((*SHAPES, *BANDS), key=len, reverse=True) if rest.strip().startswith(shape)), "")
    numbers = words[len(shape.split()):]
    try:
        if not equals or not shape or len(numbers) > 3:
            raise ValueError
        rate = numbers[0] if numbers else "4s"
        values: dict[str, Any] = dict(zip(("depth", "phase"), map(float, numbers[1:]), strict=False))
        values |= {"rate": float(rate.removesuffix("beats").removesuffix("s")), "unit": "beats" if rate.endswith("beats") else "s"}
    except ValueError:
        raise ValueError(f"--modulate {text}: expected Group.name=shape rate depth, such as EdgeDetection.tone=sine 4s 0.25") from None
    return Modulator(name.strip(), shape, **values)
