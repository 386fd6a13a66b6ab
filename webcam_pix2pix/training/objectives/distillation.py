"""Distillation: a student learns to paint as its teacher does (GAN Compression, Li et al. 2020)."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .maps import SCALES, Maps
from .objective import Objective
from .teacher import Teacher, common_scales


class Distillation(Objective):
    """What the teacher paints is the target; and maps inside of both networks are compared, through 1x1 convolutions that are learned."""

    def __init__(self, teacher: Teacher, student: nn.Module, weight: float) -> None:
        super().__init__()
        self._teacher = [teacher]  # in a list: it is no part of the state of a run
        self.weight = weight
        self.maps = Maps(student) if weight and teacher.maps is not None else None
        self.scales = common_scales(self.maps, teacher.maps, SCALES) if self.maps and teacher.maps else []
        self.projections = nn.ModuleDict({str(scale): nn.Conv2d(self.maps.modules[scale][1], teacher.maps.modules[scale][1], 1)
                                          for scale in self.scales} if self.maps and teacher.maps else {})

    @torch.no_grad()
    def target(self, a: Tensor, b: Tensor) -> Tensor:
        return self._teacher[0](a).to(b.dtype)

    def losses(self, fake: Tensor, b: Tensor) -> dict[str, Tensor]:
        theirs = self._teacher[0].maps
        if self.maps is None or theirs is None or not self.scales:
            return {}
        found = []
        for scale in self.scales:
            expected = theirs.last[scale].float()
            ours = self.projections[str(scale)](self.maps.last[scale][:len(expected)]).float()
            found.append(F.mse_loss(ours, expected) / expected.square().mean().clamp(min=1e-6))  # maps of any size of values count alike
        self.maps.last.clear()  # and with them what the gradients needed
        return {"G_distill": self.weight * torch.stack(found).mean()}
