"""What Torsend costs beside its peers, in ratios out of one run: ``python -m tests.benchmarks [--quick] [--only NAME]``.

- ``sending``: 1 KB and 10 MB over a private Tor network, round trips counted on the wire.
- ``memory``: what a 25 MB attachment takes, queueing and sending apart.
- ``starting``: from start to a window in which one can write, and to an answer of the command line.
- ``stalls``: how long the window stands still while it sends.

Nothing here is a test: a busy machine makes every number worse, so each round runs every candidate once and the medians
are compared.
"""
