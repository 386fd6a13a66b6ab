"""Wiring: what happens when an action, a button or a widget of the window is used."""

from typing import Any

from webcam_pix2pix.model import user_models_folder
from webcam_pix2pix.ui.compare.assembly import compare_in
from webcam_pix2pix.ui.control import window_actions
from webcam_pix2pix.ui.control.keys import Keys
from webcam_pix2pix.ui.foundation.desktop import show_folder
from webcam_pix2pix.ui.foundation.store import documents
from webcam_pix2pix.ui.output.programs import connect_programs
from webcam_pix2pix.ui.output.switches import connect_recording, connect_stage
from webcam_pix2pix.ui.presets.bank_dock import BankDock
from webcam_pix2pix.ui.shell import help_windows, menus
from webcam_pix2pix.ui.sketch.opening import show_sketch_pad
from webcam_pix2pix.ui.sources import dialogs
from webcam_pix2pix.ui.sources.choosing import more_sources
from webcam_pix2pix.ui.training.collect_dock import Collect
from webcam_pix2pix.ui.training.training_dock import Training


def connect(window: Any) -> None:
    """What happens when an action, a button or a widget of the window is used. window: the MainWindow."""
    act = window.actions_
    dialogs.recall(window.remembered.folders)
    window.live.changed.connect(window._settings_changed)
    window.gauge.note.connect(window.messages.note)
    for collect in (dock.content for dock in window.docks if isinstance(dock.content, Collect)):
        collect.recall(window.remembered.collect)
        collect.train.connect(lambda folder: window._in_training(Training.ask_start, folder))
    for dock in (dock for dock in window.docks if isinstance(dock.content, Training)):
        dock.content.began.connect(lambda dock=dock: menus.bring(dock))
    show_sketch_pad(window)
    bank = next(dock.content for dock in window.docks if isinstance(dock.content, BankDock))
    bank.play(window.presets.player, window.live, lambda: getattr(window.frame, "predicted", None), window.remembered.preset_parts)
    window.open.bring_in = bank.bring_in
    window.compare = compare_in(window)
    source_keys = more_sources(window)
    for part in (window.output, window.presets, *(panel.view for panel in window.panels.all)):
        part.note.connect(window.messages.note)
        part.problem.connect(window.messages.problem)
        part.saved.connect(window.messages.note)
    connect_recording(window)
    window.badge.note.connect(window.messages.note)
    connect_programs(window)
    window.bridge.refused.connect(window.messages.problem)
    window.bridge.note.connect(window.messages.note)
    window.browser.chosen.connect(window.open.model)
    window.browser.problem.connect(window.messages.problem)
    window.browser.shrink.connect(lambda path, name: window._in_training(Training.ask_shrink, path, name))
    window.browser.note.connect(window.messages.note)
    window.browser.cancelled.connect(window.monitor.return_to_running_model)
    window.monitor.model_changed.connect(lambda: window.badge.model_came(window.monitor.info))
    window.monitor.model_changed.connect(lambda: window.tree.fields["Model.size"].offer(window.monitor.sizes()))
    window.stage.left.connect(window.activateWindow)
    window.stage.shown_on.connect(act.show_output)
    window.stage.shown_on.connect(lambda: window.stage.show_image(window.prediction.view.image))
    connect_stage(window)
    for name, does in {
        "open_source": window.open.ask_source, "open_folder": window.open.ask_folder, "open_address": window.open.ask_address,
        "open_model": window.open.ask_model, "reopen": window.open.reopen,
        "load_preset": lambda: window.presets.ask_and_load(window.output.folders()), "save_preset": window.presets.ask_and_save,
        "store_preset": bank.store, "snapshot": window.snapshot,
        "record": window.toggle_recording, "output": lambda: window.output.ask(window, window.remembered),
        "show_recordings": lambda: show_folder(window.output.folders()[0], window.messages.note),
        "quit": window.leaving.leave, "find": window._find,
        "full_screen": window.stage.toggle, "fit": lambda: window.prediction.view.set_zoom(None),
        "one_to_one": lambda: window.prediction.view.set_zoom(1.0), "recipe": window.badge.to_recipe,
        "back_source": lambda: window.live.back("Capture.Init.device_id"), "back_model": lambda: window.live.back("Model.model_name"),
        "new_model": lambda: window._in_training(Training.ask_new), "train": lambda: window._in_training(Training.ask_start),
        "import_model": window.browser.ask_import,
        "next_model": lambda: window.browser.step(1), "previous_model": lambda: window.browser.step(-1),
    }.items():
        act[name].triggered.connect(lambda *_, does=does: does())
    help_windows.connect(act, window, lambda: (*window.output.folders(), window.store.presets, user_models_folder(), documents(),
                                       window.store.folder))
    undo, redo = act.menus["Edit"].actions()[:2]
    more = {"undo": undo, "redo": redo} | {f"preset_{number}": key for number, key in enumerate(window.presets.keys, 1)} | source_keys
    named = window_actions.register(window.live, act, more)
    window.key_map = Keys(named, window.store.folder, act.show_keys, window.messages.problem)
    act["keys"].triggered.connect(lambda *_: window.key_map.open(window))
    act["freeze"].triggered.connect(window._freeze)
    act["bypass"].triggered.connect(lambda on: window.live.set("Prediction.enabled", not on))
