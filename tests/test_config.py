"""Settings: typed, complete at once, and never a demonstration in production."""

from __future__ import annotations

from pathlib import Path

import pytest

from config import MailRelay, Settings, SettingsError

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


def test_read_a_secret_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "url").write_text("smtps://u:p@mail.example.org\n")
    monkeypatch.delenv("UNDERSIGNED_MAIL_URL")
    monkeypatch.setenv("UNDERSIGNED_MAIL_URL_FILE", str(tmp_path / "url"))
    assert Settings.from_env().relay == MailRelay("mail.example.org", 465, "u", "p", implicit_tls=True)


def test_hide_secrets_when_printed() -> None:
    printed = repr(Settings.from_env().redacted())
    assert "p%40ss" not in printed
    assert "https://appeals.example.org" in printed


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PUBLIC_URL", "appeals.example.org"),
        ("PUBLIC_URL", "https://appeals.example.org/somewhere"),
        ("MAIL_URL", "mail.example.org"),
        ("MAIL_FROM", "appeals"),
        ("DATABASE_URL", "mysql://x"),
        ("TRUSTED_PROXIES", "two"),
        ("DEMONSTRATION", "perhaps"),
        ("LOG_LEVEL", "LOUD"),
    ],
)
def test_refuse_nonsense_by_name(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"UNDERSIGNED_{name}", value)
    with pytest.raises(SettingsError, match=f"UNDERSIGNED_{name}"):
        Settings.from_env()


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
    example = (Path(__file__).parents[1] / ".env.example").read_text()
    assert [name for name in Settings.__dataclass_fields__ if f"UNDERSIGNED_{name.upper()}=" not in example] == []
