"""Pairs as tensors for the trainer, with their augmentation.

May import: dataset.pairs, torch.
To add an augmentation of both halves: Geometry in augment.py."""
