"""ParameterTree: every setting in a row with its editor; shows the settings, tells what the user changed."""

from PySide6.QtCore import QPoint, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QGuiApplication, QIcon, QKeySequence, QPainter, QPixmap, QPolygonF, QShortcut
from PySide6.QtWidgets import QHeaderView, QLabel, QLineEdit, QMenu, QToolButton, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

import params
from webcam_pix2pix.settings import GROUPS

from . import theme
from .fields import Field, field
from .live_settings import LiveSettings

MARK = 9  # px, the mark before a changed name


class ParameterTree(QWidget):
    """Search box and tree. The tree mirrors the LiveSettings when told to `refresh`; edits go straight to it.

    Signals:
        refused(str): a value that cannot be, in one line.
        note(str): something else has changed with it.
    """

    refused = Signal(str)
    note = Signal(str)

    def __init__(self, live: LiveSettings) -> None:
        super().__init__()
        self.live = live
        self.search = QLineEdit(placeholderText="Search settings", clearButtonEnabled=True, accessibleName="search settings")
        self.search.findChild(QToolButton).setAccessibleName("clear the search")
        self.search.textChanged.connect(self._filter)
        QShortcut(QKeySequence(Qt.Key.Key_Escape), self.search, self.search.clear, context=Qt.ShortcutContext.WidgetShortcut)
        self.nothing = QLabel("No setting matches.", alignment=Qt.AlignmentFlag.AlignCenter, visible=False)
        self.tree = _Tree()
        self.setMinimumWidth(290)  # every value can be read
        self.tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.tree.customContextMenuRequested.connect(self._menu)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.M, theme.M, 0, 0)
        layout.setSpacing(theme.M)
        layout.addWidget(self.search)
        layout.addWidget(self.nothing)
        layout.addWidget(self.tree)
        self.rows = {row.name: row for row in params.rows()}
        self.fields: dict[str, Field] = {}
        self._items: dict[str, QTreeWidgetItem] = {}
        self._groups: dict[str, QTreeWidgetItem] = {}
        self._before_search: set[str] | None = None  # groups that were closed
        self._look: dict[str, tuple] = {}  # what is on the screen of each row, so that only changes are painted
        for group in GROUPS:
            self._add_group(group)
        for row in self.rows.values():
            self._add_row(row)
        self.expand_as(params.COLLAPSED)
        self.retheme()

    def refresh(self) -> None:
        """Show the settings as they are now."""
        values, reference, departed = self.live.value.flat(), self.live.reference(), set(self.live.departures())
        recipe = self.live.recipe
        of_model, ranges = (set(recipe.values()), recipe.ranges) if recipe else (set(), {})
        for name, row in self.rows.items():
            look = (values[name], reference[name], ranges.get(name), row.effective(values), name in departed, name in of_model)
            if self._look.get(name) == look:
                self.fields[name]._show(values[name])
                continue
            self._look[name] = look
            value, wanted, trained, effective, away, modelled = look
            tip = row.tip(wanted, modelled, trained)
            self.fields[name].show_state(value, wanted, trained, tip, effective)
            self._mark(name, value != wanted, away, effective, tip)

    def retheme(self) -> None:
        """Take the colours of the theme."""
        self._icons = {kind: _mark_icon(kind) for kind in ("none", "changed", "away")}
        for item in self._groups.values():
            item.setForeground(0, QBrush(QColor(theme.current().dim)))
        for one in self.fields.values():
            one.retheme()
        self._look.clear()
        self.refresh()

    def collapsed(self) -> set[str]:
        """Names of the groups that are closed; during a search, that were before it."""
        if self._before_search is not None:
            return self._before_search
        return {name for name, item in self._groups.items() if not item.isExpanded()}

    def expand_as(self, collapsed: set[str]) -> None:
        """Close these groups, open the others."""
        for name, item in self._groups.items():
            item.setExpanded(name not in collapsed)

    def _add_group(self, group: str) -> None:
        parent, _, label = group.rpartition(".")
        item = QTreeWidgetItem(self._groups.get(parent, self.tree.invisibleRootItem()), [label])
        item.setSizeHint(0, QSize(0, self.tree.row_height()))
        item.setFirstColumnSpanned(True)
        font = item.font(0)
        font.setBold(True)
        item.setFont(0, font)
        item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
        self._groups[group] = item

    def _add_row(self, row: params.Row) -> None:
        item = QTreeWidgetItem([row.label])
        item.setSizeHint(0, QSize(0, self.tree.row_height()))
        parent = self._groups[row.group]
        child_groups = sum(parent.child(i) in self._groups.values() for i in range(parent.childCount()))
        parent.insertChild(parent.childCount() - child_groups, item)  # settings before the groups within
        editor = field(row)
        editor.edited.connect(lambda value, name=row.name: self._edited(name, value))
        editor.reset.connect(lambda name=row.name: self._edited(name, self.live.reference()[name]))
        editor.refused.connect(self.refused)
        self.tree.setItemWidget(item, 1, editor)
        self.fields[row.name], self._items[row.name] = editor, item

    def _edited(self, name: str, value) -> None:
        matched = self.live.value.edges.method == "training_matched"
        try:
            self.live.set(name, value)
        except ValueError as error:
            self.refused.emit(str(error))
            self._look.pop(name, None)
            return self.refresh()
        if matched and self.live.value.edges.method != "training_matched" and name != "EdgeDetection.method":
            method = self.live.value.edges.method.replace("_", " ")
            self.note.emit(f"Edges are yours now: EdgeDetection.method went to {method}. R returns to the model's recipe.")

    def _menu(self, position: QPoint) -> None:
        """What can be done with a row, or with a group."""
        item = self.tree.itemAt(position)
        names = [name for name, one in self._items.items() if item in (one, one.parent())]
        if not names:
            return
        menu, reference = QMenu(self), self.live.reference()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Reset" if item in self._items.values() else f"Reset {item.text(0)}",
                       lambda: self.live.apply({name: reference[name] for name in names}, "reset"))
        if item in self._items.values():
            text = f"--set {names[0]}={self.live.value.flat()[names[0]]}"
            menu.addAction(f"Copy  {text}", lambda: QGuiApplication.clipboard().setText(text))
        menu.popup(self.tree.viewport().mapToGlobal(position))

    def _mark(self, name: str, changed: bool, away: bool, effective: bool, tip: str) -> None:
        item, t = self._items[name], theme.current()
        item.setIcon(0, self._icons["away" if away else "changed" if changed else "none"])
        font = item.font(0)
        font.setBold(changed)
        font.setItalic(not effective)
        item.setFont(0, font)
        item.setForeground(0, QBrush(QColor(t.text if effective else t.dim)))
        state = "Outside what the model was trained with. " if away else "Changed. " if changed else ""
        item.setToolTip(0, tip + (f"<p>{state}</p>" if state else "") + ("" if effective else "<p>Does nothing as the others stand.</p>"))
        item.setData(0, Qt.ItemDataRole.AccessibleTextRole, f"{self.rows[name].spoken}. {state}")

    def _filter(self, text: str) -> None:
        words = text.lower().split()
        if words and self._before_search is None:
            self._before_search = self.collapsed()
        for name, item in self._items.items():
            item.setHidden(not self.rows[name].matches(words))
        for group in reversed(self._groups.values()):
            hidden = all(group.child(i).isHidden() for i in range(group.childCount()))
            group.setHidden(hidden)
            if words and not hidden:
                group.setExpanded(True)
        self.nothing.setVisible(all(group.isHidden() for group in self._groups.values()))
        if not words and self._before_search is not None:
            self.expand_as(self._before_search)
            self._before_search = None


