"""Videos and streams to images: opened by FFmpeg, upright, whole and in sRGB.

May import: capturer/rgb.py.
To read one more kind of video: decoder.py."""
