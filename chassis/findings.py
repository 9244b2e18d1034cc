"""What ``check`` finds in a service's database, each with what a person should do about it."""

from collections import Counter
from dataclasses import dataclass, field

WHAT_TO_DO = {
    "schema.behind": "先执行 migrate，再检查。",
    "publisher.rows": "publisher 应恰有一行；停止服务，按备份恢复这一行。",
    "history.gap": "历史缺事件，不能自行补写；停止服务，从备份恢复（restore-from-backup）。",
    "history.version": "状态与历史不是同一次提交的结果；查明谁绕过服务改了数据库，再从备份恢复。",
    "history.missing": "有状态而没有历史；查明谁绕过服务改了数据库，再从备份恢复。",
    "history.row_missing": "有历史而没有状态；查明谁绕过服务改了数据库，再从备份恢复。",
    "history.unreadable": "事件不符合 contracts；确认程序版本不旧于写入它的版本。",
    "history.unknown_aggregate": "本服务没有这种对象；确认 DATABASE_URL 指向本服务的库。",
    "history.future": "事件时间在将来；校准写入它的机器的时钟（clock-wrong）。",
    "state.unreadable": "状态不符合程序；确认程序版本不旧于写入它的版本。",
    "state.unfoldable": "evolve 不接受这段历史，是程序缺陷；连同编号报告。",
    "state.differs": "状态不等于事件的折叠；查明谁改了状态，或 evolve 是否改过含义。",
    "deadlines.missing": "期限不会响；对该对象执行任何一个命令都会补上，否则报告缺陷。",
    "deadlines.orphan": "多余的期限；到时只会被清除，不影响业务。",
    "outbox.late": "事件迟迟没有发出；见 broker-gone 与 relay-stuck。",
    "outbox.overtaken": "后面的事件先标记为已发出；不要手工改 published_at，恢复为空即会补发。",
    "inbox.parked_without_letters": "没有死信却标记为等待；下一条事件处理后自行更正。",
    "inbox.letters_without_park": "有死信却没有标记为等待，等待者不会自行继续；逐条 dead-letters replay 或 discard。",
    "answers.old": "过期的应答没有清除；看 /readyz 的 tasks 中 watch 是否已停。",
}
"""Chinese, for operators; the words in brackets are runbooks."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be. ``where`` is an aggregate, a subject or a table."""

    code: str
    where: str
    detail: str

    def __str__(self) -> str:
        return f"{self.code} {self.where}：{self.detail}。{WHAT_TO_DO[self.code]}"


@dataclass(slots=True)
class Findings:
    """Everything found, counted; of each kind the first ``shown`` are kept."""

    shown: int
    counts: Counter[str] = field(default_factory=Counter)
    kept: list[Finding] = field(default_factory=list)
    aggregates: int = 0
    events: int = 0
    complete: bool = True
    """False when there was no time to look at everything."""

    def add(self, code: str, where: str, detail: str) -> None:
        """Note one; ``detail`` never quotes what a state or an event holds."""
        self.counts[code] += 1
        if self.counts[code] <= self.shown:
            self.kept.append(Finding(code, where, detail))
