"""Hypothesis for a shared machine: how long one example takes says nothing there."""

from hypothesis import settings

settings.register_profile("shared_machine", deadline=None)
settings.load_profile("shared_machine")
