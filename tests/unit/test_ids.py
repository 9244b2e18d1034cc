"""Ids that follow from another one: the same whenever they are asked for, and in its place among all (ADR 24)."""

from chassis.ids import derived_beside, derived_id, new_id
from services.mediation.petition_reactions import petition_of_case
from services.mediation.reactions import case_of_issue
from services.notify.reactions import answer_revisit_id, late_revisit_id, revisit_id
from services.router.reactions import order_id_of


def test_what_follows_from_the_same_is_the_same() -> None:
    id_ = new_id()
    assert derived_beside(id_, "order", "1") == derived_beside(id_, "order", "1")
    assert (
        len({derived_beside(id_, "order", "1"), derived_beside(id_, "order", "2"), derived_id(id_, "order", "1")}) == 3
    )
    assert derived_beside(id_, "order", "1") != derived_beside(id_[:-1] + "x", "order", "1")


def test_what_an_issue_brings_sorts_where_the_issue_does() -> None:
    """Else each new one falls somewhere into an index of millions."""
    issue, appeal = new_id(), new_id()
    order = order_id_of(issue)
    brought = [
        *(order, order_id_of(issue, 2), case_of_issue(issue), petition_of_case(case_of_issue(issue))),
        *(revisit_id(order, appeal, 1), late_revisit_id(order, appeal), answer_revisit_id(issue, appeal)),
    ]
    assert len(set(brought)) == len(brought)
    assert {id_[:13] for id_ in brought} == {issue[:13]}
