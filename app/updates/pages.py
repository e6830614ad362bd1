"""The desk's pages for news: list, write, publish."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy.orm import Session

from app.background.long_works import Ordered, drop_work, order_work, work_of
from app.background.waiting import WorkLinks, looking_again, waiting_for
from app.base.blueprints import Pages, welcomes_foreign_posts
from app.base.edge import flash_notice, reading, see_other, writing
from app.base.links import LinkPurpose, read_token
from app.base.locales import direction, gettext as _, lazy_gettext as _l, ngettext, use_language
from app.base.markdown import to_html
from app.base.saving import result_of, saved, status_of
from app.campaigns.access import Access, enter
from app.campaigns.navigation import CampaignFrame, CampaignTab, frame_of
from app.campaigns.queries import slug_of
from app.campaigns.states import Capability
from app.mail.header_lines import ONE_CLICK
from app.mail.registry import RenderedMail
from app.signatures.queries import news_readers
from app.updates.actions import (
    UpdateText,
    change_update,
    discard_update,
    draft_update,
    publish_update,
    resume_news,
    stop_news,
)
from app.updates.emails import preview_update
from app.updates.forms import PublishForm, UpdateForm
from app.updates.queries import (
    News,
    choice_of,
    contact_statement,
    count_at_most,
    news_of,
    update_of,
    updates_of,
)
from app.updates.states import MOST_AT_ONCE, PUBLISH, CampaignNotPublic, UpdateChangedMeanwhile

blueprint = Pages("updates", __name__, url_prefix="/desk/campaigns/<campaign>/updates")
SIGNPOSTS = [
    CampaignTab(endpoint="updates.list_updates", label=_l("Updates"), capability=Capability.VIEW, position=40),
]
# The links in the mails: a person who holds one has neither a session nor a token of ours.
links = Pages("news", __name__, url_prefix="/u", is_stateless=True)


@dataclass(frozen=True)
class UpdatesFrame:
    """What each of these pages shows around its content."""

    frame: CampaignFrame
    trail: list[tuple[str, str]]
    list_url: str
    may_write: bool


@dataclass(frozen=True)
class Preview:
    """A text as readers will see it."""

    title: str
    html: Markup
    language: str
    direction: str


@dataclass(frozen=True)
class PublishPage:
    """What somebody decides when they publish."""

    news: News
    readers: int
    is_at_most: bool  # many may read, and who does is found once it is published
    mail: RenderedMail
    is_public: bool
    edit_url: str

    @property
    def mail_blocks(self) -> list[list[str]]:
        """The plain text by paragraphs and lines: each has a direction of its own."""
        return [block.splitlines() for block in self.mail.text.split("\n\n") if block.strip()]


@blueprint.get("")
def list_updates(campaign: str) -> ResponseReturnValue:
    """Show drafts and published news, newest first."""
    session = reading()
    access = enter(session, campaign, Capability.VIEW)
    cursor = request.args.get("after")
    page = updates_of(session, access.campaign.id, cursor)
    next_url = url_for(".list_updates", campaign=campaign, after=page.next_cursor) if page.next_cursor else None
    return render_template(
        "updates/list_updates.html", here=_desk(session, access), updates=page.items, next_url=next_url,
        first_url=None if page.is_first else url_for(".list_updates", campaign=campaign),
        write_url=url_for(".write_update", campaign=campaign),
        urls={news.public_id: _url("show_update", access, news.public_id) for news in page.items},
    )  # fmt: skip


@blueprint.route("/new", methods=["GET", "POST"])
def write_update(campaign: str) -> ResponseReturnValue:
    """Write a draft, with a preview before anything is saved."""
    session = reading()
    access = enter(session, campaign, Capability.EDIT)
    here = _desk(session, access)
    form = UpdateForm(request.form if request.method == "POST" else None, language=access.campaign.language)

    def act(session: Session) -> str:
        access = enter(session, campaign, Capability.EDIT)
        return draft_update(session, access.organiser, access.campaign, _text(form)).public_id

    update = None if _is_looked_at(form) else result_of(form, act)
    if update is None:
        return _write(here, form, None), status_of(form)
    flash_notice(_("The draft is saved. Nobody has been mailed."))
    return see_other(".show_update", campaign=campaign, update=update)


@blueprint.get("/<update>")
def show_update(campaign: str, update: str) -> ResponseReturnValue:
    """Show one update as readers see it, and what can be done with it; or how far its publishing has come."""
    session = reading()
    access = enter(session, campaign, Capability.VIEW)
    found = update_of(session, access.campaign.id, update)
    work = work_of(session, update, [PUBLISH])
    if work is not None:
        return _progress(session, access, work)
    return render_template(
        "updates/show_update.html", here=_desk(session, access), news=news_of(session, found),
        edit_url=_url("edit_update", access, update), publish_url=_url("publish", access, update),
        discard_url=_url("discard", access, update), page_url=f"/campaigns/{slug_of(session, access.campaign)}",
    )  # fmt: skip


@blueprint.route("/<update>/edit", methods=["GET", "POST"])
def edit_update(campaign: str, update: str) -> ResponseReturnValue:
    """Change a draft or correct what is published."""
    session = reading()
    access = enter(session, campaign, Capability.EDIT)
    found = update_of(session, access.campaign.id, update)
    here, news = _desk(session, access), news_of(session, found)
    form = UpdateForm(request.form if request.method == "POST" else None, obj=news)

    def act(session: Session) -> None:
        access = enter(session, campaign, Capability.EDIT)
        there = update_of(session, access.campaign.id, update)
        change_update(session, access.organiser, access.campaign, there, _text(form), form.revision.number)

    if not _is_looked_at(form) and saved(form, act):
        flash_notice(_("Saved. Nobody has been mailed."))
        return see_other(".show_update", campaign=campaign, update=update)
    theirs = None
    if isinstance(form.refusal, UpdateChangedMeanwhile):
        theirs = news_of(reading(), update_of(reading(), access.campaign.id, update))
        form.revision.data = str(theirs.revision)
    return _write(here, form, news, theirs), status_of(form)


@blueprint.get("/<update>/publish")
def confirm_publishing(campaign: str, update: str) -> ResponseReturnValue:
    """Ask before publishing: the text, the mail, and how many will get it."""
    session = reading()
    access = enter(session, campaign, Capability.EDIT)
    found = update_of(session, access.campaign.id, update)
    if found.published_at is not None:
        return see_other(".show_update", campaign=campaign, update=update)
    statement = contact_statement(session, access.campaign.id)
    most = count_at_most(session, access.campaign.id)
    is_long = most > MOST_AT_ONCE
    stop_url = _("(each reader’s own link stands here)")
    page = PublishPage(
        news=news_of(session, found),
        readers=most if is_long else sum(1 for _reader in news_readers(session, access.campaign.id)),
        is_at_most=is_long,
        mail=preview_update(session, found, statement, stop_url),
        is_public=access.campaign.published_at is not None,
        edit_url=_url("edit_update", access, update),
    )
    return render_template("updates/confirm_publishing.html", here=_desk(session, access), page=page)


@blueprint.post("/<update>/publish")
def publish(campaign: str, update: str) -> ResponseReturnValue:
    """Publish the text that was confirmed and queue the mails; a second click changes nothing."""
    form = PublishForm(request.form)
    access = enter(reading(), campaign, Capability.EDIT)
    most = count_at_most(reading(), access.campaign.id)
    # What a worker has begun is a worker's to end, however few sign by now.
    if most > MOST_AT_ONCE or work_of(reading(), update, [PUBLISH]) is not None:
        return _order(campaign, update, form.revision.number, most)
    readers = list(news_readers(reading(), access.campaign.id))
    with writing() as session:
        access = enter(session, campaign, Capability.EDIT)
        found = update_of(session, access.campaign.id, update)
        number = publish_update(session, access.organiser, access.campaign, found, form.revision.number, readers)
    mailed = ngettext("%(num)s person is being mailed.", "%(num)s people are being mailed.", number)
    flash_notice(_("Published.") + " " + mailed)
    return see_other(".show_update", campaign=campaign, update=update)


@blueprint.post("/<update>/stop")
def stop_publishing(campaign: str, update: str) -> ResponseReturnValue:
    """Stop what a worker does: mails that are queued already still go out."""
    with writing() as session:
        access = enter(session, campaign, Capability.EDIT)
        drop_work(session, update_of(session, access.campaign.id, update).public_id, [PUBLISH])
    flash_notice(_("Stopped. Nobody further is mailed; mails that wait already still go out."))
    return see_other(".show_update", campaign=campaign, update=update)


@blueprint.post("/<update>/discard")
def discard(campaign: str, update: str) -> ResponseReturnValue:
    """Throw a draft away."""
    with writing() as session:
        access = enter(session, campaign, Capability.EDIT)
        discard_update(session, access.organiser, access.campaign, update_of(session, access.campaign.id, update))
        drop_work(session, update, [PUBLISH])
    flash_notice(_("The draft is thrown away."))
    return see_other(".list_updates", campaign=campaign)


@links.get("/<token>")
def show_choice(token: str) -> ResponseReturnValue:
    """Show whether the owner of the link gets news, and the button that changes it; looking changes nothing."""
    session = reading()
    choice = choice_of(session, _signature_behind(session, token))
    if choice is not None:
        use_language(choice.language)
    return render_template(
        "updates/show_choice.html", choice=choice, stop_url=url_for(".stop", token=token),
        resume_url=url_for(".resume", token=token),
    )  # fmt: skip


@links.post("/<token>")
@welcomes_foreign_posts
def stop(token: str) -> ResponseReturnValue:
    """Stop the news: by the button, or by a mail program's one click, which may not be redirected (RFC 8058)."""
    with writing() as session:
        stop_news(session, _signature_behind(session, token))
    if request.form.to_dict() == ONE_CLICK:
        return Response("", HTTPStatus.OK, mimetype="text/plain")
    return see_other(".show_choice", token=token)


