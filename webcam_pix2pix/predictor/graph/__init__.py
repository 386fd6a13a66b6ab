"""A generator as a graph: traced, rewritten, measured, run with ordinary torch operations.

Life of a graph: tracing.py makes nodes.py's Graph from a network, rewriting.py and shapes.py make it smaller, eager.py runs it.
May import: predictor.device, msa. It knows nothing of models, images or settings.
To add an exact rewriting: one function in rewriting.py, called in simplified(). Compare with the network in tests/test_predictor.py."""
