"""Bender: runs what a runner runs, bent, on the same weights.

It keeps a second list of steps: those of the runner, with others around the few nodes that are bent. In int8 a bent map may leave the range
that its bytes were calibrated for. Then the bytes mean more: `runner.stretch[node]` times their step, which convolutions take as it is.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import cv2
import torch
import torch.nn.functional as F
from torch import Tensor

from webcam_pix2pix.bend import Bending, walk
from webcam_pix2pix.specs import Spec

from ..cpu.int8 import Int8Runner, Scale
from ..graph.eager import EagerRunner, Step, Values
from ..graph.nodes import Activation, Call, Cat, Conv, Node
from ..graph.shapes import Shape, shapes_of
from .points import find_points

WALK_SIDE = 4  # height and width of the noise in a large map; smaller maps get a value for each pixel


class Bender:
    """Bends one runner. size: (C, H, W) of its input. Raises ValueError with one line when the network cannot be bent."""

    def __init__(self, runner: object, spec: Spec, size: Shape) -> None:
        if not isinstance(runner, EagerRunner):
            raise ValueError("what runs it has no inside that can be reached; try Model.backend torch, with Model.compile off")
        self._runner = runner
        self._int8 = runner if isinstance(runner, Int8Runner) else None
        self._points = find_points(runner.graph, spec, size)
        self._shapes = shapes_of(runner.graph, size)
        self._now = Bending((1.0,))
        self._ahead: dict[Node, Node] = {  # a convolution that feeds a concatenation
            part: node for node, (_, skip) in self._points.levels.items() for part in node.inputs
            if part is not skip and isinstance(node, Cat) and isinstance(part, Conv)}
        self._steps = [(node, self._step(node, step)) for node, step in runner.steps]

    @contextmanager
    def applied(self, bending: Bending) -> Iterator[None]:
        """Inside, the runner runs bent."""
        runner, self._now = self._runner, bending
        steps, runner.steps = runner.steps, self._steps
        try:
            yield
        finally:
            runner.steps = steps
            if self._int8:
                self._int8.stretch.update(dict.fromkeys(self._int8.stretch, 1.0))

    def _step(self, node: Node, run: Step) -> Step:
        bent = run
        if node in self._points.levels:
            bent = self._cat(node, run) if isinstance(node, Cat) else self._sum(node, run)
        elif self._int8:
            bent = self._stretched(node, run, self._int8)
        return self._innermost(node, bent) if node is self._points.bottleneck else bent

    def _gain(self, node: Node) -> float:
        return self._now.level(self._points.levels[node][0])

    # ---- levels

    def _cat(self, node: Node, run: Step) -> Step:
        _, skip = self._points.levels[node]
        if self._int8 and node in self._int8.bytes:
            return self._cat_of_bytes(node, skip, run, self._int8)
        place = getattr(self._runner, "places", {}).get(skip)

        def bent(values: Values) -> Tensor:
            gain = self._gain(node)
            if gain == 1:
                return run(values)
            if place is None:
                return run({**values, skip: values[skip] * gain})
            place.mul_(gain)
            return run(values)
        return bent

    def _cat_of_bytes(self, node: Node, skip: Node, run: Step, runner: Int8Runner) -> Step:
        """All parts have the same stretch afterwards; their zero is the byte 0."""
        def bent(values: Values) -> Tensor:
            gains = {part: runner.stretch[part] * (self._gain(node) if part is skip else 1.0) for part in node.inputs}
            stretch = runner.stretch[node] = max(1.0, *gains.values())
            scaled = {part: _times(values[part], gain / stretch, part in runner.places)
                      for part, gain in gains.items() if gain != stretch}
            return run({**values, **scaled})
        return bent

    def _sum(self, node: Node, run: Step) -> Step:
        assert isinstance(node, Call)
        whole, (_, block) = node.args[0], self._points.levels[node]

        def bent(values: Values) -> Tensor:
            gain = self._gain(node)
            return run(values) if gain == 1 else torch.add(values[whole], values[block], alpha=gain)
        return bent

    # ---- bytes on their way

    def _stretched(self, node: Node, run: Step, runner: Int8Runner) -> Step:
        """A node keeps the stretch of what it reads; one that feeds a concatenation takes what that will need."""
        if not isinstance(node, Conv | Activation):
            return run
        (source,) = node.inputs
        target = self._ahead.get(node)
        measured = isinstance(node, Conv) and source in runner.scales and source not in runner.bytes

        def bent(values: Values) -> Tensor:
            if measured:
                runner.stretch[source] = _needed(values[source], runner.scales[source])
            if node in runner.bytes:
                stretch = runner.stretch[source]
                runner.stretch[node] = max(stretch, self._gain(target)) if target is not None and target in runner.bytes else stretch
            return run(values)
        return bent

    # ---- the bottleneck

    def _innermost(self, node: Node, run: Step) -> Step:
        channels, height, width = self._shapes[node]
        kind = node.activation.kind if isinstance(node, Conv) and node.activation else getattr(node, "kind", "")
        shape = 1, channels, min(height, WALK_SIDE), min(width, WALK_SIDE)

        def bent(values: Values) -> Tensor:
            y, now = run(values), self._now
            if now.bottleneck == 1 and now.noise == 0:
                return y
            x = self._real(node, y)
            strength = now.noise * float(x.square().mean().sqrt())
            x = x * now.bottleneck
            if strength:
                noise = torch.from_numpy(walk(shape, now.seed, now.position)).to(x.device)
                x = x + strength * F.interpolate(noise, (height, width), mode="bilinear", align_corners=False)
            return self._back(node, x.clamp_min_(0) if kind == "relu" else x, y)  # the next layer has never met less than 0
        return bent

    def _real(self, node: Node, y: Tensor) -> Tensor:
        if self._int8 is None or node not in self._int8.bytes:
            return y.float()
        scale = self._int8.scales[node]
        return (y.float() - scale.zero) * (scale.steps * self._int8.stretch[node]).view(1, -1, 1, 1)

    def _back(self, node: Node, x: Tensor, y: Tensor) -> Tensor:
        if self._int8 is None or node not in self._int8.bytes:
            return x.to(y.dtype).contiguous(memory_format=torch.channels_last)
        scale = self._int8.scales[node]
        stretch = self._int8.stretch[node] = _needed(x, scale)
        return y.copy_((x / (stretch * scale.steps).view(1, -1, 1, 1)).add_(scale.zero + 0.5).clamp_(0, 255))


def _needed(x: Tensor, scale: Scale) -> float:
    """The stretch with which bytes of this scale reach over the values of x, 1xCxHxW."""
    above, below = (float((limit / scale.steps).max()) for limit in (x.amax((0, 2, 3)), -x.amin((0, 2, 3))))
    return max(1.0, above / (255 - scale.zero), below / scale.zero if scale.zero else 0.0)


def _times(x: Tensor, gain: float, in_place: bool) -> Tensor:
    """Bytes whose zero is 0, times `gain`."""
    pixels = x[0].permute(1, 2, 0)
    if not in_place:
        pixels = pixels.clone()
    flat = pixels.view(-1, x.shape[1]).numpy()
    cv2.convertScaleAbs(flat, flat, gain)
    return pixels.permute(2, 0, 1)[None]
