"""Films, images and folders that a model is made from, added with buttons or dropped; and the dialog around them."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from webcam_pix2pix.training.setup.options import Options

from ..foundation import theme
from ..sources import dialogs
from ..sources.drop_target import DropTarget
from .same_name import Suggestion, footage_before, free_name, other_footage, resumption, wrong_name
from .time_estimate import TimeEstimate

SIZE = 560, 600  # px
HINT_LINES = 7


class FootageList(QWidget):
    """`paths()` are those that were added.

    Signals:
        changed(): another list of paths.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.list = QListWidget(accessibleName="footage")
        self.list.setSelectionMode(QListWidget.SelectionMode.ExtendedSelection)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.M)
        layout.addWidget(self.list)
        layout.addLayout(_row(("Add films or images…", "Films and images, as many at a time as you like", self._ask_files),
                              ("Add folder…", "A folder of images or films, with all the folders in it", self._ask_folder),
                              ("Remove", "Take what is selected off the list; the files stay where they are", self._remove)))
        self.setAcceptDrops(True)
        self._target = DropTarget(self)

    def paths(self) -> list[str]:
        return [self.list.item(i).text() for i in range(self.list.count())]

    def add(self, path: str) -> None:
        """Add a film, an image or a folder."""
        if path and not self.list.findItems(path, Qt.MatchFlag.MatchExactly):
            self.list.addItem(path)
            self.changed.emit()

    def replace(self, paths: Sequence[str]) -> None:
        """These in place of all that was added."""
        self.list.clear()
        self.list.addItems(list(paths))
        self.changed.emit()

    def suggested_name(self) -> str:
        """Of what is made from it: that of the first file; "" while there is none."""
        return Path(self.paths()[0]).stem.replace("_", " ") if self.list.count() else ""

    def _ask_files(self) -> None:
        for path in dialogs.films(self, "Films and images", images=True):
            self.add(path)

    def _ask_folder(self) -> None:
        self.add(dialogs.image_folder(self, "Add folder") or "")

    def _remove(self) -> None:
        for item in self.list.selectedItems():
            self.list.takeItem(self.list.row(item))
        self.changed.emit()

    def dragEnterEvent(self, event) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()
            self._target.point_out("Add to the footage")

    def dragLeaveEvent(self, event) -> None:
        self._target.hide()

    def dropEvent(self, event) -> None:
        self._target.hide()
        for url in event.mimeData().urls():
            if url.isLocalFile():
                self.add(url.toLocalFile())
        event.acceptProposedAction()


class FootageDialog(QDialog):
    """Footage, a name, and what a kind of model asks besides. A subclass calls _ask() with that, and says what is below."""

    lacking = ""  # what is said while there is no footage

    def __init__(self, parent: QWidget | None, runs: Path, title: str, request: str, action: str) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self._runs, self._data = runs, datasets_of(runs)
        self.footage, self.time = FootageList(), TimeEstimate()
        self.name = QLineEdit(accessibleName="name")
        self.other, self.its = Suggestion(), Suggestion()
        self.hint = QLabel(wordWrap=True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.go = buttons.addButton(action, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self._questions = QFormLayout()
        self._questions.addRow("Name", self.name)
        layout = QVBoxLayout(self)
        layout.setSpacing(theme.M)
        layout.addWidget(QLabel(request))
        layout.addWidget(self.footage, 1)
        layout.addLayout(self._questions)
        layout.addWidget(self._notes())
        layout.addWidget(buttons)

    def _notes(self) -> QScrollArea:
        """The hint and what is suggested, in a room that stays as it is: nothing moves under the mouse when there is more to say."""
        area, notes = QScrollArea(widgetResizable=True, frameShape=QScrollArea.Shape.NoFrame), QWidget()
        column = QVBoxLayout(notes)
        column.setContentsMargins(0, 0, 0, 0)
        for widget in (self.hint, self.other, self.its):
            column.addWidget(widget)
        column.addStretch(1)
        area.setWidget(notes)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFixedHeight(HINT_LINES * self.fontMetrics().lineSpacing())
        return area

    def run_name(self) -> str:
        return self.name.text().strip()

    def done(self, result: int) -> None:
        """End what is being measured first: the dialog is gone afterwards."""
        self.time.stop()
        super().done(result)

    def given(self) -> list[str]:
        """The footage, in the order in which the model was begun with it."""
        paths = self.footage.paths()
        before = self._begun_with(self.run_name())
        return list(before) if set(before) == set(paths) else paths

    def _begun_with(self, name: str) -> tuple[str, ...]:
        try:
            return footage_before(self._data, name) or ()
        except (OSError, ValueError):
            return ()

    # ---- for subclasses

    def _ask(self, questions: Mapping[str, QComboBox]) -> None:
        """The last step of __init__: the questions by their labels."""
        for label, choice in questions.items():
            self._questions.addRow(label, choice)
            choice.currentIndexChanged.connect(lambda *_: self._changed())
        self.time.setContentsMargins(0, theme.S, 0, 0)
        self.time.setMinimumHeight(2 * self.fontMetrics().lineSpacing() + theme.S)
        self.time.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._questions.addRow("Training time", self.time)
        self.name.textChanged.connect(self._check)
        self.footage.changed.connect(self._changed)
        self.resize(*SIZE)
        self._estimate()
        self._check()

    def _options(self, pairs: int) -> Options:
        """Options of a training on so many pairs."""
        raise NotImplementedError

    def _taken(self, name: str) -> str:
        """Why the run of that name cannot go on with these choices; "" when it can, or when there is none."""
        raise NotImplementedError

    def _advice(self) -> str:
        """What is said when all is well."""
        raise NotImplementedError

    def _changed(self) -> None:
        self._estimate()
        self._check()

    def _estimate(self) -> None:
        paths = self.footage.paths()
        if paths:
            self.time.ask(self._options, footage=paths)
        else:
            self.time.stop("known when there is footage")

    def _check(self) -> None:
        name = self.run_name()
        problem = wrong_name(self._runs, name) if self.footage.paths() else self.lacking
        taken = "" if problem else self._taken(name)
        other = "" if problem or taken else other_footage(self._data, name, self.footage.paths())
        free = free_name(self._runs, self._data, name) if taken or other else ""
        self.other.offer(f"Use the name “{free}”" if free else "", lambda: self.name.setText(free))
        before = self._begun_with(name) if other else ()
        self.its.offer("Continue with that footage" if before else "", lambda: self.footage.replace(before))
        taken = taken or other
        self.hint.setText(problem or taken or resumption(self._runs, name) or self._advice())
        self.go.setEnabled(not problem and not taken)


def datasets_of(runs: Path) -> Path:
    """Where the pairs of models go whose runs are in `runs`."""
    return runs.parent / "datasets"


def _row(*buttons) -> QHBoxLayout:
    row = QHBoxLayout()
    for text, tip, pressed in buttons:
        button = QPushButton(text, toolTip=tip)
        button.clicked.connect(lambda *_, pressed=pressed: pressed())
        row.addWidget(button)
    row.addStretch(1)
    return row
