"""What may be asked of a subscription 合作方订阅, and what callbacks say of it; rules: ``subscription.py``."""

from dataclasses import dataclass
from datetime import datetime

NOTICE = "notice"
"""The name of the address for notices among the private data of a subscription."""


@dataclass(frozen=True, slots=True)
class Create:
    """订阅. URL and secret travel in ``private``, as ``url`` and ``secret:<secret_id>``; ``since`` None means now.

    ``notice``: an address for notices travels there too.
    """

    owner: str
    types: tuple[str, ...]
    since: datetime | None
    secret_id: str
    target_id: str
    notice: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    """改回调地址. The URL travels in ``private``, and with ``notice`` another address; ``target_id`` stands for it."""

    target_id: str
    by: str
    notice: bool = False


@dataclass(frozen=True, slots=True)
class RotateSecret:
    """换密钥. The secret travels in ``private`` as ``secret:<secret_id>``; ``overlap``: the earlier ones sign on."""

    secret_id: str
    overlap: bool
    by: str


@dataclass(frozen=True, slots=True)
class Pause:
    """暂停."""

    by: str


@dataclass(frozen=True, slots=True)
class Resume:
    """恢复, also of a disabled one."""

    by: str


@dataclass(frozen=True, slots=True)
class Replay:
    """重放 from ``since`` on; ``replay_id`` is that of this wish."""

    replay_id: str
    since: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Delete:
    """退订."""

    by: str


@dataclass(frozen=True, slots=True)
class NoteFailing:
    """The receiver has taken nothing since ``since``."""

    since: datetime
    failure: str


@dataclass(frozen=True, slots=True)
class NoteRecovered:
    """The receiver has taken one again."""


@dataclass(frozen=True, slots=True)
class NoteGone:
    """The receiver at ``target_id`` has said 410, and means it (Standard Webhooks)."""

    target_id: str


@dataclass(frozen=True, slots=True)
class DeadlineReached:
    """A timer of ``deadlines`` is due."""

    name: str


Command = (
    Create
    | Move
    | RotateSecret
    | Pause
    | Resume
    | Replay
    | Delete
    | NoteFailing
    | NoteRecovered
    | NoteGone
    | DeadlineReached
)
