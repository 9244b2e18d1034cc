"""The services: each an own process with an own database; none imports another."""
