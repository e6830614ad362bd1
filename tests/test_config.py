"""Settings: typed, complete at once, and never a demonstration in production."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from config import MailRelay, Settings, SettingsError, unknown_names

COMPLETE = {
    "UNDERSIGNED_DATABASE_URL": "sqlite:////tmp/a.db",
    "UNDERSIGNED_KEY_FILE": "/tmp/key",
    "UNDERSIGNED_PUBLIC_URL": "https://appeals.example.org",
    "UNDERSIGNED_MAIL_URL": "smtp://user:p%40ss@mail.example.org:587",
    "UNDERSIGNED_MAIL_FROM": "appeals@example.org",
}


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(Settings.__dataclass_fields__):
        monkeypatch.delenv(f"UNDERSIGNED_{name.upper()}", raising=False)
    monkeypatch.delenv("UNDERSIGNED_ENV_FILE", raising=False)
    for name, value in COMPLETE.items():
        monkeypatch.setenv(name, value)


def test_read_complete_settings() -> None:
    settings = Settings.from_env()
    assert settings.key_file == Path("/tmp/key")
    assert settings.is_secure
    assert settings.relay == MailRelay("mail.example.org", 587, "user", "p@ss", start_tls=True)


def test_name_everything_that_is_missing_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in COMPLETE:
        monkeypatch.delenv(name)
    with pytest.raises(SettingsError) as problem:
        Settings.from_env()
    assert all(name in str(problem.value) for name in COMPLETE)


def test_the_web_server_needs_no_mail_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("UNDERSIGNED_MAIL_URL")
    assert Settings.from_env(sends=False).mail_url == ""
    with pytest.raises(SettingsError, match=r"^UNDERSIGNED_MAIL_URL is missing[^\n]*$"):
        Settings.from_env()


def test_of_two_files_the_last_one_counts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, sender in (("env", "one@example.org"), ("worker.env", "two@example.org")):
        (tmp_path / name).write_text(f"UNDERSIGNED_WITNESS_ADDRESS='{sender}'\nUNDERSIGNED_LOG_LEVEL='DEBUG'\n")
    monkeypatch.setenv("UNDERSIGNED_ENV_FILE", f"{tmp_path / 'env'}:{tmp_path / 'worker.env'}")
    assert Settings.from_env().witness_address == "two@example.org"
    monkeypatch.setenv("UNDERSIGNED_ENV_FILE", f"{tmp_path / 'env'}:{tmp_path / 'none'}")
    with pytest.raises(SettingsError, match="can't be read"):
        Settings.from_env()


def test_read_a_secret_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "url").write_text("smtps://u:p@mail.example.org\n")
    monkeypatch.delenv("UNDERSIGNED_MAIL_URL")
    monkeypatch.setenv("UNDERSIGNED_MAIL_URL_FILE", str(tmp_path / "url"))
    assert Settings.from_env().relay == MailRelay("mail.example.org", 465, "u", "p", implicit_tls=True)


def test_hide_secrets_when_printed() -> None:
    printed = repr(Settings.from_env().redacted())
    assert "p%40ss" not in printed
    assert "https://appeals.example.org" in printed


WRONG = [
    ("WORKER_PUBLIC_KEY", "canary"),
    ("WORKER_KEY_FILE", "A" * 43 + "="),
    ("BACKUP_RECIPIENT", "age1canary"),
    ("PUBLIC_URL", "appeals.example.org"),
    ("PUBLIC_URL", "https://appeals.example.org/somewhere"),
    ("PUBLIC_URL", "https://appeals.example.org?x"),
    ("PUBLIC_URL", "https://user:canary@appeals.example.org"),
    ("PUBLIC_URL", "https://appeals.example.org:port"),
    ("PUBLIC_URL", "https://appeals.example.org:70000"),
    ("PUBLIC_URL", "https://appeals example.org"),
    ("ONION_URL", "appealsappeals.onion"),
    ("MAIL_URL", "mail.example.org"),
    ("MAIL_URL", "smtp://user:canary@ss/w#rd@mail.example.org"),
    ("MAIL_URL", "smtp://user:canary%ss@mail.example.org"),
    ("MAIL_URL", "smtp://mail.example.org:99999"),
    ("MAIL_FROM", "appeals"),
    ("MAIL_FROM", "Undersigned <appeals@example.org>"),
    ("MAIL_FROM", "appeals@example.org, other@example.org"),
    ("MAIL_FROM", "smtp://user:canary@example.org"),
    ("MAIL_FROM_NAME", "Undersigned\nBcc: all@example.org"),
    ("MAIL_FROM_NAME", "U" * 101),
    ("DATABASE_URL", "mysql://x"),
    ("DATABASE_URL", "sqlite:///undersigned.db"),
    ("DATABASE_URL", "sqlite:////no/such/folder/undersigned.db"),
    ("DATABASE_URL", "sqlite:////tmp/"),
    ("DATABASE_URL", "postgresql://user:canary@ss/w#rd@host/name"),
    ("INBOX_URL", "imaps://user:canary@ss/w#rd@host"),
    ("INBOX_URL", "imaps://mail.example.org"),
    ("KEY_FILE", "cGxlYXNlLWRvbi10LXByaW50LXRoaXMtY2FuYXJ5LTA="),
    ("STATE_DIRECTORY", "/dev/null"),
    ("STATE_DIRECTORY", "/dev/null/below"),
    ("RETURN_PATH", "bounces@example.org"),
    ("RETURN_PATH", "bounces+{}@example.org, x@example.org"),
    ("REPLY_ADDRESS", "replies+{}@{}.example.org"),
    ("WITNESS_ADDRESS", "archive"),
    ("MAIL_SENDERS", "0"),
    ("MAIL_CONNECTIONS", "-1"),
    ("MAIL_PER_MINUTE", "-1"),
    ("DOMAIN_PER_MINUTE", "1_000"),
    ("DOMAIN_CONNECTIONS", "٣"),
    ("TRUSTED_PROXIES", "two"),
    ("TRUSTED_PROXIES", "-1"),
    ("DEMONSTRATION", "perhaps"),
    ("ONE_PERSON", "ture"),
    ("APPROVER_WAITING_DAYS", "a week"),
    ("APPROVER_WAITING_DAYS", "-1"),
    ("LEAST_FREE_MEGABYTES", "plenty"),
    ("PASSWORD_ALONE", "maybe"),
    ("LOG_LEVEL", "LOUD"),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_refuse_nonsense_by_name(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"UNDERSIGNED_{name}", value)
    with pytest.raises(SettingsError, match=f"UNDERSIGNED_{name}") as problem:
        Settings.from_env()
    assert "\n" not in str(problem.value)
    assert not re.search(r"canary|w#rd|ss/w", str(problem.value))
    assert len(value) < 12 or value not in str(problem.value)


def test_name_everything_that_is_wrong_or_missing_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = dict(WRONG)
    for name, value in wrong.items():
        monkeypatch.setenv(f"UNDERSIGNED_{name}", value)
    monkeypatch.delenv("UNDERSIGNED_KEY_FILE")
    monkeypatch.setenv("UNDERSIGNED_DKIM_SELECTOR", "alone")
    with pytest.raises(SettingsError) as problem:
        Settings.from_env()
    said = str(problem.value)
    assert [name for name in {*wrong, "DKIM_KEY"} if f"UNDERSIGNED_{name}" not in said] == []


def test_every_setting_that_can_be_wrong_is_tried_here() -> None:
    unbounded = {"dkim_selector", "dkim_key", "relay_log"}  # any text will do, or another part tries it
    assert {name.lower() for name, _value in WRONG} == set(Settings.__dataclass_fields__) - unbounded


@pytest.mark.parametrize("secret", ["-----BEGIN PRIVATE KEY-----\ncanary\n", "smtp://user:canary@host", "canary" * 100])
def test_a_secret_in_the_place_of_its_file_is_not_printed(monkeypatch: pytest.MonkeyPatch, secret: str) -> None:
    monkeypatch.setenv("UNDERSIGNED_DKIM_KEY_FILE", secret)
    with pytest.raises(SettingsError, match="UNDERSIGNED_DKIM_KEY can't be read") as problem:
        Settings.from_env()
    assert "canary" not in str(problem.value)


def test_value_and_file_at_once_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "url").write_text("smtps://u:p@mail.example.org\n")
    monkeypatch.setenv("UNDERSIGNED_MAIL_URL_FILE", str(tmp_path / "url"))
    with pytest.raises(SettingsError, match="set one of them"):
        Settings.from_env()


def test_read_the_file_that_is_named_and_let_the_environment_win(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in COMPLETE:
        monkeypatch.delenv(name)
    lines = [f"{name}='{value}'" for name, value in COMPLETE.items()]
    (tmp_path / "env").write_text(
        "\n".join([*lines, "UNDERSIGNED_MAIL_FROM_NAME='The River #1, $ and all'", "PATH=/x"])
    )
    monkeypatch.setenv("UNDERSIGNED_ENV_FILE", str(tmp_path / "env"))
    monkeypatch.setenv("UNDERSIGNED_MAIL_FROM", "other@example.org")
    settings = Settings.from_env()
    assert settings.mail_from_name == "The River #1, $ and all"
    assert settings.mail_from == "other@example.org"
    assert settings.public_url == COMPLETE["UNDERSIGNED_PUBLIC_URL"]


def test_say_what_is_wrong_with_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("UNDERSIGNED_ENV_FILE", str(tmp_path / "none"))
    with pytest.raises(SettingsError, match="UNDERSIGNED_ENV_FILE"):
        Settings.from_env()
    (tmp_path / "none").write_text("# a remark\nexport UNDERSIGNED_MAIL_URL=smtp://u:canary@host\n")
    with pytest.raises(SettingsError, match="Line 2") as problem:
        Settings.from_env()
    assert "canary" not in str(problem.value)


def test_misspelt_names_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNDERSIGNED_MAIL_FORM", "appeals@example.org")
    monkeypatch.setenv("UNDERSIGNED_MAIL_URL_FILE", "/x")
    assert unknown_names() == ["UNDERSIGNED_MAIL_FORM is no setting and is ignored. Is UNDERSIGNED_MAIL_FROM meant?"]


def test_secrets_are_in_no_representation() -> None:
    settings = Settings.from_env()
    assert "p%40ss" not in repr(settings)
    assert "p@ss" not in repr(settings.relay)


@pytest.mark.parametrize(
    ("public_url", "mail_url"),
    [
        ("https://appeals.example.org", "smtp://127.0.0.1:25"),
        ("http://127.0.0.1:8000", "smtp://mail.example.org:25"),
        ("http://127.0.0.1.example.org", "smtp://127.0.0.1:25"),
        ("http://10.0.0.1", "smtp://127.0.0.1:25"),
    ],
)
def test_refuse_a_demonstration_that_reaches_out(
    monkeypatch: pytest.MonkeyPatch, public_url: str, mail_url: str
) -> None:
    monkeypatch.setenv("UNDERSIGNED_DEMONSTRATION", "1")
    monkeypatch.setenv("UNDERSIGNED_PUBLIC_URL", public_url)
    monkeypatch.setenv("UNDERSIGNED_MAIL_URL", mail_url)
    with pytest.raises(SettingsError, match="DEMONSTRATION"):
        Settings.from_env()


def test_example_file_explains_every_setting() -> None:
    root = Path(__file__).parents[1]
    example = (root / ".env.example").read_text() + (root / "deploy" / "worker.env.example").read_text()
    assert [name for name in Settings.__dataclass_fields__ if f"UNDERSIGNED_{name.upper()}=" not in example] == []
