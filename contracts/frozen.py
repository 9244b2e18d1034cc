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
        fields = state.__dict__ | changes
        if len(fields) > len(state.__dict__):
            raise TypeError(
                f"{type(state).__name__} has no {', '.join(sorted(changes.keys() - state.__dict__.keys()))}"
            )
        new = object.__new__(type(state))
        object.__setattr__(new, "__dict__", fields)  # which a frozen one forbids by its own way
        return new


__all__ = ["replace"]
