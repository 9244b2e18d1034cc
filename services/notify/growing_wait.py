"""Waits between tries that grow with each. Pure."""

from datetime import timedelta
from math import ceil, log


def grown(wait: timedelta, factor: float, times: int, longest: timedelta) -> timedelta:
    """``wait``, made ``factor`` times as long so many times, and never longer than ``longest``."""
    if factor > 1 and wait and times > ceil(log(max(longest / wait, 1), factor)):
        return longest
    return min(wait * factor**times, longest)
