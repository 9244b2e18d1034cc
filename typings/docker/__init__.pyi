"""The part of the Docker SDK that we name; it ships no types."""
