"""The sketch dock: draw, and the drawing is the source."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from msa.capturer.sources.sketch import PAPER
from msa.files import format_error
from msa.images import read_image
from msa.sketch import PALETTES
from msa.sketch.palettes import Color
from webcam_pix2pix.pipeline import Pipeline

from ..foundation import theme
from ..foundation.file_dialog import ask_file
from ..panels.image_menu import ask_and_save
from ..settings.live_settings import LiveSettings
from ..sources.dialogs import IMAGE, start
from .canvas import TOOLS, Canvas
from .for_network import ForNetwork
from .swatches import Swatches

SOURCE, DEVICE = "sketch", "Capture.Init.device_id"
WIDEST = 64  # px of the drawing
PALETTE = {palette.name: palette for palette in PALETTES}


class Sketch(QWidget):
    """Tools, colours, paper. Every stroke goes to the source "sketch" at once.

    Signals:
        saved(str, str): the drawing was written: what to say, and the file. problem(str): it was not.
    """

    saved = Signal(str, str)
    problem = Signal(str)

    def __init__(self, pipeline: Pipeline, notify: Callable[..., None]) -> None:
        super().__init__()
        self.name = "sketch"  # for saving
        self._pipeline, self._notify = pipeline, notify
        self.saved.connect(lambda text, path: notify(text, place=path))
        self.problem.connect(lambda text: notify(text, True))
        self._live: LiveSettings | None = None
        self._model = ""
        self.canvas, self.swatches, self.for_network = Canvas(), Swatches(), ForNetwork()
        self._build()
        self.choose_palette(PALETTES[0].name)
        self.canvas.changed.connect(self._hand_over)
        self.canvas.picked.connect(lambda: self.swatches.show_chosen(self.canvas.color))
        self.canvas.dropped.connect(self.trace)
        self._hand_over()

    def settings_of(self, live: LiveSettings) -> None:
        """The settings of the window, once they are there."""
        self._live = live
        self.for_network.settings_of(live)

    def choose_palette(self, name: str) -> None:
        """Other colours; empty paper takes the colour of their ground."""
        palette = PALETTE[name]
        self.palette_box.setCurrentText(name)
        self.swatches.offer(palette)
        drawing = self.canvas.drawing
        drawing.hard = palette.hard
        if not drawing.ink.any():
            drawing.clear(palette.ground)
            self._hand_over()
        self._ground = palette.ground
        self._choose_color(palette.colors[0][1])
        self.canvas.touch()

    def trace(self, path: str) -> None:
        """An image to draw over; it is no part of the drawing."""
        try:
            self.canvas.underlay = read_image(path)
        except (ValueError, OSError) as error:
            return self._notify(format_error(error), True)
        self._underlay_changed()

    def tick(self) -> None:
        """A few times a second: the paper has the size of the network's input; a model gets its palette."""
        status, live = self._pipeline.status, self._live
        if status.input_size is not None:
            height, width = status.input_size
            if self.canvas.drawing.size != (width, height) and not self.canvas.drawing_now:
                self.canvas.drawing.resize((width, height))
                self.canvas.touch()
                self._hand_over()
        name = getattr(status.model, "name", "")
        if name != self._model:
            self._model = name
            fitting = next((known for known in PALETTE if known in name.lower()), None)
            if fitting and not self.canvas.drawing.ink.any():
                self.choose_palette(fitting)
        if self.isVisible() and live is not None:
            self.use.setVisible(live.value.capture_init.device_id != SOURCE)
            self.for_network.tick(getattr(status.model, "recipe", None), bool(name))
            self.undo.setEnabled(self.canvas.drawing.can_undo)
            self.redo.setEnabled(self.canvas.drawing.can_redo)

    # ---- assembly

    def _build(self) -> None:
        tools = QButtonGroup(self)
        self._icons: list[tuple[QToolButton, str]] = []
        row = QHBoxLayout()
        row.setSpacing(2)
        for name, (icon, tip) in TOOLS.items():
            button = self._button(icon, tip, f"tool {name}", checkable=True, checked=name == "pen")
            button.clicked.connect(lambda _=False, name=name: self._choose_tool(name))
            tools.addButton(button)
            row.addWidget(button)
        row.addStretch(1)
        self.undo = self._button("arrow-u-up-left", "Undo (Ctrl+Z after a click on the paper)", "undo the drawing")
        self.redo = self._button("arrow-u-up-right", "Redo", "redo the drawing")
        clear = self._button("trash", "Empty paper", "clear the drawing")
        for button, does in ((self.undo, self.canvas.undo), (self.redo, self.canvas.redo), (clear, self._clear)):
            button.clicked.connect(lambda _=False, does=does: does())
            row.addWidget(button)
        self.undo.setEnabled(False)
        self.redo.setEnabled(False)
        self.palette_box = QComboBox(accessibleName="palette", toolTip="Colours: for label maps, those of the published data",
                                     focusPolicy=Qt.FocusPolicy.TabFocus)
        self.palette_box.addItems(list(PALETTE))
        self.palette_box.activated.connect(lambda *_: self.choose_palette(self.palette_box.currentText()))
        self.brush = QSlider(Qt.Orientation.Horizontal, minimum=1, maximum=WIDEST, value=4, accessibleName="width of the brush",
                            toolTip="Width of the brush, in pixels of the network's input", focusPolicy=Qt.FocusPolicy.TabFocus)
        self.pixels = QLabel("4 px")
        self.pixels.setFont(theme.mono())
        self.pixels.setFixedWidth(self.pixels.fontMetrics().horizontalAdvance("64 px") + theme.S)
        self.brush.valueChanged.connect(self._set_width)
        colors = QHBoxLayout()
        colors.setSpacing(theme.M)
        colors.addWidget(self.palette_box)
        colors.addWidget(self.brush, 1)
        colors.addWidget(self.pixels)
        self.use = QPushButton("Use the drawing as source", accessibleName="use the drawing as source")
        self.use.clicked.connect(self._use)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.M, theme.M, theme.M, theme.M)
        layout.setSpacing(theme.M)
        layout.addWidget(self.use)
        layout.addLayout(row)
        layout.addLayout(colors)
        layout.addWidget(self.swatches)
        layout.addWidget(self.canvas, 1)
        layout.addLayout(self._foot())
        layout.addWidget(self.for_network)
        self.swatches.chosen.connect(self._choose_color)

    def _foot(self) -> QHBoxLayout:
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        menu.addAction("Image to trace…", self._ask_trace)
        menu.addAction("Trace the camera image of now", self._trace_frame)
        self._in_drawing = menu.addAction("Put it into the drawing", self._put)
        self._no_trace = menu.addAction("Nothing to trace", self._stop_tracing)
        menu.addSeparator()
        menu.addAction("Save drawing…", lambda: ask_and_save(self, self.canvas.drawing.image.copy()))
        more = QToolButton(text=" Underlay  ▾", accessibleName="underlay and saving", icon=theme.icon("image"),
                           focusPolicy=Qt.FocusPolicy.TabFocus, toolButtonStyle=Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._icons.append((more, "image"))
        more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        more.setMenu(menu)
        more.setToolTip("An image under the paper, to draw over. Or drop one on the paper")
        self.strength = QSlider(Qt.Orientation.Horizontal, minimum=0, maximum=100, value=50, accessibleName="strength of the underlay",
                                toolTip="How much of the image to trace is seen", focusPolicy=Qt.FocusPolicy.TabFocus)
        self.strength.valueChanged.connect(self._set_strength)
        foot = QHBoxLayout()
        foot.setSpacing(theme.M)
        foot.addWidget(more)
        foot.addWidget(self.strength, 1)
        self._underlay_changed()
        return foot

    # ---- what the user does

    def _use(self) -> None:
        if self._live is not None:
            self._live.set(DEVICE, SOURCE)

    def _choose_tool(self, name: str) -> None:
        self.canvas.tool = name
        self.canvas.update()

    def _choose_color(self, color: Color) -> None:
        self.canvas.color = color
        self.swatches.show_chosen(color)

    def _set_width(self, width: int) -> None:
        self.canvas.stroke_width = float(width)
        self.pixels.setText(f"{width:2d} px")
        self.canvas.update()

    def _set_strength(self, percent: int) -> None:
        self.canvas.strength = percent / 100
        self.canvas.touch()

    def _clear(self) -> None:
        self.canvas.drawing.clear(self._ground)
        self.canvas.touch()
        self._hand_over()

    def _ask_trace(self) -> None:
        path = ask_file(self, "Image to trace", start("images"), f"Images ({IMAGE});;All files (*)")
        if path:
            self.trace(path)

    def _trace_frame(self) -> None:
        frame = getattr(self.window(), "frame", None)
        if frame is not None:
            self.canvas.underlay = frame.captured
            self._underlay_changed()

    def _put(self) -> None:
        if self.canvas.underlay is not None:
            self.canvas.drawing.put(self.canvas.underlay)
            self._stop_tracing()
            self._hand_over()

    def _stop_tracing(self) -> None:
        self.canvas.underlay = None
        self._underlay_changed()

    def _underlay_changed(self) -> None:
        there = self.canvas.underlay is not None
        for part in (self._in_drawing, self._no_trace, self.strength):
            part.setEnabled(there)
        self.canvas.touch()

    def _hand_over(self) -> None:
        PAPER.put(self.canvas.drawing.image.copy())

    def retheme(self) -> None:
        """Colours of the theme."""
        for button, icon in self._icons:
            button.setIcon(theme.icon(icon))
        self.swatches.offer(PALETTE[self.palette_box.currentText()])
        self.swatches.show_chosen(self.canvas.color)
        self.canvas.update()

    def _button(self, icon: str, tip: str, name: str, **more) -> QToolButton:
        button = QToolButton(objectName="flat", icon=theme.icon(icon), iconSize=theme.icon_size(), toolTip=tip, accessibleName=name,
                             focusPolicy=Qt.FocusPolicy.TabFocus, **more)
        self._icons.append((button, icon))
        return button
