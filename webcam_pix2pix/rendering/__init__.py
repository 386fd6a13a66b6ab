"""Whole videos through a model: cut to the network's size and joined again, frame by frame, with their sound.

methods.py cuts and joins, renderer.py reads, runs and writes. May import: dataset, pipeline, preprocessing, settings, sinks, sizes, msa.
To add a method: a class with cut() and join() in methods.py.
"""

from .methods import METHODS, Shape
from .pieces import unfinished
from .renderer import Rendering, Report, render

__all__ = ["METHODS", "Rendering", "Report", "Shape", "render", "unfinished"]
