"""ForNetwork: the switch that gives the network the drawing as it is, and the line that says when that is what one wants."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QLabel, QVBoxLayout, QWidget

from webcam_pix2pix.pipeline import resolved
from webcam_pix2pix.preprocessing import EdgeDetection
from webcam_pix2pix.recipe import Recipe

from ..foundation import theme
from ..settings.live_settings import LiveSettings

AS_IT_IS = Recipe(edges=EdgeDetection(method="none")).values()  # every step of the chain is off
TIP = "Every step of the preprocessing is off: no lines are looked for. For models that were trained on drawings or label maps"


class ForNetwork(QWidget):
    """On: preprocessing does nothing. Off again: the settings are what they were. One step of undo each."""

    def __init__(self) -> None:
        super().__init__()
        self._live: LiveSettings | None = None
        self._before: dict | None = None
        self.switch = QCheckBox("Draw for the network", toolTip=TIP, focusPolicy=Qt.FocusPolicy.TabFocus)
        self.switch.clicked.connect(self._switched)
        self.hint = QLabel(wordWrap=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.S)
        layout.addWidget(self.switch)
        layout.addWidget(self.hint)

    def settings_of(self, live: LiveSettings) -> None:
        """The settings of the window, once they are there."""
        self._live = live

    def tick(self, recipe: Recipe | None, loaded: bool) -> None:
        """Show what is the case; recipe: of the running model; loaded: there is one."""
        if self._live is None:
            return
        values = self._live.value.flat()
        edges = resolved(self._live.value.edges, recipe)
        on = edges.method == "none" and not edges.tone and all(values[n] == v for n, v in AS_IT_IS.items() if n.startswith("Capture."))
        self.switch.setChecked(on)
        drawn = recipe is None or recipe.edges.method == "none"
        hint = "" if not loaded or on == drawn else (
            "This model does not say what it was trained on. If that was drawings or labels, switch this on." if recipe is None else
            "This model takes images as they are: switch this on." if drawn else
            "This model was trained on images with a preprocessing of their own: better off.")
        if hint != self.hint.text():
            self.hint.setText(hint)
            self.hint.setStyleSheet(f"color: {theme.current().dim};")
            self.hint.setVisible(bool(hint))

    def _switched(self, on: bool) -> None:
        live = self._live
        if live is None:
            return
        if on:
            self._before = {name: live.value.flat()[name] for name in AS_IT_IS}
            live.apply(AS_IT_IS, "draw for the network")
        elif self._before is not None:
            live.apply(self._before, "preprocessing as before")
        else:
            live.to_recipe()

