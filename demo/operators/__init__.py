"""Who works in the demo: each kind of operator serves its own queue over HTTP with tokens of its own."""
