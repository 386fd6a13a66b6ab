"""Which input is the image, how its axes lie, and which sizes the graph takes: by planning it at several sizes, which computes nothing."""

import math
from collections.abc import Iterator
from dataclasses import replace

from msa.onnxfile import Node, OnnxFile, Port
from webcam_pix2pix.specs import OnnxSpec

from .hints import Hints

MULTIPLES = (1, 2, 4, 8, 16, 32, 64, 128)
USUAL_SIZES = (256, 512, 224, 128, 320, 64, 1024)  # tried where the file does not say and few sizes work
OPEN_SIZE = 256
LEAST_SCALE, LEAST_OUTPUT = 1 / 32, 8  # of an output that is still an image
LEAST_SIDE = 72  # of the sizes that are planned
IMAGE_CHANNELS = (1, 3, 4)
FLOATS = {1, 10, 11, 16}
TAKEN = FLOATS | {2}


def sorted_inputs(file: OnnxFile) -> tuple[Port, list[Port]]:
    """(the image, inputs of one number). Raises ValueError when there is not exactly one image."""
    numbers: list[Port] = []
    images: list[Port] = []
    for port in file.inputs:
        single = len(port.shape) <= 1 or all(side == 1 for side in port.shape)
        (numbers if single and (len(file.inputs) > 1) else images).append(port)
    if len(images) != 1:
        names = ", ".join(f"{port.name} {'x'.join(str(side or '?') for side in port.shape)}" for port in file.inputs[:5])
        raise ValueError(f"{file.path}: takes {len(file.inputs)} inputs ({names:.200}), expected one image and numbers")
    for port in numbers:
        if port.kind not in FLOATS or (port.shape and port.shape[0] > 1):
            raise ValueError(f"{file.path}: input {port.name:.60} is no single number of a float type")
    if images[0].kind not in TAKEN:
        raise ValueError(f"{file.path}: input {images[0].name:.60} holds no float32, float16 or uint8")
    return images[0], numbers


def read_axes(file: OnnxFile, hints: Hints) -> OnnxSpec:
    """The spec of `file` as far as its shapes tell. Raises ValueError with one line."""
    image, numbers = sorted_inputs(file)
    if not file.outputs:
        raise ValueError(f"{file.path}: gives nothing, expected one image")
    layout, channels, size = _layout(file, image, hints)
    base = OnnxSpec(in_channels=channels, layout=layout, input_name=image.name, output_layout="", output_name=file.outputs[0].name,
                    parameters=tuple((port.name, 0.0, 1.0, 0.5) for port in numbers), steps=len(file.nodes), weights=file.count)
    return base if size is None else replace(base, height=size[0], width=size[1])


def _layout(file: OnnxFile, port: Port, hints: Hints) -> tuple[str, int, tuple[int, int] | None]:
    """(layout, channels, (height, width) or None where open)."""
    shape = port.shape
    if len(shape) in (0, 4):
        n, *rest = shape if shape else (0, 0, 0, 0)
        if n > 1:
            raise ValueError(f"{file.path}: input {port.name:.60} takes {n} images at a time, expected one")
        last = _channels_last(rest, hints, _transposed_first(file, port.name))
        layout, channels, sides = ("NHWC", rest[2], rest[:2]) if last else ("NCHW", rest[0], rest[1:])
    elif len(shape) == 3:
        last = _channels_last(list(shape), hints, _transposed_first(file, port.name))
        layout, channels, sides = ("HWC", shape[2], list(shape[:2])) if last else ("CHW", shape[0], list(shape[1:]))
        if shape[0] == 1 and shape[2] not in IMAGE_CHANNELS:
            layout, channels = "NHW", 1
    elif len(shape) == 2:
        layout, channels, sides = "HW", 1, list(shape)
    else:
        raise ValueError(f"{file.path}: input {port.name:.60} has {len(shape)} axes, expected an image: 1x3xHxW or 1xHxWx3")
    if not channels:
        channels = next((shape[1] for shape in hints.first_weights()), 3)
    if not 1 <= channels <= 64:
        text = "x".join(str(side or "?") for side in shape)
        raise ValueError(f"{file.path}: input {port.name:.60} is {text}, expected 1x3xHxW or 1xHxWx3")
    return layout, channels, (sides[0], sides[1]) if all(sides) else None


def _channels_last(sides: list[int], hints: Hints, transposed: bool) -> bool:
    first, last = sides[0] in IMAGE_CHANNELS, sides[2] in IMAGE_CHANNELS
    if first != last:
        return last
    if sides[0] == 0 and sides[2] == 0:
        return transposed
    return 0 < sides[2] < min(side or OPEN_SIZE for side in sides[:2])


