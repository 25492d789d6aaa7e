"""Takes out of a file what tells who made it, where, when and with what; or says that it can't. No Qt, no network."""
