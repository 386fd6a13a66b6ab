"""From an image to a pair: inputs are found, matched, processed, split into train, val and test.

May import: dataset.footage, dataset.jobs, inputmatch, preprocessing, recipe, msa.
To add an input recipe: RECIPES in recipes.py. To add a measure of each pair: measures.py."""
