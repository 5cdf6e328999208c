"""The outbox of notifications: once per event and channel, leases, backoff, giving up, and the order of sessions."""

from datetime import UTC, date, datetime, timedelta

import pytest
from openoutcry.desk.records.notification_store import NotificationStore

START = datetime(2025, 3, 3, 22, tzinfo=UTC)
MONDAY, TUESDAY = date(2025, 3, 3), date(2025, 3, 4)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "notifications.db"


def put(store, session=MONDAY, status="done", channel="desk"):
    return store.enqueue(f"session/mine/{session}/{status}", "mine", session, channel, '{"x": 1}')


def claimed(store, now, lease_s=60.0, limit=10, **more):
    return [(each.channel, each.session, each.attempts) for each in store.claim(now, lease_s, limit, **more)]


def test_an_event_is_stored_once_for_each_channel_also_after_its_delivery(path):
    store = NotificationStore(path)
    assert [put(store), put(store), put(store, channel="mail")] == [True, False, True]
    for each in store.claim(START, 60, 10):
        store.delivered(each.id)
    store.close()
    again = NotificationStore(path)
    assert [put(again), again.pending(), claimed(again, START)] == [False, (), []]


def test_a_lease_keeps_others_away_until_it_ends_and_then_the_message_is_sent_again(path):
    first, second = NotificationStore(path), NotificationStore(path)
    put(first)
    assert claimed(first, START) == [("desk", MONDAY, 1)]
    assert claimed(second, START + timedelta(seconds=59)) == []
    assert claimed(second, START + timedelta(seconds=60)) == [("desk", MONDAY, 2)]


def test_the_wait_doubles_up_to_twelve_hours(path):
    store, now, waits = NotificationStore(path), START, []
    put(store)
    (each,) = store.claim(now, 60, 1)
    for _ in range(12):
        store.failed(each.id, now, "down")
        minutes = 0
        while not (found := store.claim(now + timedelta(minutes=minutes), 60, 1)):
            minutes += 1
        (each,), now = found, now + timedelta(minutes=minutes)
        waits.append(minutes)
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 720, 720]


def test_a_message_is_given_up_after_the_last_attempt_and_the_next_one_follows(path):
    store, now = NotificationStore(path, max_attempts=3), START
    put(store), put(store, TUESDAY)
    for attempt in (1, 2, 3):
        assert claimed(store, now) == [("desk", MONDAY, attempt)]
        store.failed(1, now, f"down {attempt}")
        now += timedelta(days=1)
    (finding,) = store.findings()
    assert (finding.session, finding.attempts, finding.error) == (MONDAY, 3, "down 3")
    assert claimed(store, now) == [("desk", TUESDAY, 1)]
    store.clear_findings("mail")
    assert len(store.findings()) == 1
    store.clear_findings("desk")
    assert (store.findings(), put(store)) == ((), False)


def test_a_message_whose_sender_is_killed_each_time_is_given_up_too(path):
    store = NotificationStore(path, max_attempts=2)
    put(store)
    found = [claimed(store, START + timedelta(hours=hour)) for hour in range(3)]
    assert found == [[("desk", MONDAY, 1)], [("desk", MONDAY, 2)], []]
    assert [each.error for each in store.findings()] == ["the sender was stopped"]


def test_an_older_session_goes_first_on_each_channel_whatever_was_stored_first(path):
    store = NotificationStore(path)
    put(store, TUESDAY), put(store, MONDAY), put(store, TUESDAY, channel="mail")
    assert claimed(store, START) == [("desk", MONDAY, 1), ("mail", TUESDAY, 1)]
    assert claimed(store, START) == []  # Tuesday waits for Monday on the same channel
    store.failed(2, START, "down")
    assert claimed(store, START) == []
    store.delivered(2)
    assert claimed(store, START) == [("desk", TUESDAY, 1)]


def test_a_later_status_replaces_a_message_of_the_session_that_was_not_sent(path):
    store = NotificationStore(path)
    put(store, status="awaiting_approval"), put(store, status="done")
    assert [each.event_id for each in store.pending("mine")] == ["session/mine/2025-03-03/done"]
    (each,) = store.claim(START, 60, 1)
    put(store, status="corrected")  # the first may have arrived already
    store.delivered(each.id)
    assert [each.event_id for each in store.pending()] == ["session/mine/2025-03-03/corrected"]
    assert store.pending("other") == ()


def test_a_late_failure_does_not_undo_a_delivery(path):
    store = NotificationStore(path)
    put(store)
    (slow,) = store.claim(START, 60, 1)
    (fast,) = store.claim(START + timedelta(seconds=61), 60, 1)
    store.delivered(fast.id)
    assert store.failed(slow.id, START + timedelta(seconds=62), "no reply") == "delivered"
    assert (store.pending(), store.findings()) == ((), ())


def test_only_channels_that_are_asked_for_are_claimed_and_no_more_than_the_limit(path):
    store = NotificationStore(path)
    for name in ("a", "b", "c"):
        put(store, channel=name)
    assert claimed(store, START, channels=("b", "c"), limit=1) == [("b", MONDAY, 1)]
    assert claimed(store, START, channels=("b", "c")) == [("c", MONDAY, 1)]
