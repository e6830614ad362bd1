"""What was typed into a form that can't be taken: shown on the page that says so, to be copied."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import Flask, current_app, g, has_app_context, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.sansio.multipart import Data, Field, MultipartDecoder, Preamble

from app.base.second_look import SecondLook, Typed, is_carried, typed_now

# Of a form that is too large, as much is read as the fields before its file take.
HEAD_BYTES = 256 * 1024
MOST_SHOWN = 60
# What a form holds beside people's words: ids, hashes, numbers, ticks, the names of choices.
_MACHINE_WORD = re.compile(r"[a-z0-9_\-:.]{0,14}|[a-z0-9]{20}|[0-9a-f]{64}|[\w\-.]{60,}", re.ASCII)
_WRITTEN = frozenset({"DateField", "DecimalField", "IntegerField", "StringField", "TextAreaField", "TimeField"})


@dataclass(frozen=True)
class SalvagedField:
    """One field of a form: `label` is what the form calls it, nothing where it holds no words of a person."""

    name: str
    value: str
    label: str

    @property
    def rows(self) -> int:
        """How tall it is shown."""
        return min(3 + len(self.value) // 60, 14) if len(self.value) > 60 or "\n" in self.value else 1


def note_form(form: Any) -> None:
    """Remember a form of this request, for what its fields are called."""
    if has_app_context():
        g.setdefault("forms", []).append(form)


def salvaged() -> list[SalvagedField]:
    """Return the words that this request brought, in the order of its form; nothing where they may not be shown."""
    if request.method != "POST" or g.get("writer_is_unknown"):
        return []
    return [field for field in _fields(_typed()) if field.label][:MOST_SHOWN]


def words_of(typed: Typed) -> list[SalvagedField]:
    """Return the words among what was typed."""
    return [field for field in _fields(typed.fields) if field.label][:MOST_SHOWN]


def nearest_page() -> str:
    """Return the address of the page that a form stands on, or of the nearest one above it; nothing above the root."""
    path, routes = request.path, current_app.url_map.bind("")
    while path:
        try:
            routes.match(path, method="GET")
        except HTTPException:
            path = path.rpartition("/")[0]
        else:
            return path
    return ""


def init_salvage(app: Flask) -> None:
    """Answer pages that wanted to act, where only looking was allowed, with the way back to where they stand."""
    app.register_error_handler(SecondLook, _show_again)


def _show_again(_error: SecondLook) -> ResponseReturnValue:
    # Never a button that sends it again: what it would do stands only on the page that it was pressed on.
    page = render_template("_layout/look_again.html", typed=salvaged(), back_url=nearest_page() or "/")
    return page, HTTPStatus.UNPROCESSABLE_ENTITY


def _typed() -> Iterable[tuple[str, str]]:
    try:
        return typed_now().fields
    except RequestEntityTooLarge:
        return [(name, value) for name, value in _read_head() if is_carried(name)]


def _fields(typed: Iterable[tuple[str, str]]) -> Iterator[SalvagedField]:
    known = dict(_known_fields())
    for name, value in typed:
        yield SalvagedField(name, value, _label(name, value, known.get(name)))


def _label(name: str, value: str, field: Any) -> str:
    """Return what a field is called; nothing for what nobody wrote: choices, ticks, marks."""
    if not value.strip():
        return ""
    if field is not None:
        is_written = any(kind.__name__ in _WRITTEN for kind in type(field).__mro__)
        return str(field.label.text) if is_written and not _is_hidden(field) else ""
    if _MACHINE_WORD.fullmatch(value):
        return ""
    words, _dash, number = name.rpartition("-")
    place = f" {int(number) + 1}" if words and number.isdecimal() else ""  # people count from one
    return re.sub(r"[\W_]+", " ", words if place else name).strip().capitalize() + place


def _is_hidden(field: Any) -> bool:
    return any(kind.__name__ == "HiddenField" for kind in type(field).__mro__)


def _known_fields() -> Iterator[tuple[str, Any]]:
    for form in g.get("forms", []):
        for field in form:
            yield from ((entry.name, entry) for entry in getattr(field, "entries", ()))
            yield field.name, field


def _read_head() -> Iterator[tuple[str, str]]:
    """Read the fields that stand before the file in a form too large to be read."""
    boundary = request.mimetype_params.get("boundary", "").encode("latin-1")
    head = request.environ["wsgi.input"].read(HEAD_BYTES) if boundary else b""
    decoder = MultipartDecoder(boundary, max_form_memory_size=HEAD_BYTES)
    decoder.receive_data(head)
    name, value = "", b""
    while isinstance(event := decoder.next_event(), (Preamble, Field, Data)):
        if isinstance(event, Field):
            name, value = event.name, b""
        elif isinstance(event, Data):
            value += event.data
            if not event.more_data:
                yield name, value.decode(errors="replace")
