"""Items: how pyqtgraph's ParameterTree shows a setting and a section; registered as item types of their own."""

from html import escape

from pyqtgraph.parametertree import Parameter, ParameterItem, registerParameterItemType
from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QIcon, QPainter, QPixmap, QPolygonF

import params

from ..foundation import theme
from .fields import field

MARK = 9  # px, the mark before a changed name
ROWS = {row.name: row for row in params.rows()}


class SettingItem(ParameterItem):
    """A setting: mark, name for people, editor, reset arrow.

    Options of the Parameter besides pyqtgraph's: trained (range that the model was trained with, or None), idle (why it does nothing,
    as the others stand; "" when it does something), away (outside what the model was trained with).
    """

    def __init__(self, param: Parameter, depth: int) -> None:
        super().__init__(param, depth)
        self.row = ROWS[param.opts["setting"]]
        self.field = field(self.row)
        self.field.edited.connect(self._edited)
        self.field.reset.connect(self._reset)
        self.field.refused.connect(self._refused)
        self.setFlags(Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled)

    def treeWidgetChanged(self) -> None:
        super().treeWidgetChanged()
        tree = self.treeWidget()
        if tree is not None:
            name = tree.fontMetrics().horizontalAdvance(self.text(0))
            self.setSizeHint(0, QSize(name + MARK + 3 * theme.M, row_height(tree)))  # a tree of someone else may fit its column to it
            tree.setItemWidget(self, 1, self.field)
            self.show_state()

    def isFocusable(self) -> bool:
        return not self.isHidden()

    def setFocus(self) -> None:
        self.field.setFocus(Qt.FocusReason.TabFocusReason)

    def valueChanged(self, param: Parameter, val, force: bool = False) -> None:
        self.show_state()

    def defaultChanged(self, param: Parameter, default) -> None:
        self.show_state()

    def optsChanged(self, param: Parameter, opts: dict) -> None:
        if "visible" in opts:
            self.setHidden(not opts["visible"])
        if opts.keys() & {"trained", "idle", "away", "tip"}:
            self.show_state()

    def titleChanged(self) -> None:
        self.setText(0, self.param.title())

    def retheme(self) -> None:
        """Colours of the theme."""
        self.field.retheme()
        self.show_state()

    def show_state(self) -> None:
        """Show what the Parameter holds."""
        opts, t = self.param.opts, theme.current()
        value, reference, idle = opts["value"], opts["default"], opts.get("idle", "")
        tip = opts["tip"] + (f"<p><b>Does nothing now:</b> {escape(idle)}.</p>" if idle else "")
        away, changed = opts.get("away", False), value != reference
        self.field.show_state(value, reference, opts.get("trained"), tip, bool(idle))
        appearance = (changed, away, tip, t.name)
        if appearance == getattr(self, "_shown", None):
            return
        self._shown = appearance
        self.setIcon(0, mark_icon("away" if away else "changed" if changed else "none"))
        font = self.font(0)
        font.setBold(changed)
        font.setItalic(bool(idle))
        self.setFont(0, font)
        self.setForeground(0, QBrush(QColor(t.dim if idle else t.text)))
        state = "Outside what the model was trained with. " if away else "Changed. " if changed else ""
        self.setToolTip(0, tip + (f"<p>{state}</p>" if state else ""))
        self.setData(0, Qt.ItemDataRole.AccessibleTextRole, f"{self.row.spoken}. {state}" + ("Does nothing now." if idle else ""))

    def _edited(self, value) -> None:
        try:
            self.param.setValue(value)
        except ValueError as error:
            self._refused(str(error))
            self.show_state()

    def _reset(self) -> None:
        if self.param.bridge:
            self.param.bridge.reset(self.row.name)
        else:
            self.param.setToDefault()

    def _refused(self, text: str) -> None:
        if self.param.bridge:
            self.param.bridge.refused.emit(text)


class SectionItem(ParameterItem):
    """The heading of a section."""

    def treeWidgetChanged(self) -> None:
        super().treeWidgetChanged()
        tree = self.treeWidget()
        if tree is not None:
            self.setSizeHint(0, QSize(0, row_height(tree)))
            self.setFirstColumnSpanned(True)
            self.retheme()

    def titleChanged(self) -> None:
        self.setText(0, self.param.title())

    def retheme(self) -> None:
        """Colours of the theme."""
        font = self.font(0)
        font.setBold(True)
        self.setFont(0, font)
        self.setForeground(0, QBrush(QColor(theme.current().dim)))


class Section(Parameter):
    """A section of the tree; it holds no Parameters, those stay in the group that they are named after."""

    itemClass = None  # the one that is registered for the type


def row_height(tree) -> int:
    """Rows grow with the font."""
    return round(tree.fontMetrics().height() * 1.5)


def mark_icon(kind: str) -> QIcon:
    """Nothing, a dot (changed) or an amber triangle (outside what the model was trained with)."""
    key = kind, theme.current().name
    if key not in _icons:
        _icons[key] = _drawn(kind)
    return _icons[key]


_icons: dict[tuple[str, str], QIcon] = {}


def _drawn(kind: str) -> QIcon:
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


for _kind in params.KINDS:
    registerParameterItemType(f"setting {_kind}", SettingItem, params.Setting, override=True)
registerParameterItemType("section", SectionItem, Section, override=True)
