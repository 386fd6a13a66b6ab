"""Every reader against what the original program computes; on files built here, and on real ones where they are at hand."""

import json
import os
from pathlib import Path

import foreign_files as foreign
import numpy as np
import pytest
import torch
from foreign_files import SHARED

from webcam_pix2pix import checkpoints
from webcam_pix2pix.checkpoints.formats import crc32c, pict, safetensors
from webcam_pix2pix.checkpoints.formats.crc32c import masked
from webcam_pix2pix.model import read_model
from webcam_pix2pix.networks import ResNet, UNet, build, set_norm_mode


def image(height: int, width: int, channels: int = 3, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-1, 1, (1, height, width, channels)).astype(np.float32)


def run(checkpoint: checkpoints.Checkpoint, x: np.ndarray, mode: str) -> np.ndarray:
    net = set_norm_mode(checkpoint.build(), mode)
    with torch.inference_mode():
        return net(torch.from_numpy(x).permute(0, 3, 1, 2)).permute(0, 2, 3, 1).numpy()


def random_state(spec, seed: int = 0) -> dict[str, torch.Tensor]:
    torch.manual_seed(seed)
    state = build(spec).state_dict()
    for key, tensor in state.items():
        if key.endswith("running_var"):
            tensor.uniform_(0.5, 2)
        elif tensor.is_floating_point():
            tensor.normal_(0, 0.2)
    return state


# ------------------------------------------------------------------------------------------------------------------ real files, if any

def fixtures() -> list[tuple[str, Path, Path, str, str]]:
    found = []
    for file in sorted(SHARED.glob("*/fixture.json")):
        printed = json.loads(file.read_text())
        paths = [printed["main_file"], *printed.get("descriptors", []),
                 *([printed["checkpoint_prefix"]] if "checkpoint_prefix" in printed else [])]
        for path in paths:
            for mode, array in printed["expected"]["arrays"].items():
                found.append((f"{printed['id']}-{Path(path).name}-{mode}", file.parent / path, file.parent / printed["expected"]["file"],
                              mode.replace("batchstats", "batch"), array))
    return found


@pytest.mark.parametrize(("path", "expected", "mode", "array"), [pytest.param(*f[1:], id=f[0]) for f in fixtures()])
def test_real_files_give_the_numbers_of_their_programs(path, expected, mode, array):
    arrays = np.load(expected)
    checkpoint = checkpoints.load(path)
    assert np.abs(run(checkpoint, arrays["input"], mode) - arrays[array]).max() < 1e-4


@pytest.mark.skipif(not SHARED.is_dir(), reason="no real files here")
def test_real_mindspore_file_with_checksum():
    folder = SHARED / "mindspore_unet256/results/ckpt"
    one, other = (checkpoints.load(folder / name) for name in ("Generator_40.ckpt", "Generator_40_crc.ckpt"))
    assert one.spec == other.spec and safetensors.same(one.state, other.state)


@pytest.mark.skipif(not SHARED.is_dir(), reason="no real files here")
def test_real_options_agree_with_the_weights():
    for path in SHARED.glob("junyanz_*/checkpoints/*/latest_net_G.pth"):
        assert checkpoints.load(path).notes == ()


# --------------------------------------------------------------------------------------------------- pytorch-CycleGAN-and-pix2pix

JUNYANZ = [UNet(5, 3), UNet(6, 2, norm="instance"), UNet(5, 2, norm="none"), UNet(7, 1, 1, 2), UNet(5, 4, bias=True), UNet(4, 3, 3, 1),
           UNet(5, 2, running_stats=False), UNet(5, 3, upsample="resize_conv"), UNet(5, 2, widest=4), ResNet(9, 2),
           ResNet(6, 3, norm="batch"), ResNet(2, 3, 1, 2, norm="batch", dropout=True), ResNet(3, 2, dropout=True),
           ResNet(1, 2, norm="none"), ResNet(2, 2, norm="batch", bias=True)]


@pytest.mark.parametrize("spec", JUNYANZ, ids=lambda spec: f"{spec.type}_{spec.norm}")
def test_architecture_is_inferred(spec, tmp_path):
    state = random_state(spec)
    torch.save(state, tmp_path / "anything.bin")
    found = checkpoints.load(tmp_path / "anything.bin")
    assert found.spec == spec and found.norm_mode == "eval" and safetensors.same(found.state, state)


