"""python -m webcam_pix2pix: the same as the webcam-pix2pix command."""

import sys

from webcam_pix2pix.cli import main

if __name__ == "__main__":
    sys.exit(main())
