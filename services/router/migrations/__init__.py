"""Schema revisions of the router."""
