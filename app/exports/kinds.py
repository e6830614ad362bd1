"""What lists there are: each stage puts its own up, with how its rows come about."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from app.base.signposts import Signpost, signposts
from app.campaigns.access import Access
from app.campaigns.states import Capability
from app.exports.states import NoSuchExport


@dataclass(frozen=True)
class ExportAsked:
    """What somebody wants: of which row of its stage (a public id), and narrowed by what."""

    kind: str
    subject: str
    arguments: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ExportRows:
    """A list as it comes about, row by row, and the name of its file."""

    filename: str
    header: Sequence[str]
    rows: Iterable[Sequence[object]]


# Begins to read a list for whoever entered the campaign; raises NotFound where the subject belongs to another.
ExportMaker = Callable[[Session, Access, ExportAsked], ExportRows]


@dataclass(frozen=True, kw_only=True)
class ExportKind(Signpost):
    """One kind of list: what it is called, who may have it, and how it is made. `endpoint` hands it out."""

    name: str
    label: object  # lazy: in the language of its reader
    capability: Capability
    make: ExportMaker


def kind_of(name: str) -> ExportKind:
    """Return a kind by its name; raises NoSuchExport where no stage has it any more."""
    for kind in signposts().of(ExportKind):
        if kind.name == name:
            return kind
    raise NoSuchExport
