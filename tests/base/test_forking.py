"""A process with threads is not forked, whatever began them; one without is. Nobody forks past that check."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from config import Settings
from tests.journeys.house import environment_of

FOLDER = Path(__file__).parents[2]
# Each runs in a process of its own: the tests' own has threads of many.
BEGINNINGS = {
    "nothing": "",
    "a thread that has ended": "t = threading.Thread(target=print); t.start(); t.join()",
    "a thread": "threading.Thread(target=time.sleep, args=(30,), daemon=True, name='sleeper').start()",
    "a native pool": "from app.appeals import typesetting; import datetime; "
    "typesetting.render_report('T', 'Text.', 'en', 'ltr', datetime.date(2026, 1, 1), 'foot')",
}
REFUSED = {
    "a thread": r"it has 1 \(“sleeper”\)",
    "a native pool": r"it has \d+ \(\d+ that Python did not begin, such as those with which typst prints\)",
}
FORKING = "from app.base.forking import fork; fork(print, 'forked').join()"
WEB_SERVER = """
import runpy, sys
sys.argv = ["gunicorn", "-c", "deploy/gunicorn.conf.py", "--bind", "127.0.0.1:0", "wsgi:app"]
runpy.run_module("gunicorn", run_name="__main__")
"""
WORKER = """
from app import create_app
from app.mail.sending.loop import send_until_stopped
from config import Settings
send_until_stopped(create_app(Settings.from_env()))
"""


def _run_after(beginning: str, code: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", f"import threading, time\n{beginning}\n{code}"]
    return subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, timeout=60, check=False, env=env)


@pytest.mark.parametrize("what", ["nothing", "a thread that has ended"])
def test_process_with_one_thread_is_forked(what: str) -> None:
    done = _run_after(BEGINNINGS[what], FORKING)
    assert done.returncode == 0, done.stderr
    assert "forked" in done.stdout


@pytest.mark.parametrize("what", ["a thread", "a native pool"])
def test_process_with_threads_is_not_forked(what: str) -> None:
    done = _run_after(BEGINNINGS[what], FORKING)
    assert "forked" not in done.stdout
    assert done.returncode == 1
    assert "ThreadsBeforeFork: This process must not be forked" in done.stderr
    assert re.search(REFUSED[what], done.stderr), done.stderr
    assert "Do that work in a child, after the fork." in done.stderr


@pytest.mark.parametrize("service", [WEB_SERVER, WORKER], ids=["web server", "worker"])
def test_services_that_printed_before_they_fork_do_not_start(service: str, settings: Settings) -> None:
    done = _run_after(BEGINNINGS["a native pool"], service, env=environment_of(settings))
    assert done.returncode not in {0, None}
    assert "This process must not be forked" in done.stderr


def test_nobody_forks_past_the_check() -> None:
    """Only `app.base.forking` forks; gunicorn, which forks by itself, is given the check."""
    forking = re.compile(r"\bos\.fork\(|get_context\(|ProcessPoolExecutor|multiprocessing\.Process\(|import Process\b")
    sources = [path for folder in ("app", "bench", "deploy") for path in (FOLDER / folder).rglob("*.py")]
    found = [str(path.relative_to(FOLDER)) for path in sources if forking.search(path.read_text(encoding="utf-8"))]
    assert found == ["app/base/forking.py"]
