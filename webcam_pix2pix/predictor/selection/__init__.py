"""Which backend and precision to use: candidates are built, compared with fp32, timed in turns, and the choice is kept.

selection.py tries the candidates, fidelity.py compares images, timing.py measures, samples.py makes test images, cache.py remembers.
May import: channels, model, networks, predictor.cpu, predictor.device, predictor.graph, preprocessing, recipe, msa.
To change what counts as accurate enough: LEAST_SSIM and MOST_ERROR in fidelity.py."""
