"""The command line of a service: ``python -m services.<name> serve | migrate | check | …``."""

import asyncio
import os
import sys
from typing import TypeVar

import typer
import uvloop

from chassis import kafka_on_uvloop
from chassis.commands.dead_letter_commands import add_dead_letters
from chassis.commands.history_commands import add_history
from chassis.commands.restore_commands import add_restore
from chassis.service import Service, serve
from chassis.settings import Settings, load

T = TypeVar("T", bound=Settings)


def main(service: Service[T]) -> None:
    """Run the command that was asked for."""
    command_line(service)()


def command_line(service: Service[T]) -> typer.Typer:
    """All commands of a service."""
    app = typer.Typer(help=f"青城 {service.title}", no_args_is_help=True, pretty_exceptions_enable=False)

    @app.command("serve")
    def serve_command() -> None:
        """启动服务，直到 SIGINT 或 SIGTERM。"""
        settings = load(service.settings)
        kafka_on_uvloop.install()
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serve(service, settings))

    @app.command("migrate")
    def migrate_command() -> None:
        """把数据库结构更新到最新；可重复执行。"""
        # Alembic's memory is not for the serving process.
        from chassis.migrate import migrate

        migrate(database_url(), service.revisions)

    add_dead_letters(app, service)
    add_history(app, service)
    add_restore(app, service)
    service.commands(app)
    return app


def database_url() -> str:
    """``DATABASE_URL`` for commands that need nothing else; says so and exits with 2 if it is not set."""
    url = os.environ.get("DATABASE_URL")
    if not url:
        sys.stderr.write("DATABASE_URL: 必须设置\n")
        raise SystemExit(2)
    return url
