"""How the window looks: two palettes of neutral greys with one accent colour, one set of icons, one monospaced face for numbers.

Spaces are 4, 8 and 12 px everywhere. Amber is kept for "look here" and red for "recording"; both always come with a mark or a word.
"""

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QIcon, QPalette
from PySide6.QtWidgets import QApplication

from .icons import glyph

S, M, L = 4, 8, 12  # px
_IMAGES = (Path(__file__).parent / "images").as_posix()  # ticks and arrows, for what the style does not draw in our colours


@dataclass(frozen=True)
class Theme:
    """Colours by what they are for, as #rrggbb."""

    name: str
    window: str  # behind everything
    panel: str  # behind images
    surface: str  # trees, lists, fields
    raised: str  # buttons, bars
    line: str  # borders
    off: str  # what cannot be used now
    text: str
    dim: str  # text of second rank, still 4.5:1 against the window
    accent: str
    on_accent: str  # text on the accent
    amber: str
    red: str


DARK = Theme("dark", window="#1d1d1e", panel="#121213", surface="#232324", raised="#2d2d2f", line="#3a3a3d", off="#5f5f63", text="#d2d2d0",
             dim="#98989a", accent="#59a8c4", on_accent="#0f1517", amber="#d9a441", red="#d4665c")
LIGHT = Theme("light", window="#e4e4e2", panel="#cfcfcd", surface="#efefed", raised="#f6f6f4", line="#bdbdbb", off="#9c9c9a",
              text="#262627", dim="#5a5a5c", accent="#186f8f", on_accent="#f6f6f4", amber="#8a5a00", red="#b03228")
THEMES = {theme.name: theme for theme in (DARK, LIGHT)}

_current = DARK


def current() -> Theme:
    """The theme in use."""
    return _current


def apply(name: str) -> Theme:
    """Dress the whole application; unknown names give the dark theme."""
    global _current
    app, wanted = QApplication.instance(), THEMES.get(name, DARK)
    if app.property("theme") == wanted.name:  # styling every widget anew takes its time
        return wanted
    _current = wanted
    app.setProperty("theme", wanted.name)
    app.setStyle("Fusion")
    app.setPalette(_palette(_current))
    app.setStyleSheet(_sheet(_current))
    if hasattr(QGuiApplication.styleHints(), "setColorScheme"):  # title bars, where the platform draws them
        from PySide6.QtCore import Qt
        QGuiApplication.styleHints().setColorScheme(Qt.ColorScheme.Dark if _current is DARK else Qt.ColorScheme.Light)
    return _current


def icon(name: str, color: str | None = None, active: str | None = None) -> QIcon:
    """An icon of the Phosphor set, such as "camera"; `active` is its colour while its button is checked."""
    return glyph(name, color or _current.text, active or color or _current.accent, _current.off)


