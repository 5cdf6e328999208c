"""Notifications over real HTTP: outages, hanging servers, redirects, secrets, the Slack format and apprise."""

import importlib.util
import json
import logging
import shutil
import subprocess
import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from openoutcry.app.notifications import Notifier, deliver_notifications, notify_session
from openoutcry.app.notifications_section import NotificationSettings
from openoutcry.app.settings import load_settings
from openoutcry.app.webhook import send_webhook
from openoutcry.desk.records.notification_store import NotificationStore
from openoutcry.desk.records.session_notification import SessionNotification
from openoutcry.domain.errors import ConfigError, SourceUnavailable
from stub.webhook import webhook

NOW = datetime(2025, 3, 3, 22, tzinfo=UTC)
SECRET = "verysecretsentinel"


@pytest.fixture
def store(tmp_path):
    opened = NotificationStore(tmp_path / "notifications.db")
    yield opened
    opened.close()


def message(day=3, **fields):
    given = {"equity": Decimal("100250.10"), "change": Decimal("-12.50"), "orders": 2, "fills": 1} | fields
    return SessionNotification("mine", date(2025, 3, day), "done", **given)


def notifier(store, *channels, **settings):
    return Notifier(store, NotificationSettings(channels=channels, **settings))


def at(server, name="desk", **more):
    return {"name": name, "url": server.url, "timeout_s": 5.0, **more}


def test_a_message_arrives_once_with_its_event_id_and_exact_amounts(store):
    with webhook() as server:
        desk = notifier(store, at(server))
        sent = message(waiting_approvals=1, findings=("QRST has no bar",), report="/r/2025-03-03.html")
        assert [desk.enqueue(sent), desk.enqueue(sent)] == [1, 0]
        assert [desk.deliver_due(NOW).delivered, desk.deliver_due(NOW).delivered] == [1, 0]
    assert server.bodies == [
        {
            "schema": "openoutcry.session-notification/1",
            "event_id": "session/mine/2025-03-03/done",
            "account": "mine",
            "session": "2025-03-03",
            "status": "done",
            "currency": "USD",
            "equity": "100250.10",
            "change": "-12.50",
            "orders": 2,
            "fills": 1,
            "waiting_approvals": 1,
            "findings": ["QRST has no bar"],
            "report": "/r/2025-03-03.html",
        }
    ]
    assert server.received[0][1]["Content-Type"] == "application/json"


def test_a_webhook_that_is_down_for_three_days_gets_one_message_per_session_afterwards(store):
    with webhook() as broken, webhook() as working:
        broken.status = 503
        desk = notifier(store, at(broken, "broken"), at(working, "working"))
        now = NOW
        for day in (3, 4, 5):
            desk.enqueue(message(day))
            for _ in range(24):
                report = desk.deliver_due(now)
                now += timedelta(hours=1)
            assert report.given_up == 0
        requests = len(broken.received)
        assert [each["session"] for each in working.bodies] == ["2025-03-03", "2025-03-04", "2025-03-05"]
        broken.status, broken.received = 200, []
        for _ in range(13):
            desk.deliver_due(now)
            now += timedelta(hours=1)
        assert [each["session"] for each in broken.bodies] == ["2025-03-03", "2025-03-04", "2025-03-05"]
        assert len({each["event_id"] for each in broken.bodies}) == 3
    assert requests < 20
    assert (store.pending(), store.findings()) == ((), ())


def test_a_message_is_given_up_after_the_attempts_of_the_settings(tmp_path):
    store = NotificationStore(tmp_path / "n.db", max_attempts=2)
    with webhook() as server:
        server.status, server.reply = 404, f"no hook {SECRET} \x1b[31m\n".encode() + b"x" * 10**6
        desk = notifier(store, at(server))
        desk.enqueue(message())
        first = desk.deliver_due(NOW)
        second = desk.deliver_due(NOW + timedelta(days=1))
    assert (first.failed, second.given_up) == (1, 1)
    assert "given up (attempt 2)" in second.notices[0]
    (finding,) = store.findings()
    assert finding.error.startswith("status 404: no hook ***")
    assert len(finding.error) < 300
    assert "\x1b" not in finding.error
    store.close()


