"""What leaves the window: recordings, snapshots, the output on a screen of its own, other programs.

May import: frame, outgoing, projection, sinks, ui.foundation, ui.panels, ui.sources, msa.
To add an output that the user switches: a sink in sinks/, a switch here, an action in ui/shell/actions.py."""
