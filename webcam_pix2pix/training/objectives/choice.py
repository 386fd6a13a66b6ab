"""Which objective the options of a run mean, and what a run is judged by."""

from typing import Any

import torch
from torch import nn

from webcam_pix2pix.dataset.loading.pair_dataset import PairDataset
from webcam_pix2pix.evaluation.backbone import load_backbone

from ..setup.options import Options
from .distillation import Distillation
from .objective import Objective
from .style import Style, read_style
from .teacher import Teacher, load_teacher


def objective(options: Options, net: nn.Module, device: torch.device) -> Objective | None:
    """For the generator `net` in training; None where the pairs are all that is learned. Raises OSError or ValueError with one line."""
    found: Objective | None = None
    if options.teacher:
        teacher = load_teacher(options.teacher, device)
        if "crop" in options.preprocess:
            teacher.check(options.crop)
        found = Distillation(teacher, net, options.lambda_distill)
    elif options.style:
        backbone = load_backbone(options.perceptual_weights, options.download_weights).to(device)
        weights = options.lambda_style, options.lambda_content, options.lambda_tv
        found = Style(read_style(options.style, options.crop).to(device), backbone, *weights)
    return found if found is None else found.to(device)


def judged(pairs: PairDataset | None, options: Options, device: torch.device) -> PairDataset | None:
    """The held-out pairs, with what the teacher paints as targets where there is one."""
    return TaughtPairs(pairs, load_teacher(options.teacher, device), device) if pairs is not None and options.teacher else pairs


class TaughtPairs(PairDataset):
    """Pairs whose targets are what a teacher paints; each is painted once."""

    def __init__(self, pairs: PairDataset, teacher: Teacher, device: torch.device) -> None:
        self.__dict__.update(pairs.__dict__)
        self._teacher, self._device = teacher, device
        self._predictions: dict[int, torch.Tensor] = {}

    @torch.no_grad()
    def __getitem__(self, index: int) -> dict[str, Any]:
        item = super().__getitem__(index)
        if index not in self._predictions:
            y = self._teacher(item["A"][None].to(self._device))[0].float().clamp(-1, 1).cpu()
            self._predictions[index] = y.add(1).mul(127.5).round().byte()  # as an image: an eighth of the memory
        return item | {"B": self._predictions[index].float().div(127.5).sub(1)}
