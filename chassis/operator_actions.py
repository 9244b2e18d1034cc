"""What operators did by hand, written down in the transaction that did it, and in the log."""

import json
from typing import Any

import structlog

from chassis.database import Conn

log = structlog.get_logger()


async def note(conn: Conn, actor: str, action: str, **detail: Any) -> None:
    """Write down who did what; ``detail`` holds no personal data."""
    await conn.execute(
        "INSERT INTO operator_actions (actor, action, detail) VALUES ($1, $2, $3::jsonb)",
        actor,
        action,
        json.dumps(detail),
    )
    log.warning("operator.acted", actor=actor, action=action, **detail)
