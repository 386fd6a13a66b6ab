"""Bending a network while it runs: gains of its levels, and noise in its innermost map.

points.py finds where a graph can be bent, bender.py runs it bent, on the weights of the runner that is there: nothing is built, and what is
not bent runs as if this were not here. The values come from webcam_pix2pix.bend.
May import: bend, predictor.cpu, predictor.graph, specs, msa.
To bend another kind of network: a function in points.py that finds its levels."""
