"""What the test scene shows: a room, a person in it, drawn with OpenCV alone."""
