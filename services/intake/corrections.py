"""更正样本: where people chose another item than the model would, for ``make train CORRECTIONS=FILE``.

The file holds callers' own words. It is written for its owner's eyes only, and nothing of it goes into events or logs.
"""

import os
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated

import typer
from asyncpg.pool import Pool
from pydantic import TypeAdapter

from chassis.commands.terminal import conclude, pooled, say
from chassis.database import Secrets
from chassis.private_data import Vault
from chassis.settings import load
from services.intake import survivors
from services.intake.classify.model import FILE, Model
from services.intake.issue_model import Issue
from services.intake.settings import IntakeSettings

_STATE = TypeAdapter(Issue)
_PAGE = 500
_NEXT = """
SELECT id::text, state::text FROM issues
WHERE ($1::text IS NULL OR id > $1::text::uuid) AND state->>'item_code' IS NOT NULL
ORDER BY issues.id LIMIT $2
"""


def add_export_corrections(app: typer.Typer) -> None:
    """Give intake's command line ``export-corrections FILE``."""

    @app.command("export-corrections")
    def export_corrections(
        output: Annotated[Path, typer.Argument(help="写到哪个新文件；含诉求原文，只供运维训练模型")],
    ) -> None:
        """导出人工选择与模型建议不同的诉求，供 make train 学习。"""
        conclude(_export(load(IntakeSettings), output))


async def _export(settings: IntakeSettings, output: Path) -> bool:
    model = Model.load(settings.model_file or FILE)
    vault = Vault(settings.vault_keys(), settings.private_data_key_id)
    number = 0
    async with pooled(settings) as pool:
        secrets = Secrets(pool, vault)
        file = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(file, "w", encoding="utf-8", newline="\n") as lines:
            async for code, text in corrections(pool, secrets, model):
                lines.write(f"{code}\t{text}\n")
                number += 1
    say(f"{number} 条更正样本：{output.name}")
    sys.stdout.flush()
    return True


async def corrections(db: Pool, secrets: Secrets, model: Model) -> AsyncIterator[tuple[str, str]]:
    """Item and words, in one line, of every issue whose item the model would not have put first."""
    after: str | None = None
    while rows := await db.fetch(_NEXT, after, _PAGE):
        for issue_id, state in rows:
            issue = _STATE.validate_json(state)
            words = (await survivors.contact(secrets, issue_id, issue.appeals[0])).text
            first = next(guess.code for guess in model.guesses(words) if guess.code.isdigit())
            if issue.item_code is not None and first != issue.item_code:
                yield issue.item_code, re.sub(r"\s+", " ", words).strip()
        after = rows[-1][0]
