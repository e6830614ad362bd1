"""The first run, on an empty folder, from the printed link to a delivered appeal, and a second start."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Any

from app.demonstration import case, invented
from app.demonstration.rows import APPROVER, CONTACT
from tests.demonstration.running import Run, running
from tests.demonstration.visiting import TICKED, Visitor

PASSWORD = "a passphrase of four words"
OWNER = CONTACT[1]
MAIL_SECONDS = 60
GLANCE_SECONDS = 0.3


def _await(run: Run, look: Callable[[], Any], what: str) -> Any:
    """Look until there is something, while the demonstration runs and patience lasts; return it."""
    deadline = monotonic() + MAIL_SECONDS
    while not (found := look()):
        assert monotonic() < deadline, f"{what} did not come about in {MAIL_SECONDS} seconds"
        with contextlib.suppress(subprocess.TimeoutExpired):
            raise AssertionError(f"it ended with {run.process.wait(GLANCE_SECONDS)}: {run.said}")
    return found


def _mail_to(run: Run, address: str) -> dict[str, Any]:
    """Return the oldest mail to an address, once the worker has sent it."""

    def look() -> Any:
        mails = json.loads(Visitor(run.url).opens("/mailbox.json").source)
        return next((mail for mail in reversed(mails) if address in mail["to"]), None)

    found: dict[str, Any] = _await(run, look, f"a mail to {address}")
    return found


def _sign_in(run: Run, address: str) -> Visitor:
    somebody = Visitor(run.url)
    somebody.opens("/sign-in").presses("Sign in", {"E-mail address": address, "Password": PASSWORD})
    return somebody.sees("Sign out")


def _set_password(run: Run, link: str, address: str) -> None:
    Visitor(run.url).opens(link).sees(address).presses("Set this password", {"New password": PASSWORD})


def _find_statement(owner: Visitor, campaign: str, statement: str) -> str:
    """Go to a statement from the desk, and return its path."""
    owner.opens("/desk").follows(campaign).follows(statement)
    return "/".join(owner.address.split("/")[3:6])


def _hand_over(run: Run, owner: Visitor, statement: str, recipient: str) -> None:
    """Assemble, have the second person approve, release, and mark as delivered what the mailbox then has."""
    owner.opens(f"/{statement}/appeal").presses("Assemble the appeal")
    done = "Waiting for a second person"
    _await(run, lambda: done in owner.opens(f"/{statement}/appeal").page.words, done)
    approver = _sign_in(run, APPROVER[1]).opens(f"/{statement}/appeal")
    approver.presses("Approve exactly this", {"I have read": TICKED}).sees("A second person has approved")
    owner.opens(f"/{statement}/appeal").follows("Go on to the release").sees(recipient)
    owner.presses("Release and hand over", {"Hand it over now": TICKED})
    assert [name for name in _mail_to(run, recipient)["attachments"] if name.endswith(".pdf")]
    done = "1 of 1 handed over."
    _await(run, lambda: done in owner.opens(f"/{statement}/deliveries").page.words, done)
    owner.sees("has reached this demonstration’s mailbox and nobody else").presses("Mark it as delivered")


def _running_in(state: Path) -> list[str]:
    """Return the processes that were started with a state folder and still run (Linux)."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if f"UNDERSIGNED_STATE_DIRECTORY={state}\0".encode() in (process / "environ").read_bytes():
                found.append(process.name)
    return found


def _assert_all_has_ended(run: Run, state: Path, port: int) -> None:
    assert run.process.returncode == 0
    assert "Stopped" in run.said
    assert "Traceback" not in run.said
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0, "nothing is left running"
    assert _running_in(state) == []


def test_appeals_are_delivered_after_the_first_start_and_after_the_second(tmp_path: Path, closed_port: int) -> None:
    state = tmp_path / "var"
    with running(state, closed_port) as run:
        assert len(_running_in(state)) >= 5, "ourselves, the web server, the worker, and their children"
        _set_password(run, run.owner_link, OWNER)
        (link, *_others) = _mail_to(run, APPROVER[1])["links"]
        _set_password(run, link, APPROVER[1])
        owner = _sign_in(run, OWNER)
        statement = _find_statement(owner, invented.TITLE, invented.OPEN_TITLE)
        owner.opens(f"/{statement}/close").presses("Close the statement", {"Nobody shall": TICKED})
        _hand_over(run, owner, statement, "clerk@council.example.org")
        Visitor(run.url).opens(f"/statements/{invented.OPEN_SLUG}").sees("Delivered", "The public copy of the appeal")
    _assert_all_has_ended(run, state, closed_port)
    with running(state, closed_port) as run:
        assert "Loading the demonstration" not in run.said
        owner = _sign_in(run, OWNER)
        statement = _find_statement(owner, case.TITLE, case.STATEMENT_TITLE)
        _hand_over(run, owner, statement, case.STAND_IN_EMAIL)
        owner.sees(case.STAND_IN_OFFICE)
        _assert_nothing_is_said_of_the_ministry(Visitor(run.url))
    _assert_all_has_ended(run, state, closed_port)


def _assert_nothing_is_said_of_the_ministry(reader: Visitor) -> None:
    """The public page says where the appeal went, and no machine is told otherwise."""
    reader.opens(f"/statements/{case.STATEMENT_SLUG}").sees("A demonstration: nothing here leaves this machine")
    reader.sees(f"Handed over to this demonstration’s mailbox, in place of {case.INSTITUTION}")
    assert f"Handed over to {case.INSTITUTION}" not in reader.page.words
    reader.follows("This page as JSON")
    (delivered,) = [event for event in json.loads(reader.source)["progress"] if event["kind"] == "delivered"]
    assert delivered["demonstration"] is True
