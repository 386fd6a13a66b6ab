"""RecipeBadge: shows when live values differ from the model's recipe; one click returns."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton

from ..foundation import theme
from .live_settings import LiveSettings


class RecipeBadge(QToolButton):
    """"as trained", or "changed (n)" with the names in the tooltip; empty until a model paints.

    Attributes:
        model: whether one does.
    """

    def __init__(self, live: LiveSettings) -> None:
        super().__init__(objectName="badge", focusPolicy=Qt.FocusPolicy.TabFocus)
        self._live, self.model = live, False
        self._shown: tuple[str, ...] = ()
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.clicked.connect(live.to_recipe)
        self.refresh()

    def model_came(self) -> None:
        """A model paints."""
        self.model = True
        self.refresh()

    def refresh(self) -> None:
        """Show how things stand."""
        t, gone = theme.current(), self._live.departures()
        self.setEnabled(self.model)
        if not self.model:
            text, mark, color, tip = "no model yet", "circle-dashed", t.dim, "The model is not loaded yet."
        elif self._live.recipe is None:
            text, mark, color = "no recipe", "question", t.dim
            tip = "This model has no recipe. Set the edges yourself until the painting looks right."
        elif not gone:
            text, mark, color = "as trained", "check-circle", t.accent
            tip = "The preprocessing is exactly that of the training."
        else:
            text, mark, color = f"changed ({len(gone)})", "warning-circle", t.amber
            tip = "These settings differ from the training:<br>" + "<br>".join(gone) + "<br><br>Click, or press R, to return."
        shown = text, mark, color, tip, t.name
        if shown == self._shown:  # a style sheet is slow
            return
        self._shown = shown
        self.setText(text)
        self.setToolTip(tip)
        self.setAccessibleName(f"recipe: {text}")
        self.setIcon(theme.icon(mark, color))
        self.setIconSize(theme.icon_size())
        self.setStyleSheet(f"color: {color};")
