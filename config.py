"""Read every setting once, typed, named and explained, from the environment and the file that it names."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from app.base.errors import SettingsError
from app.settings import checks
from app.settings.checks import Rule, host_of, read_inbox_url, read_relay_url
from app.settings.env_files import read_env_file

__all__ = ["PREFIX", "Inbox", "MailRelay", "Settings", "SettingsError", "unknown_names"]

PREFIX = "UNDERSIGNED_"
ENV_FILE = "UNDERSIGNED_ENV_FILE"
# Read by deploy/gunicorn.conf.py and by the tests.
ELSEWHERE = frozenset({ENV_FILE, "UNDERSIGNED_BIND", "UNDERSIGNED_WEB_WORKERS", "UNDERSIGNED_SOAK"})
LOOPBACK_HOSTS = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True)
class MailRelay:
    """Where outgoing mail is handed over: host, port, credentials and the kind of encryption."""

    host: str
    port: int
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    implicit_tls: bool = False
    start_tls: bool = False

    @property
    def is_loopback(self) -> bool:
        """Tell whether the relay stands on this machine."""
        return self.host in LOOPBACK_HOSTS

    @classmethod
    def from_url(cls, url: str) -> MailRelay:
        """Read `smtp://user:pass@host:port` or `smtps://…`.

        Plain `smtp://` demands STARTTLS unless the relay is on this machine. Raises WrongUrl, a ValueError.
        """
        found = read_relay_url(url)
        implicit = found.scheme == "smtps"
        return cls(
            host=found.host,
            port=found.port or (465 if implicit else 587),
            username=found.username,
            password=found.password or None,
            implicit_tls=implicit,
            start_tls=not implicit and found.host not in LOOPBACK_HOSTS,
        )


@dataclass(frozen=True)
class Inbox:
    """Where incoming mail is fetched from, over verified TLS unless it stands on this machine."""

    host: str
    port: int
    username: str
    password: str = field(repr=False)
    folder: str = "INBOX"
    start_tls: bool = False
    implicit_tls: bool = True

    @property
    def is_loopback(self) -> bool:
        """Tell whether the mailbox stands on this machine."""
        return self.host in LOOPBACK_HOSTS

    @classmethod
    def from_url(cls, url: str) -> Inbox:
        """Read `imaps://user:pass@host[:993][/folder]` or `imap://…`, which demands STARTTLS. Raises WrongUrl."""
        found = read_inbox_url(url)
        implicit = found.scheme == "imaps"
        return cls(
            host=found.host,
            port=found.port or (993 if implicit else 143),
            username=found.username or "",
            password=found.password or "",
            folder=unquote(found.path.strip("/")) or "INBOX",
            start_tls=not implicit and found.host not in LOOPBACK_HOSTS,
            implicit_tls=implicit,
        )


def _setting(help_text: str, check: Rule | None = None, default: Any = None, *, secret: bool = False) -> Any:
    """Describe a setting; without a default it must be given. A secret is in no representation."""
    metadata = {"help": help_text, "check": check or (lambda _value: ""), "secret": secret}
    if default is None:
        return field(metadata=metadata, repr=not secret)
    return field(default=default, metadata=metadata, repr=not secret)


@dataclass(frozen=True)
class Settings:
    """What is in force. Each field is read from UNDERSIGNED_<NAME>, or from the file in UNDERSIGNED_<NAME>_FILE."""

    database_url: str = _setting(checks.DATABASES, checks.database_url, secret=True)
    key_file: Path = _setting(  # noqa: RUF009 - it makes a field
        "file with the 32-byte key that opens everything sealed; lost means lost", checks.key_path
    )
    public_url: str = _setting("the address readers use, such as https://appeals.example.org", checks.public_url)
    mail_url: str = _setting("smtp://user:pass@host:587 or smtps://user:pass@host:465", checks.relay_url, secret=True)
    mail_from: str = _setting("the address that mails come from; replies go to a person's own address", checks.address)
    onion_url: str = _setting(
        "the address readers use over Tor, such as http://….onion, if there is one", checks.public_url, ""
    )
    mail_from_name: str = _setting("the name beside that address", checks.line, "Undersigned")
    return_path: str = _setting(
        "where bounces go, such as bounces+{}@example.org; {} becomes a signed mark of the mail; empty: MAIL_FROM",
        checks.marked_address,
        "",
    )
    reply_address: str = _setting(
        "where institutions' replies go, such as replies+{}@example.org; empty: to the statement's contact",
        checks.marked_address,
        "",
    )
    witness_address: str = _setting(
        "an archive mailbox of your own that gets a copy of each official mail, as proof", checks.address, ""
    )
    mail_senders: int = _setting("how many processes of one worker send at once", checks.number(1, 100), 1)
    mail_connections: int = _setting(
        "how many connections to the mail server may be open at once, over all workers", checks.number(1, 10_000), 4
    )
    mail_per_minute: int = _setting(
        "how many mails a minute the mail server may be given; 0: as many as it takes", checks.number(0, 1_000_000), 0
    )
    domain_connections: int = _setting(
        "how many senders may write to one recipient domain at once", checks.number(1, 10_000), 2
    )
    domain_per_minute: int = _setting(
        "how many mails to many a minute one recipient domain may get; 0: no limit", checks.number(0, 1_000_000), 600
    )
    dkim_selector: str = _setting("the DKIM selector under MAIL_FROM's domain, if mails are signed here", None, "")
    dkim_key: str = _setting("the private key (PEM) that belongs to the selector", None, "", secret=True)
    relay_log: str = _setting("the mail server's log, if it is readable here: proof of what became of mails", None, "")
    inbox_url: str = _setting(
        "imaps://user:pass@host/INBOX: where bounces and replies arrive; empty: nothing is fetched",
        checks.inbox_url,
        "",
        secret=True,
    )
    demonstration: bool = _setting(
        "1 shows the demonstration and its mailbox; loopback only, never in production", checks.switch, False
    )
    one_person: bool = _setting(
        "1 declares a one-person organisation: appeals may be released by one; audit and dossier say so",
        checks.switch,
        False,
    )
    approver_waiting_days: int = _setting(
        "how many days somebody must have been a member, in a role that may approve, before they may approve an appeal",
        checks.number(0, 365),
        7,
    )
    password_alone: bool = _setting(
        "1 declares that a password alone opens the desk; nobody is asked for a second factor then",
        checks.switch,
        False,
    )
    state_directory: Path = _setting(  # noqa: RUF009 - it makes a field
        "where backups and the demonstration's mailbox live", checks.folder, Path("var")
    )
    least_free_megabytes: int = _setting(
        "/readyz says so where less is free on the disks of the embedded database and of STATE_DIRECTORY, in MB",
        checks.number(0, 1_000_000_000),
        200,
    )
    worker_key_file: str = _setting(
        "file with the key that opens what only the worker needs; set it for the worker alone", checks.key_path, ""
    )
    worker_public_key: str = _setting(
        "the public half of that key, by which the web server seals for the worker; empty: one key for both",
        checks.public_key,
        "",
    )
    backup_recipient: str = _setting(
        "the public key (age1…) that backups are encrypted to; empty: they are as readable as the database",
        checks.recipient,
        "",
    )
    trusted_proxies: int = _setting(
        "how many reverse proxies stand in front and set X-Forwarded-*", checks.number(0, 10), 0
    )
    log_level: str = _setting(
        "DEBUG, INFO, WARNING or ERROR", checks.one_of("DEBUG", "INFO", "WARNING", "ERROR"), "INFO"
    )

    @property
    def relay(self) -> MailRelay:
        """The outgoing mail server; nobody's where this process does not send."""
        return MailRelay.from_url(self.mail_url) if self.mail_url else MailRelay("", 0)

    @property
    def inbox(self) -> Inbox | None:
        """The mailbox that incoming mail is fetched from, if there is one."""
        return Inbox.from_url(self.inbox_url) if self.inbox_url else None

    @property
    def is_secure(self) -> bool:
        """Tell whether readers come over HTTPS, so that cookies can be marked Secure."""
        return self.public_url.startswith("https://")

    @classmethod
    def from_env(cls, *, sends: bool = True) -> Settings:
        """Read the environment, and the files that UNDERSIGNED_ENV_FILE names, over which the environment wins.

        Who sends no mail need not know how: what only the worker must have may be missing then.
        Raises SettingsError that names everything missing or wrong at once, without any value.
        """
        environment, problems = _environment()
        values: dict[str, Any] = {}
        for item in fields(cls):
            try:
                given = _given(environment, item.name)
                if given:
                    values[item.name] = _converted(given, item)
                elif item.name in REQUIRED and not sends and item.name in WORKER_ONLY:
                    values[item.name] = ""
                elif item.name in REQUIRED:
                    problems.append(f"{PREFIX}{item.name.upper()} is missing: {item.metadata['help']}.")
            except SettingsError as error:
                problems.append(f"{PREFIX}{item.name.upper()} {error}.")
        problems += _contradictions(values)
        if problems:
            raise SettingsError("\n".join(problems))
        return cls(**values)

    def redacted(self) -> list[tuple[str, str]]:
        """List every setting with its value, secrets hidden."""
        return [(f"{PREFIX}{item.name.upper()}", _shown(item, getattr(self, item.name))) for item in fields(self)]


