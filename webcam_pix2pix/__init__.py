"""Camera in, a picture painted by a pix2pix network out."""

import os

__version__ = "0.1.0"

# Torch's threads spin while they wait for each other. On a machine that does anything else (camera, window) that costs more than
# they gain: with one other busy process 115 ms a picture instead of 10. Read when torch is loaded, so it is set before.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
