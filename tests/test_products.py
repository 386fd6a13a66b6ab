"""Convolutions as matrix products: the same values and gradients as torch's, only where a map has few places."""

import pytest
import torch

from webcam_pix2pix.networks import UNet, build
from webcam_pix2pix.networks.products import FEW, Down, Up, multiply


def learned(layer, x, products):
    """Output and gradients of a layer, for the same output gradient."""
    layer.products = products
    inputs = (x, *layer.parameters())
    y = layer(x)
    weights = torch.linspace(-1, 1, y.numel(), dtype=y.dtype).view(y.shape)
    return y, *torch.autograd.grad((y * weights).sum(), inputs)


@pytest.mark.parametrize("kind", [Down, Up])
@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("shape", [(1, 5, 2, 2), (3, 5, 4, 8), (2, 5, 6, 2)])
def test_values_and_gradients_are_those_of_the_convolution(kind, bias, shape):
    torch.manual_seed(1)
    layer = kind(5, 3, bias).double()
    x = torch.randn(*shape, dtype=torch.float64, requires_grad=True)
    for expected, found in zip(learned(layer, x, None), learned(layer, x, torch.channels_last), strict=True):
        assert found.shape == expected.shape
        torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-12)


def test_only_where_a_map_has_few_places(monkeypatch):
    used = []
    monkeypatch.setattr(torch.nn.functional, "unfold", lambda *args, **kwargs: used.append(args[0].shape) or torch.zeros(1, 16, FEW))
    layer = Down(1, 1, False)
    side = 2 * round(FEW**0.5)
    layer(torch.zeros(1, 1, side, side))
    multiply(layer, torch.contiguous_format)
    layer(torch.zeros(2, 1, side, side))
    layer.eval()(torch.zeros(1, 1, side, side))
    assert not used
    layer.train()(torch.zeros(1, 1, side, side))
    assert used == [(1, 1, side, side)]


def test_a_network_learns_the_same_with_either():
    torch.manual_seed(2)
    net = build(UNet(depth=5, ngf=2, dropout=False)).double().train()
    x, gradients = torch.randn(2, 3, 32, 64, dtype=torch.float64), []
    for _ in range(2):
        net.zero_grad()
        net(x).square().mean().backward()
        gradients.append([p.grad.clone() for p in net.parameters()])
        multiply(net, torch.channels_last)
    for expected, found in zip(*gradients, strict=True):
        torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-12)


def test_maps_keep_their_layout_all_the_way():
    net, layouts = build(UNet(depth=5, ngf=4, dropout=False)).to(memory_format=torch.channels_last), []
    multiply(net, torch.channels_last)
    for module in net.modules():
        if isinstance(module, Down | Up):
            module.register_forward_hook(lambda module, inputs, y: layouts.append(y.is_contiguous(memory_format=torch.channels_last)))
    net(torch.randn(2, 3, 64, 64).to(memory_format=torch.channels_last))
    assert layouts == [True] * 10


def test_batch_norm_meets_gradients_without_gaps():
    net = build(UNet(depth=5, ngf=4)).to(memory_format=torch.channels_last)
    met = []
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.register_forward_hook(lambda module, inputs, y: y.grad_fn.register_prehook(lambda grads: met.append(grads[0])) and None)
    net(torch.randn(2, 3, 32, 64).to(memory_format=torch.channels_last)).mean().backward()
    assert len(met) == 7
    assert all(gradient.is_contiguous(memory_format=torch.channels_last) for gradient in met)
