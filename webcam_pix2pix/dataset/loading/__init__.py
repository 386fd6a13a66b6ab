"""Pairs as tensors for the trainer, with their augmentation.

May import: dataset.footage, dataset.pairs, preprocessing, recipe, msa.
To add an augmentation of both halves: Geometry in augment.py."""
