"""The average of the weights of several epochs, chosen on the held-out pairs: often better than any of them, at no cost on stage.

Greedy soup (Wortsman et al. 2022, Model soups): beginning with the best epoch, each other one joins if the average gains from it.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from webcam_pix2pix import checkpoints, networks
from webcam_pix2pix.dataset.loading.pair_dataset import PairDataset
from webcam_pix2pix.specs import Generator

from .publish import weights_in
from .runs import state
from .runs.runfolder import RunFolder
from .trainer import Trainer
from .validate import norm_mode, validate

Weights = Mapping[str, Tensor]
Judge = Callable[[nn.Module], float]  # of a generator in use; less is better


def keep(run: RunFolder, weights: Weights, epoch: int, count: int) -> None:
    """Keep the generator after `epoch` for the average, and no more than the last `count`."""
    run.averages.mkdir(exist_ok=True)
    state.save({"weights": dict(weights)}, run.averages / f"epoch_{epoch:04d}.pt")
    for path in run.averages.glob("epoch_*.pt"):
        if not epoch - count < _epoch(path) <= epoch:
            path.unlink()


def conclude(run: RunFolder, trainer: Trainer, held_out: PairDataset, leave_out: Callable[[str], None]) -> str:
    """Let the trainer of a run that is done give the best average, if it is better; gives a line that says what came of it."""
    def judge(net: nn.Module) -> float:
        return validate(net.to(trainer.device), held_out, trainer.device, leave_out)["L1"]

    options = trainer.options
    trainer.released, text = average(run, trainer.spec, trainer.generator_weights(), options.epochs, judge, norm_mode(options))
    return text


def average(run: RunFolder, spec: Generator, last: Weights, epoch: int, judge: Judge, norm_mode: str) -> tuple[Weights | None, str]:
    """The best average of what the run has kept and of `last`, the weights after its last `epoch`; and a line that says what came of it.

    None where it is not better than `last`. Raises OSError or ValueError naming a file.
    """
    def judged(weights: Weights) -> float:
        net = networks.blueprint(spec)
        net.load_state_dict(dict(weights), assign=True)
        return judge(networks.set_norm_mode(net.requires_grad_(False), norm_mode, seed=0))

    scores = {epoch: judged(last)}
    known = {epoch: last}
    for number, weights in _kept(run, spec):
        if number != epoch:
            known[number] = weights
            scores[number] = judged(weights)
    members = sorted(scores, key=lambda number: scores[number])[:1]
    best = scores[members[0]]
    for number in sorted(scores, key=lambda number: scores[number])[1:]:
        tried = judged(mean([known[n] for n in (*members, number)]))
        if tried < best:
            members, best = [*members, number], tried
    if len(members) == 1 or not best < scores[epoch]:
        return None, f"average of epochs: none of {len(scores)} is better than the last one (validation L1 {scores[epoch]:.4f})"
    names = ", ".join(map(str, sorted(members)))
    return mean([known[n] for n in members]), (f"average of epochs {names}: validation L1 {best:.4f} instead of {scores[epoch]:.4f}, so it "
                                               "is the model")


def mean(members: list[Weights]) -> dict[str, Tensor]:
    """The mean of each weight; numbers that are counts are those of the first."""
    first = members[0]
    return {name: torch.stack([weights[name] for weights in members]).mean(0) if value.is_floating_point() else value
            for name, value in first.items()}


def _kept(run: RunFolder, spec: Generator) -> Iterator[tuple[int, Weights]]:
    """Epoch and weights of all that lies in the run: what was kept for the average, then whole checkpoints of other epochs."""
    found = {_epoch(path): path for path in [*run.checkpoints.glob("epoch_*.pt"), *run.averages.glob("epoch_*.pt")]}
    if run.best.is_file():
        found.setdefault(int(state.load(run.best)["progress"]["epoch"]) - 1, run.best)
    for number, path in sorted(found.items()):
        if path.parent == run.averages:
            yield number, checkpoints.checked_state(spec, state.load(path)["weights"], path)
        else:
            yield number, weights_in(path, spec)


def _epoch(path: Path) -> int:
    found = re.search(r"_(\d+)\.pt$", path.name)
    return int(found[1]) if found else 0
