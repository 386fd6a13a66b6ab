"""A toolbox that knows nothing of pix2pix, of torch or of Qt."""
