"""How a step is run as fast as the device allows: recorded and replayed on a GPU, Adam without copies on a CPU,
memory that is kept from step to step.

May import: training.setup, training.parallel, torch.
To add a way to record steps: a Recorder, chosen in recorder_for() in captured.py."""
