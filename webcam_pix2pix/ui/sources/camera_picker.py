"""CameraPicker: all cameras with their names and what they see now. They are open only while it is."""

import threading
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QDialog, QLabel, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from msa.capturer import CameraName, Capturer, Init, cameras, open_source

from ..foundation import theme
from ..foundation.background import Background
from ..panels.image_item import shared_image

SMALL = Init(width=320, height=240, fps=15)
SHOWN = QSize(224, 168)  # px
TICK_MS = 100
Open = Callable[[str, Init, bool], object]


class Preview:
    """Reads one camera on a thread of its own until close(). image: the newest, HxWx3 RGB uint8. problem: one line."""

    def __init__(self, camera: CameraName, opener: Open = open_source) -> None:
        self.camera = camera
        self.image: np.ndarray | None = None
        self.problem = ""
        self._opener = opener
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"preview {camera.name}", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Release the camera."""
        self._stop.set()

    def join(self, timeout: float) -> None:
        """Wait until it is released."""
        self._thread.join(timeout)

    def _run(self) -> None:
        source = None
        try:
            source = self._opener(self.camera.source, SMALL, True)
            while not self._stop.is_set():
                self.image = source.read()
        except (OSError, ValueError) as error:
            self.problem = str(error)
        finally:
            if source is not None:
                source.close()


class CameraPicker(QDialog):
    """A click (or Enter) chooses: choose(device_id). The camera in use shows the images that it gives to the show.

    find, opener: how cameras are found and opened.
    """

    def __init__(self, parent: QWidget, capturer: Capturer, choose: Callable[[str], object],
                 find: Callable[[], list[CameraName]] = cameras, opener: Open = open_source) -> None:
        super().__init__(parent, windowTitle="Cameras")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._parent, self._capturer, self._choose, self._opener = parent, capturer, choose, opener
        self._previews: dict[str, Preview] = {}
        self._background = Background("cameras with images")
        self.list = QListWidget(accessibleName="cameras", viewMode=QListWidget.ViewMode.IconMode, iconSize=SHOWN, spacing=theme.M,
                                movement=QListWidget.Movement.Static, resizeMode=QListWidget.ResizeMode.Adjust, wordWrap=True)
        self.list.setMinimumSize(2 * (SHOWN.width() + 4 * theme.M), SHOWN.height() + 80)
        self.list.itemClicked.connect(self._chosen)
        self.list.itemActivated.connect(self._chosen)
        self.words = QLabel("Looking for cameras…", wordWrap=True)
        layout = QVBoxLayout(self)
        layout.addWidget(self.words)
        layout.addWidget(self.list, 1)
        self._timer = QTimer(self, interval=TICK_MS)
        self._timer.timeout.connect(self.tick)
        self._timer.start()
        self._background.submit(find, self._found, lambda error: self._found([]))

    def tick(self) -> None:
        """Show the newest images."""
        self._background.poll()
        for row in range(self.list.count()):
            item = self.list.item(row)
            device_id = item.data(Qt.ItemDataRole.UserRole)
            preview = self._previews.get(device_id)
            frame = getattr(self._parent, "frame", None)
            image = preview.image if preview is not None else frame.captured if frame is not None else None
            if image is not None:
                shown = QPixmap.fromImage(shared_image(np.ascontiguousarray(image)))
                item.setIcon(QIcon(shown.scaled(SHOWN, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)))
            elif preview is not None and preview.problem:
                item.setToolTip(preview.problem)
                item.setText(f"{preview.camera.name}\n⚠ gives no image")

    def done(self, result: int) -> None:
        """Closed, in whatever way: the cameras are released."""
        self._timer.stop()
        for preview in self._previews.values():
            preview.close()
        for preview in self._previews.values():
            preview.join(2.0)
        self._background.close()
        super().done(result)

    def _found(self, found: list[CameraName]) -> None:
        in_use = self._capturer.source.camera if self._capturer.source is not None else ""
        self.words.setText("Click one to use it." if found else "No camera found. Connect one, and open this window again.")
        for camera in found:
            item = QListWidgetItem(f"{camera.name}\nin use" if camera.source == in_use else camera.name)
            item.setData(Qt.ItemDataRole.UserRole, camera.source)
            item.setTextAlignment(Qt.AlignmentFlag.AlignHCenter)
            self.list.addItem(item)
            if camera.source != in_use:  # most cannot be opened twice
                self._previews[camera.source] = Preview(camera, self._opener)

    def _chosen(self, item: QListWidgetItem) -> None:
        device_id = item.data(Qt.ItemDataRole.UserRole)
        self.accept()  # first: it is released before the show opens it
        self._choose(device_id)
