"""Sources and Capturer, the capture thread."""
