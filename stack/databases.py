"""Databases on the stack's PostgreSQL server."""

from urllib.parse import urlsplit, urlunsplit

import asyncpg


def database_url(admin_url: str, name: str) -> str:
    """The URL of database `name` on the server of `admin_url`."""
    return urlunsplit(urlsplit(admin_url)._replace(path=f"/{name}"))


async def create_database(admin_url: str, name: str) -> str:
    """Create database `name` unless it exists and return its URL; `name` must be a plain identifier."""
    connection = await asyncpg.connect(admin_url)
    try:
        if not await connection.fetchval("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name):
            await connection.execute(f'CREATE DATABASE "{name}"')
    finally:
        await connection.close()
    return database_url(admin_url, name)


async def copy_database(admin_url: str, template: str, name: str) -> str:
    """Create database `name` as a copy of `template`, which nobody may use meanwhile, and return its URL."""
    connection = await asyncpg.connect(admin_url)
    try:
        await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    finally:
        await connection.close()
    return database_url(admin_url, name)


async def drop_database(admin_url: str, name: str) -> None:
    """Drop database `name`, ending whoever still uses it."""
    connection = await asyncpg.connect(admin_url)
    try:
        await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    finally:
        await connection.close()
