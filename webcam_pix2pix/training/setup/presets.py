"""Named sets of training options."""

from typing import Any

from .options import Options

PRESETS: dict[str, dict[str, Any]] = {
    # pytorch-CycleGAN-and-pix2pix to the last bit of its arithmetic
    "classic": {"direction": "AtoB"},
    # small and fast on a laptop, steady in motion
    "live": {"ngf": 24, "ndf": 32, "no_dropout": True, "batch_size": 4, "gan_mode": "lsgan", "lambda_L1": 40.0, "lambda_feat": 10.0,
             "spectral_norm": True, "ema": 0.999, "upsample": "resize", "color_jitter": 0.2, "geometry_jitter": 0.1,
             "precision": "auto"},
    # the best image that a good GPU can paint
    "quality": {"batch_size": 4, "no_dropout": True, "gan_mode": "lsgan", "lambda_L1": 50.0, "lambda_feat": 10.0, "spectral_norm": True,
                "ema": 0.999, "upsample": "resize", "geometry_jitter": 0.1, "precision": "auto"},
    # a painter for any camera from a few hundred paintings, photographs or drawings: `prepare --store photos --recipe color-soft`
    "painter": {"ngf": 24, "ndf": 48, "no_dropout": True, "batch_size": 4, "gan_mode": "lsgan", "lambda_gan": 1.5, "lambda_L1": 10.0,
                "lambda_feat": 30.0, "lambda_stable": 8.0, "spectral_norm": True, "diffaugment": "color,translation", "ema": 0.999,
                "upsample": "resize", "camera_jitter": 1.0, "min_crop": 0.5, "lift_dark": 85.0, "bare_walls": 0.2,
                "geometry_jitter": 0.5, "lr_policy": "cosine", "precision": "auto"},
}
# a painter with sharper texture and plain walls, judged through a trained network: needs the perceptual extra
PRESETS["projected"] = PRESETS["painter"] | {"lambda_gan": 0.0, "lambda_feat": 0.0, "lambda_projected": 5.0, "lambda_perceptual": 0.8,
                                             "lambda_stable": 12.0}
PAINTERS = ("painter", "projected")  # learn from paintings or photographs, and paint what any camera sees

# Those of commands that set more than options: not to choose with --preset.
TASKS: dict[str, dict[str, Any]] = {
    # a small student of a model that is there: `shrink`
    "student": {"ngf": 24, "ndf": 24, "no_dropout": True, "batch_size": 4, "gan_mode": "lsgan", "lambda_gan": 1.0, "lambda_L1": 100.0,
                "lambda_distill": 1.0, "spectral_norm": True, "ema": 0.999, "upsample": "resize", "lr": 0.0005, "lr_policy": "cosine",
                "precision": "auto"},
    # a painter in the style of one image: `make-model --style`
    "style": {"netG": "unet_64", "ngf": 24, "ndf": 8, "norm": "instance", "no_dropout": True, "batch_size": 4, "lambda_gan": 0.0,
              "lambda_L1": 0.0, "lambda_stable": 2.0, "upsample": "resize", "lr": 0.001, "lr_policy": "cosine", "precision": "auto"},
}


def preset(name: str) -> Options:
    """The options of a preset or task by name. Raises ValueError."""
    known = PRESETS | TASKS
    if name not in known:
        raise ValueError(f"--preset {name}: no such preset, expected one of {', '.join(PRESETS)}")
    return Options().with_values(known[name])
