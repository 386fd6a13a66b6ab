"""Objective: what a step learns from, besides or instead of the targets of the dataset."""

from torch import Tensor, nn


class Objective(nn.Module):
    """Its parameters are trained with those of the generator, and its state is saved with the run."""

    def target(self, a: Tensor, b: Tensor) -> Tensor:
        """What the inputs `a` should become, NxCxHxW -1..1; `b` is what the dataset says."""
        return b

    def losses(self, fake: Tensor, b: Tensor) -> dict[str, Tensor]:
        """More losses of the generator, weighted, by names that begin with G_. fake: NxCxHxW -1..1, for the inputs that target() met
        last; b: what target() gave."""
        return {}
