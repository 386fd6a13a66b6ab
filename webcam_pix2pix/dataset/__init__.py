"""From footage to pairs for training.

Rooms: footage (video, downloads), jobs (resumable work), pairs (inputs to pairs), checks (findings), loading (tensors for the trainer).
May import: frame, inputmatch, preprocessing, recipe, msa. torch only in loading.

frames and prepare make a dataset, PairWriter records one from the show, lint judges it, PairDataset feeds it to the trainer.
"""
