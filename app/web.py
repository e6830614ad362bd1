"""What every response has in common: security headers, the origin check, error pages, the layout's context."""

from __future__ import annotations

import hashlib
import logging
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Any

from flask import Flask, current_app, has_request_context, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_login import current_user
from sqlalchemy.exc import InternalError
from werkzeug.exceptions import HTTPException, InternalServerError, NotFound, ServiceUnavailable
from werkzeug.wrappers import Response

from app.accounts.sessions import is_at_the_desk
from app.base.blueprints import is_foreign_post_welcome
from app.base.edge import reading
from app.base.errors import Refusal, TooMany
from app.base.failures import DATABASE_FAILS, READ_ONLY, reason_of
from app.base.locales import DEFAULT, direction, file_size, gettext as _, lazy_gettext as _l, listed
from app.base.mended_paths import MendedPaths, elsewhere
from app.base.origins import own_origins
from app.base.parts import parts
from app.base.salvage import SalvagedField, salvaged
from app.campaigns.access import owns_campaigns
from app.serving.shedding import Shedding

SERVICE_NAME = "Undersigned"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# Pages that belong to one person: never stored by a browser or a proxy, never indexed.
PRIVATE_PATHS = ("/desk", "/i/", "/m/", "/c/", "/u/", "/sign-in", "/sign-out", "/password", "/mailbox")
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
UNUSED_POWERS = ("camera", "display-capture", "geolocation", "gyroscope", "microphone", "midi", "payment", "usb")
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    # Not `no-referrer`: browsers would then send `Origin: null` with our own forms.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": ", ".join(f"{power}=()" for power in UNUSED_POWERS),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
KEPT_ERROR_HEADERS = ("Allow", "Retry-After", "WWW-Authenticate")
UNAVAILABLE_SECONDS = 60
ONE_YEAR_SECONDS = 31_536_000

log = logging.getLogger(__name__)

# What happened, and what the person can do now.
EXPLANATIONS: dict[int, tuple[Any, Any]] = {
    400: (_l("We could not read what was sent"), _l("Go back, reload the page and send the form again.")),
    403: (_l("You may not do this"), _l("If you think you should be able to, ask an owner of the campaign.")),
    404: (
        _l("There is nothing here"),
        _l("Links from mails are sometimes cut at the end of a line: copy the whole link. Or it was withdrawn."),
    ),
    405: (_l("This page can’t be used that way"), _l("Go back to the page you came from and use its button.")),
    409: (_l("It has changed in the meantime"), _l("Go back, reload the page and look at what is there now.")),
    410: (_l("This is over"), _l("The link or page was valid once and is not any more.")),
    413: (_l("This is too large"), _l("Make the file or text smaller and send it again. Nothing was saved.")),
    422: (_l("We could not do this"), _l("Go back, correct what is named above and send it again. Nothing was saved.")),
    429: (_l("Too many attempts"), _l("Wait a few minutes, then try again.")),
    500: (
        _l("Something went wrong on our side"),
        _l("Nothing was half done. Try again in a few minutes. If it goes on, write to the people who run this site."),
    ),
    503: (_l("Not possible right now"), _l("Wait a minute, look whether it was done, and try again if it was not.")),
}
FOREIGN_ORIGIN = _l(
    "The form was sent from another site, so nothing was changed. If you meant it, open this site and do it here."
)


@dataclass(frozen=True)
class Link:
    """One entry of a navigation."""

    url: str
    label: str
    is_current: bool = False


@dataclass(frozen=True)
class ErrorPage:
    """What an error page says."""

    status: int
    title: str
    message: str
    advice: str

    @property
    def home_url(self) -> str:
        """Where to go on: organisers to their desk, readers to the first page."""
        return "/desk" if request.path.startswith("/desk/") else "/"


class ForeignOrigin(Refusal):
    """A form was posted from somebody else's page."""

    status = HTTPStatus.FORBIDDEN


