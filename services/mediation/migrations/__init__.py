"""Schema revisions of mediation."""
