"""What people see of a running stack."""

import httpx
from rich.console import Console
from rich.table import Column, Table

from stack.children import is_gone
from stack.endpoints import Endpoints
from stack.net import PLAIN_HTTP


def show_addresses(endpoints: Endpoints) -> None:
    """Print where the APIs' documentation is, and the other addresses."""
    console = Console(soft_wrap=True)
    for name, url in endpoints.services.items():
        console.print(f"{name:<12} {url}/docs")
    for name, address in (
        ("kafka", endpoints.kafka),
        ("database", endpoints.database_url),
        ("issuer", endpoints.issuer),
    ):
        console.print(f"{name:<12} {address}")
    console.print("make status shows what runs, make down stops it.")


def show_status(endpoints: Endpoints) -> bool:
    """Print a table of everything that runs and return whether all of it is ready."""
    table = Table("name", "pid", Column("address", overflow="fold"), "ready")
    addresses = {
        "kafka": endpoints.kafka,
        "postgres": endpoints.database_url,
        "issuer": endpoints.issuer,
        "sms_gateway": endpoints.sms_gateway,
        **endpoints.services,
    }
    states = {name: _state(name, endpoints) for name in addresses}
    for name, address in addresses.items():
        table.add_row(name, str(endpoints.pids.get(name, "–")), address, states[name])
    Console(soft_wrap=True).print(table)
    return all(state in ("ready", "runs", "elsewhere") for state in states.values())


def _state(name: str, endpoints: Endpoints) -> str:
    pid = endpoints.pids.get(name)
    if pid is None:
        return "elsewhere"
    if is_gone(pid):
        return "ended"
    if name not in endpoints.services:
        return "runs"
    try:
        answer = httpx.get(f"{endpoints.services[name]}/readyz", timeout=5, verify=PLAIN_HTTP)
    except httpx.TransportError:
        return "does not answer"
    return "ready" if answer.status_code == httpx.codes.OK else f"not ready ({answer.status_code})"
