"""Read every setting from the environment once, typed, named and explained."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from pathlib import Path
from urllib.parse import unquote, urlsplit

from environs import Env, EnvError

PREFIX = "UNDERSIGNED_"
# 64 octets (RFC 5321 §4.5.3.1.1) less the 47 of a signed mark, plus the two of the {} that it replaces.
LONGEST_LOCAL_PART = 64 - 47 + 2
LOOPBACK_HOSTS = frozenset({"127.0.0.1", "::1", "localhost"})


class SettingsError(Exception):
    """One or more settings are missing or wrong; the message has a line for each."""


@dataclass(frozen=True)
class MailRelay:
    """Where outgoing mail is handed over: host, port, credentials and the kind of encryption."""

    host: str
    port: int
    username: str | None = None
    password: str | None = None
    implicit_tls: bool = False
    start_tls: bool = False

    @property
    def is_loopback(self) -> bool:
        """Tell whether the relay stands on this machine."""
        return self.host in LOOPBACK_HOSTS

    @classmethod
    def from_url(cls, url: str) -> MailRelay:
        """Read `smtp://user:pass@host:port` or `smtps://…`.

        Plain `smtp://` demands STARTTLS unless the relay is on this machine. Raises ValueError.
        """
        parts = urlsplit(url)
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
            raise ValueError("it must look like smtp://user:password@host:587 or smtps://user:password@host:465")
        implicit = parts.scheme == "smtps"
        return cls(
            host=parts.hostname,
            port=parts.port or (465 if implicit else 587),
            username=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            implicit_tls=implicit,
            start_tls=not implicit and parts.hostname not in LOOPBACK_HOSTS,
        )


@dataclass(frozen=True)
class Inbox:
    """Where incoming mail is fetched from, over verified TLS unless it stands on this machine."""

    host: str
    port: int
    username: str
    password: str
    folder: str = "INBOX"
    start_tls: bool = False
    implicit_tls: bool = True

    @property
    def is_loopback(self) -> bool:
        """Tell whether the mailbox stands on this machine."""
        return self.host in LOOPBACK_HOSTS

    @classmethod
    def from_url(cls, url: str) -> Inbox:
        """Read `imaps://user:pass@host[:993][/folder]` or `imap://…`, which demands STARTTLS. Raises ValueError."""
        parts = urlsplit(url)
        if parts.scheme not in {"imap", "imaps"} or not parts.hostname or not parts.username or not parts.password:
            raise ValueError("it must look like imaps://user:password@host:993/INBOX")
        implicit = parts.scheme == "imaps"
        return cls(
            host=parts.hostname,
            port=parts.port or (993 if implicit else 143),
            username=unquote(parts.username),
            password=unquote(parts.password),
            folder=unquote(parts.path.strip("/")) or "INBOX",
            start_tls=not implicit and parts.hostname not in LOOPBACK_HOSTS,
            implicit_tls=implicit,
        )


def _explained(help_text: str, *, secret: bool = False) -> dict[str, object]:
    return {"help": help_text, "secret": secret}


@dataclass(frozen=True)
class Settings:
    """What is in force. Each field is read from UNDERSIGNED_<NAME>, or from the file in UNDERSIGNED_<NAME>_FILE."""

    database_url: str = field(
        metadata=_explained("sqlite:////path/undersigned.db or postgresql://user:pass@host/name", secret=True)
    )
    key_file: Path = field(
        metadata=_explained("file with the 32-byte key that opens everything sealed; lost means lost")
    )
    public_url: str = field(metadata=_explained("the address readers use, such as https://appeals.example.org"))
    mail_url: str = field(metadata=_explained("smtp://user:pass@host:587 or smtps://user:pass@host:465", secret=True))
    mail_from: str = field(
        metadata=_explained("the address that mails come from; replies go to a person's own address")
    )
    mail_from_name: str = field(default="Undersigned", metadata=_explained("the name beside that address"))
    return_path: str = field(
        default="",
        metadata=_explained(
            "where bounces go, such as bounces+{}@example.org; {} becomes a signed mark of the mail; empty: MAIL_FROM"
        ),
    )
    reply_address: str = field(
        default="",
        metadata=_explained(
            "where institutions' replies go, such as replies+{}@example.org; empty: to the statement's contact"
        ),
    )
    witness_address: str = field(
        default="",
        metadata=_explained("an archive mailbox of your own that gets a copy of each official mail, as proof"),
    )
    mail_senders: int = field(default=1, metadata=_explained("how many processes of one worker send at once"))
    mail_connections: int = field(
        default=4, metadata=_explained("how many connections to the mail server may be open at once, over all workers")
    )
    mail_per_minute: int = field(
        default=0, metadata=_explained("how many mails a minute the mail server may be given; 0: as many as it takes")
    )
    domain_connections: int = field(
        default=2, metadata=_explained("how many senders may write to one recipient domain at once")
    )
    domain_per_minute: int = field(
        default=600, metadata=_explained("how many mails to many a minute one recipient domain may get; 0: no limit")
    )
    dkim_selector: str = field(
        default="", metadata=_explained("the DKIM selector under MAIL_FROM's domain, if mails are signed here")
    )
    dkim_key: str = field(
        default="", metadata=_explained("the private key (PEM) that belongs to the selector", secret=True)
    )
    relay_log: str = field(
        default="", metadata=_explained("the mail server's log, if it is readable here: proof of what became of mails")
    )
    inbox_url: str = field(
        default="",
        metadata=_explained(
            "imaps://user:pass@host/INBOX: where bounces and replies arrive; empty: nothing is fetched", secret=True
        ),
    )
    demonstration: bool = field(
        default=False,
        metadata=_explained("1 shows the demonstration and its mailbox; loopback only, never in production"),
    )
    one_person: bool = field(
        default=False,
        metadata=_explained(
            "1 declares a one-person organisation: appeals may be released by one; audit and dossier say so"
        ),
    )
    state_directory: Path = field(
        default=Path("var"), metadata=_explained("where backups and the demonstration's mailbox live")
    )
    trusted_proxies: int = field(
        default=0, metadata=_explained("how many reverse proxies stand in front and set X-Forwarded-*")
    )
    log_level: str = field(default="INFO", metadata=_explained("DEBUG, INFO, WARNING or ERROR"))

    @property
    def relay(self) -> MailRelay:
        """The outgoing mail server."""
        return MailRelay.from_url(self.mail_url)

    @property
    def inbox(self) -> Inbox | None:
        """The mailbox that incoming mail is fetched from, if there is one."""
        return Inbox.from_url(self.inbox_url) if self.inbox_url else None

    @property
    def is_secure(self) -> bool:
        """Tell whether readers come over HTTPS, so that cookies can be marked Secure."""
        return self.public_url.startswith("https://")

    @classmethod
    def from_env(cls) -> Settings:
        """Read the environment; raise SettingsError that names everything missing or wrong at once."""
        env = Env(prefix=PREFIX)
        problems: list[str] = []
        values: dict[str, object] = {}
        for item in fields(cls):
            _read_one(env, item.name, str(item.type), item.metadata["help"], values, problems)
        if not problems:
            settings = cls(**values)  # type: ignore[arg-type]
            problems = settings.problems()
            if not problems:
                return settings
        raise SettingsError("\n".join(problems))

    def problems(self) -> list[str]:
        """Say, a sentence each, what contradicts itself."""
        found = []
        public = urlsplit(self.public_url)
        if public.scheme not in {"http", "https"} or not public.hostname or public.path not in {"", "/"}:
            found.append("UNDERSIGNED_PUBLIC_URL must be http(s)://host[:port] without a path.")
        try:
            relay: MailRelay | None = self.relay
        except ValueError as error:
            relay = None
            found.append(f"UNDERSIGNED_MAIL_URL: {error}.")
        if "@" not in self.mail_from:
            found.append("UNDERSIGNED_MAIL_FROM must be an e-mail address.")
        if not self.database_url.startswith(("sqlite:", "postgresql:", "postgresql+psycopg:")):
            found.append("UNDERSIGNED_DATABASE_URL must begin with sqlite: or postgresql:.")
        if self.log_level not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
            found.append("UNDERSIGNED_LOG_LEVEL must be DEBUG, INFO, WARNING or ERROR.")
        found.extend(self._mail_problems())
        if self.demonstration:
            found.extend(self._demonstration_problems(public.hostname or "", relay))
        return found

    def _mail_problems(self) -> list[str]:
        found = []
        for name, pattern in (("RETURN_PATH", self.return_path), ("REPLY_ADDRESS", self.reply_address)):
            local, _at, domain = pattern.partition("@")
            if pattern and (not domain or local.count("{}") != 1 or "{}" in domain or len(local) > LONGEST_LOCAL_PART):
                found.append(
                    f"UNDERSIGNED_{name} must be an address with one {{}} before the @, such as in+{{}}@example.org, "
                    f"and at most {LONGEST_LOCAL_PART - 2} other characters there."
                )
        if self.witness_address and "@" not in self.witness_address:
            found.append("UNDERSIGNED_WITNESS_ADDRESS must be an e-mail address.")
        if bool(self.dkim_selector) != bool(self.dkim_key):
            found.append("UNDERSIGNED_DKIM_SELECTOR and UNDERSIGNED_DKIM_KEY(_FILE) belong together: set both or none.")
        for name in ("mail_senders", "mail_connections", "domain_connections"):
            if getattr(self, name) < 1:
                found.append(f"UNDERSIGNED_{name.upper()} must be 1 or more.")
        for name in ("mail_per_minute", "domain_per_minute"):
            if getattr(self, name) < 0:
                found.append(f"UNDERSIGNED_{name.upper()} must be 0 or more.")
        try:
            _inbox = self.inbox
        except ValueError as error:
            found.append(f"UNDERSIGNED_INBOX_URL: {error}.")
        return found

    def _demonstration_problems(self, public_host: str, relay: MailRelay | None) -> list[str]:
        found = []
        if public_host not in LOOPBACK_HOSTS:
            found.append(
                "UNDERSIGNED_DEMONSTRATION=1 works on this machine only: UNDERSIGNED_PUBLIC_URL must be loopback."
            )
        if relay is not None and not relay.is_loopback:
            found.append("UNDERSIGNED_DEMONSTRATION=1 refuses to mail outside: UNDERSIGNED_MAIL_URL must be loopback.")
        if self.inbox_url.startswith("imap") and urlsplit(self.inbox_url).hostname not in LOOPBACK_HOSTS:
            found.append(
                "UNDERSIGNED_DEMONSTRATION=1 fetches no mail from outside: UNDERSIGNED_INBOX_URL must be loopback."
            )
        return found

    def redacted(self) -> list[tuple[str, str]]:
        """List every setting with its value, secrets hidden."""
        return [
            (
                f"{PREFIX}{item.name.upper()}",
                "(set, hidden)" if item.metadata["secret"] else str(getattr(self, item.name)),
            )
            for item in fields(self)
        ]


def _read_one(env: Env, name: str, kind: str, help_text: str, values: dict[str, object], problems: list[str]) -> None:
    """Read one setting into `values`, or a sentence on what is wrong into `problems`."""
    upper = name.upper()
    try:
        from_file = env.str(f"{upper}_FILE", None)
        # UNDERSIGNED_KEY_FILE is itself the setting `key_file`, not a file that holds a setting `key`.
        raw = Path(from_file).read_text().strip() if from_file else env.str(upper, None)
        if raw is None or raw == "":
            if name in REQUIRED:
                problems.append(f"{PREFIX}{upper} is missing: {help_text}.")
            return
        values[name] = _converted(raw, kind)
    except (EnvError, OSError, ValueError) as error:
        problems.append(f"{PREFIX}{upper} can't be read ({error}): {help_text}.")


def _converted(raw: str, kind: str) -> object:
    if kind == "bool":
        if raw.lower() in {"1", "true", "yes", "on"}:
            return True
        if raw.lower() in {"0", "false", "no", "off"}:
            return False
        raise ValueError("use 1 or 0")
    if kind == "int":
        return int(raw)
    if kind == "Path":
        return Path(raw)
    return raw


REQUIRED = ("database_url", "key_file", "public_url", "mail_url", "mail_from")
