"""Checks of the generated files: are they up to date, and can yesterday's reader live with today's schema?"""

import asyncio
import io
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jsoncompat import check_compat

from contracts.generate import ROOT, documents, stale


class NoHistory(Exception):
    """There is no git history to compare with: no repository, no git, or no such revision."""


class GitFailed(Exception):
    """git is not there, or it said no."""


def drift(root: Path = ROOT) -> list[str]:
    """Return the generated files below ``root`` that are missing, differ from the models, or belong to no type."""
    wanted = documents()
    found = [
        path for path, text in wanted.items() if not (root / path).exists() or (root / path).read_text("utf-8") != text
    ]
    return sorted(found + stale(root, wanted))


def incompatible(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """Return why ``new`` may not replace ``old`` under the same type; empty if it may.

    Both directions count, because topics never expire: an old reader meets new records, a new reader meets every old
    one. Old producers never wrote a field that they did not know, so the old schema is closed for the second question.
    """
    old, new = _anonymous(old), _anonymous(new)
    reasons = []
    if not check_compat(json.dumps(old), json.dumps(new), "serializer"):
        reasons.append("a reader of the old schema cannot rely on new records")
    if not check_compat(json.dumps(_closed(old)), json.dumps(new), "deserializer"):
        reasons.append("a reader of the new schema refuses old records")
    now = dict(_narrowings(new))  # jsoncompat takes every pattern and every format for the same
    changed = [place for place, before in _narrowings(old) if now.get(place, before) != before]
    return reasons + [f"pattern or format changed at {place}" for place in changed]


def compatibility(root: Path = ROOT, against: str | None = None) -> list[str]:
    """Compare the schemas below ``root`` with those of the revision ``against`` and return what broke.

    Without a revision it is what has landed, ``origin/main``, or HEAD in a repository that has no such branch.
    Raise NoHistory where there is nothing to compare with.
    """
    faults = []
    for name, old in sorted(landed(root, against or _base(root)).items()):
        file = root / "schemas" / name
        if file.exists():
            faults += [f"{name}: {reason}" for reason in incompatible(old, json.loads(file.read_text("utf-8")))]
        else:
            faults.append(f"{name}: a landed type cannot be removed")
    return faults


def landed(root: Path, revision: str) -> dict[str, dict[str, Any]]:
    """Return the schemas as committed in ``revision`` (file name -> schema); NoHistory if it cannot be read."""
    try:
        if not git(root, "ls-tree", revision, "schemas"):
            return {}
        with tarfile.open(fileobj=io.BytesIO(git(root, "archive", "--format=tar", revision, "schemas"))) as archive:
            files = {Path(member.name).name: archive.extractfile(member) for member in archive if member.isfile()}
            return {name: json.loads(file.read()) for name, file in files.items() if file is not None}
    except GitFailed as error:
        raise NoHistory(revision) from error


def _base(root: Path) -> str:
    try:
        git(root, "rev-parse", "--verify", "--quiet", "origin/main")
    except GitFailed:
        return "HEAD"
    return "origin/main"


def git(root: Path, *arguments: str) -> bytes:
    """Run git in ``root`` and return what it prints; GitFailed if it is not there or says no."""

    async def run() -> bytes:
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec("git", *arguments, cwd=root, stdout=pipe, stderr=pipe)
        output, complaint = await process.communicate()
        if process.returncode:
            raise GitFailed(complaint.decode(errors="replace").strip())
        return output

    try:
        return asyncio.run(run())
    except OSError as error:
        raise GitFailed(str(error)) from error


def _anonymous(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema without its ``$id``: jsoncompat takes that for a reference to follow."""
    return {name: part for name, part in schema.items() if name != "$id"}


def _closed(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: _closed(part) for name, part in schema.items()}
    return {**closed, "additionalProperties": False} if isinstance(schema.get("properties"), dict) else closed


def _narrowings(schema: Any, place: str = "#") -> Iterator[tuple[str, tuple[Any, Any]]]:
    if isinstance(schema, dict):
        yield place, (schema.get("pattern"), schema.get("format"))
    parts = schema.items() if isinstance(schema, dict) else enumerate(schema) if isinstance(schema, list) else ()
    for name, part in parts:
        yield from _narrowings(part, f"{place}/{name}")
