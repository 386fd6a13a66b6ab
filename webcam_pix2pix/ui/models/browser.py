"""ModelBrowser: the models of the models folders and those opened lately, to look at and to choose from."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from html import escape
from pathlib import Path

import numpy as np
from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QPushButton,
    QStackedLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from webcam_pix2pix.model import ModelInfo, called

from ..foundation import theme
from ..foundation.background import Background
from ..sources import dialogs
from .card import ENTRY, STATE, CardDelegate
from .catalog import Catalog, Entry, keep_texts, keep_thumbnail, scan, thumbnail_path
from .catalog import entry as make_entry
from .model_files import import_model, reason
from .model_menu import ModelMenu

POLL_S = 2.0  # how often new files are looked for
RECENT = 8


class ModelBrowser(QWidget):
    """Double click or Enter loads; new files appear by themselves.

    folders: gives the folders to look into. runs: folders of training runs, whose models are listed too. recent: paths opened lately,
    newest first; kept up to date. made: folder for thumbnails of models that have none; they are made of what the model paints.

    Signals:
        chosen(str): name or path of the model to load.
        cancelled(): the model that is being built is not wanted any more.
        problem(str): a descriptor that cannot be read; what could not be done.
        note(str, str): what was done, and the file.
        shrink(str, str): path and name of a model of which a small one is wanted.
    """

    note = Signal(str, str)

    chosen = Signal(str)
    cancelled = Signal()
    problem = Signal(str)
    shrink = Signal(str, str)

    def __init__(self, folders: Callable[[], list[Path]], recent: list[str], made: Path,
                 runs: Sequence[Path] = ()) -> None:
        super().__init__()
        self.recent, self._folders, self._made, self._runs = recent, folders, made, runs
        self.catalog = Catalog()
        self._background = Background("models")
        self._looked = 0.0
        self._reported: set[str] = set()  # problems that were told
        self._pictured: set[str] = set()  # models that got a thumbnail
        self._complete: dict[str, ModelInfo] = {}  # what running a model has told of it, by path
        self._running = self._loading = ""  # paths
        self._wanted: str | None = None  # path of the last one asked for, from where next and previous count
        self.search = QLineEdit(placeholderText="Search models", clearButtonEnabled=True, accessibleName="search models", acceptDrops=False)
        self.search.findChild(QToolButton).setAccessibleName("clear the search")
        self.search.textChanged.connect(self._filter)
        self.list = QListWidget(accessibleName="models", mouseTracking=True, verticalScrollMode=QListWidget.ScrollMode.ScrollPerPixel,
                                horizontalScrollBarPolicy=Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setItemDelegate(CardDelegate(self.list))
        self.list.itemActivated.connect(lambda item: self._choose(item.data(ENTRY)))
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._show_context_menu)
        self.empty = QLabel(alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True)
        self.empty.setMargin(theme.L)
        self.import_ = QPushButton("Import model…", accessibleName="import model", toolTip="Copies a checkpoint into the models folder")
        self.import_.clicked.connect(lambda *_: self.ask_import())
        self._pages = QStackedLayout()
        self._pages.addWidget(self.list)
        self._pages.addWidget(self.empty)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.M, theme.M, theme.M, theme.M)
        layout.setSpacing(theme.M)
        layout.addWidget(self.search)
        layout.addLayout(self._pages, 1)
        layout.addWidget(self.import_)
        self.retheme()
        self._fill()

    def menu(self, parent: QWidget, more: Sequence[QAction]) -> QMenu:
        """The same models as a menu, with the actions `more` below."""
        menu = QMenu(parent)
        menu.setToolTipsVisible(True)
        menu.aboutToShow.connect(lambda: self._build_menu(menu, more))
        return menu

    def step(self, by: int) -> None:
        """Ask for the next (1) or previous (-1) model of those that the search shows."""
        entries = [self.list.item(i).data(ENTRY) for i in range(self.list.count()) if not self.list.item(i).isHidden()]
        here = self._wanted or self._loading or self._running
        at = next((i for i, entry in enumerate(entries) if entry.stands_for(here)), None)
        if entries:
            self._choose(entries[0 if at is None else (at + by) % len(entries)])

    def show_current(self, model, loading: str) -> None:
        """Mark the running model (ModelInfo or None) and the one that is being built (name or path, or "")."""
        running = str(getattr(model, "path", "") or "")
        if (running, loading) == (self._running, self._loading):
            return
        if running != self._running and model is not None:
            self._complete[running] = model
            self._background.submit(lambda: keep_texts(model, self._made), lambda _: None)
            self.recent[:] = [running, *(path for path in self.recent if path != running)][:RECENT]
        if not loading:
            self._wanted = None
        self._running, self._loading = running, loading
        self._fill()

    def keep_thumbnail(self, image: np.ndarray) -> None:
        """`image` (HxWx3 RGB uint8), painted by the running model, becomes its thumbnail, if it has none."""
        item = next((entry for entry in self.catalog.entries if entry.path == self._running), None)
        if item is not None and item.thumbnail is None and self._running not in self._pictured:
            self._pictured.add(self._running)
            path = thumbnail_path(item.info, self._made)
            self._background.submit(lambda: keep_thumbnail(image, path), lambda _: None)

    def tick(self) -> None:
        """Called a few times a second."""
        self._background.poll()
        if time.monotonic() - self._looked > POLL_S and not self._background.busy:
            self._looked = time.monotonic()
            extra, known = sorted(self.recent), self.catalog  # in an order that stays: next and previous go round in it
            self._background.submit(lambda: scan(self._folders(), extra, self._made, known, self._runs), self._found)

    def shut(self) -> None:
        """Wait for the search, if one is under way."""
        self._background.close()

    def retheme(self) -> None:
        """Colours of the theme."""
        self.empty.setStyleSheet(f"color: {theme.current().dim};")
        self.list.viewport().update()

    def ask_import(self) -> None:
        """Model, Import model…"""
        path = dialogs.checkpoint(self)
        if path:
            self.bring_in(path)

    def bring_in(self, path: str) -> None:
        """Copy a checkpoint into the models folder, beside the show."""
        self.import_.setEnabled(False)
        self.import_.setText("Importing…")
        self._background.submit(lambda: import_model(path), self._imported, lambda error: self._not_imported(path, error))

    def _imported(self, info: ModelInfo) -> None:
        self._import_over()
        self.note.emit(f"{info.name} is among your models now. Double click it to load it.", str(info.path))

    def _not_imported(self, path: str, error: BaseException) -> None:
        self._import_over()
        self.problem.emit(f"Not imported: {reason(error)}")

    def _import_over(self) -> None:
        self.import_.setEnabled(True)
        self.import_.setText("Import model…")
        self._rescan()

    def _rescan(self) -> None:
        self._looked = 0.0
        self._complete.clear()

    def _show_context_menu(self, at: QPoint) -> None:
        item = self.list.itemAt(at)
        if item is None:
            return
        entry = item.data(ENTRY)
        listed = entry.path in self.recent and entry.info.path.parent not in self._folders() and not entry.note  # only as it was opened
        menu = ModelMenu(self, entry, self._choose, self._forget if listed else None, self._rescan, self.problem.emit,
                         entry.path == self._running, lambda entry: self.shrink.emit(entry.path, entry.info.name))
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.list.viewport().mapToGlobal(at))

    def _forget(self, entry: Entry) -> None:
        self.recent.remove(entry.path)
        self._rescan()

    def _found(self, catalog: Catalog) -> None:
        if catalog is self.catalog:
            return
        self.catalog = catalog
        for text in catalog.problems:
            if text not in self._reported:
                self._reported.add(text)
                self.problem.emit(text)
        self._fill()

    def _fill(self) -> None:
        row = self.list.currentItem()
        selected = row.data(ENTRY).path if row else self._running
        self.list.clear()
        for found in self.catalog.entries:
            known = self._complete.get(found.path)
            entry = found
            if known is not None and found.info.network is None:
                entry = replace(make_entry(known, self._made), thumbnail=found.thumbnail)
            item = QListWidgetItem()
            item.setData(ENTRY, entry)
            said = filter(None, (entry.info.name, entry.note, entry.line, entry.recipe))
            item.setData(Qt.ItemDataRole.AccessibleTextRole, ", ".join(said))
            training = entry.note and f"Its training is not finished: {entry.note}."
            texts = filter(None, (entry.info.name, training, entry.info.about, entry.path))
            item.setToolTip("".join(f"<p>{escape(text)}</p>" for text in texts))
            self.list.addItem(item)
            if entry.path == selected:
                self.list.setCurrentItem(item)
        self._mark()
        self._filter(self.search.text())

    def _mark(self) -> None:
        for i in range(self.list.count()):
            item = self.list.item(i)
            entry = item.data(ENTRY)
            loading = self._loading and self._loading in (entry.path, entry.info.name, entry.info.path.stem)
            item.setData(STATE, "loading…" if loading else "running" if entry.stands_for(self._running) else "")

    def _filter(self, text: str) -> None:
        words, shown = text.lower().split(), 0
        for i in range(self.list.count()):
            item = self.list.item(i)
            item.setHidden(not item.data(ENTRY).matches(words))
            shown += not item.isHidden()
        self._pages.setCurrentIndex(0 if shown else 1)
        where = next((str(folder) for folder in reversed(self._folders())), "")
        self.empty.setText("No model has these words in its name." if self.list.count() else
                           "No models yet.\n\nImport a checkpoint with the button below, or drop one on the window."
                           "\n\nModel, New model… makes one from a film of yours."
                           + (f"\n\nYour models are kept in\n{where}" if where else ""))

    def _choose(self, entry: Entry) -> None:
        self._wanted = entry.path
        info = entry.info
        named = info.path.suffix == ".json" and info.path.parent in self._folders()
        self.chosen.emit(info.path.stem if named else entry.path)

    def _build_menu(self, menu: QMenu, more: Sequence[QAction]) -> None:
        menu.clear()
        if self._loading and self._running:
            menu.addAction(f"Cancel loading {called(self._loading)}", self.cancelled.emit)
            menu.addSeparator()
        for entry in self.catalog.entries:
            action = menu.addAction(entry.info.name.replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(entry.stands_for(self._running))
            action.setToolTip(f"{entry.line}; {entry.recipe}")
            action.triggered.connect(lambda _=False, entry=entry: self._choose(entry))
        if not self.catalog.entries:
            menu.addAction("No models found").setEnabled(False)
        menu.addSeparator()
        menu.addActions(list(more))
