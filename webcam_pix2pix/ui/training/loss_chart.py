"""The losses of a training as curves. Imports pyqtgraph, which takes its time: import this when it is to be seen."""

from collections.abc import Sequence

from pyqtgraph import PlotWidget, mkPen
from PySide6.QtCore import Qt

from ..foundation import theme

NAMES = {"G_L1": "G: L1", "G_GAN": "G: GAN", "D_real": "D: real", "D_fake": "D: fake", "val_L1": "validation: L1"}


class Curves(PlotWidget):
    """One curve for each of NAMES, over the pairs seen; a logarithmic scale, as they are of very different size and each matters."""

    def __init__(self) -> None:
        super().__init__(accessibleName="losses")
        self.setMinimumHeight(120)
        self.setMouseEnabled(False, False)
        self.hideButtons()
        self.setLogMode(y=True)
        self.setLabel("bottom", "pairs seen")
        self.setLabel("left", "loss")
        self.getAxis("left").setStyle(textFillLimits=[(0, 0.5), (2, 0.3)])  # on a low chart, the figures would overlap
        self._shown: list[str] = []  # in the legend
        self._legend = self.addLegend(offset=(-1, 1), colCount=3, labelTextSize="8pt")
        self.lines = {name: self.plot([], [], name=label) for name, label in NAMES.items()}

    def retheme(self, colours: theme.Theme) -> None:
        """Colours of the theme."""
        self.setBackground(colours.panel)
        for side in ("left", "bottom"):
            self.getAxis(side).setPen(colours.line)
            self.getAxis(side).setTextPen(colours.dim)
        self._legend.setBrush(colours.panel)  # to be read over the curves
        pens = (colours.accent, colours.amber, colours.text, colours.dim, colours.red)
        for (name, line), colour in zip(self.lines.items(), pens, strict=True):
            style = Qt.PenStyle.DashLine if name.startswith("D_") else Qt.PenStyle.SolidLine  # told apart without colour too
            line.setSymbolBrush(colour)
            line.setSymbolPen(colour)
            line.setPen(mkPen(colour, width=2 if name == "val_L1" else 1, style=style))
        self._legend.setLabelTextColor(colours.dim)

    def show_stats(self, stats: Sequence[dict]) -> None:
        """Draw the lines of stats.jsonl."""
        shown = [name for name in self.lines if any(name in entry for entry in stats)]
        if shown != self._shown:
            self._shown = shown
            self._legend.clear()
            for name in shown:
                self._legend.addItem(self.lines[name], NAMES[name])
        for name, line in self.lines.items():
            points = [(entry["samples"], entry[name]) for entry in stats if name in entry]
            few = "o" if len(points) < 3 else None  # a curve of one point cannot be seen
            line.setData([x for x, _ in points], [max(y, 1e-6) for _, y in points], symbol=few, symbolSize=5)

    def show_note(self, text: str) -> None:
        """A word under the chart about what is missing in it."""
        self.setLabel("bottom", f"pairs seen; {text}" if text else "pairs seen")
