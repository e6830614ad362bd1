"""The service. `create_app` is the only place where the parts are joined."""

from __future__ import annotations

import base64
import importlib
import pkgutil
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from flask import Flask
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from app.accounts.queries import names_of
from app.accounts.sessions import init_sessions
from app.background.calendar import Calendar
from app.base.blueprints import Pages, Route
from app.base.database import Database
from app.base.edge import init_edge
from app.base.errors import SettingsError
from app.base.keys import Keys
from app.base.links import Links
from app.base.locales import init_locales
from app.base.moments import init_moments
from app.base.origins import origin_of
from app.base.parts import Parts, join_parts, parts_of
from app.base.ports import Ports
from app.base.salvage import init_salvage
from app.base.sealing import Vault
from app.base.second_look import init_second_look
from app.base.signposts import Signposts
from app.base.worker_seals import worker_seal
from app.counts.queries import stand_behind
from app.deliveries.appearances import appearance_delivered
from app.health import init_health
from app.mail.composing import Sender
from app.mail.merging import Skeletons
from app.mail.registry import Registry
from app.mail.signing import Signer, WrongSigningKey
from app.site.front import Front
from app.site.kept import KeptPages
from app.smtp.connection import init_connection
from app.web import init_web, static_version

if TYPE_CHECKING:  # config stands on app.base, so the factory may know its type only
    from config import Settings

STAGES = (
    "background", "smtp", "mail", "mail.sending", "inbox", "accounts.factors", "accounts", "mailroom", "institutions",
    "campaigns", "exports", "statements", "directory", "imports", "registers", "invitations", "signatures", "counts",
    "appeals", "deliveries", "replies", "updates", "dashboards", "site",
)  # fmt: skip
LARGEST_REQUEST_BYTES = 52_000_000  # a list of 50 MB and the form around it, as the proxies in deploy/ let in
LARGEST_FORM_BYTES = 2 * 1024 * 1024


def create_app(settings: Settings) -> Flask:
    """Join the parts into an application: keys, database, mail, every stage's pages and kinds of mail."""
    app = Flask(__name__, template_folder="../templates", static_folder="static")
    app.url_rule_class = Route
    keys = Keys.from_file(settings.key_file)
    _configure(app, settings, keys)
    sender = Sender(settings.mail_from_name, settings.mail_from)
    signer = _signer(settings, sender)
    database = Database(settings.database_url, _ports(settings, keys, sender, signer))
    join_parts(
        app,
        Parts(
            settings=settings,
            database=database,
            own_origin=origin_of(settings.public_url),
            static_version=static_version(app),
            actor_names=names_of,
            signposts=Signposts(),
            calendar=Calendar(),
            outgoing_mail=init_connection(app, settings.relay),
            mail_kinds=Registry(),
            sender=sender,
            signer=signer,
            skeletons=Skeletons(),
            kept_pages=KeptPages(database),
        ),
    )
    init_edge(app)
    init_locales(app)
    init_moments(app)
    init_sessions(app)
    csrf = CSRFProtect(app)
    init_second_look(app)
    init_salvage(app)
    for stage in STAGES:
        _join(app, stage, csrf)
    init_health(app)
    init_web(app)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    app.wsgi_app = Front(app.wsgi_app, lambda: parts_of(app).kept_pages)  # type: ignore[method-assign]
    return app


def load_models() -> None:
    """Import every table, so that the metadata that migrations and tests compare is complete."""
    for part in ("throttles", "key_proofs"):
        importlib.import_module(f"app.base.{part}")
    for stage in ("audit", *STAGES):
        if "models" in _parts_of(stage):
            _part(stage, "models")


def _configure(app: Flask, settings: Settings, keys: Keys) -> None:
    cookie_key, *older_keys = (base64.b64encode(key).decode() for key in keys.derive_each("cookies 1"))
    app.config.update(
        SECRET_KEY=cookie_key,
        SECRET_KEY_FALLBACKS=older_keys,
        SESSION_COOKIE_NAME="__Host-undersigned" if settings.is_secure else "undersigned",
        SESSION_COOKIE_SECURE=settings.is_secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(hours=12),
        SESSION_REFRESH_EACH_REQUEST=False,
        MAX_CONTENT_LENGTH=LARGEST_REQUEST_BYTES,
        MAX_FORM_MEMORY_SIZE=LARGEST_FORM_BYTES,
        # The session bounds a token's life; the origin is checked by app.web, which also works without Referer.
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
    )


def _signer(settings: Settings, sender: Sender) -> Signer | None:
    """Return what signs mails, or None where the mail server does; raises SettingsError for a key of no use."""
    if not settings.dkim_selector:
        return None
    try:
        return Signer(sender.domain, settings.dkim_selector, settings.dkim_key)
    except WrongSigningKey as error:
        raise SettingsError(f"UNDERSIGNED_DKIM_SELECTOR, UNDERSIGNED_DKIM_KEY: {error}.") from error


def _ports(settings: Settings, keys: Keys, sender: Sender, signer: Signer | None) -> Ports:
    return Ports(
        vault=Vault(keys, worker_seal(str(settings.worker_key_file or ""), settings.worker_public_key)),
        links=Links(keys, settings.public_url),
        mail_domain=sender.domain,
        mail_from=sender.address,
        mail_from_name=sender.name,
        return_path=settings.return_path,
        reply_address=settings.reply_address,
        witness_address=settings.witness_address,
        one_person=settings.one_person,
        approver_waiting_days=settings.approver_waiting_days,
        password_alone=settings.password_alone,
        demonstration=settings.demonstration,
        signer=signer,
        delivered_appearance=appearance_delivered,
        stand_behind=stand_behind,
    )


def _join(app: Flask, stage: str, csrf: CSRFProtect) -> None:
    """Register a stage's pages, kinds of mail and jobs."""
    for blueprint in _blueprints(stage):
        if blueprint.is_demonstration_only and not parts_of(app).settings.demonstration:
            continue
        app.register_blueprint(blueprint)
        if blueprint.is_stateless:
            csrf.exempt(blueprint)
    for edge in _edges(stage):
        parts_of(app).signposts.register(getattr(_part(stage, edge), "SIGNPOSTS", ()))
    if "emails" in _parts_of(stage):
        emails = _part(stage, "emails")
        parts_of(app).mail_kinds.register(emails.KINDS)
        for seeker in getattr(emails, "ANSWER_SEEKERS", ()):
            parts_of(app).mail_kinds.register_seeker(seeker)
    if "jobs" in _parts_of(stage):
        parts_of(app).calendar.register(_part(stage, "jobs").JOBS)


def _edges(stage: str) -> list[str]:
    """Return the names of a stage's modules that face people or programs."""
    return [name for name in _parts_of(stage) if name in {"pages", "api", "desk"} or name.endswith("_pages")]


def _blueprints(stage: str) -> list[Pages]:
    """Return the blueprints that a stage's edges define, each once, in a stable order."""
    found = [value for name in _edges(stage) for value in vars(_part(stage, name)).values() if isinstance(value, Pages)]
    return list(dict.fromkeys(found))


def _parts_of(stage: str) -> list[str]:
    package = importlib.import_module(f"app.{stage}")
    return sorted(module.name for module in pkgutil.iter_modules(package.__path__))


def _part(stage: str, name: str) -> Any:
    return importlib.import_module(f"app.{stage}.{name}")
