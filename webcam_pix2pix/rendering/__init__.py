"""Whole films through a model: cut to the network's size and put together again, picture by picture, with their sound."""

from .methods import METHODS, Shape
from .pieces import unfinished
from .renderer import Rendering, Report, render

__all__ = ["METHODS", "Rendering", "Report", "Shape", "render", "unfinished"]
