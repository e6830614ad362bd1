"""A form that came too late is shown again with what was typed in it; nothing is done until it is sent once more.

The session ended, or the form's mark lapsed, while somebody was writing. Their words must not be lost, and must not be
taken as a decision either: a second look runs the page as if its input had been refused. Every form then reports itself
as not valid, so the page shows it filled in, and no transaction can be opened, so a button does nothing at all.

While its writer signs in, what was typed travels in the sign-in page itself, sealed and bound to its address: nothing
is stored, nothing is logged, and nobody but its writer gets it back. Passwords and codes are never carried.
"""

from __future__ import annotations

import base64
import json
import re
import zlib
from dataclasses import dataclass
from http import HTTPStatus

from flask import Flask, current_app, g, has_app_context, request
from flask_wtf import CSRFProtect
from flask_wtf.csrf import CSRFError
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy.orm import Session
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.wrappers import Response

from app.base.form_tokens import FormBroken
from app.base.locales import lazy_gettext as _l
from app.base.sealing import Place, SealBroken, vault_of

CARRIED = "kept"  # the sealed field of the sign-in form
WRITER = "typed_by"  # the field by which a form tells whom it was shown to
MARK = "csrf_token"
# What may travel in a page: with what else stands in the form it must stay below the largest form that is read.
MOST_CARRIED_CHARACTERS = 1_500_000
LARGEST_UNPACKED_BYTES = 4_000_000
PAD_BYTES = 1024
# A secret is typed anew. Every password field's name is tested against this.
SECRET_NAME = re.compile(r"password|passcode|passphrase|secret|otp|one_time|recovery|second_factor|(?:^|_)code$")
SIGNED_IN_AGAIN = _l(
    "You were signed out while you were writing, so nothing has been saved or sent yet. Look it over and send it again."
)
PROVEN_AGAIN = _l(
    "You have shown that it is you. Nothing has been saved or sent yet: look it over and send it within five minutes."
)
MARK_LAPSED = _l(
    "Nothing has been saved or sent yet: this page was opened before you last signed in, or cookies are blocked here. "
    "Look it over and send it again."
)


class SecondLook(Exception):
    """A page wanted to act in a request that may only look."""


@dataclass(frozen=True)
class Typed:
    """What a form was sent with, without its marks and secrets; `writer` is an organiser's public id, where known."""

    fields: tuple[tuple[str, str], ...]
    had_file: bool = False
    writer: str = ""


def typed_now() -> Typed:
    """Return what this request's form was sent with."""
    fields = tuple((name, value) for name, value in request.form.items(multi=True) if is_carried(name))
    had_file = any(upload.filename for upload in request.files.values())
    return Typed(fields, had_file, _writer_of(request.form.get(WRITER, "")))


def carried(session: Session, typed: Typed) -> str:
    """Seal what was typed for the way through the sign-in page; nothing where it is too long for that."""
    document = {"fields": typed.fields, "had_file": typed.had_file, "writer": typed.writer}
    packed = zlib.compress(json.dumps(document, ensure_ascii=False).encode())
    sealed = base64.urlsafe_b64encode(vault_of(session).seal(_place(), packed, PAD_BYTES)).decode()
    return sealed if len(sealed) <= MOST_CARRIED_CHARACTERS else ""


def brought_back(session: Session, sealed: str) -> Typed:
    """Open what `carried` sealed at this address; raises FormBroken for anything else."""
    try:
        envelope = base64.urlsafe_b64decode(sealed)
        (packed,) = vault_of(session).open([(_place(), envelope)], "what was typed, for its writer")
        document = json.loads(zlib.decompressobj().decompress(packed, LARGEST_UNPACKED_BYTES))
    except (ValueError, SealBroken, zlib.error) as error:
        raise FormBroken from error
    return Typed(tuple((name, value) for name, value in document["fields"]), document["had_file"], document["writer"])


def look_again(why: object, typed: Typed | None = None) -> None:
    """Let the rest of this request only look; with `typed`, as if the form had just been sent with it."""
    if typed is not None:
        request.form = ImmutableMultiDict(typed.fields)
        request.files = ImmutableMultiDict()
        g.writer_is_unknown = not typed.writer
    g.second_look = why


def is_second_look() -> bool:
    """Tell whether this request may only look."""
    return has_app_context() and "second_look" in g


def why_second_look() -> str:
    """Return the sentence for the top of the page; nothing in every other request."""
    return str(g.second_look) if is_second_look() else ""


def has_lapsed() -> bool:
    """Tell whether the form's mark (CSRF) is missing, of another session, or of none."""
    if not current_app.config["WTF_CSRF_ENABLED"]:
        return False
    csrf: CSRFProtect = current_app.extensions["csrf"]
    try:
        csrf.protect(apply_exemptions=True)
    except CSRFError:
        return True
    return False


def init_second_look(app: Flask) -> None:
    """Take the check of a form's mark over from Flask-WTF: what it would refuse is shown again instead."""
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    app.before_request(_check_mark)
    app.after_request(_say_that_nothing_was_done)
    app.add_template_global(_writer_mark, "writer_mark")
    app.add_template_global(why_second_look)


def _check_mark() -> None:
    if not is_second_look() and has_lapsed():
        look_again(MARK_LAPSED)


def _say_that_nothing_was_done(response: Response) -> Response:
    """Let no program take a page that was only looked at for a form that was taken."""
    if is_second_look() and response.status_code == HTTPStatus.OK:
        response.status_code = HTTPStatus.UNPROCESSABLE_ENTITY
    return response


def is_carried(name: str) -> bool:
    """Tell whether a field may be shown again: no mark, no password, no code."""
    return name not in (CARRIED, WRITER, MARK) and SECRET_NAME.search(name) is None


def _place() -> Place:
    return Place("forms", "typed", request.path)


def _writer_mark() -> str:
    """Return the mark of the person a form is shown to; nothing on pages without an account."""
    return str(_marks().dumps(g.actor)) if "actor" in g else ""


def _writer_of(mark: str) -> str:
    try:
        return str(_marks().loads(mark)) if mark else ""
    except BadSignature:
        return ""


def _marks() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="who a form is shown to")
