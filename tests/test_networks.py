"""Networks: counts and names of the originals, norm modes, initial weights, the spec as JSON."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from webcam_pix2pix import networks, specs
from webcam_pix2pix.checkpoints.shapes import shapes
from webcam_pix2pix.networks import PatchDiscriminator, PixelDiscriminator, ResNet, UNet, blueprint, build, set_norm_mode

UNETS = st.builds(UNet, depth=st.integers(2, 6), ngf=st.integers(1, 4), in_channels=st.integers(1, 4), out_channels=st.integers(1, 4),
                  norm=st.sampled_from(specs.NORMS), dropout=st.booleans(), upsample=st.sampled_from(["conv_transpose", "resize_conv"]),
                  widest=st.sampled_from([0, 6, 8]), order=st.sampled_from(["skip_first", "up_first"]),
                  activation=st.sampled_from(["before", "after"]), running_stats=st.booleans(), bottleneck_norm=st.booleans(),
                  bias=st.sampled_from([None, True, False]), last_bias=st.booleans(), last_resize=st.booleans(), separable=st.booleans())
RESNETS = st.builds(ResNet, blocks=st.integers(0, 3), ngf=st.integers(1, 4), norm=st.sampled_from(specs.NORMS), dropout=st.booleans(),
                    bias=st.sampled_from([None, True]), running_stats=st.booleans())


@pytest.mark.parametrize(("spec", "count"), [
    (UNet(), 54_413_955), (UNet(norm="instance"), 54_409_603), (UNet(depth=7), 41_828_995), (UNet(depth=7, norm="instance"), 41_825_667),
    (ResNet(), 11_378_179), (ResNet(norm="batch"), 11_383_427), (ResNet(6), 7_837_699), (ResNet(6, norm="batch"), 7_841_411),
    (PatchDiscriminator(), 2_768_705), (PixelDiscriminator(), 9_024)])
def test_as_many_weights_as_the_original(spec, count):
    assert sum(p.numel() for p in blueprint(spec).parameters()) == count


def test_names_of_weights_are_those_of_the_original():
    keys = list(blueprint(UNet()).state_dict())
    assert len(keys) == 82
    assert len(blueprint(UNet(norm="instance")).state_dict()) == 32
    assert len(blueprint(UNet(norm="none")).state_dict()) == 17
    inner = "model.model.1.model.3.model.3.model.3.model.3.model.3.model.3.model"
    for key in ("model.model.0.weight", "model.model.3.bias", "model.model.1.model.2.running_mean", f"{inner}.3.weight", f"{inner}.4.bias"):
        assert key in keys
    assert {"model.10.conv_block.6.weight", "model.26.bias"} <= set(blueprint(ResNet(norm="batch", dropout=True)).state_dict())
    assert {"model.10.conv_block.5.weight", "model.23.bias"} <= set(blueprint(ResNet(6)).state_dict())
    assert {"model.0.weight", "model.3.running_var", "model.11.bias"} <= set(blueprint(PatchDiscriminator()).state_dict())
    assert {"net.0.bias", "net.3.weight", "net.5.weight"} <= set(blueprint(PixelDiscriminator()).state_dict())


@given(st.one_of(UNETS, RESNETS))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_shapes_foretold_without_torch(spec):
    assert shapes(spec) == {key: tuple(tensor.shape) for key, tensor in blueprint(spec).state_dict().items()}
    assert specs.from_json(specs.to_json(spec)) == spec


@given(UNETS)
@settings(max_examples=25, deadline=None, derandomize=True)
def test_every_unet_keeps_the_size(spec):
    net = set_norm_mode(build(spec), "batch")
    side = spec.multiple
    with torch.inference_mode():
        y = net(torch.randn(1, spec.in_channels, side, 2 * side))
    assert y.shape == (1, spec.out_channels, side, 2 * side) and torch.isfinite(y).all() and y.abs().max() <= 1


@pytest.mark.parametrize("depth", [6, 7, 9, 10])
def test_depth_follows_the_size(depth):
    spec = UNet(depth, ngf=1)
    assert spec.multiple == 2 ** depth
    with torch.inference_mode():
        assert set_norm_mode(build(spec), "eval")(torch.zeros(1, 3, spec.multiple, spec.multiple)).shape[2:] == (spec.multiple,) * 2


def test_discriminators_see_patches():
    x = torch.zeros(1, 6, 256, 256)
    with torch.inference_mode():
        sizes = [build(PatchDiscriminator(ndf=1, n_layers=n)).eval()(x).shape[2] for n in (1, 2, 3, 4, 5)]
        assert sizes == [126, 62, 30, 14, 6]
        assert build(PixelDiscriminator(ndf=1)).eval()(x).shape == (1, 1, 256, 256)
        assert build(PatchDiscriminator(ndf=2, norm="spectral")).eval()(x).shape == (1, 1, 30, 30)


def random_net(spec):
    torch.manual_seed(0)
    net = build(spec)
    for name, tensor in net.state_dict().items():
        if name.endswith("running_var"):
            tensor.uniform_(0.5, 2)
        elif tensor.is_floating_point():
            tensor.normal_(0, 0.3)
    return net


def test_norm_modes():
    net = random_net(UNet(5, 4, dropout_levels=(2, 3)))
    x = torch.randn(2, 3, 32, 32)
    with torch.inference_mode():
        modes = {mode: set_norm_mode(net, mode)(x) for mode in specs.NORM_MODES}
        assert not torch.allclose(modes["eval"], modes["batch"], atol=1e-3)
        assert not torch.allclose(modes["batch"], modes["paper"], atol=1e-3)
        assert torch.equal(set_norm_mode(net, "batch")(x), modes["batch"])
        alone = set_norm_mode(net, "batch")(x[:1])
        assert torch.allclose(alone, modes["batch"][:1], atol=1e-5), "each image has statistics of its own"
        net.train()
        for module in net.modules():
            if isinstance(module, networks.layers.Dropout):
                module.eval()
        assert torch.allclose(net(x[:1]), alone, atol=1e-5), "batch is what training does, dropout aside"


def test_dropout_mask_is_fixed_by_a_seed():
    net, x = random_net(UNet(5, 4, dropout_levels=(2, 3))), torch.randn(1, 3, 32, 32)
    with torch.inference_mode():
        first, again = set_norm_mode(net, "paper", seed=1)(x), net(x)
        assert torch.equal(first, again)
        assert torch.equal(set_norm_mode(net, "paper", seed=1)(x), first)
        assert not torch.equal(set_norm_mode(net, "paper", seed=2)(x), first)
        set_norm_mode(net, "paper")
        assert not torch.equal(net(x), net(x))
    with pytest.raises(ValueError, match="norm mode: 'train'"):
        set_norm_mode(net, "train")


def test_bottleneck_norm_is_its_offset():
    norm = networks.layers.BatchNorm(4)
    norm.weight.data.normal_()
    norm.bias.data.normal_()
    norm.running_mean.fill_(3.0)
    for training in (False, True):
        norm.train(training).per_image = True
        assert torch.equal(norm(torch.randn(1, 4, 1, 1) * 1e4)[0, :, 0, 0], norm.bias)
    assert torch.equal(norm.running_mean, torch.full((4,), 3.0)), "one value has no variance to learn from"


def test_unet_with_bottleneck_norm_trains_on_one_image():
    net = build(UNet(4, 2, bottleneck_norm=True)).train()
    net(torch.randn(1, 3, 16, 16)).sum().backward()
    assert all(torch.isfinite(p.grad).all() for p in net.parameters())


@pytest.mark.parametrize("init_type", ["normal", "xavier", "kaiming", "orthogonal"])
def test_initial_weights(init_type):
    torch.manual_seed(0)
    net = networks.init_weights(build(UNet(5, 16)), init_type, 0.02)
    net.requires_grad_(False)
    norm, conv = net.model.model[1].model[2], net.model.model[1].model[1]
    assert abs(float(norm.weight.mean()) - 1) < 0.02 and 0.005 < float(norm.weight.std()) < 0.05 and not norm.bias.any()
    if init_type == "normal":
        assert 0.019 < float(conv.weight.std()) < 0.021
    with pytest.raises(ValueError, match="init_type: 'zero'"):
        networks.init_weights(net, "zero")


@pytest.mark.parametrize(("data", "message"), [
    ([], "not an object"), ({}, "type: None"), ({"type": "vit"}, "type: 'vit'"), ({"type": "unet", "depth": 99}, "depth: 99"),
    ({"type": "unet", "ngf": "64"}, "ngf: '64'"), ({"type": "unet", "norm": "layer"}, "norm: 'layer'"),
    ({"type": "unet", "ngf": True}, "ngf: True"), ({"type": "unet", "colour": 1}, "'colour'"),
    ({"type": "unet", "dropout_levels": [9]}, "dropout_levels: 9"),
    ({"type": "resnet", "blocks": 10 ** 9}, "blocks"), ({"type": "unet", "slope": float("nan")}, "slope")])
def test_a_bad_spec_is_one_line(data, message):
    with pytest.raises(ValueError, match="network") as error:
        specs.from_json(data, "x.json: network")
    assert message in str(error.value) and "\n" not in str(error.value)
