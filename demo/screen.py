"""What people see at the end of the demo."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Column, Table

from demo.findings import Findings
from demo.stories import Story
from stack.endpoints import Endpoints

ZONE = ZoneInfo("Asia/Shanghai")


def show(console: Console, findings: Findings, endpoints: Endpoints, seconds: float) -> None:
    """Print what became of single issues and of all, events per topic, dead letters and where the APIs are."""
    _show_timeline(console, findings)
    console.print(stories_told(findings.stories))
    _show_routes(console, findings)
    topics = Table("topic", "events", title="事件 events per topic")
    for topic, events in findings.events_per_topic.items():
        topics.add_row(topic, str(events))
    console.print(topics)
    delay = findings.accept_to_dispatch_ms
    console.print(f"死信 dead letters: {findings.dead_letters}; effects done twice: {findings.duplicates}")
    console.print(
        f"受理到派单 accept to dispatch: p50 {delay['p50']} ms, p99 {delay['p99']} ms; {seconds:.0f} s in all"
    )
    for name, url in endpoints.services.items():
        console.print(f"{name:<10} {url}/docs", soft_wrap=True)
    for line in findings.wrong:
        console.print(f"[red]✗[/] {line}", soft_wrap=True, highlight=False)


def _show_timeline(console: Console, findings: Findings) -> None:
    table = Table("time", "service", "what", title="办理过程 one issue across the services")
    for entry in findings.timeline:
        at = datetime.fromisoformat(entry["time"]).astimezone(ZONE)
        table.add_row(f"{at:%H:%M:%S}.{at.microsecond // 1000:03}", entry["service"], entry["title_zh"])
    console.print(table)


def stories_told(stories: Iterable[Story]) -> Table:
    """A row for each, with all of its steps however narrow the screen is."""
    steps = Column("steps", overflow="fold")  # Chinese has no spaces to break at
    table = Table("issue", steps, title="各条路线 one issue each", show_lines=True)
    for story in stories:
        table.add_row(f"{story.title}\n{story.issue}", " → ".join(story.steps))
    return table


def _show_routes(console: Console, findings: Findings) -> None:
    states = list(findings.final_states)
    table = Table("route", *states, title="最终状态 final states by route")
    for route, counted in findings.by_route.items():
        table.add_row(route, *(str(counted[state] or "–") for state in states))
    table.add_section()
    table.add_row("issues", *(str(findings.final_states[state]) for state in states))
    console.print(table)
