"""What speaks for and against two namesakes being one: the details in which they agree and differ."""

from __future__ import annotations

from dataclasses import dataclass

from app.base.addresses import is_same
from app.directory.matching.census import Census
from app.directory.matching.keys import KeyedName, folded_text
from app.directory.matching.states import Candidate, Detail

# What namesakes agree in by chance once in 32 times is proof enough, if nothing differs and nobody else bears the name.
_PROOF_BITS = 5.0
_SHORTEST_MENTION = 4


@dataclass(frozen=True)
class Weighing:
    """In what two candidates agree and differ, and how much the agreeing tells."""

    agrees: tuple[Detail | int, ...]
    differs: tuple[Detail | int, ...]
    bits: float

    @property
    def is_proof(self) -> bool:
        """Tell whether namesakes are one person beyond doubt."""
        return not self.differs and (Detail.EMAIL in self.agrees or self.bits >= _PROOF_BITS)


def evidence_of(one: KeyedName, other: KeyedName, census: Census) -> Weighing:
    """Compare everything but the names. What one of them leaves empty says nothing."""
    mine, theirs = one.candidate, other.candidate
    agrees: list[Detail | int] = []
    differs: list[Detail | int] = []
    if kinds_differ(mine, theirs):
        differs.append(Detail.KIND)
    if mine.email and theirs.email:
        (agrees if is_same(mine.email, theirs.email) else differs).append(Detail.EMAIL)
    bits = 0.0
    for detail, own, their in _pairs(mine, theirs):
        if folded_text(own) != folded_text(their):
            differs.append(detail)
        else:
            agrees.append(detail)
            bits += census.bits(detail, own)
    for column in _mentioned(mine, theirs):
        agrees.append(column)
        bits += census.bits(column, dict(mine.columns)[column])
    return Weighing(tuple(agrees), tuple(differs), bits)


def kinds_differ(mine: Candidate, theirs: Candidate) -> bool:
    """Tell whether one is said to be a person and the other an organisation."""
    return None not in (mine.is_organisation, theirs.is_organisation) and mine.is_organisation != theirs.is_organisation


def _pairs(mine: Candidate, theirs: Candidate) -> list[tuple[Detail | int, str, str]]:
    columns = dict(theirs.columns)
    pairs: list[tuple[Detail | int, str, str]] = [
        (Detail.COUNTRY, mine.country, theirs.country),
        (Detail.AFFILIATION, mine.affiliation, theirs.affiliation),
        *((column, value, columns.get(column, "")) for column, value in mine.columns),
    ]
    return [(detail, own, their) for detail, own, their in pairs if own and their]


def _mentioned(mine: Candidate, theirs: Candidate) -> list[int]:
    """Return the columns of a row whose words an entry, which has no such column, holds somewhere."""
    if theirs.columns:
        return []
    said = f" {folded_text(theirs.affiliation)} {folded_text(theirs.remarks)} "
    folded = ((column, folded_text(value)) for column, value in mine.columns)
    return [column for column, value in folded if len(value) >= _SHORTEST_MENTION and f" {value} " in said]
