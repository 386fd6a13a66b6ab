"""Qt widgets that gui.py assembles."""
