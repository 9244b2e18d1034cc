"""The demonstration: the whole road of 120 appeals, played through the services' HTTP APIs."""
