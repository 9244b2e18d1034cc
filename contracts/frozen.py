"""Changing states that cannot be changed."""

from typing import TYPE_CHECKING, Any, TypeVar

T = TypeVar("T")

if TYPE_CHECKING:  # whose arguments are checked field by field
    from dataclasses import replace
else:

    def replace(state: T, /, **changes: Any) -> T:
        """A frozen dataclass without ``slots`` again, with other values in some of its fields.

        Like ``dataclasses.replace``, but it copies what is there instead of running ``__init__`` through every field,
        which takes six times as long and was a third of what a decision cost (docs/performance.md). So a
        ``__post_init__`` is not run either. Raises TypeError for a field that there is not.
        """
        new = object.__new__(type(state))
        fields = new.__dict__
        fields.update(state.__dict__)
        known = len(fields)
        fields.update(changes)
        if len(fields) > known:
            raise TypeError(
                f"{type(state).__name__} has no {', '.join(sorted(changes.keys() - state.__dict__.keys()))}"
            )
        return new


__all__ = ["replace"]
