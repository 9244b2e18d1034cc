"""What every service runs on. Knows commands, events, transactions and records; no word of the domain."""
