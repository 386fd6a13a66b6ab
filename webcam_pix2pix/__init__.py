"""Camera in, live images from a pix2pix network out.

README.md has the layers; docs/architecture.md says which files to touch for what.
"""

import os

__version__ = "0.1.0"

# Torch's threads spin for milliseconds while they wait for each other. On a machine that does anything else (camera, window) that costs
# more than it gains: with one other busy process 115 ms an image instead of 10. A tenth of a millisecond (5000 rounds of libgomp, on
# Linux) is gain only: it saves most of the time that waking a thread takes. Read when torch is loaded, so both are set before.
if "OMP_WAIT_POLICY" not in os.environ:
    os.environ["OMP_WAIT_POLICY"] = "PASSIVE"
    os.environ.setdefault("GOMP_SPINCOUNT", "5000")
