"""A run on disk: its folder, the state from which it resumes, its page.

May import: evaluation, training.setup, msa.
To add a chart to the page: CHARTS in report.py."""
