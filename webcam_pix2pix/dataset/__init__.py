"""Footage -> frames -> pairs -> training.

frames and prepare make a dataset, PairWriter records one from the show, lint judges it, PairDataset feeds it to the trainer.
"""