def test_a_server_that_hangs_costs_its_timeout_and_other_channels_get_their_messages(store):
    with webhook() as slow, webhook() as good:
        slow.hangs = True
        desk = notifier(store, at(slow, "slow", timeout_s=0.2), at(good, "good"))
        for day in (3, 4, 5):
            desk.enqueue(message(day))
        start = time.monotonic()
        report = desk.deliver_due(NOW)
        took = time.monotonic() - start
    assert (report.delivered, report.failed, len(good.received)) == (3, 1, 3)
    assert [each.attempts for each in store.pending()] == [1, 0, 0]
    assert 0.2 <= took < 10  # on a busy machine
    assert "no reply within 0.2 s" in report.notices[0]


def test_a_spent_time_budget_leaves_the_rest_for_the_next_call(store):
    ticks = iter(range(100))
    with webhook() as server:
        settings = NotificationSettings(channels=(at(server),), budget_s=3.5)
        desk = Notifier(store, settings, monotonic=lambda: float(next(ticks)))
        for day in (3, 4, 5, 6, 7):
            desk.enqueue(message(day))
        assert desk.deliver_due(NOW).delivered == 3
        assert [each.session.day for each in store.pending()] == [6, 7]
        assert desk.deliver_due(NOW).delivered == 2


def test_a_redirect_is_not_followed(store):
    with webhook() as other, webhook() as server:
        server.status, server.headers = 307, {"location": other.url}
        with pytest.raises(SourceUnavailable, match="redirects"):
            send_webhook(server.url, b"{}", timeout_s=5)
    assert other.received == []


