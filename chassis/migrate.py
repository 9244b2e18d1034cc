"""``migrate``: bring the database's schema to its heads, the chassis's and the service's."""

from pathlib import Path

from alembic import command
from alembic.config import Config

from chassis.schema import CHASSIS_REVISIONS


def configuration(database_url: str, revisions: Path) -> Config:
    """Alembic's, for the chassis's revisions and a service's."""
    config = Config()
    config.set_main_option("script_location", str(CHASSIS_REVISIONS.parent))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", f"{CHASSIS_REVISIONS}\n{revisions}")
    config.attributes["database_url"] = database_url
    return config


def migrate(database_url: str, revisions: Path) -> None:
    """Run what is missing. Safe to repeat; raises what Alembic or the database raises."""
    command.upgrade(configuration(database_url, revisions), "heads")
