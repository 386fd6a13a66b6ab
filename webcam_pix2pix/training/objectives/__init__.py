"""What a generator can learn besides the pairs of a dataset: to be like a teacher (distillation), or the style of an image.

May import: evaluation, dataset, predictor, checkpoints, model, networks, specs, channels, settings, training.setup, msa.
To add one: a subclass of Objective, one line in objective() in choice.py, its options in setup/options.py.
"""
