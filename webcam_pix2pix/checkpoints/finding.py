"""Where the generator is in a file of weights: alone, or in the dict, under the prefix, that somebody's program put around it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from . import Checkpoint, families
from .folding import folded
from .formats import cryer, junyanz
from .weights import Weight

WRAPPED = re.compile(r"(^|\.)(?:module|_orig_mod|_fsdp_wrapped_module)\.")  # left by DataParallel, torch.compile, FSDP
UNET, RESNET, CRYER = "model.model.0.weight", "model.1.weight", "downsample1.model.0.weight"
AVERAGED = re.compile(r"ema|averag|swa(_|$)|shadow", re.IGNORECASE)
GENERATOR = re.compile(r"(^|[._])(net_?)?g(en(erator)?)?([._]|$)", re.IGNORECASE)
OTHER = re.compile(r"(^|[._])(net_?)?(d(isc(riminator)?)?|critic)([._]|$)", re.IGNORECASE)


@dataclass(frozen=True)
class _Candidate:
    where: str  # for people: "generator_state_dict", "state_dict: generator"
    checkpoint: Checkpoint

    @property
    def rank(self) -> int:
        """The averaged weights of training before those of the last step, and both before what is not called a generator."""
        return 3 if AVERAGED.search(self.where) else 2 if GENERATOR.search(self.where) else 0 if OTHER.search(self.where) else 1


def find_generator(groups: Mapping[str, Mapping[str, Weight]], path: Path) -> Checkpoint:
    """The generator among the groups of weights in a file, by the name of each group ("" where the file is one).

    Raises ValueError naming the file when there is none, or when there are several and nothing says which is meant.
    """
    candidates: list[_Candidate] = []
    errors: list[ValueError] = []
    for name, weights in groups.items():
        weights = {key: weight for key, weight in weights.items() if "." in key or weight.shape}  # counters lie beside: step, n_averaged
        bare = {WRAPPED.sub(r"\1", key): weight for key, weight in weights.items()}
        clean, note = folded(bare if len(bare) == len(weights) else weights)  # else there are two of them, and both are looked at
        taken: list[str] = []
        for prefix in _prefixes(clean):
            if any(prefix.startswith(f"{other}model.") for other in taken):  # a level of a U-Net looks like one itself
                continue
            taken.append(prefix)
            part = {key.removeprefix(prefix): weight for key, weight in clean.items() if key.startswith(prefix)}
            try:
                found = _read(part, path)
            except ValueError as error:
                errors.append(error)
                continue
            if note:
                found = replace(found, notes=(*found.notes, f"{note} was folded into the weights"))
            candidates.append(_Candidate(": ".join(filter(None, (name, prefix.rstrip(".")))), found))
    if not candidates:
        raise errors[0] if errors else ValueError(_unknown(groups, path))
    best = max(candidate.rank for candidate in candidates)
    chosen = [candidate for candidate in candidates if candidate.rank == best]
    if len(chosen) > 1:
        raise ValueError(f"{path}: holds several generators ({', '.join(c.where or 'at the top' for c in chosen)}); save the state_dict of "
                         "the one you want to a file of its own")
    found, where = chosen[0].checkpoint, chosen[0].where
    return replace(found, notes=(*found.notes, f"the generator was found in {where}")) if where and len(candidates) > 1 else found


def _read(weights: Mapping[str, Weight], path: Path) -> Checkpoint:
    reader = next((reader for reader in (cryer, families) if reader.recognises(weights)), junyanz)
    return reader.from_weights(weights, path)


def _prefixes(weights: Mapping[str, Weight]) -> Iterator[str]:
    """What stands before the names of a generator that may be there, the shortest first."""
    found = set()
    for key, weight in weights.items():
        for marker in (UNET, RESNET, CRYER, *families.MARKERS):
            prefix = key.removesuffix(marker)
            if prefix == key or (prefix and not prefix.endswith(".")):
                continue
            if marker != RESNET or (weight.shape[2:] == (7, 7) and f"{prefix}model.4.weight" in weights):
                found.add(prefix)
    yield from sorted(found, key=len)


def _unknown(groups: Mapping[str, Mapping[str, Weight]], path: Path) -> str:
    """Why nothing was found, in one line with what there is and what to do."""
    name, weights = max(groups.items(), key=lambda group: len(group[1]), default=("", {}))
    if not weights:
        return f"{path}: holds no state dict of a network"
    keys = {WRAPPED.sub(r"\1", key) for key in weights}
    if any(key.rpartition("model1_1.")[1] for key in keys):
        return (f"{path}: pix2pixHD's local enhancer, which is not supported; its global generator is (train or save with --netG global)")
    if {"model.0.weight", "net.0.weight"} & keys:
        return f"{path}: a discriminator, expected a generator"
    first = next((key for key in weights if key.endswith("weight")), next(iter(weights)))
    place = f" in {name:.60}" if name else ""
    return (f"{path}: weights such as {first!r:.80}{place} are of no known generator, expected a U-Net or ResNet of "
            "pytorch-CycleGAN-and-pix2pix, pix2pixHD, cryer/pix2pix, CUT, GAN Compression, fast neural style or AnimeGANv2; any other "
            "network opens as an ONNX file (torch.onnx.export)")
