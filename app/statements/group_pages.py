"""The desk's page on which groups of an institution's recipients are chosen for a statement's letters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.base.edge import flash_notice, reading, see_other, writing
from app.base.locales import gettext as _, ngettext, page_language
from app.campaigns.states import WRITERS, Capability, RoleTooNarrow
from app.institutions.groups import GroupOfRecipients, groups_of
from app.institutions.queries import count_recipients
from app.institutions.states import NoSuchInstitution
from app.statements.choosing import choose_groups as choose
from app.statements.chosen import Choice, ChoiceShown, choices_of, choices_shown
from app.statements.desk import Entered, blueprint, entered, here, recipients_url
from app.statements.enclosures import AddressedTo, addressees_of
from app.statements.states import UNSENT


@dataclass(frozen=True)
class OfferedGroup:
    """A group that the letters may go to; `choice` tells how it was chosen, if it was."""

    public_id: str
    name: str
    recipients: int
    choice: Choice | None


@dataclass(frozen=True)
class OfferedKind:
    """The groups of one kind."""

    label: str
    groups: tuple[OfferedGroup, ...]
    is_open: bool


@dataclass(frozen=True)
class AddresseeShown:
    """An addressee in the list, with the groups there that the letters go to and where they are chosen, if anywhere."""

    public_id: str
    name: str
    country: str
    chosen: tuple[ChoiceShown, ...]
    groups_url: str


def addressees_shown(session: Session, found: Entered, addressees: Sequence[AddressedTo]) -> list[AddresseeShown]:
    """Return the addressees in their order, with whom of each the letters go to."""
    shown = choices_shown(session, found.access.campaign.id, found.version.id, page_language())
    with_groups = {group.institution_id for group in groups_of(session, [row.institution_id for row in addressees])}
    may_choose = found.access.role in WRITERS
    return [
        AddresseeShown(
            row.public_id, row.name, row.country,
            tuple(choice for choice in shown if choice.institution_id == row.institution_id),
            url_for(".choose_groups", statement=found.statement.public_id, institution=row.public_id)
            if may_choose and row.institution_id in with_groups else "",
        )
        for row in addressees
    ]  # fmt: skip


@blueprint.route("/statements/<statement>/addressees/<institution>/groups", methods=["GET", "POST"])
def choose_groups(statement: str, institution: str) -> ResponseReturnValue:
    """Choose by group whom of an institution the letters go to."""
    if request.method == "POST":
        with writing() as session:
            found = entered(session, statement, Capability.VIEW)
            _check_writer(found)
            number = choose(session, found.actor, found.statement, institution, request.form.getlist("groups"))
        flash_notice(_said(number))
        return see_other(".choose_groups", statement=statement, institution=institution)
    session = reading()
    found = entered(session, statement, Capability.VIEW)
    _check_writer(found)
    addressee = _addressee(found, institution)
    choices = [
        each for each in choices_of(session, found.version.id) if each.institution_id == addressee.institution_id
    ]
    return render_template(
        "statements/choose_groups.html",
        here=here(session, found),
        institution=addressee.name,
        everybody=count_recipients(session, addressee.institution_id),
        meant=len(frozenset().union(*(each.recipients for each in choices))),
        is_narrowed=bool(choices),
        has_changed=any(not each.is_as_chosen for each in choices),
        kinds=_kinds(groups_of(session, [addressee.institution_id]), choices),
        may_choose=found.statement.state in UNSENT,
        recipients_url=recipients_url(found),
    )


def _check_writer(found: Entered) -> None:
    if found.access.role not in WRITERS:
        raise RoleTooNarrow(found.access.role)


def _addressee(found: Entered, institution: str) -> AddressedTo:
    for row in addressees_of(reading(), found.version.id):
        if row.public_id == institution:
            return row
    raise NoSuchInstitution


def _said(number: int) -> str:
    if not number:
        return _("No group is chosen: the letters go to everybody there whom this campaign has accepted.")
    return ngettext(
        "The letters go to %(num)s recipient there, once this campaign has accepted them.",
        "The letters go to %(num)s recipients there, once this campaign has accepted them.",
        number,
    )


def _kinds(groups: list[GroupOfRecipients], choices: list[Choice]) -> list[OfferedKind]:
    """Return the groups by kind; kinds with something chosen are open, or else the first."""
    chosen, language = {each.group_id: each for each in choices}, page_language()
    kinds = list(dict.fromkeys(group.kind for group in groups))
    found = []
    for kind in kinds:
        of = [
            OfferedGroup(group.public_id, group.called(language), group.recipients, chosen.get(group.id))
            for group in groups
            if group.kind is kind
        ]
        is_open = any(each.choice for each in of) or (kind is kinds[0] and not choices)
        found.append(OfferedKind(kind.label, tuple(of), is_open))
    return found
