"""The units in deploy/: what they let a service do, and that the service does without the rest."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers.missing import missing

ROOT = Path(__file__).parents[1]
UNITS = ("undersigned-web.service", "undersigned-worker.service")
MOST_EXPOSED = 20  # tenths, as `systemd-analyze security` counts
# No memory may be written and then run, as MemoryDenyWriteExecute has it; then what our parts in other languages do.
WITHOUT_WRITTEN_CODE = """
import ctypes, mmap, sys
libc = ctypes.CDLL(None, use_errno=True)
if libc.prctl(65, 1, 0, 0, 0):
    sys.exit(77)
try:
    mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    sys.exit("the kernel let it be")
except PermissionError:
    pass
import argon2, greenlet, nh3, openpyxl, psycopg, pyrage, rapidfuzz, typst
from sqlalchemy import create_engine
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
argon2.PasswordHasher().hash("canary")
greenlet.greenlet(lambda: None).switch()
nh3.clean("<b>x</b>")
X25519PrivateKey.generate().public_key()
pyrage.encrypt(b"x", [pyrage.x25519.Identity.generate().to_public()])
create_engine("sqlite://").connect().close()
print(typst.compile(b"= Words", format="pdf")[:5].decode())
"""


def _unit(name: str) -> str:
    return (ROOT / "deploy" / name).read_text(encoding="utf-8")


def _values(text: str, key: str) -> list[str]:
    return re.findall(rf"^{key}=(.*)$", text, re.MULTILINE)


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_is_little_exposed(name: str) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        missing("no systemd-analyze")
    command = [program, "security", "--offline=true", f"--threshold={MOST_EXPOSED}", f"deploy/{name}"]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert answer.returncode == 0, answer.stdout + answer.stderr


@pytest.mark.parametrize("name", UNITS)
def test_systemd_knows_every_line_of_a_unit(name: str, tmp_path: Path) -> None:
    """A name that it does not know is left out in silence."""
    program = shutil.which("systemd-analyze")
    if program is None:
        missing("no systemd-analyze")
    text = re.sub(r"^ExecStart=.*", "ExecStart=/bin/true", _unit(name), flags=re.MULTILINE)
    (tmp_path / name).write_text(text, encoding="utf-8")
    answer = subprocess.run(
        [program, "verify", str(tmp_path / name)], capture_output=True, text=True, check=False, timeout=60
    )
    assert not [line for line in (answer.stdout + answer.stderr).splitlines() if name in line]


def test_web_and_worker_are_two_users_with_what_each_needs() -> None:
    web, worker = map(_unit, UNITS)
    assert (_values(web, "User"), _values(worker, "User")) == (["undersigned-web"], ["undersigned-worker"])
    assert _values(web, "Group") == _values(worker, "Group") == ["undersigned"]
    assert _values(web, "EnvironmentFile") == ["/etc/undersigned/env"]
    (hidden,) = _values(web, "InaccessiblePaths")
    assert hidden.split() == ["-/etc/undersigned/worker.env", "-/etc/undersigned/worker-key"]
    # systemd would take a folder of the unit's own away from the other user at each start.
    assert not _values(web, "StateDirectory") + _values(worker, "StateDirectory")
    assert _values(web, "ReadWritePaths") == _values(worker, "ReadWritePaths") == ["/var/lib/undersigned"]
    worker_example = (ROOT / "deploy" / "worker.env.example").read_text(encoding="utf-8")
    assert set(re.findall(r"^(UNDERSIGNED_\w+)=", worker_example, re.MULTILINE)) == {
        "UNDERSIGNED_WORKER_KEY_FILE", "UNDERSIGNED_MAIL_URL", "UNDERSIGNED_INBOX_URL",
    }  # fmt: skip


def test_our_parts_run_no_memory_that_they_wrote() -> None:
    command = [sys.executable, "-c", WITHOUT_WRITTEN_CODE]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    if answer.returncode == 77:
        missing("no kernel that forbids to run written memory")
    assert answer.stdout.strip() == "%PDF-", answer.stderr
