"""The losses of a training as curves. Imports pyqtgraph, which takes its time: import this when it is to be seen."""

import math
from collections.abc import Sequence

from pyqtgraph import AxisItem, PlotWidget, mkPen
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from ..foundation import theme

NAMES = {"G_L1": "G: L1", "G_GAN": "G: GAN", "D_real": "D: real", "D_fake": "D: fake", "val_L1": "validation: L1"}
INSTEAD = {"G_GAN": "G_projected", "D_real": "C_real", "D_fake": "C_fake"}  # where the only discriminator sees through a trained network
LEAST = 1e-3  # smaller losses are drawn here: what is below tells nothing and takes all the room
LABEL_PX = 24  # height that one figure needs


class LossAxis(AxisItem):
    """A logarithmic axis with plain figures, 0.1 0.2 0.5 1 2, as many as there is room for."""

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:
        decades = range(math.floor(minVal), math.ceil(maxVal) + 1)
        room = max(2, int(size / LABEL_PX))
        for steps in ((1, 2, 3, 4, 6, 8), (1, 2, 5), (1, 3), (1,)):
            found = [decade + math.log10(step) for decade in decades for step in steps]
            found = [value for value in found if minVal <= value <= maxVal]
            if len(found) <= room:
                break
        if len(found) < 2:  # a narrow range has no round figures in it
            found = [minVal + (maxVal - minVal) * part for part in (0.2, 0.5, 0.8)[: 3 if room > 2 else 2]]
        return [(1.0, found[:: math.ceil(len(found) / room) or 1])]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        return [f"{10**value:.3g}" for value in values]


class PairsAxis(AxisItem):
    """Whole numbers, thousands and millions in short."""

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        return [f"{v / 1e6:g} M" if v >= 1e6 else f"{v / 1e3:g} k" if v >= 1e4 else f"{v:.0f}" if v == round(v) else "" for v in values]


class Curves(QWidget):
    """One curve for each of NAMES, over the pairs seen; a logarithmic scale, as they are of very different size and each matters."""

    def __init__(self) -> None:
        super().__init__()
        self.plot = PlotWidget(accessibleName="losses", axisItems={"left": LossAxis("left"), "bottom": PairsAxis("bottom")})
        self.plot.setMinimumHeight(110)
        self.plot.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)  # asks for 480 pixels of its own
        self.plot.setMouseEnabled(False, False)
        self.plot.hideButtons()
        self.plot.setLogMode(y=True)
        self.plot.setLabel("left", "loss")
        self.plot.setMenuEnabled(False)
        for side in ("left", "bottom"):
            self.plot.getAxis(side).enableAutoSIPrefix(False)
        self.legend = QLabel(wordWrap=True, textFormat=Qt.TextFormat.RichText, accessibleName="what the curves show")
        self.legend.setToolTip("G: the network that paints; D: the one that judges; validation: on pairs that are not trained on")
        self.lines = {name: self.plot.plot([], []) for name in NAMES}
        for line in self.lines.values():
            line.setDownsampling(auto=True, method="mean")
        self._shown: list[str] = []  # in the legend
        self._colours: dict[str, str] = {}
        self.setMinimumHeight(160)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.S)
        layout.addWidget(self.legend)
        layout.addWidget(self.plot, 1)
        self.show_note("")

    def retheme(self, colours: theme.Theme) -> None:
        """Colours of the theme."""
        self.plot.setBackground(colours.panel)
        for side in ("left", "bottom"):
            self.plot.getAxis(side).setPen(colours.line)
            self.plot.getAxis(side).setTextPen(colours.dim)
        pens = (colours.accent, colours.amber, colours.text, colours.dim, colours.red)
        self._colours = dict(zip(self.lines, pens, strict=True))
        for name, line in self.lines.items():
            style = Qt.PenStyle.DashLine if name.startswith("D_") else Qt.PenStyle.SolidLine  # told apart without colour too
            line.setSymbolBrush(self._colours[name])
            line.setSymbolPen(self._colours[name])
            line.setPen(mkPen(self._colours[name], width=2 if name == "val_L1" else 1, style=style))
        self._show_legend()

    def show_stats(self, stats: Sequence[dict]) -> None:
        """Draw the lines of stats.jsonl."""
        stats = [{name: entry[other] for name, other in INSTEAD.items() if other in entry} | entry for entry in stats]
        shown = [name for name in self.lines if any(name in entry for entry in stats)]
        if shown != self._shown:
            self._shown = shown
            self._show_legend()
        values = [math.log10(max(entry[name], LEAST)) for entry in stats for name in shown if name in entry]
        if values:  # by hand: a thick line is not cut at the edge, and a single value has room around it
            room = max(0.05, 0.08 * (max(values) - min(values)))
            self.plot.setYRange(min(values) - room, max(values) + room, padding=0)
        for name, line in self.lines.items():
            points = [(entry["samples"], entry[name]) for entry in stats if name in entry]
            few = "o" if len(points) < 3 else None  # a curve of one point cannot be seen
            line.setData([x for x, _ in points], [max(y, LEAST) for _, y in points], symbol=few, symbolSize=5)

    def show_note(self, text: str) -> None:
        """A word under the chart about what is missing in it."""
        self.plot.setLabel("bottom", f"pairs seen; {text}" if text else "pairs seen")

    def _show_legend(self) -> None:
        marks = {name: "╌╌" if name.startswith("D_") else "━" if name == "val_L1" else "──" for name in NAMES}
        self.legend.setText(" &nbsp; ".join(f"<span style='color:{self._colours.get(name, '')}'>{marks[name]}</span>&nbsp;"
                                            f"{NAMES[name].replace(' ', '&nbsp;')}" for name in self._shown)
                            + (" &nbsp; L1:&nbsp;lower&nbsp;is&nbsp;better" if self._shown else ""))
