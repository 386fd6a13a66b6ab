"""RecipeBadge: shows when live values differ from the model's recipe; a click lists them and offers the way back."""

from functools import partial

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QMenu, QToolButton

import params

from ..foundation import theme
from .live_settings import LiveSettings

LABELS = {row.name: row for row in params.rows()}
LONGEST = ("no model yet", "changed (10)")  # what it says


class RecipeBadge(QToolButton):
    """"as trained", or "changed (n)" with the names in the tooltip; empty until a model paints.

    Attributes:
        model: whether one does.
        unfinished: how far its training is, such as "2 of 700 steps"; "" for a finished one.

    Signals:
        note(str): what was set back.
    """

    note = Signal(str)

    def __init__(self, live: LiveSettings) -> None:
        super().__init__(objectName="badge", focusPolicy=Qt.FocusPolicy.TabFocus)
        self._live, self.model, self.unfinished = live, False, ""
        self._shown: tuple[str, ...] = ()
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.clicked.connect(self._clicked)
        self.refresh()

    def model_came(self, info: object) -> None:
        """A model paints: its ModelInfo."""
        self.model, self.unfinished = True, getattr(info, "unfinished", "")
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
            tip = "The network sees images that are made exactly as those of its training."
            if self.unfinished:
                text, mark, color = "unfinished", "hourglass-medium", t.amber
        else:
            text, mark, color = f"changed ({len(gone)})", "warning-circle", t.amber
            tip = ("The network sees images that are made in another way than those of its training. These settings differ:<br>"
                   + "<br>".join(f"{LABELS[name].label} &nbsp; {name}" for name in gone) + "<br><br>Click for the way back.")
        if self.unfinished and self.model:
            tip += f"<br><br>Its training is not finished: {self.unfinished}."
        moving = self._moving()
        if moving and self.model:
            mark = "waves"
            text = "moving" if not gone else text
            tip += "<br><br>Moved by themselves: " + ", ".join(LABELS[name].label for name in moving)
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

    def to_recipe(self) -> None:
        """Back to what the model was trained with, and say so."""
        gone = [*dict.fromkeys((*self._live.departures(), *self._live.strayed))]  # first those that can be seen
        self._live.to_recipe()
        if gone:
            names = ", ".join(LABELS[name].label for name in gone[:3]) + (" and others" if len(gone) > 3 else "")
            self.note.emit(f"Back to the recipe: {names}. Ctrl+Z undoes it.")

    def offers(self) -> QMenu:
        """What differs, each with its way back, and all of it."""
        values, reference = self._live.value.flat(), self._live.reference()
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("All as trained\tR", self.to_recipe)
        menu.addSeparator()
        for name in self._live.departures():
            row = LABELS[name]
            menu.addAction(f"{row.label}: {row.shown(values[name])}, back to {row.shown(reference[name])}",
                           partial(self._live.apply, {name: reference[name]}, f"reset {row.label}"))
        return menu

    def _clicked(self) -> None:
        if self._live.departures():
            self.offers().popup(self.mapToGlobal(QPoint(0, self.height())))
        elif self.model:
            self.note.emit("Every setting that the network depends on is as in its training." if self._live.recipe else self.toolTip())

    def _moving(self) -> list[str]:
        return [modulator.name for modulator in self._live.desk.modulation.modulators if modulator.on]
