"""Chance for whatever plays with a local stack."""

from random import Random


class Dice(Random):
    """Chance that repeats itself: the same seed, the same throws. Not for secrets."""
