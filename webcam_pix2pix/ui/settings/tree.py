"""SettingsPanel: search box and pyqtgraph's ParameterTree, in which every setting has a row with its editor."""

from collections.abc import Callable
from typing import Any

from pyqtgraph.parametertree import Parameter, ParameterTree
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMenu,
    QToolButton,
    QTreeWidget,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import Shiboken

import params

from ..foundation import theme
from .bridge import Bridge
from .fields import Field
from .items import MARK, SectionItem, SettingItem


class SettingsPanel(QWidget):
    """Attributes:
        tree: pyqtgraph's ParameterTree.
        items: the item of each setting by its dotted name. sections: the items of the headings by name. fields: the editors.
    """

    def __init__(self, bridge: Bridge) -> None:
        super().__init__()
        self.bridge = bridge
        self.search = _Search(placeholderText="Search settings", clearButtonEnabled=True, accessibleName="search settings")
        self.search.findChild(QToolButton).setAccessibleName("clear the search")
        self.search.textChanged.connect(self._filter)
        self.nothing = QLabel("No setting matches.", alignment=Qt.AlignmentFlag.AlignCenter, visible=False)
        self.tree = SettingsTree()
        self.setMinimumWidth(306)  # every value can be read, and every tab
        self.tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.tree.customContextMenuRequested.connect(self._menu)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.M, theme.M, 0, 0)
        layout.setSpacing(theme.M)
        layout.addWidget(self.search)
        layout.addWidget(self.nothing)
        layout.addWidget(self.tree)
        self.menu_extras: list[Callable[[str], list[tuple[str, Any]]]] = []  # setting -> more entries of its menu: text, what it does
        self.items: dict[str, SettingItem] = {}
        self.sections: dict[str, SectionItem] = {}
        self._headings: list[Parameter] = []
        self._before_search: set[str] | None = None  # sections that were closed
        for name, row in bridge.rows.items():
            if row.section not in self.sections:
                heading = Parameter.create(name=row.section, type="section")
                self._headings.append(heading)
                self.tree.addParameters(heading)
                self.sections[row.section] = next(iter(heading.items))
            self.tree.addParameters(bridge.settings[name], root=self.sections[row.section], depth=1)
            self.items[name] = next(iter(bridge.settings[name].items))
        self.expand_as(params.COLLAPSED)
        QApplication.instance().focusChanged.connect(self._show_focus)

    @property
    def fields(self) -> dict[str, Field]:
        """The editors by the dotted name of their setting."""
        return {name: item.field for name, item in self.items.items()}

    def retheme(self) -> None:
        """Take the colours of the theme."""
        for item in (*self.sections.values(), *self.items.values()):
            item.retheme()

    def collapsed(self) -> set[str]:
        """Names of the sections that are closed; during a search, that were before it."""
        if self._before_search is not None:
            return self._before_search
        return {name for name, item in self.sections.items() if not item.isExpanded()}

    def expand_as(self, collapsed: set[str]) -> None:
        """Close these sections, open the others."""
        for name, item in self.sections.items():
            item.setExpanded(name not in collapsed)

    def _show_focus(self, old: QWidget | None, new: QWidget | None) -> None:
        """Scroll to the editor that Tab has reached."""
        if new is not None and self.tree.isAncestorOf(new) and new.visibleRegion().isEmpty():
            item = next((item for item in self.items.values() if item.field.isAncestorOf(new)), None)
            if item is not None:
                self.tree.scrollToItem(item)

    def _menu(self, position: QPoint) -> None:
        """What can be done with a setting, or with a section."""
        item = self.tree.itemAt(position)
        names = [name for name, one in self.items.items() if item in (one, one.parent())]
        if item is None or not names:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(f"Reset {item.text(0)}", lambda: self.bridge.reset(*names))
        if item in self.items.values():
            text = f"--set {names[0]}={self.bridge.settings[names[0]].value()}"
            for extra in self.menu_extras:
                for entry, does in extra(names[0]):
                    menu.addAction(entry, does)
            menu.addAction(f"Copy  {text}", lambda: QGuiApplication.clipboard().setText(text))
        menu.popup(self.tree.viewport().mapToGlobal(position))

    def _filter(self, text: str) -> None:
        words = text.lower().split()
        if words and self._before_search is None:
            self._before_search = self.collapsed()
        for name, item in self.items.items():
            item.setHidden(not self.bridge.rows[name].matches(words))
        for section in self.sections.values():
            hidden = all(section.child(i).isHidden() for i in range(section.childCount()))
            section.setHidden(hidden)
            if words and not hidden:
                section.setExpanded(True)
        self.nothing.setVisible(all(section.isHidden() for section in self.sections.values()))
        if not words and self._before_search is not None:
            self.expand_as(self._before_search)
            self._before_search = None


class SettingsTree(ParameterTree):
    """pyqtgraph's, with our look; the mouse does not give it the keys, Tab does."""

    def __init__(self) -> None:
        super().__init__(showHeader=False)
        self.setAccessibleName("settings")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAlternatingRowColors(False)
        self.setRootIsDecorated(True)
        self.setUniformRowHeights(True)
        self.setIndentation(10)
        self.setIconSize(QSize(MARK, MARK))
        self.setDragEnabled(False)
        self.setAcceptDrops(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.header().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.header().setStretchLastSection(True)
        widest = max(self.fontMetrics().horizontalAdvance(row.label) for row in params.rows())
        self.header().resizeSection(0, widest + 2 * theme.L + MARK + 16)
        self.itemActivated.connect(lambda item, _: item.setFocus() if isinstance(item, SettingItem) else None)
        self.setExpandsOnDoubleClick(False)  # one click on a heading opens or closes it
        self.itemClicked.connect(lambda item, _: item.setExpanded(not item.isExpanded()) if isinstance(item, SectionItem) else None)
        # pyqtgraph keeps the Python object of the root item, which Qt deletes without telling Python. Shiboken would then take it for
        # whatever Qt makes next at that address: a crash, or a method that returns an object of the wrong type.
        root = QTreeWidget.invisibleRootItem(self)
        self.destroyed.connect(lambda: Shiboken.invalidate(root))

    def contextMenuEvent(self, ev) -> None:
        ev.ignore()  # SettingsPanel has one


class _Search(QLineEdit):
    """Escape empties it and leaves it."""

    def give_up(self) -> None:
        """Back to all the settings."""
        self.clear()
