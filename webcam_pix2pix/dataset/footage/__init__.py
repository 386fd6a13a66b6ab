"""What is given: video files by exact time stamps, which frames of them to take, downloads, archives.

May import: msa.
To read one more kind of archive: archive.py. To choose frames by another rule: selection.py."""
