"""Put numbers in the place of characters that no face has, and say where: nobody's name may stop everybody's appeal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.appeals.manuscripts import breakable
from app.base.glyphs import described, unprintable, with_stand_ins
from app.base.locales import lazy_gettext as _l
from app.base.sealing import Place, open_one, seal

# What no reader sees: where links lead, how the document is described to machines, and what the typesetter is told.
_UNSEEN = frozenset({"href", "authors", "description", "plain_title", "lang", "region", "script", "direction", "mends"})
PLACES = {
    "title": _l("Title"),
    "convenors": _l("Convenor"),
    "letterhead": _l("Convenor’s website"),
    "addressees": _l("Addressee"),
    "summary": _l("Summary"),
    "body": _l("Text"),
    "demands": _l("Demand"),
    "organisations": _l("Organisation"),
    "people": _l("Signatory"),
    "annexes": _l("Annex"),
    "campaign": _l("Campaign"),
}
LONGEST_CONTEXT = 80
MOST_LISTED = 100
SEALED_BYTES = 4096


@dataclass(frozen=True)
class StandIn:
    """Characters that are printed by their number: in which part of the document, and the words around them."""

    place: str
    text: str
    characters: str

    @property
    def label(self) -> str:
        """The part of the document in words."""
        return str(PLACES[self.place])

    @property
    def described(self) -> str:
        """The characters by number and name."""
        return described(self.characters)


@dataclass(frozen=True)
class StandIns:
    """How many passages of an appeal hold stand-ins, and the first of them."""

    number: int = 0
    listed: tuple[StandIn, ...] = ()


def sealed_stand_ins(session: Session, appeal: str, documents: Iterable[Iterable[StandIn]]) -> bytes | None:
    """Seal, each once, what the desk shows of its documents' stand-ins: names that are not public may be among them."""
    found = list(dict.fromkeys(one for document in documents for one in document))
    if not found:
        return None
    listed = [astuple(one) for one in found[:MOST_LISTED]]
    return seal(session, _place_of(appeal), {"number": len(found), "listed": listed}, SEALED_BYTES)


def opened_stand_ins(session: Session, appeal: str, envelope: bytes | None, purpose: str) -> StandIns:
    """Open what `sealed_stand_ins` has sealed."""
    if envelope is None:
        return StandIns()
    opened = open_one(session, _place_of(appeal), envelope, purpose)
    return StandIns(opened["number"], tuple(StandIn(*fields) for fields in opened["listed"]))


def _place_of(appeal: str) -> Place:
    return Place("appeals", "stand_ins_sealed", appeal)


def needs_stand_ins(written: str) -> bool:
    """Tell whether anything in a template's data, written as JSON, may have to be replaced: one look at all of it."""
    return "\\u" in written or bool(unprintable(written))


def stood_in(data: dict[str, Any], also: frozenset[str]) -> dict[str, Any]:
    """Return a template's data with stand-ins for what can't be printed, and for every stretch in `also`."""
    return {key: value if key in _UNSEEN else _replaced(value, also) for key, value in data.items()}


def stand_ins_in(data: dict[str, Any], also: frozenset[str]) -> Iterator[StandIn]:
    """Yield what `stood_in` replaces in the parts that people wrote, part by part."""
    for place in PLACES:
        for text in _texts(data.get(place)):
            found = unprintable(text) + "".join(stretch for stretch in sorted(also) if stretch in text)
            if found:
                yield StandIn(place, _around(text, found[0]), "".join(dict.fromkeys(found)))


def _replaced(value: Any, also: frozenset[str]) -> Any:
    if isinstance(value, str):
        shown = with_stand_ins(value, also)
        return value if shown == value else breakable(shown)  # the numbers make words longer than they were
    if isinstance(value, list):
        return [_replaced(one, also) for one in value]
    if isinstance(value, dict):
        return stood_in(value, also)
    return value


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, dict):
        for key, one in value.items():
            if key not in _UNSEEN:
                yield from _texts(one)


def _around(text: str, character: str) -> str:
    if len(text) <= LONGEST_CONTEXT:
        return text
    start = max(0, text.find(character) - LONGEST_CONTEXT // 2)
    return ("…" if start else "") + text[start : start + LONGEST_CONTEXT].strip() + "…"
