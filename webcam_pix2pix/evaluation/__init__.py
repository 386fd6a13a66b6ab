"""Evaluation: metrics between images and targets, and the pages that show them. Importing the package does not import torch.

May import: dataset, msa. To add a metric: one value in measure() in metrics.py.
"""
