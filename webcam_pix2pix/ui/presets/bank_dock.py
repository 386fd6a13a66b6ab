"""The presets dock: store, recall, morph and arrange the presets of the bank."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QMessageBox, QPushButton, QToolButton, QVBoxLayout, QWidget

from msa.files import format_error
from webcam_pix2pix.control.presets import PARTS, Player, Preset
from webcam_pix2pix.control.presets.bank import KEYS
from webcam_pix2pix.control.presets.exchange import export_bank, import_bank
from webcam_pix2pix.control.presets.preset import thumbnail_of, values_of
from webcam_pix2pix.pipeline import Pipeline

from ..foundation import theme
from ..foundation.file_dialog import ask_file, ask_to_save, of_the_user
from ..settings.live_settings import LiveSettings
from .morph_bar import MorphBar
from .thumbnails import Thumbnails
from .tiles import PRESET, TileDelegate, TileModel, Tiles

BANKS = "Banks of presets (*.json)"
HELP = ("Click a preset to recall it, or press the number on it. Right click gives it a number (Key), another name and more; drag it to "
        "another place.")
UNDO = "⋯ above the presets, Undo"  # of the bank, apart from that of the settings


class BankDock(QWidget):
    """Built once play() has given it the bank. image: gives the painting of now, for thumbnails."""

    def __init__(self, pipeline: Pipeline, notify: Callable[..., None]) -> None:
        super().__init__()
        self._notify = notify
        self.question: QMessageBox | None = None  # whether to overwrite

    def play(self, player: Player, live: LiveSettings, image: Callable[[], np.ndarray | None], parts: list[str]) -> None:
        """Show the bank of `player`. parts: what new presets hold; kept up to date."""
        self.player, self.bank, self._live, self._now, self._parts = player, player.bank, live, image, parts
        self.model = TileModel(self.bank, lambda preset, name: self._renaming(lambda: self.bank.rename(preset, name)))
        self.tiles = Tiles(self.model)
        self.thumbnails = Thumbnails(self.bank.folder / ".thumbnails")
        self.delegate = TileDelegate(self.tiles, player, self.thumbnails.of)
        self.tiles.setItemDelegate(self.delegate)
        self.tiles.recalled.connect(player.recall)
        self.tiles.moved.connect(lambda preset, to: self.do(lambda: self.bank.move(preset, to)))
        self.tiles.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.tiles.customContextMenuRequested.connect(self._context)
        self.bar = MorphBar(self.bank, player, live)
        self.bar.problem.connect(lambda text: self._notify(text, True))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.M, theme.M, theme.M, theme.M)
        layout.setSpacing(theme.M)
        layout.addLayout(self._head())
        layout.addWidget(self.tiles, 1)
        help_ = QLabel(HELP, wordWrap=True)
        layout.addWidget(help_)
        layout.addWidget(self.bar)
        self._help = help_
        self.retheme()

    def tick(self) -> None:
        """A few times a second: what others did to the bank, and how far the morph is."""
        if not self.isVisible():
            return
        self.model.refresh()
        self.thumbnails.tick()
        a, b = self.bank.ends
        self.delegate.ends = a.identity if a else "", b.identity if b else ""
        self.tiles.viewport().update()
        for action, word, text in zip((self.undo, self.redo), ("Undo", "Redo"), self.bank.texts(), strict=True):
            action.setEnabled(bool(text))
            action.setText(f"{word}: {text}".replace("&", "&&") if text else word)
        self._help.setVisible(sum(bool(preset.file) for preset in self.model.presets) < 3)
        self.bar.tick()

    def retheme(self) -> None:
        """Colours of the theme."""
        for button, icon in self._icons.items():
            button.setIcon(theme.icon(icon))
        self._help.setStyleSheet(f"color: {theme.current().dim};")

    def shut(self) -> None:
        """The window closes: a morph stops where it is."""
        self.player.close()
        self.thumbnails.close()

    def store(self) -> None:
        """The settings of now as a new preset."""
        number = 1 + sum(bool(preset.file) for preset in self.bank.presets)
        known = {preset.name for preset in self.bank.presets}
        name = next(name for name in (f"preset {n}" for n in range(number, number + 1000)) if name not in known)
        preset = self.do(lambda: self.bank.store(name, values_of(self._live.value, self._parts), thumbnail_of(self._now())))
        if preset is not None:
            self.player.current = preset.identity
            key = f" Key {preset.key} recalls it." if preset.key else ""
            self._notify(f"Stored “{preset.name}”.{key} Right click on it to rename it.")

    def _renaming(self, change: Callable[[], object]) -> None:
        """A change of the bank that may give a preset another name, or the one before: it stays what is on air."""
        before = {preset.identity for preset in self.bank.presets}
        self.do(change)
        now = {preset.identity for preset in self.bank.presets}
        if len(before - now) == len(now - before) == 1:
            self.player.renamed(*(before - now), *(now - before))

    def ask_overwrite(self, preset: Preset) -> None:
        """Ask, and then put the settings of now in place of those of `preset`."""
        if self.question is not None:
            self.question.close()
        box = QMessageBox(QMessageBox.Icon.Question, "Overwrite?", f"Overwrite “{preset.name}” with these settings?", parent=self.window())
        box.setInformativeText(f"{UNDO} brings it back.")
        yes = box.addButton("Overwrite", QMessageBox.ButtonRole.AcceptRole)
        box.setDefaultButton(yes)
        box.addButton("Leave it", QMessageBox.ButtonRole.RejectRole)
        box.finished.connect(lambda *_: self._answered(preset, box.clickedButton() is yes))
        self.question = box
        box.open()

    def do(self, change: Callable[[], object]):
        """A change of the bank; what cannot be done is one line."""
        try:
            return change()
        except (OSError, ValueError) as error:
            self._notify(format_error(error), True)
            return None
        finally:
            self.tick()

    # ---- inside

    def _head(self) -> QHBoxLayout:
        tab = Qt.FocusPolicy.TabFocus
        self.add = QPushButton(" Store", toolTip="Store the settings as a preset  (Ctrl+S)", accessibleName="store preset", focusPolicy=tab)
        self.add.clicked.connect(lambda *_: self.store())
        self.holds = QToolButton(toolTip="What a new preset holds", accessibleName="what a new preset holds", focusPolicy=tab,
                                 popupMode=QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.holds)
        for part in PARTS:
            action = menu.addAction(part.capitalize())
            action.setCheckable(True)
            action.setChecked(part in self._parts)
            action.setEnabled(part != "settings")
            action.toggled.connect(lambda on, part=part: self._hold(part, on))
        self.holds.setMenu(menu)
        more = QToolButton(objectName="flat", iconSize=theme.icon_size(), accessibleName="bank", focusPolicy=tab,
                           toolTip="Undo what was done to the bank; the whole bank as one file")
        self._icons = {self.add: "plus", more: "dots-three", self.bar.back: "arrow-counter-clockwise"}
        files = QMenu(more)
        self.undo = files.addAction("Undo", lambda: self._renaming(self.bank.undo))
        self.redo = files.addAction("Redo", lambda: self._renaming(self.bank.redo))
        files.addSeparator()
        files.addAction("Import a bank…", self._ask_import)
        files.addAction("Export the whole bank…", self._ask_export)
        more.setMenu(files)
        more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        head = QHBoxLayout()
        head.setSpacing(theme.S)
        for widget in (self.add, self.holds):
            head.addWidget(widget)
        head.addStretch(1)
        head.addWidget(more)
        self._hold("settings", True)
        return head

    def _hold(self, part: str, on: bool) -> None:
        self._parts[:] = [known for known in PARTS if (known in self._parts or known == part) and (on or known != part)]
        self.holds.setText(" + ".join(self._parts) + " ▾")
        self.holds.setAccessibleName(f"a new preset holds {' and '.join(self._parts)}")

    def _context(self, point) -> None:
        index = self.tiles.indexAt(point)
        if index.isValid():
            self.context_menu(index.data(PRESET), index).popup(self.tiles.viewport().mapToGlobal(point))

    def context_menu(self, preset: Preset, index) -> QMenu:
        """What can be done to a preset."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Recall at once", lambda: self.player.recall(preset, 0.0))
        menu.addAction("Recall in a morph", lambda: self.player.recall(preset, self._live.value.presets.morph_s or 4.0))
        menu.addSeparator()
        own = [menu.addAction("Overwrite with the settings now…", lambda: self.ask_overwrite(preset)),
               menu.addAction("Rename", lambda: self.tiles.edit(index))]
        keys = menu.addMenu("Key")
        for key in (*KEYS, None):
            action = keys.addAction(f"Key {key}" if key else "No key")
            action.setCheckable(True)
            action.setChecked(preset.key == key)
            action.triggered.connect(lambda _=False, key=key: self.do(lambda: self.bank.assign(preset, key)))
        for end, letter in enumerate("AB"):
            menu.addAction(f"{letter} of the crossfader", partial(self.do, partial(self.bank.set_end, end, preset)))
        menu.addSeparator()
        own.append(menu.addAction("Delete", lambda: self._delete(preset)))
        for action in own:
            action.setEnabled(bool(preset.file))
        return menu

    def _delete(self, preset: Preset) -> None:
        self.do(lambda: self.bank.delete(preset))
        if self.bank.named(preset.identity) is None:
            self._notify(f"Deleted “{preset.name}”. {UNDO} brings it back.")

    def _answered(self, preset: Preset, yes: bool) -> None:
        box, self.question = self.question, None
        if box is not None:
            box.deleteLater()
        if yes:
            parts = preset.parts or self._parts
            self.do(lambda: self.bank.overwrite(preset, values_of(self._live.value, parts), thumbnail_of(self._now())))

    def _ask_export(self) -> None:
        path = ask_to_save(self, "Export the whole bank", str(of_the_user() / "presets.json"), BANKS)
        if path:
            count = self.do(lambda: export_bank(self.bank, Path(path)))
            if count is not None:
                self._notify(f"{count} presets written: {path}")

    def _ask_import(self) -> None:
        path = ask_file(self, "Import a bank", str(of_the_user()), BANKS)
        if path:
            self.bring_in(path)

    def bring_in(self, path: str) -> None:
        """Add the presets of a file to the bank."""
        count = self.do(lambda: import_bank(self.bank, Path(path)))
        if count is not None:
            self._notify(f"{count} presets have come from {path}. {UNDO} takes them away again.")
