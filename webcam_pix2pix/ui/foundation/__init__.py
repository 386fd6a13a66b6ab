"""What every part of the window uses: theme, icons, the files that the window remembers, one worker thread.

May import: settings, msa. No other room of ui.
To add a colour: Theme in theme.py. To remember one more value: Remembered in store.py."""