@pytest.mark.parametrize("variant", ["module.", "_orig_mod.", "module._orig_mod.", "legacy", "half", "nested", "uncounted", "parameters"])
def test_variants(variant, tmp_path):
    spec = UNet(5, 2)
    state = random_state(spec)
    saved, options = dict(state), {}
    if variant.endswith("."):
        saved = {variant + key: tensor for key, tensor in state.items()}
    elif variant == "legacy":
        options = {"_use_new_zipfile_serialization": False}
    elif variant == "half":
        saved = {key: tensor.half() if tensor.is_floating_point() else tensor for key, tensor in state.items()}
    elif variant == "nested":
        saved = {"epoch": 123_456, "loss": 0.5, "state_dict": state}
    elif variant == "uncounted":
        saved = {key: tensor for key, tensor in state.items() if not key.endswith("num_batches_tracked")}
    elif variant == "parameters":
        saved = {key: torch.nn.Parameter(tensor, requires_grad=tensor.is_floating_point()) for key, tensor in state.items()}
    torch.save(saved, tmp_path / "latest_net_G.pth", **options)
    found = checkpoints.load(tmp_path / "latest_net_G.pth")
    assert found.spec == spec
    if variant == "half":
        assert all(torch.allclose(tensor.float(), state[key].float(), atol=1e-3) for key, tensor in found.state.items())
    else:
        assert safetensors.same(found.state, state)


def test_old_instance_norms_carry_statistics_that_are_dropped(tmp_path):
    spec = UNet(5, 2, norm="instance")
    state = random_state(spec)
    extra = {f"{names[role]}.{part}": torch.rand(3) for names in spec.names() for role in ("down_norm", "up_norm") if role in names
             for part in ("running_mean", "running_var")}
    torch.save(state | extra, tmp_path / "old.pth", _use_new_zipfile_serialization=False)
    assert checkpoints.load(tmp_path / "old.pth").spec == spec


def test_options_file_is_only_compared(tmp_path):
    spec = UNet(5, 2)
    torch.save(random_state(spec), tmp_path / "latest_net_G.pth")
    options = "--- Options ---\n  netG: unet_256    \t[default: x]\n  norm: batch\n  ngf: 64\n crop_size: 64\n--- End ---\n"
    (tmp_path / "train_opt.txt").write_text(options)
    found = checkpoints.load(tmp_path / "latest_net_G.pth")
    assert found.spec == spec and found.size == (64, 64)
    (tmp_path / "other").mkdir()
    torch.save(random_state(ResNet(2, 2)), tmp_path / "other/r.pth")
    (tmp_path / "other/train_opt.txt").write_text("no_dropout: False\ndirection: BtoA\ninput_nc: 3\ncrop_size: \u00b2\n", encoding="utf-8")
    assert checkpoints.load(tmp_path / "other/r.pth").notes == ("train_opt.txt says no_dropout False, the weights say True",)
    assert found.notes == ("train_opt.txt says netG unet_256, the weights say unet_32", "train_opt.txt says ngf 64, the weights say 2")


def test_dropout_of_a_unet_is_only_known_from_its_options(tmp_path):
    torch.save(random_state(UNet(6, 2)), tmp_path / "latest_net_G.pth")
    assert checkpoints.load(tmp_path).spec.dropout
    (tmp_path / "opt.txt").write_text("no_dropout: True\nwhich_model_netG: unet_64\n")
    found = checkpoints.load(tmp_path)
    assert not found.spec.dropout and found.notes == ()


def test_state_dict_that_does_not_fit_names_the_weight(tmp_path):
    state = random_state(UNet(5, 2))
    key = "model.model.1.model.3.model.5.weight"
    for wrong, message in (({k: v for k, v in state.items() if k != key}, f"{key} is missing"),
                           (state | {key: torch.zeros(1, 2, 4, 4)}, f"{key} has shape"),
                           (state | {"model.extra": torch.zeros(2)}, "model.extra is in no generator")):
        torch.save(wrong, tmp_path / "x.pth")
        with pytest.raises(ValueError, match=r"x\.pth: ") as error:
            checkpoints.load(tmp_path / "x.pth")
        assert message in str(error.value)


@pytest.mark.parametrize(("content", "message"), [
    ({"model.0.weight": torch.zeros(4, 6, 4, 4)}, "discriminator"), ({"fc.weight": torch.zeros(4, 6)}, "no known generator"),
    ({"epoch": 3}, "no state dict"), ([1, 2], "no state dict")])