@links.post("/<token>/again")
def resume(token: str) -> ResponseReturnValue:
    """Send the news again; only from our own page."""
    with writing() as session:
        resume_news(session, _signature_behind(session, token))
    return see_other(".show_choice", token=token)


def _signature_behind(session: Session, token: str) -> str:
    return read_token(session, LinkPurpose.UNSUBSCRIBE, token).public_id


def _desk(session: Session, access: Access) -> UpdatesFrame:
    list_url = url_for(".list_updates", campaign=access.campaign.public_id)
    return UpdatesFrame(frame_of(session, access), [(_("Updates"), list_url)], list_url, access.may(Capability.EDIT))


def _url(view: str, access: Access, update: str) -> str:
    return url_for(f".{view}", campaign=access.campaign.public_id, update=update)


def _text(form: UpdateForm) -> UpdateText:
    return UpdateText(
        form.title.words, form.body.words, form.language.data, form.source_name.words,
        form.source_url.words,
    )  # fmt: skip


def _is_looked_at(form: UpdateForm) -> bool:
    """Tell whether a preview is wanted and nothing is to be saved; what is wrong with the form is said all the same."""
    is_preview = "preview" in request.form
    if is_preview:
        form.validate()
    return is_preview


def _order(campaign: str, update: str, revision: int, most: int) -> ResponseReturnValue:
    """Leave publishing to a worker: finding and mailing very many takes longer than a page may."""
    with writing() as session:
        access = enter(session, campaign, Capability.EDIT)
        found = update_of(session, access.campaign.id, update)
        if found.published_at is None:
            if access.campaign.published_at is None:
                raise CampaignNotPublic
            if found.revision != revision:
                raise UpdateChangedMeanwhile
        # Published and not mailed to everybody: the rest waits for whoever tries again.
        if found.published_at is None or work_of(session, update, [PUBLISH]) is not None:
            order_work(session, PUBLISH, update, access.organiser, most, {"revision": str(revision)})
    return see_other(".show_update", campaign=campaign, update=update)


def _progress(session: Session, access: Access, work: Ordered) -> ResponseReturnValue:
    url = _url("show_update", access, work.subject)
    links = WorkLinks(url)
    if access.may(Capability.EDIT):
        publish_url, stop_url = (_url(name, access, work.subject) for name in ("publish", "stop_publishing"))
        links = WorkLinks(url, stop_url, publish_url, work.asked)
    step = _("It is published, and those who asked for news are being mailed.") if work.step else ""
    waiting = waiting_for(session, work, step, links)
    page = render_template("updates/show_progress.html", here=_desk(session, access), work=waiting)
    return looking_again(page, waiting)


def _write(here: UpdatesFrame, form: UpdateForm, news: News | None, theirs: News | None = None) -> str:
    """Show the form; on request with the text as readers will see it, and beside it what somebody else saved."""
    language = form.language.words or "en"
    wanted = "preview" in request.form and form.body.data
    preview = Preview(form.title.words, to_html(form.body.words), language, direction(language)) if wanted else None
    return render_template("updates/write_update.html", here=here, form=form, news=news, theirs=theirs, preview=preview)
