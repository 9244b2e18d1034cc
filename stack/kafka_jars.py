"""Kafka's jars: pinned by version and SHA-256 in `kafka_jars.txt`, downloaded once from Maven Central, then cached.

The list is complete, so nothing is resolved at run time: jgo only fetches, eight files at a time (4 s; resolving the
dependency tree took 40 s), and what was fetched is what was reviewed.
"""

import fcntl
import hashlib
import os
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from stack import paths
from stack.errors import StackError
from stack.progress import Progress

KAFKA_VERSION = "4.3.1"
TIMEOUT_SECONDS = 30
LIST = Path(__file__).with_name("kafka_jars.txt")


@dataclass(frozen=True, slots=True)
class Jar:
    """One jar: its Maven coordinates and the SHA-256 of its bytes."""

    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def name(self) -> str:
        return f"{self.artifact}-{self.version}.jar"

    def path(self, repository: Path) -> Path:
        """Where a local Maven repository keeps it."""
        return repository.joinpath(*self.group.split("."), self.artifact, self.version, self.name)


def pinned() -> list[Jar]:
    """The jars of `kafka_jars.txt`."""
    jars = []
    for line in LIST.read_text().splitlines():
        if not line.startswith("#"):
            coordinates, sha256 = line.split()
            group, artifact, version = coordinates.split(":")
            jars.append(Jar(group, artifact, version, sha256))
    return jars


def classpath() -> str:
    """The class path of Kafka, after downloading what is missing; raises `StackError` when that is impossible."""
    repository = paths.cache() / "maven"
    jars = pinned()
    stamp = repository / f"kafka-{KAFKA_VERSION}-{hashlib.sha256(LIST.read_bytes()).hexdigest()[:16]}.complete"
    found = [jar.path(repository) for jar in jars]
    if not (stamp.exists() and all(path.exists() for path in found)):
        with _locked(repository):
            _download([jar for jar in jars if not _intact(jar, repository)], repository)
            stamp.touch()
    return os.pathsep.join(map(str, found))


@contextmanager
def _locked(repository: Path) -> Generator[None]:
    """One download at a time, also across processes: jgo writes files in place."""
    repository.mkdir(parents=True, exist_ok=True)
    with (repository / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _intact(jar: Jar, repository: Path) -> bool:
    path = jar.path(repository)
    return path.exists() and hashlib.sha256(path.read_bytes()).hexdigest() == jar.sha256


def _download(jars: list[Jar], repository: Path) -> None:
    for jar in jars:
        jar.path(repository).unlink(missing_ok=True)  # left over from an interrupted download
    title = f"Downloading Apache Kafka {KAFKA_VERSION} from Maven Central"
    with Progress(title, len(jars)) as progress, ThreadPoolExecutor(8) as pool:
        try:
            for jar in pool.map(lambda jar: _fetch(jar, repository), jars):
                progress.advance(jar.name)
        except StackError:
            pool.shutdown(wait=False, cancel_futures=True)  # the others would only wait for the same time-out
            raise


def _fetch(jar: Jar, repository: Path) -> Jar:
    from jgo.maven import MavenContext

    mirror = os.environ.get("STACK_MAVEN_REPOSITORY")
    context = MavenContext(
        repo_cache=repository,
        local_repos=[],
        remote_repos={"mirror": mirror} if mirror else None,
        timeout=TIMEOUT_SECONDS,
    )
    try:
        context.project(jar.group, jar.artifact).at_version(jar.version).artifact().resolve()
    except (OSError, RuntimeError) as error:  # requests' errors are OSErrors; jgo's are RuntimeErrors
        raise StackError(
            f"Could not download {jar.name} from {mirror or 'Maven Central'}: check the network or proxy, set "
            "STACK_MAVEN_REPOSITORY to a reachable mirror, or use STACK=docker or STACK=external."
        ) from error
    if not _intact(jar, repository):
        jar.path(repository).unlink(missing_ok=True)
        raise StackError(f"The downloaded {jar.name} is not the pinned one (SHA-256 differs); try another mirror.")
    return jar