def test_other_torch_files_are_refused(content, message, tmp_path):
    torch.save(content, tmp_path / "x.pth")
    with pytest.raises(ValueError, match=message):
        checkpoints.load(tmp_path / "x.pth")


# ------------------------------------------------------------------------------------------------------------ pix2pix-tensorflow

@pytest.mark.parametrize("layout", ["A", "B", "C"])
@pytest.mark.parametrize(("depth", "ngf", "channels"), [(4, 3, (3, 3)), (6, 1, (1, 2))])
def test_tensorflow_layouts(layout, depth, ngf, channels, tmp_path):
    arrays = foreign.affinelayer_arrays(layout, depth, ngf, channels)
    prefix = foreign.write_bundle(tmp_path / "run" / "model-7", arrays)
    found = checkpoints.load(prefix)
    assert found.format.endswith(f"layout {layout}") and found.norm_mode == "paper"
    assert (found.spec.depth, found.spec.ngf, found.spec.in_channels, found.spec.out_channels) == (depth, ngf, *channels)
    x = image(2 ** depth, 2 ** (depth + 1), channels[0])
    expected = foreign.affinelayer_forward(arrays, x)
    for mode in ("batch", "eval"):  # there are no running statistics to evaluate with
        assert np.abs(run(found, x, mode) - expected).max() < 1e-5


def test_bundle_by_folder_prefix_and_each_of_its_files(tmp_path):
    folder = tmp_path / "run"
    foreign.write_bundle(folder / "model-7", foreign.affinelayer_arrays(seed=1))
    prefix = foreign.write_bundle(folder / "model-30", foreign.affinelayer_arrays(seed=2))
    (folder / "model-30.meta").write_bytes(b"\x0a\x05graph")
    expected = checkpoints.load(prefix).state
    for path in (folder, folder / "checkpoint", *(folder / f"model-30{s}" for s in (".index", ".data-00000-of-00001", ".meta"))):
        assert safetensors.same(checkpoints.load(path).state, expected)
    (folder / "checkpoint").write_text('model_checkpoint_path: "/home/someone/else/model-7"\n')  # moved from another machine
    assert safetensors.same(checkpoints.load(folder).state, checkpoints.load(folder / "model-7").state)
    (folder / "checkpoint").write_text('model_checkpoint_path: "../../../../etc/passwd"\n')
    assert safetensors.same(checkpoints.load(folder).state, expected), "the newest one of this folder, and nothing outside of it"


def test_bundle_damage_is_named(tmp_path):
    prefix = foreign.write_bundle(tmp_path / "model-7", foreign.affinelayer_arrays())
    data, index = tmp_path / "model-7.data-00000-of-00001", tmp_path / "model-7.index"
    good = data.read_bytes()
    data.write_bytes(good[:1000] + bytes([good[1000] ^ 1]) + good[1001:])
    with pytest.raises(ValueError, match="checksum of generator/"):
        _ = checkpoints.load(prefix).state
    data.write_bytes(good[:-9])
    with pytest.raises(ValueError, match="cut short"):
        checkpoints.load(prefix)
    data.unlink()
    with pytest.raises(OSError, match="missing"):
        checkpoints.load(prefix)
    table = index.read_bytes()
    index.write_bytes(table[:50] + bytes([table[50] ^ 1]) + table[51:])
    with pytest.raises(ValueError, match="checksum of the block"):
        checkpoints.load(prefix)


def test_tensorflow_options_are_only_compared(tmp_path):
    prefix = foreign.write_bundle(tmp_path / "model-7", foreign.affinelayer_arrays("B"))
    (tmp_path / "options.json").write_text('{"ngf": 64, "lab_colorization": true}')
    assert [note[:30] for note in checkpoints.load(prefix).notes] == ["options.json says ngf 64, the ", "a colourisation model: lightne"]


# ------------------------------------------------------------------------------------------------------------------------- .pict

def test_pict(tmp_path):
    like = foreign.affinelayer_arrays("B", 4, 2)
    arrays = foreign.write_pict(tmp_path / "x", {k: v.shape for k, v in like.items() if k.startswith("generator") and "Adam" not in k})
    found = checkpoints.load(tmp_path / "x")
    assert found.format.endswith(".pict") and found.norm_mode == "batch"
    x = image(16, 32)
    assert np.abs(run(found, x, "batch") - foreign.affinelayer_forward(arrays, x)).max() < 1e-5


