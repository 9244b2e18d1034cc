"""How long most waited, and the few who waited longest."""

from math import ceil


def percentiles(seconds: list[float]) -> dict[str, float]:
    """p50, p95, p99 and max by nearest rank, in milliseconds; nothing of nothing."""
    ordered = sorted(seconds)
    if not ordered:
        return {}
    shares = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "max": 1.0}
    return {name: round(ordered[ceil(share * len(ordered)) - 1] * 1e3, 1) for name, share in shares.items()}
