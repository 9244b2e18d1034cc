"""`bench.templates`: history out of samples."""

from datetime import UTC, datetime, timedelta

from bench.templates import AHEAD, Copy, Template, closed_copies, new_id, open_copies, thinned

ISSUE, ORDER = "01a21427-e25b-7368-a266-06204c19b3ce", "3ca8e7ef-1b60-567a-a10f-5e5feb2e3db9"
BEGUN = datetime(2026, 11, 25, 19, 21, 27, 906761, tzinfo=UTC)
A_DAY_LATER = Copy(7, timedelta(days=1), "150105004", timedelta())
STATE = f'{{"order_id": "{ORDER}", "unit": "S150102001", "due": "2026-11-25T19:21:27.906761Z", "share": "100%"}}'
LINE = f"{ISSUE}\t{STATE}\t2026-11-25 19:21:27.906761+00"


def test_a_copy_has_ids_times_and_streets_of_its_own_and_the_rest_of_the_sample() -> None:
    id_, state, updated = Template.of([LINE]).fill(A_DAY_LATER).removesuffix("\n").split("\t")
    assert id_ == new_id(ISSUE, A_DAY_LATER) != ISSUE
    assert state == (
        f'{{"order_id": "{new_id(ORDER, A_DAY_LATER)}", "unit": "S150105004",'
        ' "due": "2026-11-26T19:21:27.906761Z", "share": "100%"}'
    )
    assert datetime.fromisoformat(updated) == BEGUN + timedelta(days=1)


def test_the_same_id_becomes_the_same_in_every_table_and_another_in_every_copy() -> None:
    other = Copy(8, A_DAY_LATER.shift, A_DAY_LATER.street, A_DAY_LATER.age)
    assert Template.of([ORDER]).fill(A_DAY_LATER) == Template.of([f"order/{ORDER}"]).fill(A_DAY_LATER)[6:]
    assert new_id(ORDER, A_DAY_LATER) != new_id(ORDER, other)


def test_time_ordered_ids_move_with_their_issue_and_derived_ones_stay_random() -> None:
    def milliseconds(id_: str) -> int:
        return int(id_[:8] + id_[9:13], 16)

    assert milliseconds(new_id(ISSUE, A_DAY_LATER)) == milliseconds(ISSUE) + 86_400_000
    assert (new_id(ISSUE, A_DAY_LATER)[14], new_id(ORDER, A_DAY_LATER)[14]) == ("7", "5")


def test_traces_and_hashes_stay_and_clients_keys_do_not() -> None:
    key, trace = "1ece951fc9614c8aa83a23730d43402d", "00-1832eea1dcbefc0905e0b3963b07cf65-a1917558af2f9236-02"
    hash_ = "\\\\x" + 32 * "a8"
    filled = Template.of([f"{key}\t{trace}\t{hash_}"]).fill(A_DAY_LATER).removesuffix("\n").split("\t")
    assert filled == [new_id(key, A_DAY_LATER), trace, hash_]
    assert len(filled[0]) == 32


def test_closed_issues_lie_in_the_past_in_order_and_open_ones_run_ahead() -> None:
    now = BEGUN + timedelta(minutes=1)
    closed = list(closed_copies(1000, BEGUN, now, ["1", "2"]))
    begins = [BEGUN + copy.shift for copy in closed]
    assert begins == sorted(begins)
    assert begins[-1] < now - timedelta(days=1)
    assert [copy.street for copy in closed[:3]] == ["1", "2", "1"]
    assert 0 < sum(copy.is_recent for copy in closed) < sum(not copy.is_old for copy in closed) < len(closed)
    ahead = list(open_copies(10, 1000, ["1"]))
    assert [copy.number for copy in ahead] == list(range(1000, 1010))
    assert all(timedelta() < copy.shift <= AHEAD and copy.is_recent for copy in ahead)


def test_old_events_lose_what_they_say_but_dispatches_do_not() -> None:
    columns = ["type", "data", "meta", "epoch"]
    assert thinned('a\t{"b": 1}\t{"c": 2}\t1', columns) == "a\t{}\t{}\t1"
    dispatched = 'qingcheng.router.order.dispatched.v1\t{"b": 1}\t{"c": 2}\t1'
    assert thinned(dispatched, columns) == dispatched