def mono(points: float = 0.0) -> QFont:
    """The face for numbers: figures of one width, so that they do not jump."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setPointSizeF(points or QApplication.font().pointSizeF() * 0.94)
    return font


def icon_size() -> QSize:
    """Toolbar icons follow the size of the text, so that they grow on HiDPI screens."""
    height = QApplication.fontMetrics().height()
    return QSize(height + 2, height + 2)


def _palette(t: Theme) -> QPalette:
    palette = QPalette()
    role = QPalette.ColorRole
    for key, color in {
        role.Window: t.window, role.WindowText: t.text, role.Base: t.surface, role.AlternateBase: t.window, role.Text: t.text,
        role.Button: t.raised, role.ButtonText: t.text, role.BrightText: t.amber, role.Highlight: t.accent,
        role.HighlightedText: t.on_accent, role.ToolTipBase: t.raised, role.ToolTipText: t.text, role.PlaceholderText: t.dim,
        role.Link: t.accent, role.LinkVisited: t.accent, role.Light: t.raised, role.Midlight: t.raised, role.Mid: t.line,
        role.Dark: t.panel, role.Shadow: t.panel, role.Accent: t.accent,
    }.items():
        palette.setColor(key, QColor(color))
    for key in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        palette.setColor(QPalette.ColorGroup.Disabled, key, QColor(t.off))
    palette.setColor(QPalette.ColorGroup.Disabled, role.Highlight, QColor(t.raised))
    return palette


def _sheet(t: Theme) -> str:
    return f"""
    QMainWindow::separator {{ background: {t.window}; width: {S}px; height: {S}px; }}
    QMainWindow::separator:hover {{ background: {t.accent}; }}
    QDockWidget {{ border: 2px solid {t.dim}; }}
    QToolTip {{ background: {t.raised}; color: {t.text}; border: 1px solid {t.line}; padding: {S}px; }}
    QMenuBar {{ background: {t.window}; padding: 0 {S}px; }}
    QMenuBar::item {{ padding: {S}px {M}px; background: transparent; border-radius: 3px; }}
    QMenuBar::item:selected {{ background: {t.raised}; }}
    QMenu {{ background: {t.surface}; border: 1px solid {t.line}; padding: {S}px; }}
    QMenu::item {{ padding: {S}px {L * 2}px {S}px {M}px; border-radius: 3px; }}
    QMenu::icon {{ padding-left: {S}px; }}
    QMenu::item:selected {{ background: {t.accent}; color: {t.on_accent}; }}
    QMenu::item:disabled {{ color: {t.dim}; background: transparent; }}
    QMenu::separator {{ height: 1px; background: {t.line}; margin: {S}px {M}px; }}
    QToolBar {{ background: {t.window}; border: none; padding: {S}px {M}px; spacing: {S}px; }}
    QToolBar::separator {{ width: 1px; background: {t.line}; margin: {S}px {M}px; }}
    QToolButton {{ border: 1px solid transparent; border-radius: 4px; padding: {S}px {M}px; color: {t.text}; background: transparent; }}
    QToolButton:hover, QToolButton:focus {{ background: {t.raised}; border-color: {t.line}; }}
    QToolButton:pressed {{ background: {t.line}; }}
    QToolButton:checked {{ background: {t.raised}; border-color: {t.accent}; color: {t.text}; }}
    QToolButton::menu-indicator {{ image: none; width: 0; }}
    QFileDialog QToolButton {{ padding: 2px; }}
    QToolButton#flat {{ padding: 2px; border-radius: 3px; }}
    QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
    QTabBar {{ qproperty-drawBase: 0; }}
    QTabBar::tab {{ background: {t.window}; color: {t.dim}; padding: {S}px 5px; border: none; border-bottom: 2px solid transparent; }}
    QTabBar::tab:selected {{ color: {t.text}; border-bottom-color: {t.accent}; }}
    QTabBar::tab:hover {{ color: {t.text}; }}
    QTreeView, QListView {{ background: {t.surface}; border: none; outline: none; }}
    QTreeView {{ selection-background-color: {t.raised}; selection-color: {t.text}; }}
    QLineEdit, QPlainTextEdit {{ background: {t.panel}; color: {t.text}; border: 1px solid {t.line}; border-radius: 3px;
        padding: 2px {S}px; selection-background-color: {t.accent}; selection-color: {t.on_accent}; }}
    QLineEdit:focus {{ border-color: {t.accent}; }}
    QLineEdit#value {{ background: transparent; border-color: transparent; padding: 0 3px; }}
    QLineEdit#value:hover {{ border-color: {t.line}; }}
    QLineEdit#value:focus {{ background: {t.panel}; border-color: {t.accent}; }}
    QTreeView QLineEdit {{ padding: 0 {S}px; }}
    QComboBox QAbstractItemView {{ background: {t.surface}; border: 1px solid {t.line}; selection-background-color: {t.accent};
        selection-color: {t.on_accent}; }}
    QScrollBar:vertical {{ background: transparent; width: {M}px; margin: 0; }}
    QScrollBar:horizontal {{ background: transparent; height: {M}px; margin: 0; }}
    QScrollBar::handle {{ background: {t.line}; border-radius: 3px; min-height: 24px; min-width: 24px; margin: 1px; }}
    QScrollBar::handle:hover {{ background: {t.dim}; }}
    QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
    QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
    QProgressBar {{ background: {t.panel}; border: 1px solid {t.line}; border-radius: 3px; text-align: center; }}
    QProgressBar::chunk {{ background: {t.accent}; }}
    QPushButton {{ padding: {S}px {L}px; border: 1px solid {t.line}; border-radius: 4px; background: {t.raised}; }}
    QPushButton:hover, QPushButton:focus {{ border-color: {t.accent}; }}
    QPushButton:checked {{ border-color: {t.accent}; color: {t.accent}; }}
    QPushButton:disabled {{ color: {t.dim}; }}
    QDialog {{ background: {t.window}; }}
    QAbstractSpinBox {{ background: {t.panel}; color: {t.text}; border: 1px solid {t.off}; border-radius: 3px; padding: 2px {S}px;
        min-height: {M * 2}px; selection-background-color: {t.accent}; selection-color: {t.on_accent}; }}
    QAbstractSpinBox:focus {{ border-color: {t.accent}; }}
    QAbstractSpinBox:disabled {{ color: {t.off}; border-color: {t.line}; }}
    QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{ width: {L * 2 - M}px; border: none; background: transparent; }}
    QAbstractSpinBox::up-button:hover, QAbstractSpinBox::down-button:hover {{ background: {t.raised}; }}
    QAbstractSpinBox::up-arrow {{ image: url({_IMAGES}/up.svg); width: {M}px; height: {M}px; }}
    QAbstractSpinBox::down-arrow {{ image: url({_IMAGES}/down.svg); width: {M}px; height: {M}px; }}
    QCheckBox {{ spacing: {M}px; }}
    QCheckBox::indicator, QTreeView::indicator {{ width: {L + 1}px; height: {L + 1}px; border: 1px solid {t.dim}; border-radius: 3px;
        background: {t.panel}; }}
    QCheckBox::indicator:hover, QCheckBox:focus::indicator {{ border-color: {t.accent}; }}
    QCheckBox::indicator:checked {{ background: {t.accent}; border-color: {t.accent}; image: url({_IMAGES}/tick-{t.name}.svg); }}
    QCheckBox::indicator:disabled {{ border-color: {t.line}; }}
    QMenu::indicator {{ width: {L + 1}px; height: {L + 1}px; margin-left: {S + 2}px; border: 1px solid {t.dim}; border-radius: 3px; }}
    QMenu::indicator:checked {{ background: {t.accent}; border-color: {t.accent}; image: url({_IMAGES}/tick-{t.name}.svg); }}
    QMenu::icon:checked {{ background: {t.raised}; border: 1px solid {t.accent}; border-radius: 3px; }}
    QFileDialog QTreeView, QFileDialog QListView {{ selection-background-color: {t.accent}; selection-color: {t.on_accent}; }}
    """
