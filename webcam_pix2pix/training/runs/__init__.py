"""A run on disk: its folder, the state from which it resumes, its page.

May import: training.setup, evaluation.
To add a chart to the page: CHARTS in report.py."""
