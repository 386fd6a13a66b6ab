"""What kind of checkpoint a file is, by its content, without torch: what model browser and checkpoint readers share.

May import: msa.
To add a format: its name in FORMATS and its first bytes in _sniff() (content.py); what cannot be opened is named in foreign.py.
"""