def test_proxies_of_the_environment_are_not_used(monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with webhook() as server:
        send_webhook(server.url, b"{}", timeout_s=5)
    assert len(server.received) == 1


@pytest.mark.parametrize(
    "url",
    [
        f"http://hooks.example.com/{SECRET}",
        f"ftp://hooks.example.com/{SECRET}",
        f"https:///{SECRET}",
        f"https://[{SECRET}",
        f"https://host:99999/{SECRET}",
        SECRET,
    ],
)
def test_an_address_that_is_not_https_is_refused_without_showing_it(url):
    with pytest.raises(ConfigError) as refused:
        send_webhook(url, b"{}", timeout_s=1)
    assert SECRET not in str(refused.value)


def test_a_certificate_that_is_not_trusted_is_refused(store, tmp_path):
    if (openssl := shutil.which("openssl")) is None:
        pytest.skip("openssl, which makes the certificate, is not installed")
    made = tmp_path / "made.pem"
    name = ("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", made, "-out", tmp_path / "c")
    asked = (openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", *name)
    subprocess.run(asked, check=True, capture_output=True)
    made.write_bytes(made.read_bytes() + (tmp_path / "c").read_bytes())
    with webhook(certificate=made) as server:
        desk = notifier(store, at(server))
        desk.enqueue(message())
        report = desk.deliver_due(NOW)
    assert (report.failed, server.received) == (1, [])
    assert "certificate" in report.notices[0].lower()
    assert SECRET not in str(report)


def test_a_server_that_sends_headers_without_an_end_costs_the_timeout_too(store):
    with webhook() as server:
        server.drips = 1
        desk = notifier(store, at(server, timeout_s=0.3))
        desk.enqueue(message())
        start = time.monotonic()
        report = desk.deliver_due(NOW)
        assert time.monotonic() - start < 10  # without the limit it would not end
    assert (report.failed, "no reply within 0.3 s" in report.notices[0]) == (1, True)


def test_a_channel_that_failed_is_not_used_again_in_the_same_call(tmp_path):
    store = NotificationStore(tmp_path / "n.db", max_attempts=1)
    with webhook() as server:
        server.status = 500
        desk = notifier(store, at(server))
        for day in (3, 4, 5):
            desk.enqueue(message(day))
        assert (desk.deliver_due(NOW).given_up, len(server.received)) == (1, 1)
    store.close()


def test_the_address_is_in_no_error_log_or_setting(store, caplog, tmp_path, monkeypatch):
    caplog.set_level(logging.DEBUG)
    with webhook() as server:
        server.status, server.reply = 500, server.url.encode()
        desk = notifier(store, at(server), {**at(server, "gone"), "url": f"http://127.0.0.1:9/{SECRET}"})
        desk.enqueue(message())
        report = desk.deliver_due(NOW)
    assert report.failed == 2
    shown = str(report) + caplog.text + repr(desk.__dict__) + str(store.pending())
    assert SECRET not in shown


def test_slack_gets_plain_text_without_markup_from_data_and_of_bounded_length(store):
    hostile = "<!channel> *now* & <http://x|y>\n\u202e" + "z" * 5000
    with webhook() as server:
        desk = notifier(store, at(server, format="slack"))
        desk.enqueue(message(findings=(hostile,) * 50, waiting_approvals=2))
        assert desk.deliver_due(NOW).delivered == 1
    (body,) = server.bodies
    assert body["mrkdwn"] is False
    lines = body["text"].split("\n")
    assert lines[:4] == [
        "mine, session 2025-03-03: done",
        "Equity 100,250.10 USD (-12.50 USD)",
        "Orders 2, fills 1",
        "Orders waiting for approval: 2",
    ]
    assert lines[4].startswith("- &lt;!channel&gt; *now* &amp; &lt;http://x|y&gt; zzz")
    assert (len(lines), lines[-1]) == (10, "- and 45 more")
    assert len(body["text"]) < 3000


def test_addresses_come_from_a_variable_or_a_file_and_a_missing_one_is_one_sentence(store, tmp_path, monkeypatch):
    with webhook() as server:
        monkeypatch.setenv("DESK_WEBHOOK", server.url)
        (tmp_path / "hook.txt").write_text(f"{server.url}\n", encoding="utf-8")
        channels = [
            {"name": "variable", "url_variable": "DESK_WEBHOOK"},
            {"name": "file", "url_file": tmp_path / "hook.txt"},
            {"name": "unset", "url_variable": "NO_SUCH_WEBHOOK"},
            {"name": "missing", "url_file": tmp_path / "nowhere"},
        ]
        desk = notifier(store, *channels)
        desk.enqueue(message())
        report = desk.deliver_due(NOW)
    assert (report.delivered, report.failed, len(server.received)) == (2, 2, 2)
    assert any("the environment variable NO_SUCH_WEBHOOK is not set" in each for each in report.notices)


@pytest.mark.parametrize(
    ("channels", "reason"),
    [
        ([{"name": "a"}], "exactly one"),
        ([{"name": "a", "url": "https://x", "url_variable": "X"}], "exactly one"),
        ([{"name": "a", "url": "https://x"}] * 2, "more than once"),
        ([{"name": "A b", "url": "https://x"}], "lower-case"),
        ([{"name": "a", "url": "https://x", "kind": "pigeon"}], "webhook"),
    ],
)
def test_wrong_channels_are_refused_by_name_without_the_address(monkeypatch, tmp_path, channels, reason):
    monkeypatch.setenv("OPENOUTCRY_NOTIFICATIONS", json.dumps({"channels": channels}))
    with pytest.raises(ConfigError, match=reason):
        load_settings({"home": tmp_path})


def test_the_daily_run_stores_first_and_sends_later_and_an_outbox_that_fails_raises_nothing(monkeypatch, tmp_path):
    with webhook() as server:
        monkeypatch.setenv("OPENOUTCRY_NOTIFICATIONS", json.dumps({"channels": [at(server)]}))
        settings = load_settings({"home": tmp_path})
        notify_session(settings, message())
        assert server.received == []
        assert deliver_notifications(settings, NOW).delivered == 1
        assert deliver_notifications(settings, NOW).delivered == 0
        (tmp_path / "notifications.db").write_bytes(b"not a database" * 100)
        (notice,) = deliver_notifications(settings, NOW).notices
    assert "notifications.db" in notice


def test_without_a_channel_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    settings = load_settings({"home": tmp_path})
    notify_session(settings, message())
    assert deliver_notifications(settings, NOW).notices == ()
    assert list(tmp_path.iterdir()) == []


def test_a_channel_that_left_the_settings_is_named_and_keeps_its_messages(store):
    notifier(store, {"name": "old", "url": "https://x"}).enqueue(message())
    desk = notifier(store, {"name": "new", "url": "https://x"})
    assert desk.deliver_due(NOW).failed == 0
    assert desk.unknown_channels() == ["old"]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the package itself
def test_apprise_sends_the_text_or_says_what_to_install(store):
    with webhook("/hook") as server:
        target = server.url.replace("http://", "json://")
        desk = notifier(store, {"name": "chat", "kind": "apprise", "url": target})
        desk.enqueue(message())
        report = desk.deliver_due(NOW)
    if importlib.util.find_spec("apprise") is None:
        assert "install openoutcry[notify]" in report.notices[0]
    else:
        assert report.delivered == 1
        assert server.bodies[0]["title"] == "mine, session 2025-03-03: done"
        assert "Orders 2, fills 1" in server.bodies[0]["message"]
