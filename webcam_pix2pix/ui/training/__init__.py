"""The training docks: collect pairs, start a training, follow it, load its model into the show.

A training runs in its own process (command_process.py); the dock reads its run folder.
May import: dataset, evaluation, model, pipeline, recipe, training, ui.foundation, ui.sources, msa.
To show one more curve: NAMES in loss_chart.py."""
