"""What so many calls a day need, out of what one issue costs: `docs/capacity.md` has the table.

Costs are measured by `make bench` and kept in `bench/unit_costs.json` with date and machine (`python -m bench costs`).
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

from chassis.pipeline import LANES
from load import arrivals
from stack.fleet import SERVICES

COSTS = Path(__file__).parent / "unit_costs.json"
SCALES = {"city 4,260 a day": 4_260, "province 100,000 a day": 100_000, "nation 3,000,000 a day": 3_000_000}
BUSY = 0.5
"""Share of a core that a process may be busy in the busiest hour; the rest is for bursts, and for one that has died."""
PROCESSES_AT_LEAST = 2
"""Of each service: one may be gone or new."""
PARTITIONS = 12
"""Of each topic, in the local stack; more processes than that need more."""
CONNECTIONS = 10 + LANES + 1
"""Of each process at most: to read, to write, and for the relay (`chassis/service.py`)."""
COPIES = 3
"""Of each record in a broker that outlives a machine."""
KEYS, KEY_DAYS = "idempotency_keys", 7


@dataclass(frozen=True, slots=True)
class Costs:
    """Of one issue from the call to the call-back: processor time by process, events, bytes, and rows of each table."""

    cpu_ms: Mapping[str, float]
    events: float
    kafka_bytes: float
    tables: Mapping[str, Mapping[str, Mapping[str, float]]]

    @classmethod
    def read(cls, file: Path = COSTS) -> "Costs":
        """Those that are kept."""
        kept: dict[str, Any] = json.loads(file.read_text())
        return cls(kept["cpu_ms"], kept["events"], kept["kafka_bytes"], kept["tables"])

    def rows(self) -> float:
        """Rows that stay."""
        return sum(one["rows"] for tables in self.tables.values() for name, one in tables.items() if name != KEYS)

    def bytes(self, is_wanted: Callable[[str], bool]) -> float:
        """Bytes of the tables that are wanted, indexes included."""
        return sum(
            one["rows"] * one["bytes_per_row"]
            for tables in self.tables.values()
            for name, one in tables.items()
            if is_wanted(name)
        )


def costs_of(report: Mapping[str, Any]) -> dict[str, Any]:
    """What one issue costs, out of a report of `make bench`; raises KeyError when a part is missing."""
    flow, growth = report["flow"], report["growth"]
    return {
        "measured": {part: report["measured"][part] for part in ("flow", "growth")},
        "machine": report["machine"],
        "cpu_ms": flow["cpu_ms_by_process"],
        "events": flow["events_per_lifecycle"],
        "kafka_bytes": flow["kafka_bytes_per_lifecycle"],
        "tables": growth["tables"],
    }


def needs(costs: Costs, calls: int) -> dict[str, float]:
    """What ``calls`` a day need, that come by the hours of `load/pattern.toml`; units are in the names."""
    peak = calls * max(arrivals.read().shares) / arrivals.SECONDS_PER_HOUR
    cores = {name: peak * milliseconds / 1e3 for name, milliseconds in costs.cpu_ms.items()}
    processes = {name: max(PROCESSES_AT_LEAST, ceil(cores[name] / BUSY)) for name in SERVICES}
    kept = costs.bytes(lambda table: table != KEYS)
    return {
        "issues per second in the busiest hour": peak,
        "cores, all services": sum(cores[name] for name in SERVICES) / BUSY,
        "cores, PostgreSQL": cores["postgres"] / BUSY,
        "cores, Kafka": cores["kafka"] / BUSY,
        **{f"processes, {name}": count for name, count in processes.items()},
        "partitions of each topic": ceil(max(PARTITIONS, *processes.values()) / PARTITIONS) * PARTITIONS,
        "connections to PostgreSQL": CONNECTIONS * sum(processes.values()),
        "events per second in the busiest hour": peak * costs.events,
        "rows per day": calls * costs.rows(),
        "GB per day, PostgreSQL": calls * kept / 1e9,
        "GB per year, PostgreSQL": (365 * kept + KEY_DAYS * costs.bytes(lambda table: table == KEYS)) * calls / 1e9,
        "GB per year, Kafka, three copies": 365 * calls * costs.kafka_bytes * COPIES / 1e9,
    }


def tables(costs: Costs) -> str:
    """As in docs/capacity.md."""
    return f"{_costs_table(costs)}\n{_needs_table(costs)}"


def _costs_table(costs: Costs) -> str:
    lines = ["| one issue | rows | KB, indexes included |", "|---|---|---|"]
    for service, by_table in costs.tables.items():
        for name, one in sorted(by_table.items(), key=lambda item: -item[1]["rows"] * item[1]["bytes_per_row"]):
            lines.append(f"| {service} `{name}` | {one['rows']} | {one['rows'] * one['bytes_per_row'] / 1e3:.1f} |")
    lines.append(f"| Kafka, one copy | {costs.events:g} | {costs.kafka_bytes / 1e3:.1f} |")
    lines += ["", "| one issue | ms of processor |", "|---|---|"]
    lines += [f"| {name} | {milliseconds:.1f} |" for name, milliseconds in costs.cpu_ms.items() if milliseconds >= 0.1]
    return "\n".join(lines) + "\n"


def _needs_table(costs: Costs) -> str:
    found = {scale: needs(costs, calls) for scale, calls in SCALES.items()}
    lines = ["| |" + "".join(f" {scale} |" for scale in found), "|---|" + "---|" * len(found)]
    for what in next(iter(found.values())):
        lines.append(f"| {what} |" + "".join(f" {_said(by[what])} |" for by in found.values()))
    return "\n".join(lines) + "\n"


def _said(value: float) -> str:
    if value == int(value):
        return f"{int(value):,}"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
