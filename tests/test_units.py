"""The units in deploy/: what they let a service do, and that the service does without the rest."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from app.base.keys import Keys, create_key_file
from app.base.shared_folders import share_like_folder
from app.base.worker_seals import public_half, written
from tests.servers.missing import missing

ROOT = Path(__file__).parents[1]
UNITS = ("undersigned-web.service", "undersigned-worker.service")
GROUP, WORKER = 60_601, 60_603  # as numbers: the users themselves are not on this machine
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
import argon2, greenlet, nh3, psycopg, pyrage, python_calamine, rapidfuzz, typst
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


def test_a_mail_servers_pipe_has_a_user_of_its_own_that_readme_makes() -> None:
    recipe = _unit("postfix-master.cf")
    service = recipe[recipe.index("\nundersigned unix") + 1 :]
    assert service in (ROOT / "docs" / "mail.md").read_text(encoding="utf-8")
    assert " user=undersigned-inbox:undersigned " in service
    assert re.findall(r"/etc/undersigned/\S+", service) == ["/etc/undersigned/env"]
    (made,) = re.findall(r"#   (useradd .+)", recipe)
    assert f"`{made}`" in (ROOT / "README.md").read_text(encoding="utf-8")


# Everything is imported first, since the tests' own Python may lie where the user can't go.
AS_THE_PIPE = """
import os, sys
from app import load_models
from app.cli import create_cli_app
from app.house import opened_app, Opens
load_models()
cli = create_cli_app().cli
opened_app(Opens.ANY_AGE)
group, *closed = sys.argv[1:]
os.setgroups([])
os.setgid(int(group))
os.setuid(int(group) + 1)
assert not any(os.access(path, os.R_OK) for path in closed)
cli.main(["mail", "ingest", "--envelope-to=replies@example.org"], prog_name="flask")
"""


@pytest.fixture
def shared_house(empty_sqlite: Path) -> Iterator[Path]:
    """A house with the owners and rights that README gives it."""
    if os.geteuid() != 0:
        missing("no right to become other users")
    house = Path(tempfile.mkdtemp())
    house.chmod(0o755)
    for folder, mode in (("etc", 0o2750), ("data", 0o2770)):
        (house / folder).mkdir()
        os.chown(house / folder, WORKER, GROUP)
        (house / folder).chmod(mode)
    create_key_file(house / "etc" / "key")
    create_key_file(house / "etc" / "worker-key", is_shared=False)
    public = written(public_half(Keys.from_file(house / "etc" / "worker-key")))
    shutil.copyfile(empty_sqlite, house / "data" / "undersigned.db")
    share_like_folder(house / "data" / "undersigned.db")
    lines = {"DATABASE_URL": f"sqlite:///{house}/data/undersigned.db", "KEY_FILE": f"{house}/etc/key",
             "PUBLIC_URL": "https://appeals.example.org", "MAIL_FROM": "appeals@example.org",
             "WORKER_PUBLIC_KEY": public, "STATE_DIRECTORY": f"{house}/data"}  # fmt: skip
    (house / "etc" / "env").write_text("".join(f"UNDERSIGNED_{name}='{value}'\n" for name, value in lines.items()))
    (house / "etc" / "worker.env").write_text("UNDERSIGNED_MAIL_URL='smtp://user:canary@mail.example.org'\n")
    for name, mode in (("env", 0o640), ("worker.env", 0o600)):
        os.chown(house / "etc" / name, WORKER, GROUP)
        (house / "etc" / name).chmod(mode)
    yield house
    shutil.rmtree(house)


def test_the_pipes_user_stores_a_message_and_reads_nothing_of_the_workers(shared_house: Path) -> None:
    closed = [str(shared_house / "etc" / name) for name in ("worker.env", "worker-key")]
    answer = subprocess.run(
        [sys.executable, "-c", AS_THE_PIPE, str(GROUP), *closed], cwd=ROOT, capture_output=True, timeout=60,
        check=False, input=b"From: ana@example.org\nSubject: Yes\n\nWe have read it.\n",
        env={"PATH": os.environ["PATH"], "UNDERSIGNED_ENV_FILE": str(shared_house / "etc" / "env")},
    )  # fmt: skip
    assert answer.returncode == 0, answer.stderr.decode()
    with closing(sqlite3.connect(shared_house / "data" / "undersigned.db")) as connection:
        (row,) = connection.execute("SELECT state, raw_sealed FROM inbound_messages").fetchall()
    assert row[0] == "new"
    assert b"We have read it." not in row[1]


def test_our_parts_run_no_memory_that_they_wrote() -> None:
    command = [sys.executable, "-c", WITHOUT_WRITTEN_CODE]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    if answer.returncode == 77:
        missing("no kernel that forbids to run written memory")
    assert answer.stdout.strip() == "%PDF-", answer.stderr
