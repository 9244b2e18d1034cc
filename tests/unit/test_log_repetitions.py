"""A library that repeats itself is held back, and it is said how often."""

import logging

import pytest

from chassis import log_repetitions
from chassis.log_repetitions import Repetitions


def record(name: str, message: str) -> logging.LogRecord:
    return logging.LogRecord(name, logging.ERROR, "", 0, message, None, None)


def test_the_same_message_passes_once_and_then_says_how_many_were_held_back(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(log_repetitions, "monotonic", lambda: now)
    repetitions = Repetitions("aiokafka")
    assert repetitions.filter(record("aiokafka.conn", "away"))
    assert not repetitions.filter(record("aiokafka.conn", "away"))
    assert not repetitions.filter(record("aiokafka.conn", "away"))
    assert repetitions.filter(record("aiokafka.conn", "another thing"))
    now += 11
    last = record("aiokafka.conn", "away")
    assert repetitions.filter(last)
    assert last.msg == "away (2 more of these held back)"


def test_our_own_messages_always_pass() -> None:
    repetitions = Repetitions("aiokafka")
    assert all(repetitions.filter(record("chassis.relay", "relay.retried")) for _ in range(3))
