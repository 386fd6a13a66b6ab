"""The maps inside of a generator at a half, a quarter, ... of the size of its image."""

import copy
from collections.abc import Callable

import torch
from torch import Tensor, nn

from webcam_pix2pix.networks.resnet import ResNetBlock

SCALES = (2, 4, 8, 16)  # of the image to the map
SIDE = 256  # px: the image on which they are found, or more where the network needs more
GIVE_MAPS = (nn.Conv2d, nn.ConvTranspose2d, nn.BatchNorm2d, nn.InstanceNorm2d, ResNetBlock)


class Maps:
    """Keeps, at each call of `net`, the last map of each scale: where a U-Net goes up again it holds all that came before.

    Attributes:
        modules: by scale, name and number of channels of what gives the map.
        last: by scale, the map of the last call: NxCxHxW.
    """

    def __init__(self, net: nn.Module) -> None:
        self.modules: dict[int, tuple[str, int]] = {}
        self.last: dict[int, Tensor] = {}
        self._find(net)
        for scale, (name, _) in self.modules.items():
            net.get_submodule(name).register_forward_hook(self._keep(scale))

    def _keep(self, scale: int) -> Callable:
        def keep(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
            self.last[scale] = output
        return keep

    @torch.no_grad()
    def _find(self, net: nn.Module) -> None:
        """See what a copy does with a blank image: the norms of `net` learn nothing, and no random number is drawn."""
        if not any(isinstance(module, nn.Conv2d) for module in net.modules()):
            return  # from an ONNX file: no module gives a map
        blank = copy.deepcopy(net).cpu().eval()
        side = max(SIDE, getattr(getattr(net, "spec", None), "multiple", SIDE))
        for name, module in blank.named_modules():
            if isinstance(module, GIVE_MAPS):
                module.register_forward_hook(self._note(name, side))
        channels = next(module for module in blank.modules() if isinstance(module, nn.Conv2d)).in_channels
        with torch.random.fork_rng(devices=[]):
            blank(torch.zeros(1, channels, side, side))

    def _note(self, name: str, side: int) -> Callable:
        def note(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
            scale = side // output.shape[-1]
            if scale in SCALES:
                self.modules[scale] = (name, output.shape[1])
        return note
