"""TopBar: source, model and recipe at the left, the actions of a show at the right."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolBar, QToolButton, QWidget

from webcam_pix2pix.model import called

from ..foundation import theme
from ..panels.match_gauge import LONGEST as GAUGE
from ..panels.match_gauge import MatchGauge
from ..settings.recipe_badge import LONGEST as BADGE
from ..settings.recipe_badge import RecipeBadge
from .actions import TOOLBAR, Actions

LONGEST = 26  # letters of a name
FITS = (  # as there is room: words on the buttons, letters of the source, of the model, how many of badge and gauge have words
    (True, LONGEST, LONGEST, 2), (False, LONGEST, LONGEST, 2), (False, 18, 18, 2), (False, 18, 18, 1), (False, 12, 9, 1), (False, 9, 9, 1),
    (False, 9, 9, 0))
TIMES = ("Record 1080p", "Stop 00:00")


class MenuButton(QToolButton):
    """Caption, what is chosen, and a menu; long names are shortened in the middle."""

    def __init__(self, caption: str, icon: str, menu: QMenu) -> None:
        super().__init__(focusPolicy=Qt.FocusPolicy.TabFocus, popupMode=QToolButton.ToolButtonPopupMode.InstantPopup)
        self._caption, self._icon = caption, icon
        self._choice = ("", "")
        self.setMenu(menu)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.fit(LONGEST)

    def show_choice(self, text: str, tip: str = "") -> bool:
        """Show what is chosen; whether the text is another one than before."""
        before, self._choice = self._choice, (text, tip)
        if before == self._choice:
            return False
        self.fit(LONGEST)
        return before[0] != text

    def fit(self, longest: int) -> None:
        """Show at most about so many letters of the name."""
        text, tip = self._choice
        width = self.fontMetrics().averageCharWidth() * longest
        shorten = Qt.TextElideMode.ElideRight if text.startswith("loading ") else Qt.TextElideMode.ElideMiddle
        _, _, name = text.rstrip('"').partition(' "')  # such as: video "a.mp4"
        shown = name if name and self.fontMetrics().horizontalAdvance(text) > width else text
        shown = self.fontMetrics().elidedText(shown or "–", shorten, width)
        self.setText(f" {shown}  ▾")
        spare = width - self.fontMetrics().horizontalAdvance(shown)
        self.setMinimumWidth(super().sizeHint().width() + spare)  # nothing beside it moves when another one is chosen
        self.setToolTip(f"{self._caption}: {text or 'none'}" + (f"\n{tip}" if tip and tip != text else ""))
        self.setAccessibleName(f"{self._caption}: {text}")

    def retheme(self) -> None:
        """Icon in the colours of the theme."""
        self.setIcon(theme.icon(self._icon, theme.current().dim))


class TopBar(QToolBar):
    """The toolbar of the window."""

    def __init__(self, actions: Actions, sources: QMenu, models: QMenu, badge: RecipeBadge, gauge: MatchGauge) -> None:
        super().__init__("Toolbar", objectName="toolbar", movable=False)
        self._actions = actions
        self.source = MenuButton("Source", "video-camera", sources)
        self.model = MenuButton("Model", "paint-brush", models)
        self.addWidget(self.source)
        self.addSeparator()
        self.addWidget(self.model)
        self.addWidget(badge)
        self._badge, self._fitted = badge, ""
        self._gauge = gauge
        shown = self.addWidget(gauge)
        shown.setVisible(False)
        gauge.offered.connect(shown.setVisible)
        space = QWidget()
        space.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.addWidget(space)
        self.buttons: dict[str, QToolButton] = {}
        for name in TOOLBAR:
            button = QToolButton(focusPolicy=Qt.FocusPolicy.TabFocus, accessibleName=actions[name].text())
            button.setDefaultAction(actions[name])
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            self.addWidget(button)
            self.buttons[name] = button
        self.buttons["full_screen"].setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        self.retheme()

    def resizeEvent(self, event) -> None:
        """Where there is no room for words, icons: nothing may vanish from a stage."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        style = Qt.ToolButtonStyle
        for words, of_source, of_model, spoken in FITS:
            wanted = style.ToolButtonTextBesideIcon if words else style.ToolButtonIconOnly
            for name, button in self.buttons.items():
                if name not in ("record", "full_screen"):  # the first shows its time, the other never has a word
                    button.setToolButtonStyle(wanted)
            self.source.fit(of_source)
            self.model.fit(of_model)
            for badge, texts, shown in ((self._badge, BADGE, spoken > 0), (self._gauge, GAUGE, spoken > 1)):
                badge.setToolButtonStyle(style.ToolButtonTextBesideIcon if shown else style.ToolButtonIconOnly)
                _reserve(badge, texts if shown else ("",))
            _reserve(self.buttons["record"], TIMES)
            parts = [self.widgetForAction(action) for action in self.actions()]
            needed = sum(max(part.sizeHint().width(), part.minimumWidth()) + theme.S for part in parts if part is not None)
            if needed + 2 * theme.M <= self.width():
                break

    def show_status(self, status, recording: str) -> None:
        """Source and model of a pipeline Status. recording: the words of that button."""
        name = getattr(status.model, "name", "")
        changed = self.source.show_choice(status.source, status.source_note)
        changed |= self.model.show_choice(f"loading {called(status.loading)}" if status.loading else name, name)
        changed |= len(recording) != len(self.buttons["record"].text())
        self.buttons["record"].setText(recording)
        others = f"{self._badge.text()} {self._gauge.isVisible()}"  # they take their room too
        if changed or others != self._fitted:
            self._fitted = others
            self._fit()

    def retheme(self) -> None:
        """Icons take the colours of the theme."""
        self._fitted = ""
        self.setIconSize(theme.icon_size() + QSize(1, 1))
        self.source.retheme()
        self.model.retheme()


def _reserve(button: QToolButton, texts: tuple[str, ...]) -> None:
    """Room for the longest of `texts`, so that nothing beside the button moves when it says another one."""
    metrics = button.fontMetrics()
    longest = max(metrics.horizontalAdvance(text) for text in texts)
    has_text = button.toolButtonStyle() != Qt.ToolButtonStyle.ToolButtonIconOnly
    spare = longest - metrics.horizontalAdvance(button.text()) if has_text else 0
    button.setMinimumWidth(max(0, button.sizeHint().width() + spare))