class _Tree(QTreeWidget):
    def __init__(self) -> None:
        super().__init__(columnCount=2, headerHidden=True, accessibleName="settings", uniformRowHeights=True, indentation=10)
        self.setIconSize(QSize(MARK, MARK))
        self.setSelectionMode(QTreeWidget.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QTreeWidget.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
        self.header().setStretchLastSection(True)
        self.header().resizeSection(0, self.fontMetrics().horizontalAdvance("morph kernel size") + 2 * theme.L + MARK + 12)
        self.itemActivated.connect(self._enter)

    def row_height(self) -> int:
        """Rows grow with the font."""
        return round(self.fontMetrics().height() * 1.5)

    def _enter(self, item: QTreeWidgetItem) -> None:
        editor = self.itemWidget(item, 1)
        if editor:
            editor.setFocus()


def _mark_icon(kind: str) -> QIcon:
    """Nothing, a dot (changed) or an amber triangle (outside what the model was trained with)."""
    pixmap = QPixmap(4 * MARK, 4 * MARK)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.scale(4, 4)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    if kind == "changed":
        painter.setBrush(QColor(theme.current().accent))
        painter.drawEllipse(QPointF(MARK / 2, MARK / 2), 2.5, 2.5)
    elif kind == "away":
        painter.setBrush(QColor(theme.current().amber))
        painter.drawPolygon(QPolygonF([QPointF(MARK / 2, 1), QPointF(MARK - 0.5, MARK - 1), QPointF(0.5, MARK - 1)]))
    painter.end()
    return QIcon(pixmap)
