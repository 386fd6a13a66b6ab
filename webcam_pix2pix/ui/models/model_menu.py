"""ModelMenu: what a right click on a model in the browser offers."""

from collections.abc import Callable

from PySide6.QtWidgets import QInputDialog, QMenu, QMessageBox, QWidget

from ..foundation.desktop import show_folder
from ..shell.help_windows import Sheet
from . import model_files
from .catalog import Entry


class ModelMenu(QMenu):
    """For the model `entry`.

    load, forget, shrink: called with the entry; forget is None for a model that is not on the list of recent ones.
    changed(): the files have changed. problem(text): something could not be done.
    """

    def __init__(self, parent: QWidget, entry: Entry, load: Callable[[Entry], None], forget: Callable[[Entry], None] | None,
                 changed: Callable[[], None], problem: Callable[[str], None], running: bool, shrink: Callable[[Entry], None]) -> None:
        super().__init__(parent)
        self.setToolTipsVisible(True)
        self._entry, self._changed, self._problem = entry, changed, problem
        own, run = model_files.is_own(entry.info), model_files.run_of(entry.info)
        self.addAction("Load", lambda: load(entry))
        self.addAction("Info…", self._info)
        self.addAction("Show in folder", self._show)
        self.addAction("Shrink…", lambda: shrink(entry)).setToolTip("Train a small, fast model that paints as this one does")
        self.addSeparator()
        rename = self.addAction("Rename…", self._ask_name)
        remove = self.addAction("Move to the bin…", self._ask_remove)
        if forget is not None:
            self.addAction("Remove from this list", lambda: forget(entry))
        rename.setEnabled(own and entry.info.path.suffix == ".json")
        remove.setEnabled((own or run is not None) and not running)
        if run is not None:
            rename.setToolTip("It has the name of its training; a model whose training is finished can be renamed")
            remove.setToolTip("The training with all that it has saved")
        elif not own:
            rename.setToolTip("Only models in your models folder can be renamed")
            remove.setToolTip("Only models in your models folder can be removed")
        if running:
            remove.setToolTip("This model is painting: load another one first")

    def _info(self) -> None:
        Sheet(self.parentWidget().window(), self._entry.info.name, model_files.about(self._entry)).show()

    def _show(self) -> None:
        show_folder(self._entry.info.path.parent, self._problem)

    def _ask_name(self) -> None:
        old = self._entry.info.name
        dialog = QInputDialog(self.parentWidget())
        dialog.setWindowTitle("Rename model")
        dialog.setLabelText("New name")
        dialog.setTextValue(old)
        dialog.resize(440, dialog.sizeHint().height())
        if dialog.exec() and dialog.textValue().strip() != old:
            self._do(lambda: model_files.rename(self._entry.info, dialog.textValue()))

    def _ask_remove(self) -> None:
        files = "\n".join(str(path) for path in model_files.files_of(self._entry.info))
        text = f"Move the model {self._entry.info.name} to the bin?\n\n{files}"
        answer = QMessageBox.question(self.parentWidget(), "Move to the bin", text)
        if answer == QMessageBox.StandardButton.Yes:
            self._do(lambda: model_files.remove(self._entry.info))

    def _do(self, what: Callable[[], None]) -> None:
        try:
            what()
        except (OSError, ValueError) as error:
            self._problem(model_files.reason(error))
        self._changed()
