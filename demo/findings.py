"""What has become of the appeals, asked of the services and of their topics, and what of it is not as it should be."""

from collections import Counter
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass

from contracts.notify import DeliveryFailed
from demo.appeals import Appeal, load
from demo.client import Json
from demo.facts import EVERY_ROUTE, PARTNER_CALLBACK, Facts, percentile
from demo.operators.office import Office
from demo.staff import ADMIN, SUPERVISOR
from demo.stories import CALLED_BACK, KINDS, Story, chosen, told
from stack.fleet import SERVICES

MOST_REFUSALS = 20


@dataclass(frozen=True, slots=True)
class Findings:
    """``by_route``: route -> status -> issues. ``wrong``: one line per thing that is not as it should be."""

    appeals: int
    final_states: dict[str, int]
    by_route: dict[str, Counter[str]]
    events_per_topic: dict[str, int]
    dead_letters: int
    duplicates: int
    accept_to_dispatch_ms: dict[str, float | None]
    timeline: list[Json]
    stories: list[Story]
    wrong: list[str]

    def report(self, seconds: float) -> Json:
        """The document for ``build/reports/demo.json``; ``seconds`` is how long the whole demo took."""
        return {
            "appeals": self.appeals,
            "final_states": self.final_states,
            "routes": {route: sum(states.values()) for route, states in self.by_route.items()},
            "events_per_topic": self.events_per_topic,
            "dead_letters": self.dead_letters,
            "duplicates": self.duplicates,
            "seconds": round(seconds, 1),
            "accept_to_dispatch_ms": self.accept_to_dispatch_ms,
            "wrong": self.wrong,
        }


async def find(
    office: Office,
    appeals: Sequence[Appeal],
    facts: Facts,
    events_per_topic: dict[str, int],
    sent: Sequence[Json],
    called_back: Set[str],
    partners_wrong: Sequence[str],
) -> Findings:
    """Ask intake where every issue is, every service for dead letters.

    ``sent`` is what the SMS gateway sent, ``called_back`` the issues that the partner was told of, ``partners_wrong``
    what it has to complain of.
    """
    api = office.api
    status = {issue["id"]: str(issue["status"]) async for issue in api.list(SUPERVISOR, "intake", "/v1/issues")}
    by_route: dict[str, Counter[str]] = {route: Counter() for route in EVERY_ROUTE}
    for issue, state in status.items():
        for route in facts.routes(issue):
            by_route[route][state] += 1
        if issue in called_back:
            by_route[PARTNER_CALLBACK][state] += 1
    letters = [await api.get(ADMIN, service, "/v1/dead-letters", limit=1) for service in SERVICES]
    dead_letters = sum(page["count"] for page in letters)
    duplicates = facts.duplicates + _sent_twice(facts, sent)
    milliseconds = facts.dispatch_milliseconds()
    wrong = [*_misplaced(office, appeals, status, facts), *_owed(office, facts), *partners_wrong]
    if len(appeals) == len(load()):  # a part of them need not go every route
        wrong += [f"route {route} was never gone" for route, states in by_route.items() if not states]
    if dead_letters or duplicates:
        wrong.append(f"{dead_letters} dead letters, {duplicates} effects done twice")
    if wrong:
        wrong += [f"refused {times} times: {what}" for what, times in office.refusals.most_common(MOST_REFUSALS)]
    return Findings(
        appeals=len(appeals),
        final_states=dict(Counter(status.values())),
        by_route=by_route,
        events_per_topic=events_per_topic,
        dead_letters=dead_letters,
        duplicates=duplicates,
        accept_to_dispatch_ms={"p50": _rounded(milliseconds, 0.5), "p99": _rounded(milliseconds, 0.99)},
        timeline=await _richest_timeline(office, facts, status),
        stories=await _stories(office, facts, appeals, called_back),
        wrong=wrong,
    )


def _misplaced(office: Office, appeals: Sequence[Appeal], status: dict[str, str], facts: Facts) -> Iterable[str]:
    issue_of = {appeal.id: issue for issue, appeal in office.appeals.items()}
    for appeal in appeals:
        issue = issue_of.get(appeal.id)
        if issue is None or issue not in status:
            yield f"{appeal.id}: was not registered"
        elif status[issue] != appeal.end:
            yield f"{appeal.id} (issue {issue}): is {status[issue]}, should be {appeal.end}"
        if issue is not None and DeliveryFailed in facts.happened[issue]:
            yield f"{appeal.id} (issue {issue}): a message could not be delivered"
    if len(status) > len(appeals):
        yield f"{len(status) - len(appeals)} issues more than appeals"


def _owed(office: Office, facts: Facts) -> Iterable[str]:
    for subject, issue in facts.unfinished.items():
        appeal = office.appeals.get(issue)
        yield f"{appeal.id if appeal else issue}: {subject} stays at {facts.last[subject]}"


def _sent_twice(facts: Facts, sent: Sequence[Json]) -> int:
    """The gateway sends once per key; a key that is no message of notify's stands for one that it has sent before."""
    return sum(message["key"] not in facts.deliveries for message in sent)


def _rounded(ordered: list[float], share: float) -> float | None:
    value = percentile(ordered, share)
    return None if value is None else round(value, 1)


async def _stories(office: Office, facts: Facts, appeals: Sequence[Appeal], called_back: Set[str]) -> list[Story]:
    """One issue of each kind that there is, the earliest."""
    issue_of = {appeal.id: issue for issue, appeal in office.appeals.items()}
    issues = [issue_of[appeal.id] for appeal in appeals if appeal.id in issue_of]
    found: list[Story] = []
    for kind in KINDS:
        if (issue := chosen(kind, issues, facts.happened)) is not None:
            found.append(told(kind, issue, await _timeline(office, issue)))
    if (issue := next((issue for issue in issues if issue in called_back), None)) is not None:
        found.append(Story(CALLED_BACK, issue, ["合作方收到办结事件", "签名核验通过"]))
    return found


async def _timeline(office: Office, issue: str) -> list[Json]:
    entries: list[Json] = (await office.api.get(SUPERVISOR, "intake", f"/v1/issues/{issue}/timeline"))["entries"]
    return entries


async def _richest_timeline(office: Office, facts: Facts, status: dict[str, str]) -> list[Json]:
    """The timeline of the issue to which the most different things have happened."""
    if not status:
        return []
    return await _timeline(office, max(status, key=lambda issue: len(facts.happened[issue])))
