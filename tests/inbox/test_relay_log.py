"""What Postfix and Exim write of a mail, read by its exact Message-ID and out of any bytes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings as hypothesis_settings, strategies

from app.inbox.relay_log import LoggedFate, Tracker
from tests.inbox.log_lines import BOUNCED, DEFERRED, OFFICE, OURS, POSTFIX, SENT, TO

EXIM_IN = (
    "2026-11-23 10:00:00 1vABcd-00000001xYz-0Ab1 <= bounces+x@example.org H=app.example.org [192.0.2.1] P=esmtps "
    "X=TLS1.3 S=2048 id=k3j2h1g0@example.org\n"
)
EXIM = "2026-11-23 10:00:01 1vABcd-00000001xYz-0Ab1 "


def _outcomes(*parts: str | bytes, wanted: str = OURS) -> list[LoggedFate]:
    tracker = Tracker({wanted})
    for part in parts:
        raw = part.encode() if isinstance(part, str) else part
        tracker.read(raw.splitlines(keepends=True))
    return list(tracker.outcomes())


def _said(*parts: str | bytes) -> list[tuple[str, str, str]]:
    return [(one.recipient, one.action, one.status) for one in _outcomes(*parts)]


@pytest.mark.parametrize(
    ("line", "action", "status"),
    [(SENT, "sent", "2.0.0"), (BOUNCED, "bounced", "5.1.1"), (DEFERRED, "deferred", "4.4.1")],
)
def test_postfix_tells_what_it_did(line: str, action: str, status: str) -> None:
    assert _said(POSTFIX, line) == [(OFFICE, action, status)]


def test_last_line_counts() -> None:
    assert _said(POSTFIX, DEFERRED, DEFERRED, SENT) == [(OFFICE, "sent", "2.0.0")]
    assert "queued as 9C0FFEE" in _outcomes(POSTFIX, DEFERRED, SENT)[0].words


def test_postfix_that_gives_up_returns_what_was_put_off() -> None:
    expired = "Nov 28 relay postfix/qmgr[13]: 4XyZ1k2Bv7z1: from=<b@example.org>, status=expired, returned to sender\n"
    assert _said(POSTFIX, DEFERRED, expired) == [(OFFICE, "bounced", "4.4.1")]
    assert _said(POSTFIX, SENT, expired) == [(OFFICE, "sent", "2.0.0")]


def test_mail_that_went_through_a_filter_is_followed() -> None:
    to_filter = TO + (
        "relay=127.0.0.1[127.0.0.1]:10024, delay=1, dsn=2.0.0, status=sent "
        "(250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 5FILTERED)\n"
    )
    second = POSTFIX.replace("4XyZ1k2Bv7z1", "5FILTERED")
    bounced = BOUNCED.replace("4XyZ1k2Bv7z1", "5FILTERED")
    assert _said(POSTFIX, to_filter, second) == []
    assert _said(POSTFIX, second, bounced, to_filter) == [(OFFICE, "bounced", "5.1.1")]


def test_alias_keeps_the_address_that_was_written_to() -> None:
    aliased = SENT.replace(">, relay", ">, orig_to=<Office@ministry.example.org>, relay")
    (one,) = _outcomes(POSTFIX, aliased)
    assert (one.recipient, one.asked) == (OFFICE, "office@ministry.example.org")


@pytest.mark.parametrize(
    "other",
    ["<k3j2h1g0@example.org.evil>", "<xk3j2h1g0@example.org>", "<k3j2h1g0@example.org> <a@b>", "k3j2h1g0@example.org"],
)
def test_only_exactly_this_message_id_counts(other: str) -> None:
    assert _said(POSTFIX.replace("<k3j2h1g0@example.org>", other), SENT) == []


def test_resent_message_id_is_another_mail() -> None:
    assert _said(POSTFIX.replace(" message-id=", " resent-message-id="), SENT) == []


def test_queue_id_that_is_used_again_is_another_mail() -> None:
    again = POSTFIX.replace(OURS, "<somebody@else.example.org>")
    assert _said(POSTFIX, SENT, again, BOUNCED.replace("Minister", "other")) == [(OFFICE, "sent", "2.0.0")]


def test_syslog_with_other_times_and_instances() -> None:
    prefix = "2026-11-23T10:00:00.123456+00:00 relay postfix-out/"
    lines = (
        POSTFIX.replace("Nov 23 10:00:00 relay postfix/", prefix),
        SENT.replace("Nov 23 10:00:02 relay postfix/", prefix),
    )
    assert _said(*lines) == [(OFFICE, "sent", "2.0.0")]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("=> minister@ministry.example.org R=dnslookup T=remote_smtp H=mx C=\"250 OK\"", ("sent", "2.0.0")),
        ("-> Minister@ministry.example.org R=dnslookup T=remote_smtp", ("sent", "2.0.0")),
        ("=> minister <minister@ministry.example.org> R=local_user T=maildir_home", ("sent", "2.0.0")),
        ("** minister@ministry.example.org R=dnslookup T=remote_smtp: SMTP error from remote mail server after RCPT TO:"
         "<minister@ministry.example.org>: 550 5.1.1 User unknown", ("bounced", "5.1.1")),
        ("** minister@ministry.example.org: 550 Requested action not taken", ("bounced", "5.0.0")),
        ("** minister@ministry.example.org: retry timeout exceeded", ("bounced", "")),
        ("== minister@ministry.example.org R=dnslookup defer (-53): retry time not reached", ("deferred", "")),
    ],
)  # fmt: skip
def test_exim_tells_what_it_did(line: str, expected: tuple[str, str]) -> None:
    assert _said(EXIM_IN, EXIM + line + "\n", EXIM + "Completed\n") == [(OFFICE, *expected)]


def test_exim_with_short_ids_zones_and_processes() -> None:
    line = "2026-11-23 10:00:01.123 +0000 [4711] 1vABcd-0003xY-Ab "
    arrival = EXIM_IN.replace("2026-11-23 10:00:00 1vABcd-00000001xYz-0Ab1 ", line)
    assert _said(arrival, f"{line}=> {OFFICE} R=smarthost T=remote_smtp\n") == [(OFFICE, "sent", "2.0.0")]


def test_exim_forged_id_elsewhere_in_the_line_is_none() -> None:
    forged = EXIM_IN.replace("id=k3j2h1g0@example.org", 'id=other@evil T="x id=k3j2h1g0@example.org"')
    assert _said(forged, f"{EXIM}** {OFFICE}: 550 5.1.1\n") == []


@given(strategies.lists(strategies.binary(max_size=200), max_size=20))
@hypothesis_settings(max_examples=300, deadline=None)
def test_any_bytes_are_taken(noise: list[bytes]) -> None:
    lines = [POSTFIX.encode(), *noise, b"\n", SENT.encode(), EXIM_IN.encode(), *noise]
    _outcomes(b"".join(lines))


def test_broken_lines_do_not_hide_sound_ones() -> None:
    noise = b"\xff\xfe\x00 postfix/smtp[1]: 4XyZ1k2Bv7z1: to=<\xff>, dsn=9, status=sent (\n" + b"x" * 100_000 + b"\n"
    assert _said(noise, POSTFIX, noise, SENT, noise) == [(OFFICE, "sent", "2.0.0")]