class DeskLayout:
    """What the organisers' layout shows of the person at the desk; read only when that layout is rendered."""

    @property
    def home_url(self) -> str:
        """The first page after sign-in."""
        return url_for("dashboards.show_desk")

    @property
    def links(self) -> list[Link]:
        """The house-wide navigation; campaigns bring their own tabs."""
        if not self.signed_in_name:
            return []
        entries = [
            ("dashboards.show_desk", _("Campaigns")),
            ("institutions.list_institutions", _("Institutions")),
            ("accounts.show_account", _("My account")),
        ]
        if current_user.is_administrator:
            entries.insert(2, ("organisers.list_organisers", _("Organisers")))
        if current_user.is_administrator or owns_campaigns(reading()):
            entries.insert(-1, ("confirmations.list_unconfirmed", _("Confirmations")))
        if current_user.is_operator:
            entries.insert(-1, ("queue.show_queue", _("Mail")))
        return [_link(endpoint, label) for endpoint, label in entries]

    @property
    def signed_in_name(self) -> str:
        """The name of the person who is signed in, or nothing."""
        return str(current_user.name) if is_at_the_desk() else ""

    @property
    def sign_out_url(self) -> str:
        """Where the sign-out button posts to."""
        return url_for("accounts.sign_out")


def init_web(app: Flask) -> None:
    """Give an application its headers, origin check, error pages and layout context."""
    # First of all, so that a form from another site is named as such and not as an expired one.
    app.before_request_funcs.setdefault(None, []).insert(0, refuse_foreign_posts)
    app.before_request_funcs[None].insert(0, refuse_nul)
    app.config["CONTENT_SECURITY_POLICY"] = CONTENT_SECURITY_POLICY
    app.after_request(add_headers)
    app.context_processor(layout_context)
    app.add_template_filter(file_size)
    app.add_template_filter(listed)
    app.register_error_handler(Refusal, show_refusal)
    app.register_error_handler(HTTPException, show_http_error)
    for failure in DATABASE_FAILS:
        app.register_error_handler(failure, show_unavailable)
    app.log_exception = log_crash  # type: ignore[method-assign]
    # Every address with a token was mailed.
    mailed = {rule.rule.partition("<token>")[0] for rule in app.url_map.iter_rules() if "<token>" in rule.rule}
    app.wsgi_app = MendedPaths(app.wsgi_app, mailed)  # type: ignore[method-assign]
    busy = partial(show_busy, app)
    app.wsgi_app = Shedding(app.wsgi_app, mailed, busy, HEADERS.items())  # type: ignore[method-assign]


def refuse_nul() -> None:
    """Answer 404 to an address that holds NUL: no page has one, and PostgreSQL fails over it where SQLite shrugs."""
    if "\0" in request.path or any("\0" in value for value in request.args.values()):
        raise NotFound


def refuse_foreign_posts() -> None:
    """Refuse unsafe requests that another site's page makes. The request's own Host says nothing: it may be theirs.

    A view that welcomes them is exempt: RFC 8058's one-click unsubscribe comes from elsewhere.
    """
    if request.method in SAFE_METHODS:
        return
    view = current_app.view_functions.get(request.endpoint or "")
    if is_foreign_post_welcome(view):
        return
    origin = request.headers.get("Origin")
    if (origin is not None and origin.lower() not in own_origins(parts().settings)) or request.headers.get(
        "Sec-Fetch-Site"
    ) == "cross-site":
        raise ForeignOrigin(FOREIGN_ORIGIN)


