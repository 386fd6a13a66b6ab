"""What leaves the window: recordings, snapshots, the image on a full screen.

May import: frame, outgoing, sinks, ui.foundation, ui.panels, ui.sources, msa.
To add an output that the user switches: a sink in sinks/, a switch here, an action in ui/shell/actions.py."""
