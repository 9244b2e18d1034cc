"""Schema revisions of notify."""
