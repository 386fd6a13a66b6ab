"""TensorFlow checkpoints: whose variables are they? affinelayer's and memo's (TF 1, three layouts) or cci-auto's (TF 2 objects)."""

from pathlib import Path

from .. import Checkpoint
from . import affinelayer, cciauto
from .bundle import Bundle


def read(prefix: Path) -> Checkpoint:
    """The generator in a bundle; discriminator and optimizer are not touched. Raises OSError or ValueError."""
    bundle = Bundle(prefix)
    if any(affinelayer.VARIABLE.match(name) for name in bundle.entries):
        affinelayer.check_names(bundle.entries, prefix)
        return affinelayer.from_arrays(bundle.weights(affinelayer.VARIABLE), prefix)
    if any(cciauto.VARIABLE.match(name) for name in bundle.entries):
        cciauto.check_names(bundle.entries, prefix)
        return cciauto.from_arrays(bundle.weights(cciauto.VARIABLE), prefix)
    first = next(iter(bundle.entries), "none")
    raise ValueError(f"{prefix}: variables such as {first:.80} are of no known generator")
