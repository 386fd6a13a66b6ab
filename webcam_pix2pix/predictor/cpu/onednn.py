"""oneDNN runner: a graph on the CPU with prepacked weights and fused activations. It does without a compiler what a compiler would do.

Weights are brought once into the layout that oneDNN wants for this size; torch alone does that again for each image. Activations
are applied while a convolution writes. Where oneDNN's transposed convolution is slow, those of a U-Net (4x4, stride 2, padding 1) are one
2x2 convolution with four times the channels. What a concatenation reads is written straight to where it belongs.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from ..device.devices import with_threads
from ..device.instructions import vector_width
from ..graph.eager import EagerRunner, Step, Values
from ..graph.nodes import Activation, Cat, Conv, Graph, Node
from ..graph.shapes import Shape, shapes_of

# With fewer products and fewer bytes of weights to read, a convolution is done before a second thread is awake.
PRODUCTS = {torch.uint8: 25e6, torch.bfloat16: 12e6, torch.float16: 12e6, torch.float32: 6e6}
BYTES = 1_500_000
MOVED = 200_000  # bytes of a result that are worth a second thread: after a convolution it is still awake
FULL = 16  # convolutions with fewer channels than a multiple of this take as long, without AVX-512 even longer


class OneDnnRunner(EagerRunner):
    """1xCxHxW of `dtype`, channels last, -> 1xCxHxW in a buffer that the next call overwrites. Made for one size (C, H, W).

    Raises RuntimeError when this build of torch has no oneDNN or cannot do a step in this precision.
    """

    def __init__(self, graph: Graph, size: Shape, dtype: torch.dtype) -> None:
        if not torch.backends.mkldnn.is_available():
            raise RuntimeError("this build of torch has no oneDNN")
        self.shapes = shapes_of(graph, size)
        self.dtype, self.threads = dtype, torch.get_num_threads()
        self.buffers = {n: self.room(n) for n in graph.nodes if isinstance(n, Cat)}
        self.places = self._places(graph)
        super().__init__(graph, dtype)

    def __call__(self, x: Tensor) -> Tensor:
        with with_threads(torch.get_num_threads()):  # the steps change it
            return super().__call__(x)

    def step(self, node: Node) -> Step:
        threads = self.threads if self.is_large(node) else 1
        with with_threads(threads):  # oneDNN packs the weights for so many
            run = super().step(node)

        def step(values: Values) -> Tensor:
            torch.set_num_threads(threads)
            return run(values)
        return step

    def is_large(self, node: Node) -> bool:
        """Whether a step is worth waking more than one thread."""
        if not isinstance(node, Conv):
            return math.prod(self.shapes[node]) * self.kind(node).itemsize > MOVED
        _, height, width = self.shapes[node.inputs[0] if node.transposed else node]
        kind = self.kind(node.inputs[0])
        return node.weight.numel() * height * width > PRODUCTS[kind] or node.weight.numel() * kind.itemsize > BYTES

    def movers(self, x: Tensor) -> int:
        """Threads for copying or clamping x."""
        return self.threads if x.nbytes > MOVED else 1

    def room(self, node: Node) -> Tensor:
        """An empty buffer for the result of a node: 1xCxHxW, channels last."""
        return torch.empty((1, *self.shapes[node]), dtype=self.kind(node), memory_format=torch.channels_last)

    def kind(self, node: Node) -> torch.dtype:
        return self.dtype

    def _places(self, graph: Graph) -> dict[Node, Tensor]:
        """Where the parts of a concatenation can be written directly: those that nothing else reads."""
        places = {}
        for cat, buffer in self.buffers.items():
            start = 0
            for part in cat.inputs:
                channels = self.shapes[part][0]
                written = isinstance(part, Activation) or (isinstance(part, Conv) and part.transposed)
                if written and graph.users(part) == [cat] and cat.inputs.count(part) == 1:
                    places[part] = buffer[:, start:start + channels]
                start += channels
        return places

    def cat(self, node: Cat) -> Step:
        buffer, start, rest = self.buffers[node], 0, []
        for part in node.inputs:
            channels = self.shapes[part][0]
            if part not in self.places:
                rest.append((part, buffer[:, start:start + channels]))
            start += channels

        def gathered(values: Values) -> Tensor:
            for part, place in rest:
                place.copy_(values[part])
            return buffer
        return gathered

    def activation(self, node: Activation) -> Step:
        place = self.places.get(node)
        if place is None:
            return super().activation(node)
        (source,) = node.inputs
        if node.kind == "relu":
            return lambda values: torch.clamp_min(values[source], 0, out=place)
        return lambda values: place.copy_(node(values[source]))

    def conv(self, node: Conv) -> Step:
        if not node.transposed:
            return self.convolved(node)
        return self.interleaved(node, self.convolved(node)) if self.by_phases(node) else self.enlarged(node)

    def by_phases(self, node: Conv) -> bool:
        """Whether a transposed convolution is done as the convolution that phases() makes of it."""
        return is_doubling(node) and node.channels % max(8, vector_width()) != 0  # oneDNN's own computes so many channels at once

    def convolved(self, node: Conv) -> Step:
        """A convolution with its activation. A transposed one gives its phases."""
        (source,) = node.inputs
        shape = self.shapes[source]
        weight, padding, bias = node.weight.to(self.dtype), node.padding, self.moved(node.bias)
        if node.transposed:
            weight, padding = phases(weight, shape)
            bias = None if bias is None else bias.repeat(4)
            empty = -len(weight) % FULL  # interleave() leaves them out
            weight, bias = F.pad(weight, (0,) * 7 + (empty,)), None if bias is None else F.pad(bias, (0, empty))
        stride = (1, 1) if node.transposed else node.stride
        pack = torch.ops.mkldnn._reorder_convolution_weight
        weight = pack(weight.contiguous(), padding, stride, node.dilation, node.groups, [1, *shape])
        after = node.activation
        kind = "none" if after is None else after.kind
        slopes = [after.slope] if after is not None and kind == "leaky_relu" else []
        run = torch.ops.mkldnn._convolution_pointwise.default
        if kind == "tanh" and self.dtype == torch.float32:
            return lambda values: tanh_(run(values[source], weight, bias, padding, stride, node.dilation, node.groups, "none", [], ""))
        return lambda values: run(values[source], weight, bias, padding, stride, node.dilation, node.groups, kind, slopes, "")

    def enlarged(self, node: Conv) -> Step:
        """A transposed convolution as it is. The activation comes afterwards: with it oneDNN takes six times as long for some shapes."""
        (source,) = node.inputs
        bias, place, after = self.moved(node.bias), self.places.get(node), node.activation
        how = node.padding, node.output_padding, node.stride, node.dilation, node.groups
        pack = torch.ops.mkldnn._reorder_convolution_transpose_weight
        weight = pack(node.weight.to(self.dtype).contiguous(), *how, [1, *self.shapes[source]])
        run = torch.ops.mkldnn._convolution_transpose_pointwise.default

        def enlarged(values: Values) -> Tensor:
            y = run(values[source], weight, bias, *how, "none", [], "")
            torch.set_num_threads(self.movers(y))
            if after is not None and after.kind == "relu":
                return torch.clamp_min(y, 0, out=y if place is None else place)
            y = y if after is None else after(y)
            return y if place is None else place.copy_(y)
        return enlarged

    def interleaved(self, node: Conv, convolved: Step) -> Step:
        """The four phases that `convolved` gives, as one image of twice the size."""
        place = self.places.get(node)
        if place is None:
            place = self.room(node)

        def placed(values: Values) -> Tensor:
            phases = convolved(values)
            torch.set_num_threads(self.movers(phases))
            return interleave(phases, place)
        return placed


def is_doubling(node: Conv) -> bool:
    """Whether this is the transposed convolution that doubles height and width, as U-Nets have it."""
    return (node.transposed and tuple(node.weight.shape[2:]) == (4, 4) and node.stride == (2, 2) and node.padding == (1, 1)
            and node.dilation == (1, 1) and node.output_padding == (0, 0) and node.groups == 1)


def phases(weight: Tensor, shape: Shape) -> tuple[Tensor, tuple[int, int]]:
    """The doubling with `weight` [IO44] as a convolution with four times the channels: weight [4O, I, 2, 2], phases in reading order,
    and padding.

    On a map of one pixel three of four taps meet nothing but padding and are left out: [4O, I, 1, 1].
    """
    kernel = weight.permute(1, 0, 2, 3)  # [OIHW]
    if shape[1:] == (1, 1):
        return torch.cat([kernel[:, :, i:i + 1, j:j + 1] for i in (1, 2) for j in (1, 2)]), (0, 0)
    flipped = kernel.flip(2, 3)
    return torch.cat([flipped[:, :, i::2, j::2] for i in (0, 1) for j in (0, 1)]), (1, 1)  # taps 3 and 1 for phase 0, 2 and 0 for phase 1


def tanh_(x: Tensor) -> Tensor:
    """tanh of float32, in place, in a third of the time that torch takes."""
    return x.mul_(2).sigmoid_().mul_(2).sub_(1)


def interleave(phases: Tensor, place: Tensor) -> Tensor:
    """1x4CxH'xW' phases of windows (more channels are left out) -> `place`, 1xCx2Hx2W. Both channels last."""
    _, channels, height, width = place.shape
    h, w = height // 2, width // 2
    one = 0 if h == w == 1 else 1  # phase 1 begins one window further; a map of one pixel has only one window
    for i in (0, 1):
        for j in (0, 1):  # four copies with long rows are three times as fast as one with short ones
            start, top, left = (2 * i + j) * channels, i * one, j * one
            place[:, :, i::2, j::2].copy_(phases[:, start:start + channels, top:top + h, left:left + w])
    return place
