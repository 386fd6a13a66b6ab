"""One training step: this program's loop beside the eager fp32 loop of pytorch-CycleGAN-and-pix2pix, in turns.

python benchmarks/bench_training.py [--ngf 64] [--batch_size 1] [--size 256] [--rounds 7] [--device auto]

Prints milliseconds of a step and the ratio of each; the last line is JSON. On the CPU it counts the time of the processors, all threads
together, so that a busy machine matters less; ONEDNN_MAX_CPU_ISA=AVX512_CORE in the environment leaves bf16 out.
"""

import argparse
import json
import multiprocessing
import statistics
import time
from collections.abc import Callable
from multiprocessing.connection import Connection

import common  # noqa: F401  first: sets how torch's threads wait
import torch

from webcam_pix2pix import networks
from webcam_pix2pix.predictor import choose_device, device_message
from webcam_pix2pix.training.setup.presets import preset
from webcam_pix2pix.training.setup.specs import discriminator_spec, generator_spec
from webcam_pix2pix.training.trainer import Trainer, resolve_precision

STEPS = 2  # per round and loop
CLASSIC = "classic loop, eager fp32"
LOOPS = {CLASSIC: {}, "this program, --precision fp32": {}, "this program, --precision auto": {"precision": "auto"}}


def classic_loop(options, device: torch.device) -> Callable:
    """The optimisation of its pix2pix model in plain torch: eager, fp32, contiguous, Adam as it comes."""
    G = networks.init_weights(networks.build(generator_spec(options))).to(device)
    D = networks.init_weights(networks.build(discriminator_spec(options))).to(device)
    criterion, l1 = torch.nn.BCEWithLogitsLoss(), torch.nn.L1Loss()
    adam_G, adam_D = (torch.optim.Adam(net.parameters(), lr=options.lr, betas=(options.beta1, 0.999)) for net in (G, D))

    def step(a, b):
        fake = G(a)
        D.requires_grad_(True)
        adam_D.zero_grad()
        on_fake, on_real = D(torch.cat((a, fake), 1).detach()), D(torch.cat((a, b), 1))
        ((criterion(on_fake, torch.zeros_like(on_fake)) + criterion(on_real, torch.ones_like(on_real))) * 0.5).backward()
        adam_D.step()
        D.requires_grad_(False)
        adam_G.zero_grad()
        on_fake = D(torch.cat((a, fake), 1))
        (criterion(on_fake, torch.ones_like(on_fake)) + l1(fake, b) * options.lambda_L1).backward()
        adam_G.step()

    return step


def measured(step: Callable, a: torch.Tensor, b: torch.Tensor, device: torch.device) -> float:
    """Seconds per step."""
    clock = time.process_time if device.type == "cpu" else time.perf_counter
    start = clock()
    for _ in range(STEPS):
        step(a, b)
    if device.type == "cuda":
        torch.cuda.synchronize()
    return (clock() - start) / STEPS


def taking_turns(args: argparse.Namespace, name: str, ask: Connection) -> None:
    """A process of its own for each loop, so that none profits from what another sets: `name` is one of LOOPS. Answers each question with
    the seconds of a step."""
    device = choose_device(args.device)
    options = preset("classic").with_values({"ngf": args.ngf, "ndf": args.ndf, "batch_size": args.batch_size, "load_size": args.size,
                                             "crop_size": args.size} | LOOPS[name])
    step = classic_loop(options, device) if name == CLASSIC else Trainer(options, generator_spec(options), device).step
    a, b = (torch.rand(args.batch_size, 3, args.size, args.size, device=device) * 2 - 1 for _ in range(2))
    measured(step, a, b, device)  # the first steps prepare kernels and memory
    while ask.recv():
        ask.send(measured(step, a, b, device))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, default in (("ngf", 64), ("ndf", 64), ("batch_size", 1), ("size", 256), ("rounds", 7)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--device", default="auto")
    args = parser.parse_args()
    device, context = choose_device(args.device), multiprocessing.get_context("spawn")
    print(f"{device_message(device)}; ngf {args.ngf}, batch {args.batch_size}, {args.size}x{args.size}; "
          f"auto is {resolve_precision('auto', device)}")
    asked = {name: context.Pipe() for name in LOOPS}
    workers = [context.Process(target=taking_turns, args=(args, name, theirs), daemon=True) for name, (_, theirs) in asked.items()]
    for worker in workers:
        worker.start()
    times: dict[str, list[float]] = {name: [] for name in LOOPS}
    for _ in range(args.rounds):
        for name, (ours, _) in asked.items():
            ours.send(True)
            times[name].append(ours.recv())
    for ours, _ in asked.values():
        ours.send(False)
    rows = []
    for name, seconds in times.items():
        median = statistics.median(seconds)
        ratio = statistics.median(c / s for c, s in zip(times[CLASSIC], seconds, strict=True))
        rows.append({"loop": name, "ms_per_step": round(1000 * median, 1), "images_per_s": round(args.batch_size / median, 3),
                     "ratio": round(ratio, 3)})
        print(f"{name:45s} {1000 * median:8.1f} ms  {args.batch_size / median:7.2f} images/s  {ratio:5.2f}x")
    print(json.dumps({"bench": "training", "device": device.type, "ngf": args.ngf, "batch_size": args.batch_size, "size": args.size,
                      "classic_ms": rows[0]["ms_per_step"], "rows": rows}))


if __name__ == "__main__":
    main()
