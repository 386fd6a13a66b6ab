"""The sources: cameras, video files, streams, images, the screen, the test scene.

A source has read(), close() and the attributes of capturer/source.py. One thread at a time uses it.
May import: capturer/source.py, capturer/init.py, the scene.
To add a source: one module here and one branch in open_source() (capturer/opening.py)."""
