"""The one door: nobody reaches /desk or /api without having signed in, nor others' pages."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import current_app, jsonify, redirect, request, url_for
from flask.sansio.app import App
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.accounts.keeping import keep_what_was_typed
from app.accounts.sessions import is_at_the_desk
from app.accounts.states import NotAnAdministrator, NotAnOperator
from app.base.blueprints import Pages, is_proof_asked
from app.base.edge import SEE_OTHER, act_as
from app.base.locales import gettext as _, use_language
from app.base.salvage import nearest_page

DESK = "/desk"
API = "/api"


def init_guard(app: App) -> None:
    """Put the door before every other hook, so that people without a session are told so, not that a form expired."""
    app.before_request_funcs.setdefault(None, []).insert(0, require_sign_in)


def require_sign_in() -> ResponseReturnValue | None:
    """Send anonymous visitors of the desk to sign in, and answer 401 under /api; speak the organiser's language.

    Pages for operators, and those for administrators, let nobody else in: raises NotAnOperator, NotAnAdministrator.
    Views that ask for proof are open to those who have shown in the last minutes that it is still them; others are
    asked first, and led back.
    """
    if not _is_guarded(request.path):
        return None
    if is_at_the_desk():
        use_language(current_user.language)
    is_proof_wanted = is_proof_asked(current_app.view_functions.get(request.endpoint or ""))
    if _is_under(request.path, DESK) and request.method == "POST":
        answer = keep_what_was_typed(is_proof_wanted=is_proof_wanted)
        if answer is not None:
            return answer
    if is_at_the_desk():
        act_as(current_user.public_id)
        pages = [found for name in request.blueprints if isinstance(found := current_app.blueprints[name], Pages)]
        if any(each.is_for_operators for each in pages) and not current_user.is_operator:
            raise NotAnOperator
        if any(each.is_for_administrators for each in pages) and not current_user.is_administrator:
            raise NotAnAdministrator
        if is_proof_wanted and not current_user.is_proven:
            return redirect(url_for("proofs.show_confirmation", next=_wanted()), SEE_OTHER)
        return None
    if _is_under(request.path, API):
        problem = {"type": "about:blank", "title": _("Sign in first."), "status": 401}
        response = jsonify(problem)
        response.content_type = "application/problem+json"
        response.headers["WWW-Authenticate"] = 'Bearer realm="undersigned"'
        return response, 401
    door = "proofs.show_code" if current_user.is_authenticated else "accounts.show_sign_in"
    return redirect(url_for(door, next=_wanted() or None), SEE_OTHER)


def local_path(wanted: str | None) -> str:
    """Return where to go after sign-in: the wanted page if it is one of the desk, otherwise the desk's first page."""
    if not wanted or "\\" in wanted or any(ord(character) <= 0x20 or ord(character) == 0x7F for character in wanted):
        return DESK
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return DESK
    is_local = not parts.scheme and not parts.netloc and _is_under(parts.path, DESK) and ".." not in parts.path
    return wanted if is_local else DESK


def page_of_download(path: str) -> str:
    """Return the page from which a file is downloaded, or nothing where a path leads to a page."""
    folder, _slash, last = urlsplit(path).path.rpartition("/")
    return folder if "." in last else ""


def _is_guarded(path: str) -> bool:
    # Signing out twice, or after the session ended, is no error: there is nothing left to end.
    return _is_under(path, DESK) or _is_under(path, API)


def _is_under(path: str, root: str) -> bool:
    return path == root or path.startswith(root + "/")


def _wanted() -> str:
    """Return the address to come back to: what was asked for, if it is a page that can be looked at."""
    if request.method in {"GET", "HEAD"}:
        return request.full_path.rstrip("?")
    return nearest_page()
