"""Names and shapes of a generator's weights, from its spec alone: what a checkpoint is compared with, without torch."""

from webcam_pix2pix.specs import Generator, OnnxSpec, ResNet, UNet


def shapes(spec: Generator) -> dict[str, tuple[int, ...]]:
    """Name and shape of every weight and buffer of a generator, as its state dict has them."""
    if isinstance(spec, OnnxSpec):
        raise ValueError("an ONNX file has no weights of a known network")
    if not isinstance(spec, UNet | ResNet):  # the network itself tells, without memory for its weights
        from webcam_pix2pix.networks import blueprint
        return {key: tuple(value.shape) for key, value in blueprint(spec).state_dict().items()}
    return _unet_shapes(spec) if isinstance(spec, UNet) else _resnet_shapes(spec)


def _unet_shapes(spec: UNet) -> dict[str, tuple[int, ...]]:
    result: dict[str, tuple[int, ...]] = {}
    for level, names in enumerate(spec.names()):
        outer, inner = spec.channels(level - 1) if level else spec.out_channels, spec.channels(level)
        below = inner if level == spec.depth - 1 else 2 * inner
        above = outer if level else spec.in_channels
        bias = spec.has_bias() if level else spec.last_bias
        result |= _separable(names["down"], above, inner, spec.has_bias()) if spec.separable else \
            _conv(names["down"], (inner, above, 4, 4), inner if spec.has_bias() else 0)
        if "down_norm" in names:
            result |= _norm(names["down_norm"], inner, spec)
        if spec.separable and not (level == 0 and spec.last_resize):
            result |= _separable(names["up"], below, outer, bias)
        else:
            shape = (outer, below, 4, 4) if level == 0 and spec.last_resize else \
                (outer, below, 3, 3) if spec.upsample == "resize_conv" else (below, outer, 4, 4)
            result |= _conv(names["up"], shape, outer if bias else 0)
        if "up_norm" in names:
            result |= _norm(names["up_norm"], outer, spec)
    return result


def _resnet_shapes(spec: ResNet) -> dict[str, tuple[int, ...]]:
    ngf, bias = spec.ngf, spec.has_bias()
    result: dict[str, tuple[int, ...]] = {}
    wide = ngf * 2 ** spec.halvings
    layers = [(1, (ngf, spec.in_channels, 7, 7), ngf)]
    for level in range(spec.halvings):
        inner, outer = ngf * 2 ** level, ngf * 2 ** (spec.halvings - level)
        layers += [(4 + 3 * level, (2 * inner, inner, 3, 3), 2 * inner),
                   (spec.first_block + spec.blocks + 3 * level, (outer, outer // 2, 3, 3), outer // 2)]
    convs = [(f"model.{n}", f"model.{n + 1}", shape, out) for n, shape, out in sorted(layers)]
    for n in range(spec.first_block, spec.first_block + spec.blocks):
        block = f"model.{n}.conv_block"
        convs += [(f"{block}.{i}", f"{block}.{i + 1}", (wide, wide, 3, 3), wide) for i in (1, 6 if spec.dropout else 5)]
    for conv, norm, shape, out in convs:
        result |= _conv(conv, shape, out if bias else 0) | _norm(norm, out, spec)
    return result | _conv(f"model.{spec.last}", (spec.out_channels, ngf, 7, 7), spec.out_channels)


def _conv(name: str, shape: tuple[int, ...], bias: int) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": shape} | ({f"{name}.bias": (bias,)} if bias else {})


def _separable(name: str, in_channels: int, out_channels: int, bias: bool) -> dict[str, tuple[int, ...]]:
    return {f"{name}.depthwise.weight": (in_channels, 1, 4, 4)} | _conv(
        f"{name}.pointwise", (out_channels, in_channels, 1, 1), out_channels if bias else 0)


def _norm(name: str, channels: int, spec: Generator) -> dict[str, tuple[int, ...]]:
    if spec.norm not in ("batch", "sync"):
        return {}
    running = {"running_mean": (channels,), "running_var": (channels,), "num_batches_tracked": ()} if spec.running_stats else {}
    return {f"{name}.{part}": shape for part, shape in ({"weight": (channels,), "bias": (channels,)} | running).items()}
