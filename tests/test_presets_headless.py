"""Presets without a window: recalled by name while a film is rendered; the look of each frame is exact."""

import numpy as np

from msa.capturer import Capturer, Init
from webcam_pix2pix.control import Desk
from webcam_pix2pix.control.presets import Bank, Player
from webcam_pix2pix.pipeline import Pipeline
from webcam_pix2pix.settings import Settings

INVERT, MODEL = "Capture.Processing.invert", "Model.model_name"


def test_a_preset_changes_the_running_engine_and_leaves_the_model_alone(tmp_path):
    values = {"EdgeDetection.method": "none", "Capture.Init.device_id": "test", "Prediction.enabled": False}
    settings = Settings().with_values(values)
    with Capturer(Init("test"), live=False) as capturer:
        pipeline = Pipeline(capturer, settings)
        desk = Desk(settings, lambda value: setattr(pipeline, "settings", value))
        player = Player(desk, Bank(tmp_path), stays=("model", "source"))
        player.register()
        player.bank.store("negative", {INVERT: True, MODEL: "another", "Capture.Init.device_id": "sketch"})
        captured = capturer.take(5)
        before = pipeline.step(captured, pipeline.settings).processed
        desk.trigger("preset_1", by="osc")
        after = pipeline.step(captured, pipeline.settings).processed
        assert np.array_equal(after, 255 - before)
        assert pipeline.settings == settings.with_values({INVERT: True})
        player.close()
        pipeline.close()
