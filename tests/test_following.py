"""Chains: a second model and a colour grade that follow a model."""

import json

import cv2
import numpy as np
import pytest
import torch
from test_grade import cube
from test_onnx_models import PHOTO, Grade, exported

from msa.capturer import Captured
from webcam_pix2pix import networks
from webcam_pix2pix.checkpoints import load
from webcam_pix2pix.checkpoints.install import install
from webcam_pix2pix.cli import main
from webcam_pix2pix.model import read_model
from webcam_pix2pix.pipeline.chain import Chain
from webcam_pix2pix.predictor import PyTorchPredictor, predictor_for
from webcam_pix2pix.settings import Model, Settings
from webcam_pix2pix.specs import ResNet

EXACT = Model(precision="fp32")


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("chain")
    exported(Grade(0, 255, grow=2), folder / "twice.onnx")
    cube(folder / "negative.cube", 2, lambda r, g, b: (1 - r, 1 - g, 1 - b))
    torch.save(networks.build(ResNet(1, 4)).state_dict(), folder / "first.pth")
    (folder / "first.json").write_text(
        json.dumps(
            {
                "name": "first",
                "ckpt_path": "first.pth",
                "input": {"shape": [64, 96, 3]},
                "output": {"shape": [64, 96, 3]},
                "then": ["twice.onnx", "negative.cube"],
            }
        )
    )
    return folder


def test_the_image_goes_through_all_of_them_and_may_be_switched_while_it_runs(files):
    predictor = predictor_for(read_model(files / "first.json"), EXACT)
    alone, twice = (
        PyTorchPredictor(files / "first.pth", precision="fp32", size=(64, 96)),
        PyTorchPredictor(files / "twice.onnx", precision="fp32", size=(64, 96)),
    )
    expected = 255 - twice(alone(PHOTO)).astype(int)
    assert predictor.label.endswith("+ twice + negative")
    chain = Chain()
    chain.use(predictor)
    settings = Settings().with_values({"EdgeDetection.method": "none", "Capture.Processing.flip_h": False})
    shown = [chain.step(Captured(i, 0.0, PHOTO), settings.with_values({"Prediction.then": on})).predicted for i, on in enumerate((1, 0, 1))]
    assert [image.shape for image in shown] == [(128, 192, 3), (64, 96, 3), (128, 192, 3)]
    assert np.abs(shown[0].astype(int) - expected).max() <= 1 and np.abs(shown[1].astype(int) - alone(PHOTO).astype(int)).max() <= 1
    predictor.close()


def test_settings_name_what_follows_in_place_of_the_model(files):
    predictor = predictor_for(read_model(files / "first.json"), Model(precision="fp32", then=str(files / "negative.cube")))
    assert predictor(PHOTO).shape == (64, 96, 3) and len(predictor.stages) == 1
    assert not predictor_for(read_model(files / "first.json"), Model(precision="fp32", then="none")).stages
    with pytest.raises(OSError, match=r"none\.cube"):
        predictor_for(read_model(files / "first.json"), Model(then=str(files / "none.cube")))


def test_predict_and_video_take_them(files, tmp_path):
    cv2.imwrite(str(tmp_path / "in.png"), PHOTO[..., ::-1])
    assert (
        main(
            [
                "predict",
                "--model",
                str(files / "first.json"),
                "--raw",
                "--input",
                str(tmp_path / "in.png"),
                "--output",
                str(tmp_path / "out.png"),
            ]
        )
        == 0
    )
    assert cv2.imread(str(tmp_path / "out.png")).shape == (128, 192, 3)
    assert (
        main(
            [
                "predict",
                "--model",
                str(files / "first.json"),
                "--then",
                "none",
                "--input",
                str(tmp_path / "in.png"),
                "--output",
                str(tmp_path / "alone.png"),
            ]
        )
        == 0
    )
    assert cv2.imread(str(tmp_path / "alone.png")).shape == (64, 96, 3)


def test_import_takes_them_along(files, tmp_path):
    info = read_model(files / "first.json")
    made = install(info, load(info), "chained", tmp_path)
    assert json.loads(made.path.read_text())["then"] == ["chained/then/twice.onnx", "chained/negative.cube"]
    assert len(predictor_for(made, EXACT).stages) == 2


@pytest.mark.parametrize(
    ("then", "words"), [(["../x.cube"], "leads out"), (7, "is not a name"), (["gone.onnx"], "gone.onnx"), ([""], "is not a text")]
)
def test_a_descriptor_that_names_what_cannot_be_is_one_line(files, then, words):
    data = json.loads((files / "first.json").read_text()) | {"then": then}
    (files / "bad.json").write_text(json.dumps(data))
    with pytest.raises((OSError, ValueError), match=words) as error:
        predictor_for(read_model(files / "bad.json"), EXACT)
    assert "\n" not in str(error.value)
