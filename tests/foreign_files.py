"""Small checkpoints in the formats of other programs, written byte by byte, and what those programs compute from them."""

import json
import struct
import zlib
from pathlib import Path

import h5py
import numpy as np
import torch
import torch.nn.functional as F

from webcam_pix2pix.checkpoints.formats.crc32c import crc32c, masked

SHARED = Path(__file__).parent.parent.parent / "shared" / "checkpoints"


# --------------------------------------------------------------------------------------------------------------- TensorFlow bundles

def varint(value: int) -> bytes:
    result = b""
    while value >= 0x80:
        result += bytes([value & 0x7F | 0x80])
        value >>= 7
    return result + bytes([value])


def field(number: int, value: int | bytes) -> bytes:
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def write_bundle(prefix: Path, arrays: dict[str, np.ndarray]) -> Path:
    """A TensorFlow checkpoint V2 with one shard; keys share their beginnings as in real ones. A text file `checkpoint` points to it."""
    prefix.parent.mkdir(parents=True, exist_ok=True)
    data, entries = b"", [(b"", field(1, 1))]
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        raw = array.tobytes()
        shape = b"".join(field(2, field(1, n)) for n in array.shape)
        dtype = {"float32": 1, "int64": 9, "int32": 3}[array.dtype.name]
        entry = field(1, dtype) + field(2, shape) + field(4, len(data)) + field(5, len(raw))
        entries.append((name.encode(), entry + varint(6 << 3 | 5) + struct.pack("<I", masked(crc32c(raw)))))
        data += raw
    index = b""
    handles = []
    for chunk in (entries[:len(entries) // 2], entries[len(entries) // 2:]):
        block = _block(chunk)
        handles.append((chunk[-1][0], varint(len(index)) + varint(len(block) - 5)))
        index += block
    meta = _block([])
    meta_handle = varint(len(index)) + varint(len(meta) - 5)
    index += meta
    top = _block(handles)
    footer = meta_handle + varint(len(index)) + varint(len(top) - 5)
    index += top + footer.ljust(40, b"\0") + bytes.fromhex("57fb808b247547db")
    prefix.with_name(prefix.name + ".index").write_bytes(index)
    prefix.with_name(prefix.name + ".data-00000-of-00001").write_bytes(data)
    (prefix.parent / "checkpoint").write_text(f'model_checkpoint_path: "{prefix.name}"\n')
    return prefix


def _block(entries: list[tuple[bytes, bytes]]) -> bytes:
    block, previous, restarts = b"", b"", []
    for i, (key, value) in enumerate(entries):
        shared = 0
        if i % 16 == 0:
            restarts.append(len(block))
        else:
            while shared < min(len(key), len(previous)) and key[shared] == previous[shared]:
                shared += 1
        block += varint(shared) + varint(len(key) - shared) + varint(len(value)) + key[shared:] + value
        previous = key
    block += b"".join(struct.pack("<I", r) for r in restarts or [0]) + struct.pack("<I", len(restarts or [0])) + b"\0"
    return block + struct.pack("<I", masked(crc32c(block)))


def affinelayer_arrays(layout: str = "A", depth: int = 4, ngf: int = 3, channels: tuple[int, int] = (3, 3), seed: int = 0) -> dict:
    """Variables of pix2pix-tensorflow; extra ones of the trainer too."""
    rng = np.random.default_rng(seed)
    wide = [min(ngf * 2 ** n, ngf * 8) for n in range(depth)]
    names = {"A": ("conv", "deconv", "filter", "batchnorm", "scale", "offset"),
             "B": ("conv2d", "conv2d_transpose", "kernel", "batch_normalization", "gamma", "beta"),
             "C": ("separable_conv2d", "separable_conv2d", "", "batch_normalization", "gamma", "beta")}[layout]
    arrays: dict[str, np.ndarray] = {"global_step": np.array(7, np.int64), "discriminator/layer_1/conv/filter": np.zeros((4, 4, 6, 2))}
    for n in range(depth):
        inputs = {"encoder": channels[0] if n == 0 else wide[n - 1], "decoder": wide[n] * (1 if n == depth - 1 else 2)}
        outputs = {"encoder": wide[n], "decoder": channels[1] if n == 0 else wide[n - 1]}
        for side in ("encoder", "decoder"):
            root, i, o = f"generator/{side}_{n + 1}", inputs[side], outputs[side]
            conv = f"{root}/{names[0 if side == 'encoder' else 1]}"
            if layout == "C":
                arrays[f"{conv}/depthwise_kernel"] = rng.normal(0, 0.2, (4, 4, i, 1))
                arrays[f"{conv}/pointwise_kernel"] = rng.normal(0, 0.4, (1, 1, i, o))
            else:
                arrays[f"{conv}/{names[2]}"] = rng.normal(0, 0.1, (4, 4, i, o) if side == "encoder" else (4, 4, o, i))
            if layout != "A":
                arrays[f"{conv}/bias"] = rng.normal(0, 0.1, o)
            if n > 0:
                arrays[f"{root}/{names[3]}/{names[4]}"] = rng.normal(1, 0.1, o)
                arrays[f"{root}/{names[3]}/{names[5]}"] = rng.normal(0, 0.1, o)
                if layout != "A":
                    arrays[f"{root}/{names[3]}/moving_mean"] = np.zeros(o)
                    arrays[f"{root}/{names[3]}/moving_variance"] = np.ones(o)
            arrays[f"{root}/Adam"] = np.zeros(1)
    return {k: v if v.dtype == np.int64 else v.astype(np.float32) for k, v in arrays.items()}


def affinelayer_forward(arrays: dict[str, np.ndarray], x: np.ndarray) -> np.ndarray:
    """What create_generator() of pix2pix-tensorflow computes, without dropout. NHWC."""
    a = {k: torch.from_numpy(v) for k, v in arrays.items() if k.startswith("generator/")}

    def part(root: str, *names: str):
        return next((a[k] for k in a if k.startswith(root + "/") and k.rpartition("/")[2] in names), None)

    def norm(root: str, y):
        gamma, beta = part(root, "scale", "gamma"), part(root, "offset", "beta")
        if gamma is None:
            return y
        mean, var = y.mean((0, 2, 3), keepdim=True), y.var((0, 2, 3), unbiased=False, keepdim=True)
        return (y - mean) * torch.rsqrt(var + 1e-5) * gamma[:, None, None] + beta[:, None, None]

    def conv(root: str, y, up: bool):
        bias, depthwise = part(root, "bias"), part(root, "depthwise_kernel")
        if depthwise is not None:
            y = F.pad(F.interpolate(y, scale_factor=2), (1, 2, 1, 2)) if up else F.pad(y, (1, 1, 1, 1))
            y = F.conv2d(y, depthwise.permute(2, 3, 0, 1), stride=1 if up else 2, groups=y.shape[1])
            return F.conv2d(y, part(root, "pointwise_kernel").permute(3, 2, 0, 1), bias)
        kernel = part(root, "filter", "kernel").permute(3, 2, 0, 1)
        return F.conv_transpose2d(y, kernel, bias, 2, 1) if up else F.conv2d(y, kernel, bias, 2, 1)

    depth = max(int(k.split("_")[1].split("/")[0]) for k in a if "encoder" in k)
    y = torch.from_numpy(x).permute(0, 3, 1, 2)
    skips = []
    for n in range(1, depth + 1):
        root = f"generator/encoder_{n}"
        y = norm(root, conv(root, y if n == 1 else F.leaky_relu(y, 0.2), False))
        skips.append(y)
    for n in range(depth, 0, -1):
        root = f"generator/decoder_{n}"
        y = y if n == depth else torch.cat([y, skips[n - 1]], 1)
        y = norm(root, conv(root, F.relu(y), True))
    return torch.tanh(y).permute(0, 2, 3, 1).numpy()


# ------------------------------------------------------------------------------------------------------------------------------ .pict

def write_pict(path: Path, shapes: dict[str, tuple[int, ...]], seed: int = 0) -> dict[str, np.ndarray]:
    """Random codes; gives the arrays they stand for."""
    rng = np.random.default_rng(seed)
    table = np.sort(rng.normal(0, 0.2, 256)).astype(np.float32)
    description = json.dumps([{"name": n, "shape": list(shapes[n])} for n in sorted(shapes)]).encode()
    codes = rng.integers(0, 256, sum(int(np.prod(s)) for s in shapes.values()), dtype=np.uint8)
    sections = (description, table.tobytes(), codes.tobytes())
    path.write_bytes(b"".join(struct.pack(">I", len(s)) + s for s in sections))
    arrays, position = {}, 0
    for name in sorted(shapes):
        size = int(np.prod(shapes[name]))
        arrays[name] = table[codes[position:position + size]].reshape(shapes[name])
        position += size
    return arrays


# -------------------------------------------------------------------------------------------------------------------------- MindSpore

def write_mindspore(path: Path, state: dict[str, torch.Tensor], crc: bool = False, split: str = "") -> None:
    """A junyanz-like state dict under MindSpore's names; `split` names a weight that comes in two pieces."""
    parts = {"running_mean": "moving_mean", "running_var": "moving_variance"}
    data = b""
    for key, tensor in state.items():
        layer, _, part = key.rpartition(".")
        if part == "num_batches_tracked":
            continue
        if f"{layer}.running_mean" in state:
            part = {"weight": "gamma", "bias": "beta"}.get(part, part)
        moving = part in parts
        tag = ("loss_net_g.net_generator." if moving else "optimizerg.net_generator.") + f"{layer}.{parts.get(part, part)}"
        raw, dims = tensor.numpy().astype(np.float32).tobytes(), b"".join(field(1, n) for n in tensor.shape)
        half = len(raw) // 8 * 4
        for piece in (raw[:half], raw[half:]) if key == split else (raw,):
            data += field(1, field(1, tag.encode()) + field(2, dims + field(2, b"Float32") + field(3, piece)))
    if crc:
        data += b"crc_num" + zlib.crc32(data).to_bytes(10, "big")
    path.write_bytes(data)


# ----------------------------------------------------------------------------------------------------------------------- cci-auto, cryer

def cciauto_layers(depth: int = 4, first: int = 4, widest: int = 8, channels: tuple[int, int] = (1, 3), seed: int = 0) -> list[dict]:
    rng = np.random.default_rng(seed)
    wide = [min(first * 2 ** n, widest) for n in range(depth)]

    def layer(shape, norm: int | None, bias: int | None = None) -> dict[str, np.ndarray]:
        parts = {"kernel": rng.normal(0, 0.2, shape)}
        if norm:
            parts |= {"gamma": rng.normal(1, 0.1, norm), "beta": rng.normal(0, 0.1, norm), "moving_mean": rng.normal(0, 0.1, norm),
                      "moving_variance": rng.uniform(0.5, 2, norm)}
        if bias:
            parts["bias"] = rng.normal(0, 0.1, bias)
        return {k: v.astype(np.float32) for k, v in parts.items()}

    layers = [layer((4, 4, channels[0] if n == 0 else wide[n - 1], wide[n]), wide[n] if n else None) for n in range(depth)]
    for n in range(depth - 1, 0, -1):
        layers.append(layer((4, 4, wide[n - 1], wide[n] * (1 if n == depth - 1 else 2)), wide[n - 1]))
    return [*layers, layer((4, 4, channels[1], 2 * wide[0]), None, channels[1])]


def write_keras(path: Path, layers: list[dict[str, np.ndarray]]) -> None:
    """As Keras 2 saves a functional model of Sequentials."""
    with h5py.File(path, "w") as file:
        root = file.create_group("model_weights")
        names = ["input_1"]
        root.create_group("input_1")
        for i, layer in enumerate(layers):
            name = f"sequential_{i}" if i < len(layers) - 1 else "conv2d_transpose_9"
            names.append(name)
            group = root.create_group(name)
            for part, array in layer.items():
                group[f"{'conv' if part in ('kernel', 'bias') else 'batch_normalization'}_{i}/{part}:0"] = array
            if i == len(layers) // 2:
                root.create_group("concatenate")
                names.append("concatenate")
        root.attrs["layer_names"] = [n.encode() for n in names]


def tf2_arrays(layers: list[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    arrays = {"_CHECKPOINTABLE_NOTHING/.ATTRIBUTES/VARIABLE_VALUE": np.zeros(2, np.float32),
              "generator_optimizer/_variables/1/.ATTRIBUTES/VARIABLE_VALUE": np.zeros(2, np.float32)}
    for i, layer in enumerate(layers):
        for part, array in layer.items():
            inner = "" if i == len(layers) - 1 else f"layer_with_weights-{0 if part == 'kernel' else 1}/"
            arrays[f"generator/layer_with_weights-{i}/{inner}{part}/.ATTRIBUTES/VARIABLE_VALUE"] = array
    return arrays


def cciauto_forward(layers: list[dict[str, np.ndarray]], x: np.ndarray, training: bool) -> np.ndarray:
    """What the Keras generator computes; `training` uses the statistics of the image (no dropout here). NHWC."""
    def norm(layer, y):
        if "gamma" not in layer:
            return y
        p = {k: torch.from_numpy(v) for k, v in layer.items()}
        mean, var = p["moving_mean"][None, :, None, None], p["moving_variance"][None, :, None, None]
        if training:
            mean, var = y.mean((0, 2, 3), keepdim=True), y.var((0, 2, 3), unbiased=False, keepdim=True)
        return (y - mean) * torch.rsqrt(var + 1e-3) * p["gamma"][:, None, None] + p["beta"][:, None, None]

    y, depth, skips = torch.from_numpy(x).permute(0, 3, 1, 2), len(layers) // 2, []
    for layer in layers[:depth]:
        y = F.leaky_relu(norm(layer, F.conv2d(y, torch.from_numpy(layer["kernel"]).permute(3, 2, 0, 1), None, 2, 1)), 0.3)
        skips.append(y)
    for n, layer in enumerate(layers[depth:], 1):
        bias = torch.from_numpy(layer["bias"]) if "bias" in layer else None
        y = F.conv_transpose2d(y, torch.from_numpy(layer["kernel"]).permute(3, 2, 0, 1), bias, 2, 1)
        y = torch.tanh(y) if n == depth else torch.cat([F.relu(norm(layer, y)), skips[depth - 1 - n]], 1)
    return y.permute(0, 2, 3, 1).numpy()


def cryer_state(depth: int = 4, ngf: int = 2, seed: int = 0) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    wide = [min(ngf * 2 ** n, ngf * 8) for n in range(depth)]
    state = {}
    for n in range(depth):
        state[f"downsample{n + 1}.model.0.weight"] = torch.randn((wide[n], wide[n - 1] if n else 3, 4, 4), generator=generator) * 0.2
    for n in range(depth - 1, 0, -1):
        inputs = wide[n] * (1 if n == depth - 1 else 2)
        state[f"upsample{depth - n}.model.0.weight"] = torch.randn((inputs, wide[n - 1], 4, 4), generator=generator) * 0.2
    return state | {"final.2.weight": torch.randn((3, 2 * wide[0], 4, 4), generator=generator) * 0.2,
                    "final.2.bias": torch.randn(3, generator=generator) * 0.1}


def cryer_forward(state: dict[str, torch.Tensor], x: np.ndarray) -> np.ndarray:
    """What GeneratorUNet computes, without dropout. NHWC."""
    depth = sum(k.startswith("downsample") for k in state)
    y, skips = torch.from_numpy(x).permute(0, 3, 1, 2), []
    for n in range(1, depth + 1):
        y = F.conv2d(y, state[f"downsample{n}.model.0.weight"], None, 2, 1)
        y = F.leaky_relu(y if n in (1, depth) else F.instance_norm(y), 0.2)
        skips.append(y)
    for n in range(1, depth):
        y = F.conv_transpose2d(y, state[f"upsample{n}.model.0.weight"], None, 2, 1)
        y = torch.cat([F.relu(F.instance_norm(y)), skips[depth - 1 - n]], 1)
    y = F.conv2d(F.pad(F.pad(F.interpolate(y, scale_factor=2), (1, 0, 1, 0)), (1, 1, 1, 1)), state["final.2.weight"], state["final.2.bias"])
    return torch.tanh(y).permute(0, 2, 3, 1).numpy()


def write_one_of_each(folder: Path) -> dict[str, bytes]:
    """A small good file of each format, by its name."""
    from webcam_pix2pix.checkpoints.formats import safetensors
    from webcam_pix2pix.networks import build
    from webcam_pix2pix.specs import UNet
    spec = UNet(4, 1)
    state = build(spec).state_dict()
    torch.save(state, folder / "zip.pth")
    torch.save(state, folder / "legacy.pth", _use_new_zipfile_serialization=False)
    torch.save(cryer_state(3, 1), folder / "cryer.pth")
    safetensors.write(folder / "ours.safetensors", spec, state, {"size": [16, 16]})
    write_mindspore(folder / "ms.ckpt", build(UNet(4, 1, order="up_first", last_bias=False)).state_dict())
    write_keras(folder / "keras.h5", cciauto_layers(3, 1, 2))
    shapes = {k: v.shape for k, v in affinelayer_arrays("B", 4, 1).items() if k.startswith("generator") and "Adam" not in k}
    write_pict(folder / "p.pict", shapes)
    write_bundle(folder / "tf-1", affinelayer_arrays("A", 4, 1))
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}
