"""Keys: the key map at work in the window, and the dialog that changes it."""

import logging
from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
)
from PySide6.QtWidgets import QWidget as Widget

from webcam_pix2pix.control.keymap import KeyMap

from ..foundation import theme

log = logging.getLogger(__name__)

FILE = "keys.json"
PORTABLE = QKeySequence.SequenceFormat.PortableText


class Keys:
    """actions: by name; the keys that they have now are the usual ones. show: an action has other keys. problem: takes a line."""

    def __init__(self, actions: Mapping[str, QAction], folder: Path, show: Callable[[str], None], problem: Callable[[str], object]) -> None:
        self.actions, self._show, self._problem = dict(actions), show, problem
        usual = {name: [key.toString(PORTABLE) for key in action.shortcuts()] for name, action in actions.items()}
        self.map = KeyMap(usual, folder / FILE)
        try:
            self.map.read()
        except (OSError, ValueError) as error:
            log.warning("the usual keys are used: %s", error)
        self._bring()
        self.dialog: KeysDialog | None = None

    def assign(self, name: str, keys: list[str]) -> list[str]:
        """Give an action these keys, and store it; the names of those that lose one. Raises ValueError."""
        robbed = self.map.assign(name, keys)
        self._store()
        return robbed

    def reset(self, name: str | None = None) -> None:
        """The usual keys, of one action or of all."""
        self.map.reset(name)
        self._store()

    def open(self, parent: Widget) -> None:
        """Show the dialog."""
        if self.dialog is None:
            self.dialog = KeysDialog(parent, self)
        self.dialog.show()
        self.dialog.raise_()

    def _store(self) -> None:
        self._bring()
        try:
            self.map.write()
        except OSError as error:
            self._problem(f"The keys are not stored: {error}")

    def _bring(self) -> None:
        for name, action in self.actions.items():
            wanted = [QKeySequence(key, PORTABLE) for key in self.map.keys(name)]
            if wanted != action.shortcuts():
                action.setShortcuts(wanted)
                self._show(name)


class KeysDialog(QDialog):
    """Choose an action, press a key. A key that is taken is named before it is given away."""

    def __init__(self, parent: Widget, keys: Keys) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keys")
        self._keys = keys
        self.search = QLineEdit(placeholderText="Search actions", clearButtonEnabled=True, accessibleName="search actions")
        self.list = QTreeWidget(accessibleName="actions and their keys", rootIsDecorated=False)
        self.list.setHeaderLabels(["Action", "Keys"])
        self.edit = QKeySequenceEdit(accessibleName="new key")
        self.edit.setMaximumSequenceLength(1)
        self.add = QPushButton("Add key", autoDefault=False, toolTip="Another key for the same action")
        self.only = QPushButton("Use this key", autoDefault=False, toolTip="Instead of the keys that it has")
        self.none = QPushButton("No key", autoDefault=False)
        self.back = QPushButton("Reset", autoDefault=False, toolTip="The usual keys of this action")
        self.all = QPushButton("Reset all", autoDefault=False)
        self.note = QLabel(" ", wordWrap=True)
        close = QPushButton("Close", autoDefault=False)
        layout = QVBoxLayout(self)
        layout.setSpacing(theme.M)
        for widget in (self.search, self.list, self.note):
            layout.addWidget(widget)
        for row in ((QLabel("Press a key"), self.edit, self.only, self.add), (self.none, self.back, self.all, close)):
            line = QHBoxLayout()
            for widget in row:
                line.addWidget(widget)
            layout.addLayout(line)
        self.search.textChanged.connect(self._filter)
        self.list.currentItemChanged.connect(lambda *_: self._choose())
        self.edit.keySequenceChanged.connect(lambda *_: self._show_owner())
        self.only.clicked.connect(lambda *_: self._give([self.key]))
        self.add.clicked.connect(lambda *_: self._give([*self._keys.map.keys(self.name), self.key]))
        self.none.clicked.connect(lambda *_: self._give([]))
        self.back.clicked.connect(lambda *_: self._reset(self.name))
        self.all.clicked.connect(lambda *_: self._reset(None))
        close.clicked.connect(self.close)
        for name, action in keys.actions.items():
            item = QTreeWidgetItem([name.capitalize() if name in ("undo", "redo") else _text(action)])  # not what they would undo now
            item.setData(0, Qt.ItemDataRole.UserRole, name)
            self.list.addTopLevelItem(item)
        self.list.setCurrentItem(self._items()[0])
        self._refresh()
        self.list.header().setStretchLastSection(False)
        self.list.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.list.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.resize(560, 640)

    @property
    def name(self) -> str:
        """The action that is chosen."""
        return str(self.list.currentItem().data(0, Qt.ItemDataRole.UserRole))

    @property
    def key(self) -> str:
        """The key that was pressed; empty before that."""
        return self.edit.keySequence().toString(PORTABLE)

    def choose(self, name: str) -> None:
        """Choose an action by name."""
        self.list.setCurrentItem(next(item for item in self._items() if item.data(0, Qt.ItemDataRole.UserRole) == name))

    def _items(self) -> list[QTreeWidgetItem]:
        return [item for i in range(self.list.topLevelItemCount()) if (item := self.list.topLevelItem(i)) is not None]

    def _choose(self) -> None:
        self.edit.clear()
        self._show_owner()

    def _show_owner(self) -> None:
        """What the key does now."""
        owner = self._keys.map.owner(self.key, self.name) if self.key else None
        self.only.setEnabled(bool(self.key))
        self.add.setEnabled(bool(self.key))
        self.back.setEnabled(self._keys.map.is_changed(self.name))
        self.note.setText(f"{self.key} is now “{_text(self._keys.actions[owner])}”, which will lose it." if owner else " ")

    def _give(self, keys: list[str]) -> None:
        try:
            robbed = self._keys.assign(self.name, keys)
        except ValueError as error:
            return self.note.setText(str(error))
        self.edit.clear()
        self._refresh()
        self.list.setFocus()  # the button that was pressed is off now, and Qt would go to the next one
        lost = ", ".join(f"“{_text(self._keys.actions[name])}”" for name in robbed)
        self.note.setText(f"{lost} lost a key." if robbed else " ")

    def _reset(self, name: str | None) -> None:
        self._keys.reset(name)
        self._refresh()
        self.list.setFocus()

    def _refresh(self) -> None:
        for item in self._items():
            name = item.data(0, Qt.ItemDataRole.UserRole)
            keys = self._keys.map.keys(name)
            item.setText(1, "   ".join(QKeySequence(key, PORTABLE).toString(QKeySequence.SequenceFormat.NativeText) for key in keys))
            font = item.font(1)
            font.setBold(self._keys.map.is_changed(name))
            item.setFont(1, font)
        self._show_owner()

    def _filter(self, text: str) -> None:
        for item in self._items():
            item.setHidden(text.lower() not in f"{item.text(0)} {item.text(1)}".lower())


def _text(action: QAction) -> str:
    return action.text().replace("&", "").rstrip("…")
