"""What a sink is, and what those who start sinks need of the engine."""

from typing import Protocol

from webcam_pix2pix.frame import Frame
from webcam_pix2pix.settings import Settings


class Sink(Protocol):
    """Where finished frames go."""

    def put(self, frame: Frame) -> None: ...

    def close(self) -> None: ...


class Engine(Protocol):
    """The part of a Pipeline that sinks are given to."""

    settings: Settings

    def add_sink(self, sink: Sink) -> None: ...

    def remove_sink(self, sink: Sink) -> None: ...

    def report(self, text: str) -> None: ...