def test_pict_writer_is_exact_for_few_values_and_close_for_many(tmp_path):
    few = {"generator/encoder_1/conv2d/kernel": np.random.default_rng(0).integers(0, 256, (4, 4, 3, 9)).astype(np.float32) / 7}
    pict.write(tmp_path / "few.pict", few)
    values = pict.table(few["generator/encoder_1/conv2d/kernel"].ravel())
    codes = pict.quantised(few["generator/encoder_1/conv2d/kernel"].ravel(), values)
    assert np.array_equal(values[codes].reshape(4, 4, 3, 9), few["generator/encoder_1/conv2d/kernel"])
    many = np.random.default_rng(0).normal(0, 0.02, 100_000).astype(np.float32)
    values = pict.table(many)
    assert np.all(np.diff(values) > 0) and np.abs(values[pict.quantised(many, values)] - many).max() <= np.diff(values).max() / 2 + 1e-7
    assert np.sort(np.diff(values))[0] < np.diff(values).max() / 20, "fine around zero"


# ----------------------------------------------------------------------------------------------------- MindSpore, cryer, cci-auto

@pytest.mark.parametrize("crc", [False, True])
def test_mindspore(crc, tmp_path):
    spec = UNet(6, 2, order="up_first", dropout=False, last_bias=False)
    state = random_state(spec)
    for key in state:
        if key.endswith("num_batches_tracked"):
            state[key].zero_()
    foreign.write_mindspore(tmp_path / "x", state, crc, split="model.model.1.model.5.weight")
    found = checkpoints.load(tmp_path / "x")
    assert found.spec == spec and found.norm_mode == "batch" and safetensors.same(found.state, state)
    if crc:
        data = bytearray((tmp_path / "x").read_bytes())
        data[-30] ^= 1
        (tmp_path / "x").write_bytes(data)
        with pytest.raises(ValueError, match="checksum"):
            checkpoints.load(tmp_path / "x")


@pytest.mark.parametrize("depth", [4, 6])
def test_cryer(depth, tmp_path):
    state = foreign.cryer_state(depth)
    torch.save({f"module.{k}": v for k, v in state.items()} if depth == 6 else state, tmp_path / "generator_49.pth")
    found = checkpoints.load(tmp_path / "generator_49.pth")
    assert found.format == "cryer/pix2pix" and found.norm_mode == "paper"
    x = image(2 ** depth * 2, 2 ** depth)
    assert np.abs(run(found, x, "eval") - foreign.cryer_forward(state, x)).max() < 1e-5


@pytest.mark.parametrize("kind", ["h5", "bundle"])
@pytest.mark.parametrize(("depth", "first", "widest", "channels"), [(4, 4, 8, (1, 3)), (6, 2, 16, (3, 3)), (4, 8, 8, (1, 3))])
def test_cciauto(kind, depth, first, widest, channels, tmp_path):
    layers = foreign.cciauto_layers(depth, first, widest, channels)
    if kind == "h5":
        path = tmp_path / "generator.h5"
        foreign.write_keras(path, layers)
    else:
        path = foreign.write_bundle(tmp_path / "chkpt-4", foreign.tf2_arrays(layers))
    found = checkpoints.load(path)
    assert found.norm_mode == ("eval" if kind == "h5" else "paper")
    x = image(2 ** depth, 2 ** (depth + 1), channels[0])
    for mode in ("eval", "batch"):
        assert np.abs(run(found, x, mode) - foreign.cciauto_forward(layers, x, mode == "batch")).max() < 1e-5


# --------------------------------------------------------------------------------------------------------------------- our own, and all

def test_safetensors_round_trip(tmp_path):
    spec = UNet(5, 2, 1, 2, "instance", order="up_first", dropout_levels=(1, 2))
    state = random_state(spec)
    recipe = {"EdgeDetection.tone": 0.5, "ranges": {"EdgeDetection.tone": [0.4, 0.6]}}
    safetensors.write(tmp_path / "m.safetensors", spec, state, {"norm_mode": "paper", "size": [64, 32], "recipe": recipe, "about": "x"})
    found = checkpoints.load(tmp_path / "m.safetensors")
    assert (found.spec, found.norm_mode, found.size, found.about) == (spec, "paper", (64, 32), "x")
    assert found.recipe.edges.tone == 0.5 and found.recipe.ranges == {"EdgeDetection.tone": (0.4, 0.6)}
    assert safetensors.same(found.state, state)
    safetensors.write(tmp_path / "half.safetensors", spec, state, half=True)
    assert safetensors.is_half(tmp_path / "half.safetensors") and not safetensors.is_half(tmp_path / "m.safetensors")
    assert all(t.dtype == torch.float32 for t in checkpoints.load(tmp_path / "half.safetensors").state.values())