def _transposed_first(file: OnnxFile, name: str) -> bool:
    """Whether the image is brought from channels last to channels first early on."""
    for node in file.nodes[:40]:
        if name in node.inputs[:1]:
            if node.kind == "Transpose":
                return list(node.attributes.get("perm") or []) in ([0, 3, 1, 2], [2, 0, 1])
            name = node.outputs[0] if node.kind not in ("Shape", "Conv") else name
    return False


def shape_at(file: OnnxFile, spec: OnnxSpec, network, size: tuple[int, int]) -> tuple[int, ...] | None:
    """The shape of the output for an image of `size`; None when the graph cannot take it. Raises Unsupported."""
    from webcam_pix2pix.networks.onnx import Unsupported
    try:
        return network.raw_shape(size)
    except Unsupported:
        raise
    except ValueError:
        return None


def with_sizes(file: OnnxFile, spec: OnnxSpec, network, declared: bool) -> OnnxSpec:
    """The spec with the sizes that the graph takes and the layout of its output. declared: the file names a size.

    Raises ValueError when there is no size that gives an image, Unsupported for a step that is not known.
    """
    usual = (spec.height, spec.width)
    for multiple in MULTIPLES:
        least = max(1, LEAST_SIDE // multiple) | 1  # odd, so that twice the multiple is not what works
        sizes = [(multiple * least, multiple * (least + 2)), (multiple * (least + 4), multiple * least)]
        found = [output_of(shape_at(file, spec, network, size), size, spec) for size in sizes]
        if found[0] is not None and found[0] == found[1]:
            if declared and (usual[0] % multiple or usual[1] % multiple):
                continue
            layout, channels, scale = found[0]
            height, width = usual if declared else (max(1, round(OPEN_SIZE / multiple)) * multiple,) * 2
            return replace(spec, output_layout=layout, out_channels=channels, scale=scale, multiple=multiple, height=height, width=width)
    for size in (usual,) if declared else ((side, side) for side in USUAL_SIZES):
        shape = shape_at(file, spec, network, size)
        if (output := output_of(shape, size, spec)) is not None:
            layout, channels, scale = output
            return replace(spec, output_layout=layout, out_channels=channels, scale=scale, fixed=True, height=size[0], width=size[1])
    shape = network.raw_shape(usual)  # the reason, in words
    raise ValueError(f"{file.path}: gives {'x'.join(map(str, shape))} for an image of {usual[1]}x{usual[0]}, expected an image too")


def output_of(shape: tuple[int, ...] | None, size: tuple[int, int], spec: OnnxSpec) -> tuple[str, int, float] | None:
    """(layout, channels, scale) of an output of `shape`; None when it is no image of the proportions of the input."""
    if shape is None or not 2 <= len(shape) <= 4:
        return None
    for layout, channels, sides in _readings(shape, spec.layout in ("NHWC", "HWC")):
        scale = sides[0] / size[0]
        if scale > 0 and sides[1] == round(scale * size[1]) and math.isclose(scale, sides[1] / size[1]) and 1 <= channels <= 4096 and \
                LEAST_SCALE <= scale <= 64 and min(sides) >= LEAST_OUTPUT:
            return layout, channels, scale
    return None


def _readings(shape: tuple[int, ...], last: bool) -> Iterator[tuple[str, int, tuple[int, int]]]:
    if len(shape) == 4 and shape[0] == 1:
        both = [("NCHW", shape[1], (shape[2], shape[3])), ("NHWC", shape[3], (shape[1], shape[2]))]
    elif len(shape) == 3:
        both = [("CHW", shape[0], (shape[1], shape[2])), ("HWC", shape[2], (shape[0], shape[1]))]
        if shape[0] == 1:
            both.insert(0, ("NHW", 1, (shape[1], shape[2])))
    else:
        both = [("HW", 1, (shape[0], shape[1]))] if len(shape) == 2 else []
    images = [reading for reading in both if reading[1] in IMAGE_CHANNELS]
    yield from reversed(images) if last else images
    yield from (reading for reading in both if reading not in images)


def declared(file: OnnxFile, spec: OnnxSpec) -> bool:
    """Whether the file names a size for its image."""
    shape = next(port.shape for port in file.inputs if port.name == spec.input_name)
    sides = {"NCHW": shape[2:], "NHWC": shape[1:3], "CHW": shape[1:], "HWC": shape[:2], "NHW": shape[1:], "HW": shape}[spec.layout]
    return bool(sides) and all(sides)


def used_only(file: OnnxFile) -> OnnxFile:
    """The file with the steps alone that lead to its first output: side outputs cost nothing then. Cycles stay, and are refused later."""
    wanted, kept = {file.outputs[0].name} if file.outputs else set(), []
    for node in reversed(file.nodes):
        if wanted.intersection(node.outputs):
            wanted.update(node.inputs)
            kept.append(node)
    return replace(file, nodes=tuple(reversed(kept)))


def custom(node: Node) -> bool:
    """Whether a step is no operator of ONNX itself."""
    return node.domain not in ("", "com.microsoft")
