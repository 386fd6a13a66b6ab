"""Faults on purpose: `python -m tests.chaos` breaks real parts of the program at random and says what held.

`parts.py`: things that break. `live.py`: the show. `peers.py`: hostile programs in the network. `kills.py`: processes killed at random.
`fuzz.py`: every reader, fed with damage.
"""