def add_headers(response: Response) -> Response:
    """Add the security headers; pages that belong to one person are never stored."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if parts().own_origin.startswith("https:"):
        response.headers.setdefault("Strict-Transport-Security", f"max-age={ONE_YEAR_SECONDS}")
    if request.endpoint == "static" and request.args.get("v") == parts().static_version:
        response.headers["Cache-Control"] = f"public, max-age={ONE_YEAR_SECONDS}, immutable"
    if request.path.startswith(PRIVATE_PATHS):
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def layout_context() -> dict[str, object]:
    """Supply what the layouts need. A page may override the language and direction."""
    if not has_request_context():
        return {}  # the worker renders a mail: it has neither page nor address
    language = str(get_locale() or DEFAULT).replace("_", "-")
    return {
        "service_name": SERVICE_NAME,
        "page_language": language,
        "page_direction": direction(language),
        "style_url": _static_url("undersigned.css"),
        "icon_url": _static_url("icon.png"),
        "passkeys_url": _static_url("passkeys.js"),
        "reader_links": [
            _link(endpoint, label)
            for endpoint, label in (("site.show_house", _("Statements")), ("site.verify", _("Verify a text")))
        ],
        # The mailbox exists in a demonstration only, and there every page says what it is.
        "demonstration_url": url_for("mail.list_mails") if parts().settings.demonstration else "",
        "desk": DeskLayout(),
    }


def show_refusal(error: Refusal) -> ResponseReturnValue:
    """Show what the domain refused, in its own words."""
    status = int(error.status)
    if status == HTTPStatus.NOT_FOUND and (mended := elsewhere(request.method, request.path)):
        return redirect(mended)
    title, advice = EXPLANATIONS.get(status, EXPLANATIONS[422])
    # A refusal says itself what to do; only a missing page needs the general advice.
    advice = str(advice) if status == HTTPStatus.NOT_FOUND else ""
    # What another site's page put into a form is nobody's words here.
    typed = [] if isinstance(error, ForeignOrigin) else salvaged()
    response = current_app.make_response(
        _answer(ErrorPage(status, str(title), error.message, advice), error.field, typed)
    )
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.wait_seconds)
    return response


def show_http_error(error: HTTPException) -> ResponseReturnValue:
    """Show what the framework refused; redirects pass through."""
    if error.response is not None or error.code is None or error.code < HTTPStatus.BAD_REQUEST:
        return error
    if error.code == HTTPStatus.NOT_FOUND and (mended := elsewhere(request.method, request.path)):
        return redirect(mended)
    otherwise = 400 if error.code < HTTPStatus.INTERNAL_SERVER_ERROR else 500
    title, advice = EXPLANATIONS.get(error.code, EXPLANATIONS[otherwise])
    response = current_app.make_response(_answer(ErrorPage(error.code, str(title), str(advice), ""), typed=salvaged()))
    response.headers.update(pair for pair in error.get_headers() if pair[0] in KEPT_ERROR_HEADERS)
    return response


def show_unavailable(error: Exception) -> ResponseReturnValue:
    """Say that the database is locked, full, read-only or away, which passes; to the log it is a crash."""
    current_app.log_exception((type(error), error, error.__traceback__))  # type: ignore[arg-type]
    if isinstance(error, InternalError) and reason_of(error) not in READ_ONLY:
        return show_http_error(InternalServerError())
    return show_http_error(ServiceUnavailable(retry_after=UNAVAILABLE_SECONDS))


@cache
def show_busy(app: Flask) -> bytes:
    """Return the page for those who are sent away where too many come, for whom nothing is looked up."""
    with app.test_request_context():
        return render_template("_layout/busy.html").encode()


def log_crash(
    exc_info: tuple[type, BaseException, TracebackType] | tuple[None, None, None],
) -> None:
    """Log where a request failed, but neither its path nor the error's message: both can hold names or tokens."""
    kind, _error, trace = exc_info
    frames = traceback.extract_tb(trace)
    where = "; ".join(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames)
    log.error("request failed: %s %s: %s at %s", request.method, request.endpoint, kind.__name__ if kind else "", where)


def _answer(page: ErrorPage, field: str | None = None, typed: Sequence[SalvagedField] = ()) -> ResponseReturnValue:
    if request.path.startswith("/api/"):
        problem = {"type": "about:blank", "title": page.title, "status": page.status, "detail": page.message}
        response = jsonify(problem | ({"field": field} if field else {}))
        response.content_type = "application/problem+json"
        return response, page.status
    return render_template("_layout/error.html", page=page, typed=typed), page.status


def _link(endpoint: str, label: str) -> Link:
    return Link(url_for(endpoint), label, request.endpoint == endpoint)


def _static_url(filename: str) -> str:
    return url_for("static", filename=filename, v=parts().static_version)


def static_version(app: Flask) -> str:
    """Return a mark of the static files' content, so that browsers may keep them for a year."""
    digest = hashlib.sha256()
    for path in sorted(Path(app.static_folder or "").iterdir()):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:10]
