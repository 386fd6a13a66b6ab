"""Initial weights for training."""

from torch import nn

INIT_TYPES = ("normal", "xavier", "kaiming", "orthogonal")


def init_weights(net: nn.Module, init_type: str = "normal", init_gain: float = 0.02) -> nn.Module:
    """Initial weights as pytorch-CycleGAN-and-pix2pix sets them; returns the network.

    Convolutions: normal(0, gain), xavier_normal(gain), kaiming_normal(fan_in) or orthogonal(gain), bias 0.
    Batch norms: weight normal(1, gain), bias 0. SyncBatchNorm keeps ones and zeros, as there.
    """
    if init_type not in INIT_TYPES:
        raise ValueError(f"init_type: {init_type!r} is not one of {', '.join(INIT_TYPES)}")
    fill = {"normal": lambda w: nn.init.normal_(w, 0.0, init_gain), "xavier": lambda w: nn.init.xavier_normal_(w, init_gain),
            "kaiming": lambda w: nn.init.kaiming_normal_(w, a=0, mode="fan_in"),
            "orthogonal": lambda w: nn.init.orthogonal_(w, init_gain)}[init_type]
    for module in net.modules():
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
            parametrized = getattr(module, "parametrizations", None)  # spectral norm keeps the raw weight there
            fill(parametrized.weight.original if parametrized is not None else module.weight)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        elif isinstance(module, nn.BatchNorm2d) and module.weight is not None:
            nn.init.normal_(module.weight, 1.0, init_gain)
            nn.init.zeros_(module.bias)
    return net
