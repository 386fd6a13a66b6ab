"""Bridge: the settings as pyqtgraph Parameters. What changes on one side is brought to the other; the settings are what counts."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pyqtgraph.parametertree import Parameter
from PySide6.QtCore import QObject, Signal

import params
from webcam_pix2pix.control.labels import full_label
from webcam_pix2pix.control.values import value_of

from .live_settings import LiveSettings

YOURS = "The edges are now set by hand (Method: {}). Press R for the edges that the model was trained with."


class Bridge(QObject):
    """A change of a Parameter changes LiveSettings at once; a change of LiveSettings shows in the Parameters at the next `refresh`.

    Attributes:
        params: the Parameters, named like the settings: params.param("Capture", "Processing", "canny_t1").
        settings: each of them by its dotted name.

    Signals:
        refused(str): a value that cannot be, in one line.
        note(str): something else has changed with it.
    """

    refused = Signal(str)
    note = Signal(str)

    def __init__(self, live: LiveSettings) -> None:
        super().__init__(live)
        self.live = live
        self.params = params.create()
        self.rows = {row.name: row for row in params.rows()}
        self.settings: dict[str, params.Setting] = {
            name: self.params.param(*name.split(".")) for name in self.rows}  # type: ignore[misc]
        self._pending: set[str] = set()  # set in a Parameter whose changes are held back, by a treeChangeBlocker
        self._mirrored: set[str] = set()  # shown in a Parameter and not reported by it yet: by then the settings may have moved on
        self._shown: dict[str, tuple] = {}  # what each Parameter was told last, so that only changes cost
        self.refresh()
        self._mirrored.clear()  # nobody is told of the first values
        for setting in self.settings.values():
            setting.bridge = self
        self.params.bridge = self
        self.params.sigTreeStateChanged.connect(self._changed)

    def refresh(self) -> None:
        """Show the settings in the Parameters as they are now; sigTreeStateChanged comes once."""
        values, reference, departed, recipe = self.live.value.flat(), self.live.reference(), set(self.live.departures()), self.live.recipe
        of_model, ranges = (set(recipe.values()), recipe.ranges) if recipe else (set(), {})
        with self.params.treeChangeBlocker():
            for name, row in self.rows.items():
                setting = self.settings[name]
                if setting.opts["value"] != values[name] and name not in self._pending:
                    self._mirror(setting, values[name])
                state = (reference[name], ranges.get(name), row.idle(values, self.live.desk.method), name in departed, name in of_model)
                if self._shown.get(name) != state:
                    self._shown[name] = state
                    wanted, trained, idle, away, modelled = state
                    setting.setOpts(default=wanted, trained=trained, idle=idle, away=away, tip=row.tip(wanted, modelled, trained))

    def value_of(self, setting: params.Setting) -> Any:
        """The value that counts, or will count when changes are no longer held back."""
        name = setting.opts["setting"]
        return setting.opts["value"] if name in self._pending else value_of(self.live.value, name)

    def catch_up(self, setting: params.Setting) -> None:
        """Show the value that counts in one Parameter."""
        value = self.value_of(setting)
        if setting.opts["value"] != value:
            self._mirror(setting, value)

    def was_set(self, setting: params.Setting, quietly: bool) -> None:
        """A Parameter has been set. quietly: it has told nobody, but it counts."""
        if quietly:
            self.take(setting)
        elif setting.opts["value"] != value_of(self.live.value, setting.opts["setting"]):
            self._pending.add(setting.opts["setting"])

    @contextmanager
    def whole(self) -> Iterator[None]:
        """What changes meanwhile belongs together: the recipe of a model that is changed to replaces nothing."""
        model = self.live.value.model
        yield
        if self.live.value.model != model:
            self.live.keep_values()

    def take(self, *settings: params.Setting) -> None:
        """Change the settings to what these Parameters hold."""
        held = {setting.opts["setting"]: setting.opts["value"] for setting in settings}
        self._pending -= held.keys()
        wanted = {name: value for name, value in held.items() if value != value_of(self.live.value, name)}
        if not wanted:  # they were shown what counts
            return
        matched = self.live.value.edges.method == "training_matched"
        text = full_label(next(iter(wanted))) if len(wanted) == 1 else "settings"
        try:
            self.live.apply(wanted, text)
        except ValueError as error:
            self.refused.emit(str(error))
            return self.refresh()
        if matched and self.live.value.edges.method != "training_matched" and "EdgeDetection.method" not in wanted:
            self.note.emit(YOURS.format(self.rows["EdgeDetection.method"].word(self.live.value.edges.method)))

    def reset(self, *names: str) -> None:
        """Back to the model's values, where it has them, or to the default ones; one step of undo."""
        reference, values = self.live.reference(), self.live.value.flat()
        changed = {name: reference[name] for name in names if values[name] != reference[name]}
        if not changed:  # to set edges that are as trained would make them edges of the user's own
            return
        self.live.apply(changed, f"reset {full_label(names[0])}" if len(names) == 1 else "reset")

    def _changed(self, _: Parameter, changes: list[tuple[Parameter, str, Any]]) -> None:
        settings = [(param, what) for param, what, _ in changes if isinstance(param, params.Setting)]
        changed = {param.opts["setting"]: param for param, what in settings if what == "value"}
        mirrored, self._mirrored = self._mirrored & changed.keys(), self._mirrored - changed.keys()
        self.take(*(param for name, param in changed.items() if name not in mirrored or name in self._pending))
        stale = {param.opts["setting"] for param, what in settings if what != "value" and self._is_stale(param)}
        if stale:  # an old state was restored, and with it what was the default then
            for name in stale:
                self._shown.pop(name)
            self.refresh()

    def _mirror(self, setting: params.Setting, value: Any) -> None:
        self._mirrored.add(setting.opts["setting"])
        Parameter.setValue(setting, value)

    def _is_stale(self, setting: params.Setting) -> bool:
        state = self._shown.get(setting.opts["setting"])
        return state is not None and state[:4] != tuple(setting.opts.get(key) for key in ("default", "trained", "idle", "away"))
