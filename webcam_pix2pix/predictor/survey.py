"""Every way to run a model on this machine, measured turn by turn: what `bench` shows and what `auto` then knows."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from msa.files import in_words
from webcam_pix2pix.model import ModelInfo

from .agreement import Agreement, agreement
from .cache import cache_folder, choice_key, fingerprint, remember
from .devices import choose_device, thread_count, use_threads
from .forms import Form
from .predictor import check_size, load_network
from .timing import in_turns
from .ways import Choice, Way, Workshop, all_ways, sparing, ways


@dataclass(frozen=True)
class Row:
    """One way to run one model."""

    model: str
    size: tuple[int, int]  # height, width
    way: str  # "naive" is the network as it is, in fp32
    ms: float = 0.0  # median from picture to picture
    agreement: Agreement | None = None
    refused: str = ""  # why it is not used; empty if it may be


@torch.inference_mode()
def survey(model: ModelInfo | str | Path, *, device: str = "auto", size: tuple[int, int] | None = None, threads: int = 0,
           compiled: bool = False, seconds: float = 3.0, progress: Callable[[str], None] = lambda text: None) -> list[Row]:
    """Try everything, all ways taking turns so that they meet the same disturbances; the fastest right one becomes what `auto` uses.

    Raises ValueError or OSError with one line for a model, device or size that cannot be used.
    """
    where = choose_device(device)
    use_threads(thread_count(threads))
    network, spec, info = load_network(model)
    size = check_size(spec, size, info)
    known_as = fingerprint(network, info.norm_mode, size, where, torch.get_num_threads(), threads)
    workshop = Workshop(network, info, size, where, kept=cache_folder() / known_as)
    pictures = workshop.pictures[1::2]
    forms: dict[Way | None, Form] = {}
    refused: dict[Way, str] = {}
    found: dict[Way | None, Agreement] = {}
    with workshop.steady():
        forms[None] = workshop.exact()
        exact = [forms[None].paint(p) for p in pictures]
        for way in all_ways(where, compiled):
            progress(f"{info.name}: {way}")
            try:
                form = workshop.form(way)
                found[way] = agreement([form.paint(p) for p in pictures], exact)
                forms[way] = form
            except Exception as error:  # as in best()
                refused[way] = in_words(error)[:120]
        progress(f"{info.name}: measuring")
        times = in_turns(forms, pictures, seconds)
    rows = [Row(info.name, size, "naive", times[None], Agreement(1.0, 0.0))]
    rows += [Row(info.name, size, str(way), times[way], found[way], "" if found[way].good else "picture too different")
             for way in forms if way is not None]
    rows += [Row(info.name, size, str(way), refused=why) for way, why in refused.items()]
    right = [way for way in forms if way is not None and found[way].good]
    if right:
        way = min(right, key=times.__getitem__)
        if way.backend != "compile":  # that one has to be asked for: it needs a compiler and starts late
            choice = Choice(way, found[way], times[way], torch.get_num_threads(), forms[way].scales)
            if not threads:
                with workshop.steady():
                    forms[way], choice = sparing(workshop, forms[way], choice)
            for seen in (False, True):
                remember(choice_key(known_as, "auto", ways(where), seen), choice, [f"{w}: {why}" for w, why in refused.items()])
    for form in forms.values():
        form.close()
    return rows
