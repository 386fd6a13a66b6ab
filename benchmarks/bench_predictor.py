"""From numpy image to numpy image: ours in every precision, and in turns with it the network as it is, and the other programs that
can run it. Random weights where no model is given: the time does not depend on them.

    python benchmarks/bench_predictor.py [--ngf 64] [--resnet] [--size 256] [--model NAME] [--compile] [--device cpu|cuda] [--seconds 20]
"""

import argparse
import gc
import tempfile
import warnings
from pathlib import Path

import common  # first: it sets how torch waits
import numpy as np
import torch

from webcam_pix2pix import networks
from webcam_pix2pix.model import ModelInfo, Port, resolve_model
from webcam_pix2pix.predictor.device.devices import choose_device, thread_count
from webcam_pix2pix.predictor.device.executors import Executor
from webcam_pix2pix.predictor.device.machine import bandwidth, describe, peak
from webcam_pix2pix.predictor.loading import load_network
from webcam_pix2pix.predictor.selection.fidelity import fidelity
from webcam_pix2pix.predictor.selection.selection import ExecutorFactory, all_candidates


def stable_network(spec) -> torch.nn.Module:
    """A network of that kind whose values neither die nor explode."""
    torch.manual_seed(0)
    net = networks.build(spec).requires_grad_(False)
    for module in net.modules():
        if isinstance(module, torch.nn.Conv2d | torch.nn.ConvTranspose2d):
            transposed = isinstance(module, torch.nn.ConvTranspose2d)
            module.weight.normal_(0, (2 / (module.weight.shape[0] * 4 if transposed else module.weight[0].numel())) ** 0.5)
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 1.5)
    return networks.set_norm_mode(net, "eval")


def subject(args) -> tuple[torch.nn.Module, ModelInfo]:
    if args.model:
        network, _, info = load_network(resolve_model(args.model))
        return network, info
    spec = networks.ResNet(ngf=args.ngf, norm="batch") if args.resnet else networks.UNet(ngf=args.ngf)
    port = Port((args.size, args.size, 3))
    path = Path(f"{spec.type} ngf {args.ngf}")
    return stable_network(spec), ModelInfo(str(path), path, path, port, port, networks.to_json(spec), "eval")


def training_mode(network: torch.nn.Module, executor: Executor):
    """As test.py of pytorch-CycleGAN-and-pix2pix and the original application run it: batch norm of the image, dropout, fp32."""
    def infer(image: np.ndarray) -> np.ndarray:
        networks.set_norm_mode(network, "paper")
        predicted = executor.infer(image)
        networks.set_norm_mode(network, "eval")
        return predicted
    return infer


def onnx_runtime(network: torch.nn.Module, size: tuple[int, int], threads: int):
    import onnxruntime
    file = Path(tempfile.mkdtemp()) / "network.onnx"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(network, (torch.zeros(1, 3, *size),), str(file), input_names=["x"], dynamo=False)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])

    def infer(image: np.ndarray) -> np.ndarray:
        x = np.ascontiguousarray(image.transpose(2, 0, 1)[None], np.float32) / 127.5 - 1
        y = session.run(None, {"x": x})[0]
        return np.ascontiguousarray(((y[0].transpose(1, 2, 0) + 1) * 127.5 + 0.5).clip(0, 255).astype(np.uint8))
    return infer


@torch.inference_mode()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ngf", type=int, default=64)
    parser.add_argument("--resnet", action="store_true")
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--model")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--busy", action="store_true", help="count processor time: for a machine that others use too")
    args = parser.parse_args()
    device = choose_device(args.device)
    torch.set_num_threads(thread_count())
    torch.set_flush_denormal(True)
    network, info = subject(args)
    size = (args.size, args.size) if not args.model else info.input.shape[:2]
    factory = ExecutorFactory(network, info, size, device)
    images = factory.images[1::2]
    image = images[0]
    exact_executor = factory.exact()
    exact = [exact_executor.infer(p) for p in images]
    calls = {"eager fp32, eval": lambda: exact_executor.infer(image)}
    if device.type == "cpu":
        training = training_mode(network, exact_executor)
        calls["eager fp32, training mode"] = lambda: training(image)
    remarks = {}
    for config in all_candidates(device, args.compile):
        name = f"ours {config}" if config.backend == "torch" else str(config)
        try:
            executor = factory.executor(config)
            remarks[name] = str(fidelity([executor.infer(p) for p in images], exact))
        except (RuntimeError, ValueError, AttributeError, ImportError) as error:
            print(f"{name}: {str(error)[:100]}")
            continue
        calls[name] = lambda executor=executor: executor.infer(image)
    if device.type == "cpu":
        try:
            runtime = onnx_runtime(network, size, torch.get_num_threads())
            remarks["fp32 onnxruntime"] = str(fidelity([runtime(p) for p in images], exact))
            calls["fp32 onnxruntime"] = lambda: runtime(image)
        except ImportError:
            pass
    gc.collect()
    times = common.time_in_turns(calls, args.seconds, busy=args.busy)
    machine = describe(args.device)
    common.show(f"{info.name}, {size[1]}x{size[0]}, {', '.join(machine.values())}", times, "eager fp32, eval", remarks)
    roof = {"fp32": peak(torch.float32, device=device.type), "bf16": peak(torch.bfloat16, device=device.type)}
    gb = bandwidth(device=device.type)
    work = 2 * products(network, (3, *size)) / 1e9
    floors = ", ".join(f"{kind} {speed:.0f} GFLOP/s, so at least {1000 * work / speed:.1f} ms" for kind, speed in roof.items())
    print(f"\n  work {work:.1f} GFLOP; measured here: {floors}; memory {gb:.0f} GB/s")
    common.last_line(benchmark="predictor", model=info.name, size=size, machine=machine, ms=times, gflop=work, gflops_peak=roof,
                     gb_per_s=gb, fidelity=remarks, ratio={name: times["eager fp32, eval"] / ms for name, ms in times.items()})


def products(network: torch.nn.Module, size: tuple[int, int, int]) -> float:
    """Multiplications of the convolutions for one image, as the network defines them (padding counted)."""
    from webcam_pix2pix.predictor.graph.nodes import Conv
    from webcam_pix2pix.predictor.graph.shapes import shapes_of
    from webcam_pix2pix.predictor.graph.tracing import traced
    graph = traced(network)
    shapes = shapes_of(graph, size)
    return sum(n.weight.numel() * np.prod(shapes[n.inputs[0] if n.transposed else n][1:]) for n in graph.nodes if isinstance(n, Conv))


if __name__ == "__main__":
    main()
