"""Sources, capture thread and small tools. It knows nothing of pix2pix, torch or Qt.

May import: the standard library, numpy, OpenCV, PyAV, Pillow, mss. Nothing of webcam_pix2pix.
To add a source: msa/capturer/sources/ and open_source() in msa/capturer/opening.py.
"""
