"""/desk/mail: what waits, how fast it goes and why it fails; pause, try again, drop, decide. For operators."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask import current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.base import clock
from app.base.blueprints import Pages
from app.base.edge import actor, flash_notice, names_of_actors, reading, see_other, url_to
from app.base.locales import gettext as _, ngettext
from app.base.parts import parts
from app.base.saving import result_of, saved, status_of
from app.base.signposts import way_to
from app.inbox.states import InboundState
from app.inbox.storage import count_in_state
from app.mail.registry import Registry
from app.mail.states import Pause
from app.mailroom import control, queue
from app.mailroom.forms import OLDEST, DeedForm, MailFilterForm, PauseForm, Which
from app.mailroom.selections import (
    MOST_AT_ONCE,
    PAGE_SIZE,
    Queued,
    Selection,
    count_selected,
    page_of_mails,
)
from app.mailroom.states import MailStanding
from app.smtp.connection import server_name
from app.smtp.states import Trouble

blueprint = Pages("queue", __name__, url_prefix="/desk/mail", is_for_operators=True)

Chosen = Callable[[Session, str, Sequence[str]], control.QueueChange]
Selected = Callable[[Session, str, Selection], control.QueueChange]


@dataclass(frozen=True)
class QueuePage:
    """The queue at a glance, with links to what each number counts."""

    overview: queue.QueueOverview
    oldest_waits: timedelta | None
    looked_ago: timedelta | None
    paused_by: str
    held: int
    held_url: str
    mails: dict[str, str]
    reasons: tuple[tuple[queue.FailureCount, str, str, str], ...]


@dataclass(frozen=True)
class ListPage:
    """One page of a selection, and what may be done with it."""

    mails: Sequence[tuple[Queued, str, str, bool]]  # with its kind in words, its address, and whether it can be ticked
    total: int
    is_more: bool
    ticked: frozenset[str]
    arguments: dict[str, str]
    next_url: str
    first_url: str
    may_retry: bool
    may_drop: bool


@blueprint.get("")
def show_queue() -> ResponseReturnValue:
    """Show how the queue stands."""
    return _queue_page(PauseForm())


@blueprint.post("/pause")
def change_pause() -> ResponseReturnValue:
    """Hold mail back, or let it go again."""
    form = PauseForm(request.form)
    if not saved(form, lambda session: control.set_pause(session, actor(), Pause(form.pause.data))):
        return _queue_page(form), status_of(form)
    flash_notice(_("Mail goes again.") if form.pause.data == Pause.NOTHING else _("Mail is held back now."))
    return see_other(".show_queue")


@blueprint.get("/mails")
def list_queued() -> ResponseReturnValue:
    """List mails by where they stand, reason and kind."""
    filtering = _filter_form()
    return _list_page(filtering, _deed_form(_selection(filtering)))


@blueprint.post("/mails/retry")
def retry_mails() -> ResponseReturnValue:
    """Try chosen mails again at once."""
    return _change(control.retry_chosen, control.retry_selection, _say_retried)


@blueprint.post("/mails/drop")
def drop_mails() -> ResponseReturnValue:
    """Drop chosen mails that have not left."""
    return _change(control.drop_chosen, control.drop_selection, _say_dropped)


def _queue_page(form: PauseForm) -> str:
    session = reading()
    found = queue.overview(session, server_name(current_app))
    now = clock.now()
    names = names_of_actors(session, [found.control.changed_by])
    page = QueuePage(
        overview=found,
        oldest_waits=now - found.oldest_due_at if found.oldest_due_at else None,
        looked_ago=now - found.looked_at if found.looked_at else None,
        paused_by=names.get(found.control.changed_by, ""),
        held=count_in_state(session, InboundState.HELD),
        held_url=way_to(queue.HELD_MAIL),
        mails={each.value: url_for(".list_queued", standing=each.value) for each in MailStanding},
        reasons=tuple((reason, *_reason_links(reason.trouble)) for reason in found.reasons),
    )
    return render_template("mailroom/show_queue.html", page=page, form=form)


def _reason_links(trouble: Trouble) -> tuple[str, str, str]:
    waiting, given_up, not_sent = (
        url_for(".list_queued", standing=each.value, trouble=trouble.value)
        for each in (MailStanding.WAITING, MailStanding.GIVEN_UP, MailStanding.NOT_SENT)
    )
    return waiting, given_up, not_sent


def kinds() -> Registry:
    """Return the kinds of mail that this installation knows."""
    found: Registry = parts().mail_kinds
    return found


def _filter_form() -> MailFilterForm:
    form = MailFilterForm(request.values)
    registry = kinds()
    form.offer((name, registry.label(name)) for name in registry.names())
    return form


def _selection(form: MailFilterForm) -> Selection:
    """Read a selection; unknown values count as none, so that an old bookmark still shows mails."""
    standings = {each.value: each for each in MailStanding}
    troubles = {each.value: each for each in Trouble}
    return Selection(
        standing=standings.get(form.standing.words),
        trouble=troubles.get(form.trouble.words),
        kind=form.kind.data if form.kind.data in kinds().names() else "",
        oldest_first=form.order.data == OLDEST,
    )


def _arguments(selection: Selection) -> dict[str, str]:
    """Return a selection as arguments of an address, empty ones left out."""
    found = {
        "standing": selection.standing.value if selection.standing else "",
        "trouble": selection.trouble.value if selection.trouble else "",
        "kind": selection.kind,
        "order": OLDEST if selection.oldest_first else "",
    }
    return {name: value for name, value in found.items() if value}


def _deed_form(selection: Selection) -> DeedForm:
    form = DeedForm(request.form)
    form.offer(control.count_changeable(reading(), selection), MOST_AT_ONCE)
    return form


def _list_page(filtering: MailFilterForm, form: DeedForm) -> str:
    session, registry = reading(), kinds()
    selection, cursor = _selection(filtering), request.values.get("cursor")
    found = page_of_mails(session, selection, cursor)
    arguments = _arguments(selection)
    total = count_selected(session, selection)
    page = ListPage(
        mails=[
            (mail, registry.label(mail.kind), url_for(".show_queued", mail=mail.public_id), control.may_change(mail))
            for mail in found.items
        ],
        total=min(total, MOST_AT_ONCE),
        is_more=total > MOST_AT_ONCE,
        ticked=frozenset(request.form.getlist("mail")),
        arguments=arguments | ({"cursor": cursor} if cursor else {}),
        next_url=url_to(".list_queued", **(arguments | {"cursor": found.next_cursor})) if found.next_cursor else "",
        first_url="" if found.is_first else url_to(".list_queued", **arguments),
        may_retry=form.number > 0 and selection.standing in {None, MailStanding.WAITING, MailStanding.GIVEN_UP},
        may_drop=form.number > 0 and selection.standing in {None, MailStanding.WAITING},
    )
    return render_template("mailroom/list_queued.html", page=page, filtering=filtering, form=form)


def _change(change_chosen: Chosen, change_selection: Selected, say: Callable[[int], str]) -> ResponseReturnValue:
    filtering = _filter_form()
    selection = _selection(filtering)
    form = _deed_form(selection)
    chosen = request.form.getlist("mail")[:PAGE_SIZE]

    def act(session: Session) -> control.QueueChange:
        if form.which.data == Which.ALL.value:
            return change_selection(session, actor(), selection)
        return change_chosen(session, actor(), chosen)

    changed = result_of(form, act)
    if changed is None:
        return _list_page(filtering, form), status_of(form)
    flash_notice(" ".join([say(changed.number), *_left(changed)]))
    if request.form.get("back"):
        return see_other(".show_queued", mail=chosen[0])
    return see_other(".list_queued", **_arguments(selection))


def _say_retried(number: int) -> str:
    return ngettext("%(num)s mail is due again now.", "%(num)s mails are due again now.", number)


def _say_dropped(number: int) -> str:
    return ngettext("%(num)s mail was dropped.", "%(num)s mails were dropped.", number)


def _left(changed: control.QueueChange) -> Iterator[str]:
    if changed.left:
        yield ngettext(
            "%(num)s was left as it is: its state does not allow it.",
            "%(num)s were left as they are: their state does not allow it.",
            changed.left,
        )
    if changed.official:
        yield ngettext(
            "%(num)s is an official letter: it is decided on its statement’s page “Deliveries”.",
            "%(num)s are official letters: they are decided on their statement’s page “Deliveries”.",
            changed.official,
        )
