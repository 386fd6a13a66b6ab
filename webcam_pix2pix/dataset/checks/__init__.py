"""What is wrong with a dataset: findings, the page that shows them, duplicates, comparison with a camera.

May import: dataset.footage, dataset.jobs, dataset.pairs, inputmatch, preprocessing, recipe, msa.
To add a finding: one function in lint.py, called in judge()."""