def unknown_names() -> list[str]:
    """Say, a sentence each, which names look like settings and are none; they may be of another version."""
    names = {f"{PREFIX}{item.name.upper()}" for item in fields(Settings)}
    known = names | {f"{name}_FILE" for name in names} | ELSEWHERE
    found = []
    for name in sorted(set(_environment()[0]) - known):
        near = difflib.get_close_matches(name, known, 1)
        found.append(f"{name} is no setting and is ignored." + (f" Is {near[0]} meant?" if near else ""))
    return found


def _environment() -> tuple[dict[str, str], list[str]]:
    """Return everything that looks like a setting, and what is wrong with the files."""
    own = {name: value for name, value in os.environ.items() if name.startswith(PREFIX)}
    found: dict[str, str] = {}
    problems: list[str] = []
    # As systemd reads several of them: of a name that comes twice, the last value counts.
    for path in filter(None, own.get(ENV_FILE, "").split(":")):
        try:
            file = read_env_file(Path(path).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            problems.append(f"A file that {ENV_FILE} names can't be read ({_reason(error)}): {path}.")
            continue
        problems += [
            f"Line {number} of a file that {ENV_FILE} names is no NAME=value line, so systemd leaves it out: {path}."
            for number in file.left_out
        ]
        found |= {name: value for name, value in file.values.items() if name.startswith(PREFIX)}
    return found | own, problems


def _given(environment: Mapping[str, str], name: str) -> str:
    """Return the text of a setting, nothing where it is not set; raises SettingsError."""
    upper = f"{PREFIX}{name.upper()}"
    text, path = environment.get(upper, ""), environment.get(f"{upper}_FILE", "")
    if text and path:
        raise SettingsError(f"and {upper}_FILE are both set: set one of them")
    if path:
        # UNDERSIGNED_KEY_FILE is itself the setting `key_file`, not a file that holds a setting `key`.
        try:
            text = Path(path).read_text(encoding="utf-8").strip()
        except (OSError, ValueError) as error:
            # The path is not repeated: somebody may have put the secret itself there.
            raise SettingsError(f"can't be read from the file that {upper}_FILE names ({_reason(error)})") from None
    return text


def _converted(text: str, item: Field[Any]) -> Any:
    if item.name != "dkim_key" and re.search(r"[\x00-\x1f\x7f]", text):
        raise SettingsError("has a line break or another control character in it")
    problem = item.metadata["check"](text)
    if problem:
        raise SettingsError(problem)
    if item.type == "bool":
        return text.lower() in checks.YES
    return {"int": int, "Path": Path, "str": str}[str(item.type)](text)


def _contradictions(values: Mapping[str, Any]) -> list[str]:
    """Say, a sentence each, which settings contradict each other; a setting that is wrong by itself is not in here."""
    found = []
    if bool(values.get("dkim_selector")) != bool(values.get("dkim_key")):
        found.append("UNDERSIGNED_DKIM_SELECTOR and UNDERSIGNED_DKIM_KEY(_FILE) belong together: set both or none.")
    if not values.get("demonstration"):
        return found
    for name, words in LOOPBACK_ONLY.items():
        if values.get(name) and host_of(values[name]) not in LOOPBACK_HOSTS:
            found.append(f"UNDERSIGNED_DEMONSTRATION=1 {words}: {PREFIX}{name.upper()} must be loopback.")
    return found


def _shown(item: Field[Any], value: object) -> str:
    if not item.metadata["secret"]:
        return str(value)
    return "(set, hidden)" if value else "(not set)"


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or "it is no text in UTF-8"


REQUIRED = ("database_url", "key_file", "public_url", "mail_url", "mail_from")
WORKER_ONLY = frozenset({"mail_url"})  # the web server seals mails and sends none
LOOPBACK_ONLY = {
    "public_url": "works on this machine only",
    "mail_url": "refuses to mail outside",
    "inbox_url": "fetches no mail from outside",
}
