"""What the window remembers: settings as JSON, the layout beside it, in one folder."""

import contextlib
import json
import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, cast

import platformdirs
from PySide6.QtCore import QByteArray, QSettings, QStandardPaths

from msa.files import format_error, parse_json, replace_file, write_atomic
from webcam_pix2pix.settings import Settings

log = logging.getLogger(__name__)

VERSION = 1  # of the JSON
LAYOUT = 2  # of the docks: raised when docks come or go, so that an old layout is not forced on a new window
FORGOTTEN = {"Capture.freeze", "Capture.enabled", "Prediction.enabled"}  # a session starts awake


def documents() -> Path:
    """Where datasets and runs go unless the user chooses another place: a folder of ours in the user's documents."""
    place = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    return Path(place or Path.home()) / "webcam-pix2pix"


def run_folders() -> list[Path]:
    """Where training runs are: the window's folder first, then the one that the commands use where they are started."""
    return [documents() / "runs", Path("runs").absolute()]


@dataclass
class Remembered:
    """Everything but the layout."""

    settings: dict[str, Any] = field(default_factory=dict)  # dotted name -> value
    theme: str = "dark"
    collapsed: list[str] | None = None  # groups of the parameter tree
    recent_models: list[str] = field(default_factory=list)  # newest first
    recent_sources: list[str] = field(default_factory=list)
    output: str = ""  # folder of recordings and snapshots; empty: the user's
    mirror: dict[str, bool] = field(default_factory=dict)  # kind of source -> mirrored, where the user has chosen
    show_on: str = ""  # name of the screen that was chosen for the full image; empty: one that the window is not on
    collect: dict[str, Any] = field(default_factory=dict)  # folder, rate and limit of the Collect dock
    folders: dict[str, str] = field(default_factory=dict)  # purpose of a file dialog -> where it was answered last
    phone: dict[str, Any] = field(default_factory=dict)  # pins: names of the settings on the phone remote
    source_keys: dict[str, str] = field(default_factory=dict)  # key 1 to 9 -> source
    preset_parts: list[str] = field(default_factory=lambda: ["settings"])  # what a new preset holds
    hints: int = 0  # how many of the first hints were shown

    def valid_settings(self) -> dict[str, Any]:
        """The settings that today's program knows and allows; others are left out, with a line in the log."""
        result = {}
        for name, value in self.settings.items():
            try:
                Settings().with_values({name: value})
                result[name] = value
            except ValueError as error:
                log.warning("remembered setting left out: %s", error)
        return result


class Store:
    """The folder of what is remembered; platformdirs' user_config_dir unless one is given.

    settings.json has one generation behind it (settings.bak.json), which read() takes when the file itself is damaged; the damaged one
    is kept as settings.broken.json.

    Attributes:
        trouble: after read(): one line when the file was damaged, else "".
    """

    def __init__(self, folder: str | Path | None = None) -> None:
        self.trouble = ""
        self.folder = Path(folder) if folder else Path(platformdirs.user_config_dir("webcam-pix2pix", appauthor=False))

    @property
    def presets(self) -> Path:
        """Folder of the user's presets."""
        return self.folder / "presets"

    def read(self) -> Remembered:
        """What was remembered; what cannot be read is left out, and `trouble` says so."""
        path, before = self.folder / "settings.json", self.folder / "settings.bak.json"
        try:
            data = _read(path)
        except FileNotFoundError:
            return Remembered()
        except (OSError, ValueError) as error:
            data, used = {}, "the program starts as new"
            with contextlib.suppress(OSError, ValueError):
                data, used = _read(before), "those of the time before are used"
            self.trouble = f"{path}: the remembered settings cannot be read ({format_error(error)}); {used}"
            log.warning("%s", self.trouble)
        settings = data.get("settings")
        if "mirror" not in data and isinstance(settings, dict) and settings.get("Capture.Processing.flip_h") is False:
            data["mirror"] = {"camera": False}  # of an older version, which knew one choice for all kinds of sources
        if isinstance(data.get("mirror"), dict):
            data["mirror"] = {kind: on for kind, on in data["mirror"].items() if isinstance(on, bool)}
        if isinstance(data.get("folders"), dict):
            data["folders"] = {purpose: folder for purpose, folder in data["folders"].items() if isinstance(folder, str)}
        if isinstance(data.get("phone"), dict):
            pins = data["phone"].get("pins")
            data["phone"] = {"pins": [p for p in pins if isinstance(p, str)]} if isinstance(pins, list) else {}
        if isinstance(data.get("source_keys"), dict):
            data["source_keys"] = {key: source for key, source in data["source_keys"].items() if isinstance(source, str)}
        known = {f.name: type(getattr(Remembered(), f.name)) for f in fields(Remembered)}
        data = {k: [x for x in v if isinstance(x, str)] if isinstance(v, list) else v for k, v in data.items()}
        return Remembered(**{k: v for k, v in data.items() if k in known and (isinstance(v, known[k]) or k == "collapsed")})

    def write(self, remembered: Remembered) -> None:
        """Remember; the old file is replaced whole or not at all, and stays as the generation before."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / "settings.json"
        data = {"version": VERSION} | asdict(remembered)
        data["settings"] = {k: v for k, v in data["settings"].items() if k not in FORGOTTEN}
        text = json.dumps(data, indent=1) + "\n"
        try:
            _read(path)
            if path.read_text(encoding="utf-8") != text:
                write_atomic(self.folder / "settings.bak.json", path.read_bytes())
        except FileNotFoundError:
            pass
        except ValueError:
            replace_file(path, self.folder / "settings.broken.json")
        write_atomic(path, text)

    def read_layout(self) -> tuple[QByteArray, QByteArray, dict[str, int]] | None:
        """(geometry, state of the docks, widths of docks by name); None when there is none, or none of this version."""
        settings = self._layout()
        if settings.value("version", 0, int) != LAYOUT:
            return None
        geometry, state = settings.value("geometry"), settings.value("state")
        widths = {name: cast(int, settings.value(f"widths/{name}", 0, int)) for name in _keys(settings, "widths")}
        return (geometry, state, widths) if isinstance(geometry, QByteArray) and isinstance(state, QByteArray) else None

    def write_layout(self, geometry: QByteArray, state: QByteArray, widths: Mapping[str, int]) -> None:
        """Remember the layout."""
        self.folder.mkdir(parents=True, exist_ok=True)
        settings = self._layout()
        settings.setValue("version", LAYOUT)
        settings.setValue("geometry", geometry)
        settings.setValue("state", state)
        settings.remove("widths")
        for name, width in widths.items():
            settings.setValue(f"widths/{name}", width)
        settings.sync()

    def _layout(self) -> QSettings:
        return QSettings(str(self.folder / "layout.ini"), QSettings.Format.IniFormat)


def _keys(settings: QSettings, group: str) -> list[str]:
    settings.beginGroup(group)
    try:
        return settings.childKeys()
    finally:
        settings.endGroup()


def _read(path: Path) -> dict[str, Any]:
    """Raises OSError, or ValueError when the file is damaged or of another version."""
    data = parse_json(path.read_text(encoding="utf-8"))
    if not isinstance(data, dict) or data.get("version") != VERSION:
        raise ValueError("not of this version")
    return data
