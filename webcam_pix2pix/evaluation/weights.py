"""Files with the weights of networks of torchvision: given, or in torch's own cache; downloaded only when that is asked for."""

import re
from pathlib import Path

import torch


def network_of(path: Path) -> str:
    """Name of the network of torchvision that a weights file is of, by the name of the file: vgg16-397923af.pth is of vgg16.

    Raises ValueError.
    """
    stem = re.split(r"[-.]", path.name)[0]
    names = sorted((name for name in _networks() if stem == name or stem.startswith(f"{name}_")), key=len)
    if not names:
        raise ValueError(f"{path}: its name does not say which network of torchvision it is, expected one like vgg16-397923af.pth")
    return names[-1]


def find_weights(text: str, download: bool = False) -> Path:
    """The file that `text` means: a path, or the name of a network of torchvision, such as vgg19, whose weights lie in torch's cache.

    download: fetch the weights of a name that are not there. Raises OSError or ValueError with one line that says what to do.
    """
    path = Path(text).expanduser()
    if path.is_file():
        return path
    if text not in _networks():
        raise FileNotFoundError(f"{text}: no such file, expected a weights file of torchvision, such as vgg16-397923af.pth, or the name of "
                                "one of its networks, such as vgg19")
    address = _address(text)
    target = Path(torch.hub.get_dir()) / "checkpoints" / address.rpartition("/")[2]
    if target.is_file():
        return target
    if not download:
        raise FileNotFoundError(f"{text}: its weights are not on this disk ({target}); name a file, or let them be downloaded from "
                                f"{address} with --download_weights")
    return _downloaded(text, address, target)


def load_weights(path: Path, network: str) -> dict[str, torch.Tensor]:
    """The state dict in a weights file of torchvision's `network`. Raises ValueError with one line."""
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        if not isinstance(state, dict) or not all(isinstance(value, torch.Tensor) for value in state.values()):
            raise ValueError("it holds something else")
    except Exception as error:  # whatever a damaged file makes the unpickler raise
        raise unfit(path, network, error) from None
    return state


def unfit(path: Path, network: str, error: Exception) -> ValueError:
    """The error for a file that does not hold what its name says."""
    return ValueError(f"{path}: not the weights of torchvision's {network} ({str(error).strip().splitlines()[0]})")


def _networks() -> list[str]:
    from torchvision import models
    return models.list_models(module=models)


def _address(network: str) -> str:
    from torchvision import models
    weights = models.get_model_weights(network)
    return next((w for w in weights if w.name == "IMAGENET1K_V1"), next(iter(weights))).url


def _downloaded(text: str, address: str, target: Path) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    found = re.search(r"-([0-9a-f]{8,})\.", target.name)
    try:
        torch.hub.download_url_to_file(address, str(target), found[1] if found else None)
    except (OSError, RuntimeError) as error:  # the latter where the checksum is another one
        reason = getattr(error, "reason", None) or error
        raise OSError(f"{text}: {address} cannot be downloaded ({reason}); check the network, or name a file on this disk") from None
    return target
