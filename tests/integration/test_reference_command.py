"""``load-reference`` as an operator types it."""

import asyncio
import shutil
from pathlib import Path

import asyncpg
import pytest
import typer
from typer.testing import CliRunner, Result

from chassis.reference import REFERENCE_DDL
from chassis.reference_command import add_load_reference
from services.intake import reference_tables as intake


@pytest.fixture
async def app(database: str) -> typer.Typer:
    conn = await asyncpg.connect(database)
    await conn.execute(REFERENCE_DDL)
    await conn.close()
    app = typer.Typer()
    app.callback()(lambda: None)
    add_load_reference(app, lambda: database, intake.DIRECTORY, intake.read, intake.build)
    return app


async def run(app: typer.Typer, *arguments: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, app, ["load-reference", *arguments])


async def test_the_projects_files_load_once(app: typer.Typer) -> None:
    first = await run(app, "--version", "2026.1")
    assert (first.exit_code, first.stdout) == (0, "已载入版本 2026.1\n")
    again = await run(app)
    assert (again.exit_code, again.stdout) == (0, "内容未变，现行版本 2026.1\n")


async def test_a_bad_directory_is_refused_line_by_line(app: typer.Typer, tmp_path: Path) -> None:
    directory = Path(shutil.copytree(intake.DIRECTORY, tmp_path / "intake"))
    file = directory / "exclusions.csv"
    file.write_text(file.read_text(encoding="utf-8").replace("X0101", "0101"), encoding="utf-8")
    result = await run(app, str(directory))
    assert result.exit_code == 1
    assert "exclusions.csv, line 2, column code: " in result.stderr


async def test_a_taken_version_is_refused(app: typer.Typer, tmp_path: Path) -> None:
    assert (await run(app, "--version", "2026.1", "--valid-from", "2026-01-01")).exit_code == 0
    directory = Path(shutil.copytree(intake.DIRECTORY, tmp_path / "intake"))
    file = directory / "exclusions.csv"
    file.write_text(file.read_text(encoding="utf-8").replace("可拨12388", "可拨 12388"), encoding="utf-8")
    result = await run(app, str(directory), "--version", "2026.1")
    assert result.exit_code == 1
    assert "2026.1" in result.stderr
