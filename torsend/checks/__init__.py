"""What is worth saying before Send: leaks, and per party who learns what. No network, no Qt, no waiting."""
