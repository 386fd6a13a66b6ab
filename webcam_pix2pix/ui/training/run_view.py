"""RunView: one training run to look at: its page, losses, samples and checkpoints. Imports pyqtgraph: import this when it is to be seen."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from webcam_pix2pix.training.runs.runfolder import RunFolder, runs_in

from ..foundation import theme
from ..foundation.desktop import show_folder
from .loss_chart import Curves
from .samples import Samples

STATES = {"latest": ("latest", "The newest state of the training, at the end of it the finished model"),
          "best": ("best", "The state with the smallest error on pairs that are kept back from the training. It may be older")}
KEPT = "The network as it was then, to compare"
CHECKPOINTS = ("State of the training that is loaded into the show: <b>latest</b> is the newest one, <b>best</b> the one with the smallest "
               "error on pairs that are kept back from the training, the others are older ones. Load one after the other to compare them.")
LOADS = "Paint the show with the network in the state that is chosen at the left"
NOTHING_SAVED = "Nothing is saved yet. A training saves every few minutes, and at once when it is stopped"
LOSSES_FOLLOW = "losses follow"


class RunView(QWidget):
    """Signals:
        chosen(): another run is shown.
    """

    chosen = Signal()

    def __init__(self, load: Callable[[], None], failed: Callable[[str], object]) -> None:
        """load: called when the checkpoint is to go into the show. failed: gets one line where the page cannot be opened."""
        super().__init__()
        self.run_box = QComboBox(accessibleName="run", toolTip="Run that is shown")
        self.run_box.currentIndexChanged.connect(lambda *_: self.chosen.emit())
        self.page = QLabel(accessibleName="page of the run", wordWrap=True)
        self.page.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
        self.page.linkActivated.connect(lambda link: show_folder(QUrl(link).toLocalFile(), failed))
        self.curves, self.samples = Curves(), Samples()
        self.checkpoint = QComboBox(accessibleName="checkpoint", toolTip=f"<p>{CHECKPOINTS}</p>")
        self.load = QPushButton("Load into the show", accessibleName="Load into the show")
        self.load.clicked.connect(lambda *_: load())
        self.bar = QWidget()  # the window puts it where it is always seen
        last = QHBoxLayout(self.bar)
        last.setContentsMargins(0, 0, 0, 0)
        last.addWidget(self.checkpoint, 1)
        last.addWidget(self.load, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.M)
        layout.addWidget(self.run_box)
        layout.addWidget(self.page)
        layout.addWidget(self.curves, 1)
        layout.addWidget(self.samples, 3)

    @property
    def run(self) -> RunFolder | None:
        """The run that is shown."""
        path = self.run_box.currentData()
        return None if path is None else RunFolder(path)

    def list_runs(self, folders: Sequence[Path]) -> bool:
        """Offer the runs in `folders`, the newest first, and go over to one that is new; whether anything has changed."""
        known = [self.run_box.itemData(i) for i in range(self.run_box.count())]
        found = [run.path for folder in folders for run in reversed(runs_in(folder))]
        if found == known:
            return False
        shown, newer = self.run_box.currentData(), bool(found and found[0] not in known)
        self.run_box.blockSignals(True)
        self.run_box.clear()
        for path in found:
            self.run_box.addItem(path.name, path)
        self.run_box.setCurrentIndex(0 if newer or shown not in found else found.index(shown))
        self.run_box.blockSignals(False)
        return True

    def show_run(self, run: RunFolder, stats: Sequence[dict[str, Any]], running: bool) -> None:
        """Show what is in the run folder. stats: the lines of its stats.jsonl; running: more will come."""
        self.curves.setVisible(bool(stats))
        self.curves.show_stats(stats)
        self.curves.show_note(LOSSES_FOLLOW if running and not any("G_L1" in line for line in stats) else "")
        link = f'<a href="{QUrl.fromLocalFile(str(run.page)).toString()}">Open the page of this run</a>'
        self.page.setText(link if run.page.is_file() else "")
        self.page.setVisible(run.page.is_file())
        self.samples.refresh(run.samples)
        found = [path for path in (run.latest, run.best, *reversed(run.kept_checkpoints())) if path.is_file()]
        self.load.setToolTip(LOADS if found else NOTHING_SAVED)
        if found != [self.checkpoint.itemData(i) for i in range(self.checkpoint.count())]:
            self.checkpoint.clear()
            for path in found:
                name, meaning = STATES.get(path.stem, (path.stem.replace("_", " "), KEPT))
                self.checkpoint.addItem(name, path)
                self.checkpoint.setItemData(self.checkpoint.count() - 1, meaning, Qt.ItemDataRole.ToolTipRole)
