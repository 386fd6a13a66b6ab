"""Camera in, a picture painted by a pix2pix network out."""

__version__ = "0.1.0"