def test_format_is_found_by_content_not_by_name(tmp_path):
    torch.save(random_state(UNet(5, 2)), tmp_path / "a.pth")
    foreign.write_keras(tmp_path / "b.h5", foreign.cciauto_layers())
    safetensors.write(tmp_path / "c.safetensors", UNet(5, 2), random_state(UNet(5, 2)))
    foreign.write_mindspore(tmp_path / "d.ckpt", random_state(UNet(5, 2, order="up_first", dropout=False, last_bias=False)))
    for i, name in enumerate(("a.pth", "b.h5", "c.safetensors", "d.ckpt")):
        before = checkpoints.load(tmp_path / name)
        renamed = (tmp_path / name).rename(tmp_path / f"{i}.{('h5', 'pict', 'pth', 'jpg')[i]}")
        assert checkpoints.load(renamed).format == before.format


def test_newest_generator_of_a_folder(tmp_path):
    for name, ngf in (("5_net_G.pth", 1), ("10_net_G.pth", 2), ("10_net_D.pth", 3)):
        torch.save(random_state(UNet(5, ngf)), tmp_path / name)
    assert checkpoints.load(tmp_path).spec.ngf == 2
    torch.save(random_state(UNet(5, 4)), tmp_path / "latest_net_G.pth")
    assert checkpoints.load(tmp_path).spec.ngf == 4
    torch.save(random_state(UNet(5, 4)), tmp_path / "latest_net_G_A.pth")
    with pytest.raises(ValueError, match="several checkpoints"):
        checkpoints.load(tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="no checkpoint in this folder"):
        checkpoints.load(tmp_path / "empty")
    with pytest.raises(OSError, match="no such file"):
        checkpoints.load(tmp_path / "nothing.pth")


def test_weights_are_the_networks_own(tmp_path):
    torch.save(random_state(UNet(5, 2)), tmp_path / "x.pth")
    found = checkpoints.load(tmp_path / "x.pth")
    one, other = found.build(), found.build()
    next(one.parameters()).zero_()
    assert next(other.parameters()).any() and not next(other.parameters()).requires_grad and not other.training


def test_installed_model_is_the_same(tmp_path):
    from webcam_pix2pix.checkpoints.install import install
    arrays = foreign.affinelayer_arrays("C")
    info = read_model(foreign.write_bundle(tmp_path / "gart" / "model-9", arrays))
    found = checkpoints.load(info)
    made = install(info, found, "old portraits", tmp_path / "models")
    assert made.path == tmp_path / "models/old_portraits.json" and made.name == "old portraits" and made.norm_mode == "paper"
    again = checkpoints.load(made)
    assert again.spec == found.spec and safetensors.same(again.state, found.state)
    with pytest.raises(FileExistsError, match="there is a model of that name"):
        install(info, found, "old portraits", tmp_path / "models")
    for name in ("../x", "", ".hidden", "a/b"):
        with pytest.raises(ValueError, match="not a name for a model"):
            install(info, found, name, tmp_path / "models")
    assert sorted(p.name for p in (tmp_path / "models").iterdir()) == ["old_portraits", "old_portraits.json"]
    if os.name == "posix":
        assert (tmp_path / "models/old_portraits/weights.safetensors").stat().st_mode & 0o044, "others may read it"


def test_crc32c():
    assert crc32c.crc32c(b"123456789") == 0xE3069283 and crc32c.crc32c(b"") == 0
    rng = np.random.default_rng(0)
    for size in (*range(40), 4096, 65_533, 65_536, 131_073, 262_150):
        data = rng.integers(0, 256, size, dtype=np.uint8).tobytes()
        assert crc32c.crc32c(data) == crc32c._byte_by_byte(data)
        assert crc32c.crc32c(memoryview(b"x" + data)[1:]) == crc32c._byte_by_byte(data), "data need not be aligned"
    assert masked(0) == 0xA282EAD8
