"""Trainer: generator, discriminator, their optimisers, one step of both."""

import logging
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from webcam_pix2pix import networks
from webcam_pix2pix.dataset.loading.pair_dataset import in_unit
from webcam_pix2pix.evaluation.backbone import load_backbone
from webcam_pix2pix.networks.products import multiply
from webcam_pix2pix.networks.resizing import grow_by_resizing, unparametrized_weights
from webcam_pix2pix.predictor.device.instructions import instructions
from webcam_pix2pix.specs import Generator

from . import parallel
from .augment import augment
from .losses import feature_matching, features, gan_loss, gradient_penalty, instability
from .objectives.choice import objective
from .objectives.critic import Critic
from .setup.options import Options
from .setup.specs import discriminator_spec
from .steps.captured import CapturedStep, Recorder, allow_tf32, recorder_for
from .steps.memory import keep_freed
from .steps.optimisers import adam, restore, set_rate, stored

log = logging.getLogger(__name__)

MULTIPLY_BF16 = ("AMX", "AVX-512 bf16")  # of the instructions that a CPU can have
DTYPES = {"bf16": torch.bfloat16, "fp16": torch.float16}


class Trainer:
    """Generator G, discriminator D and the averaged generator, on one device.

    Attributes:
        spec: of the generator as it is saved.
        G, D: the networks in training.
        shown: the averaged generator, None without `ema`.
    """

    def __init__(self, options: Options, spec: Generator, device: torch.device, weights: Mapping[str, Tensor] | None = None,
                 recorder: Recorder | None = None, note: Callable[[str], None] = log.debug) -> None:
        """
        weights: state dict of a generator of `spec` to start from; else first weights as `options` say, from torch's random state.
        recorder: records steps, to replay them; by default a CUDA graph where there can be one. note: told when that is impossible.
        """
        self.options, self.spec, self.device = options, spec, device
        keep_freed()
        self.dtype = DTYPES.get(resolve_precision(options.precision, device))
        exact = options.precision == "fp32"  # as the original program, to the layout: dropout draws its masks in memory order
        wide = device.type == "cpu" and not exact and instructions().startswith("AVX-512")
        self.layout = torch.channels_last if self.dtype or wide else torch.contiguous_format  # what is fastest
        self.G = networks.build(spec)
        if weights is not None:
            self.G.load_state_dict(weights)
        if options.upsample == "resize":
            grow_by_resizing(self.G, weights is not None)
        if weights is None:
            networks.init_weights(self.G, options.init_type, options.init_gain)
        self.D = networks.build(discriminator_spec(options))
        networks.init_weights(self.D, options.init_type, options.init_gain)
        self.G, self.D = (parallel.synchronised(net).to(device).to(memory_format=self.layout) for net in (self.G, self.D))
        if device.type == "cpu" and not exact:
            multiply(self.G, self.layout)
        self.shown = self._unparametrized_copy() if options.ema else None
        self.averaged = 0  # steps in the average
        self.released: Mapping[str, Tensor] | None = None  # what is shipped at the end of a run instead, if anything
        self.objective = objective(options, self.G, device)
        self.adversarial = bool(options.lambda_gan or options.lambda_feat)
        recorder = recorder or recorder_for(options, device, note)
        self.captured = CapturedStep(self._step, recorder, device, note) if recorder else None
        self.weight = torch.zeros((), device=device) if recorder else None  # of the newest step in the average
        recorded = recorder is not None and device.type == "cuda"
        if device.type == "cuda":
            torch.backends.cudnn.benchmark = options.one_size  # as the original program
            allow_tf32(options.tf32)
        self.optimizer_G = adam(self._learning(), options.lr, options.beta1, device, exact, recorded)
        self.optimizer_D = adam(self.D.parameters(), options.lr_D or options.lr, options.beta1, device, exact, recorded)
        self.scaler = torch.amp.GradScaler(device.type, enabled=self.dtype is torch.float16)
        self.backbone = self.critic = None
        if options.needs_backbone:
            self.backbone = load_backbone(options.perceptual_weights, options.download_weights).to(device).to(memory_format=self.layout)
        if options.lambda_projected and self.backbone is not None:
            self.critic = Critic(self.backbone, options.crop).to(device).to(memory_format=self.layout)
            self.optimizer_C = adam(self.critic.parameters(), options.lr_D or options.lr, options.beta1, device, exact, recorded)

    def step(self, a: Tensor, b: Tensor, shifts: Tensor | None = None) -> dict[str, Tensor]:
        """One step on inputs `a` and targets `b` (NxCxHxW, uint8 or -1..1): forward G, update D, update G. Gives the losses of the whole
        batch.

        With `lambda_stable`, `a` has 2N images, second shots of the same images after the first, moved by `shifts` (Nx2 pixels).
        """
        if self.shown is not None:
            self.averaged += 1
            if self.weight is not None:
                self.weight.fill_(self._newest())
        return self.captured(a, b, shifts) if self.captured is not None else self._step(a, b, shifts)

    def _step(self, a: Tensor, b: Tensor, shifts: Tensor | None) -> dict[str, Tensor]:
        options = self.options
        a, b = (self._on_device(x) for x in (a, b))
        shifts = None if shifts is None else shifts.to(self.device, non_blocking=True)
        with self._autocast():
            fake = self.G(a)
        again = None
        if shifts is not None:
            a, (fake, again) = a[:len(b)], fake.split(len(b))
        if self.objective is not None:
            with self._autocast():
                b = self.objective.target(a, b)
        losses, expected = self._judge(a, b, fake) if self.adversarial else ({}, [])
        maps = self._criticise(b, fake, losses)

        self.D.requires_grad_(False)
        self.optimizer_G.zero_grad()
        with self._autocast():
            if self.adversarial:
                judged = features(self.D, self._as_judged(a, fake))
                losses["G_GAN"] = options.lambda_gan * gan_loss(options.gan_mode, judged[-1], True)
            losses["G_L1"] = options.lambda_L1 * F.l1_loss(fake.float(), b.float())
            if options.lambda_feat:
                losses["G_feat"] = options.lambda_feat * feature_matching(judged, expected)
            if again is not None and shifts is not None:
                losses["G_stable"] = options.lambda_stable * instability(fake, again, shifts)
            if self.backbone is not None and options.lambda_perceptual:
                losses["G_perceptual"] = options.lambda_perceptual * self.backbone.distance(in_colour(fake), in_colour(b))
            if self.critic is not None:
                losses["G_projected"] = options.lambda_projected * self.critic.loss(maps, True)
            if self.objective is not None:
                losses |= self.objective.losses(fake, b)
        self._update(torch.stack([value for name, value in losses.items() if name.startswith("G_")]).sum(), self._learning(),
                     self.optimizer_G)
        self.scaler.update()
        if self.shown is not None:
            self._average(self.shown)
        return parallel.average(losses)

    def _judge(self, a: Tensor, b: Tensor, fake: Tensor) -> tuple[dict[str, Tensor], list[Tensor]]:
        """One step of the discriminator: its losses, and what its layers make of the real pairs."""
        options = self.options
        self.D.requires_grad_(True)
        self.optimizer_D.zero_grad()
        with self._autocast():
            fake_pair, real_pair = self._as_judged(a, fake.detach()), self._as_judged(a, b)
            d_fake = gan_loss(options.gan_mode, self.D(fake_pair), False)
            expected = features(self.D, real_pair)  # one look serves both networks, nearly as in pix2pixHD
            d_real = gan_loss(options.gan_mode, expected[-1], True)
        losses = {"D_real": d_real, "D_fake": d_fake}
        loss_D = (d_fake + d_real) * 0.5
        if options.gan_mode == "wgangp":
            alpha = self._draw(a.shape[0], 1, 1, 1)
            losses["D_gp"] = options.lambda_gp * gradient_penalty(self.D, real_pair.float(), fake_pair.float(), alpha)
            loss_D = loss_D + losses["D_gp"]
        self._update(loss_D, list(self.D.parameters()), self.optimizer_D)
        return losses, expected

    def _criticise(self, b: Tensor, fake: Tensor, losses: dict[str, Tensor]) -> list[Tensor]:
        """One step of the critic, whose losses are added; and the maps of `fake` that the generator is to learn from."""
        if self.critic is None or self.backbone is None:
            return []
        policy, parameters = self.options.diffaugment, list(self.critic.parameters())
        self.critic.requires_grad_(True)
        self.optimizer_C.zero_grad()
        with self._autocast():
            maps = self.critic.maps(self.backbone, augment(in_colour(fake), policy, self._draw))
            with torch.no_grad():
                real = self.critic.maps(self.backbone, augment(in_colour(b), policy, self._draw))
            losses["C_real"] = self.critic.loss(real, True)
            losses["C_fake"] = self.critic.loss([x.detach() for x in maps], False)
        self._update((losses["C_real"] + losses["C_fake"]) * 0.5, parameters, self.optimizer_C)
        self.critic.requires_grad_(False)
        return maps

    def set_learning_rates(self, lr_G: float, lr_D: float) -> None:
        set_rate(self.optimizer_G, lr_G)
        set_rate(self.optimizer_D, lr_D)
        if self.critic is not None:
            set_rate(self.optimizer_C, lr_D)

    def generator_weights(self) -> dict[str, Tensor]:
        """Weights of the generator that is shown and shipped, on the CPU, as a plain network of `spec`."""
        if self.released is not None:
            return dict(self.released)
        weights = self.shown.state_dict() if self.shown is not None else unparametrized_weights(self.G)
        return {name: value.detach().cpu().contiguous() for name, value in weights.items()}

    def shown_generator(self, norm_mode: str) -> nn.Module:
        """A generator to look at images with, set to `norm_mode`: a copy, the training is not touched."""
        net = self.shown if self.shown is not None else self._unparametrized_copy()
        return networks.set_norm_mode(net, norm_mode, seed=0)

    def state(self) -> dict[str, Any]:
        critic = {"critic": self.critic.state_dict(), "optimizer_C": stored(self.optimizer_C)} if self.critic is not None else {}
        return {"generator": self.G.state_dict(), "discriminator": self.D.state_dict(),
                "shown": self.shown.state_dict() if self.shown is not None else None, "averaged": self.averaged,
                "optimizer_G": stored(self.optimizer_G), "optimizer_D": stored(self.optimizer_D), "scaler": self.scaler.state_dict(),
                "objective": self.objective.state_dict() if self.objective is not None else None} | critic

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Go on from what `state` gave. Raises ValueError when it belongs to other networks."""
        try:
            self.G.load_state_dict(state["generator"])
            self.D.load_state_dict(state["discriminator"])
            if self.shown is not None:
                self.shown.load_state_dict(state["shown"])
                self.averaged = state["averaged"]
            if self.objective is not None:
                self.objective.load_state_dict(state["objective"])
            restore(self.optimizer_G, state["optimizer_G"])
            restore(self.optimizer_D, state["optimizer_D"])
            if self.critic is not None:
                self.critic.load_state_dict(state["critic"])
                restore(self.optimizer_C, state["optimizer_C"])
            if self.captured is not None:
                self.captured.forget()
            if state["scaler"]:  # empty where the run has not been in fp16
                self.scaler.load_state_dict(state["scaler"])
        except (KeyError, RuntimeError, TypeError, ValueError) as error:
            raise ValueError(f"the saved checkpoint does not fit the options of this run ({str(error).splitlines()[0]}); "
                             "use another --name or --new") from None

    def _on_device(self, x: Tensor) -> Tensor:
        x = x.to(self.device, non_blocking=True)
        return (in_unit(x) if x.dtype is torch.uint8 else x).contiguous(memory_format=self.layout)

    def _autocast(self) -> AbstractContextManager:
        return torch.autocast(self.device.type, self.dtype, enabled=self.dtype is not None)

    def _as_judged(self, a: Tensor, b: Tensor) -> Tensor:
        return augment(torch.cat([a, b.to(a.dtype)], 1), self.options.diffaugment, self._draw)

    def _learning(self) -> list[nn.Parameter]:
        """What a step of the generator changes."""
        return [*self.G.parameters(), *(self.objective.parameters() if self.objective is not None else ())]

    def _update(self, loss: Tensor, parameters: list[nn.Parameter], optimizer: torch.optim.Optimizer) -> None:
        self.scaler.scale(loss).backward()
        parallel.average_gradients(parameters)
        self.scaler.step(optimizer)

    def _draw(self, n: int, *shape: int) -> Tensor:
        # recorded steps cannot fetch numbers from the CPU
        return parallel.draw(n, *shape).to(self.device) if self.captured is None else torch.rand(n, *shape, device=self.device)

    def _newest(self) -> float:
        """Weight of the newest step in the average. A young average forgets faster: at full length it would show the first, random
        weights for thousands of steps."""
        return 1 - min(self.options.ema, self.averaged / (self.averaged + 9))

    @torch.no_grad()
    def _average(self, shown: nn.Module) -> None:
        weight = self._newest() if self.weight is None else self.weight
        now = unparametrized_weights(self.G)
        for name, value in shown.state_dict().items():
            if value.is_floating_point():
                value.lerp_(now[name], weight)
            else:
                value.copy_(now[name])

    def _unparametrized_copy(self) -> nn.Module:
        net = networks.blueprint(self.spec)  # draws no random numbers: looking at a run must not change it
        net.load_state_dict({name: value.clone() for name, value in unparametrized_weights(self.G).items()}, assign=True)
        return net.to(self.device).to(memory_format=self.layout).requires_grad_(False)


def in_colour(x: Tensor) -> Tensor:
    """Images of 1 or 3 channels as a trained network wants to see them."""
    return x.float().expand(-1, 3, -1, -1)


def resolve_precision(precision: str, device: torch.device) -> str:
    """What `auto` means on this device: bf16 where the hardware multiplies it, else fp16 on CUDA, else fp32."""
    if precision != "auto":
        return precision
    if device.type == "cuda":
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp16"
    return "bf16" if device.type == "cpu" and instructions() in MULTIPLY_BF16 else "fp32"
