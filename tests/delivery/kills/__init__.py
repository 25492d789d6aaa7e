"""kill -9, thousands of times: a real process, a real vault, a real server on loopback.

A *round* is a process that opens the vault, recovers, takes new messages, sends what waits, and is killed at some
moment. A *campaign* is some rounds on one vault, with what must hold looked at after each, and a last round that lives.

``torture`` runs in the process that is killed and in the fork server it comes from; ``campaign`` outside, with server
and proxy. ``python -m tests.delivery.kills 3000`` runs so many kills and tells what was found.
"""
