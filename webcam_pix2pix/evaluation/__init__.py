"""Evaluation: how near a model's pictures are to their targets, and the page that shows it. Importing the package does not import torch."""
