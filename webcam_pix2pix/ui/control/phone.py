"""Phone: the phone remote of the window, and the dialog that switches it, shows its QR code, and chooses what is on it."""

from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from msa.webserver import EVERYONE, LOOPBACK, is_loopback
from params import rows
from webcam_pix2pix.control.remote import DEFAULT_PINS, PhoneRemote, PresetButton, pinnable

from ..foundation import theme
from .qr import QrCode

PORT = 8787  # that is proposed
PRESETS_TICKS = 8  # of tick(), between two looks whether the presets have changed


class Phone(QObject):
    """The remote of a MainWindow; off until it is asked for.

    Signals:
        note(str), problem(str): the result.
        changed(): it was started or stopped.
    """

    note = Signal(str)
    problem = Signal(str)
    changed = Signal()

    def __init__(self, window: Any) -> None:
        super().__init__(window)
        self.remote: PhoneRemote | None = None
        self._window, self._remembered = window, window.remembered
        self._buttons: list[PresetButton] = []
        self._ticks = 0
        self.dialog: PhoneDialog | None = None

    @property
    def pins(self) -> list[str]:
        """Names of the settings on the page."""
        known = set(pinnable())
        return [name for name in self._remembered.phone.get("pins", DEFAULT_PINS) if name in known]

    def start(self, host: str = LOOPBACK, port: int = PORT, token: str = "") -> None:
        """Serve it; what keeps it from that is a line in the message area."""
        self.stop()
        self._find_presets()
        try:
            self.remote = PhoneRemote(self._window.live.desk, self._window.pipeline, host, port, token, self.pins, lambda: self._buttons)
        except (ValueError, OSError) as error:
            self.problem.emit(f"No phone remote: {error}")
        else:
            who = "on this machine" if is_loopback(host) else "for whoever has the token"
            self.note.emit(f"Phone remote {who}: {self.remote.server.url}. Live, Phone remote shows the code to scan.")
        self.changed.emit()

    def stop(self) -> None:
        """End it."""
        if self.remote is not None:
            self.remote.close()
            self.remote = None
            self.changed.emit()

    def pin(self, names: list[str]) -> None:
        """Show these settings on the page, and remember them."""
        self._remembered.phone = self._remembered.phone | {"pins": names}
        if self.remote is not None:
            self.remote.pin(names)

    def ask(self) -> None:
        """Open the dialog."""
        if self.dialog is None:
            self.dialog = PhoneDialog(self._window, self)
        self.dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()

    def tick(self) -> None:
        """Called a few times a second."""
        if self.remote is None:
            return
        self._ticks += 1
        if self._ticks % PRESETS_TICKS == 0 and self._find_presets():
            self.remote.presets_changed()
        if self.dialog is not None and self.dialog.isVisible():
            self.dialog.show_phones(self.remote.phones)

    def close(self) -> None:
        """End it for good."""
        self.stop()

    def _find_presets(self) -> bool:
        """Whether there are others than before: those that have a key."""
        keyed = {preset.key: preset for preset in self._window.presets.bank.presets if preset.key and not preset.problem}
        buttons = [PresetButton(preset.name, f"preset_{key}", preset.thumbnail) for key, preset in sorted(keyed.items())]
        changed, self._buttons = buttons != self._buttons, buttons
        return changed


class PhoneDialog(QDialog):
    """On or off, who may, the code to scan, and the settings that are on the page."""

    def __init__(self, parent: QWidget, phone: Phone) -> None:
        super().__init__(parent)
        self.setWindowTitle("Phone remote")
        self._phone = phone
        self.code, self.address, self.phones = QrCode(), QLabel(wordWrap=True), QLabel()
        self.address.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard)
        self.network = QCheckBox("For phones in the network, not only this computer", checked=True)
        self.port = QSpinBox(minimum=1024, maximum=65535, value=PORT, accessibleName="Port")
        self.switch = QPushButton()
        self.switch.clicked.connect(self._switch)
        form = QFormLayout()
        form.addRow(self.network)
        form.addRow("Port", self.port)
        left = QVBoxLayout()
        left.addLayout(form)
        left.addWidget(self.switch)
        left.addWidget(self.code, 0, Qt.AlignmentFlag.AlignHCenter)
        left.addWidget(self.address)
        left.addWidget(self.phones)
        left.addStretch(1)
        self.search = QLineEdit(placeholderText="Search", clearButtonEnabled=True, accessibleName="search the settings")
        self.search.textChanged.connect(self._search)
        self.list = QListWidget(accessibleName="settings on the phone")
        chosen, known = phone.pins, {row.name: row for row in rows()}
        for name in (*chosen, *(name for name in pinnable() if name not in chosen)):
            row = known[name]
            item = QListWidgetItem(f"{row.label}  ({row.section})", self.list)
            item.setData(Qt.ItemDataRole.UserRole, name)
            item.setToolTip(f"{name}: {row.knob.help}")
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked if name in chosen else Qt.CheckState.Unchecked)
        self.list.setDragDropMode(QListWidget.DragDropMode.InternalMove)
        self.list.itemChanged.connect(self._pinned)
        self.list.model().rowsMoved.connect(self._pinned)
        right = QVBoxLayout()
        right.addWidget(QLabel("On the phone (drag to change the order)"))
        right.addWidget(self.search)
        right.addWidget(self.list)
        whole = QHBoxLayout(self)
        whole.setSpacing(theme.L)
        whole.addLayout(left)
        whole.addLayout(right, 1)
        self.resize(720, 520)
        phone.changed.connect(self._show)
        self._show()

    def show_phones(self, count: int) -> None:
        """How many are connected."""
        self.phones.setText(f"{count} connected" if count else "No phone is connected yet.")

    def _switch(self) -> None:
        if self._phone.remote is not None:
            self._phone.stop()
        else:
            self._phone.start(EVERYONE if self.network.isChecked() else LOOPBACK, self.port.value())

    def _show(self) -> None:
        remote = self._phone.remote
        self.switch.setText("Stop" if remote else "Start")
        self.network.setEnabled(remote is None)
        self.port.setEnabled(remote is None)
        if remote is not None:
            self.network.setChecked(not is_loopback(remote.server.host))
            self.port.setValue(remote.server.port)
        self.code.show_text(remote.address if remote else "")
        self.address.setText(remote.address if remote else "Off. Nothing listens until you press Start.")
        self.show_phones(remote.phones) if remote else self.phones.clear()

    def _search(self, text: str) -> None:
        for item in self._items():
            item.setHidden(text.lower() not in f"{item.text()} {item.toolTip()}".lower())

    def _pinned(self, *_: Any) -> None:
        self._phone.pin([str(i.data(Qt.ItemDataRole.UserRole)) for i in self._items() if i.checkState() == Qt.CheckState.Checked])

    def _items(self) -> list[QListWidgetItem]:
        return [self.list.item(i) for i in range(self.list.count())]
