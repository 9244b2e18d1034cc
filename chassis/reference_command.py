"""``load-reference``: the command line of ``chassis.reference``."""

import asyncio
import sys
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from chassis.reference import Build, Tables, VersionTaken, load_directory
from chassis.tables import BadTable


def add_load_reference(
    app: typer.Typer,
    database_url: Callable[[], str],
    default: Path,
    read: Callable[[Path], Tables],
    build: Build[object],
) -> None:
    """Give a service's command line ``load-reference [DIR] [--version V] [--valid-from YYYY-MM-DD]``.

    It exits 0 when the content is in force or was stored, 1 when the files are bad or the version is taken, after a
    line for each fault on standard error.
    """

    @app.command("load-reference")
    def load_reference(
        directory: Annotated[Path, typer.Argument(help="数据目录")] = default,
        version: Annotated[str | None, typer.Option(help="版本号；省略时按生效日期和内容命名")] = None,
        valid_from: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="生效日期；省略为今天")] = None,
    ) -> None:
        """载入参考数据：全部载入或完全不载入；内容与现行版本相同则不写入。"""
        day: date | None = valid_from.date() if valid_from else None
        try:
            loaded = asyncio.run(load_directory(database_url(), directory, read, build, version, day))
        except (BadTable, VersionTaken) as error:
            sys.stderr.write(f"未载入：\n{error}\n")
            raise typer.Exit(1) from error
        sys.stdout.write(f"{'已载入' if loaded.changed else '内容未变，现行'}版本 {loaded.version}\n")
