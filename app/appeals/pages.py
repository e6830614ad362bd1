"""The desk's pages for an appeal: assemble it, read it, change its letters, approve it; and the public PDF."""

from __future__ import annotations

from flask import make_response, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.appeals import queries
from app.appeals.actions import approve, rewrite_letter
from app.appeals.desk import check_sees_letters, entered_appeal
from app.appeals.emails import Cover, reply_to_of, salutation_line
from app.appeals.forms import ApprovalForm, LetterForm
from app.appeals.models import Appeal, AppealState, DocumentAudience
from app.appeals.orders import order_assembly, order_public_copies, stop_work as drop_orders
from app.appeals.overview import PURPOSE, dossier_page, work_page
from app.appeals.states import LetterChangedMeanwhile
from app.background.waiting import looking_again
from app.base.blueprints import Pages, asks_for_proof
from app.base.edge import flash_notice, reading, see_other, writing
from app.base.locales import direction, gettext as _, lazy_gettext as _l
from app.base.saving import accepted, saved, status_of
from app.base.signposts import Landmark
from app.campaigns.states import Capability
from app.statements.desk import APPEAL, StatementTab, entered, here, posted
from app.statements.states import ENDED

blueprint = Pages("dossiers", __name__, url_prefix="/desk")
public = Pages("appeals", __name__, is_stateless=True)
SIGNPOSTS = [
    Landmark(name=APPEAL, endpoint="dossiers.show_dossier"),
    StatementTab(endpoint="dossiers.show_dossier", label=_l("Appeal"), states=ENDED, position=60),
]

PDF = "application/pdf"


@public.get("/statements/<slug>/appeal.pdf")
@public.get("/statements/<slug>/<language>/appeal.pdf")
def download_public_document(slug: str, language: str | None = None) -> ResponseReturnValue:
    """Serve the public copy of the appeal; the addressee's is nobody else's."""
    found = queries.public_document(reading(), slug, language)
    response = _file(found.content, PDF, found.filename)
    # A name that its owner takes back must be gone at once, so every reader asks again.
    response.headers["Cache-Control"] = "no-cache"
    response.set_etag(found.sha256)
    return response.make_conditional(request)


@blueprint.get("/statements/<statement>/appeal")
def show_dossier(statement: str) -> ResponseReturnValue:
    """Show how far a statement's appeal has come, and while a worker makes something of it, how far that is."""
    page = work_page(reading(), statement)
    if page is not None:
        return looking_again(render_template("appeals/show_progress.html", page=page), page.work)
    return _dossier_page(statement, ApprovalForm())


@blueprint.post("/statements/<statement>/appeal")
def assemble_dossier(statement: str) -> ResponseReturnValue:
    """Order that the appeal is frozen as the signatures stand: a worker sets it, which may take minutes."""
    form, seen = ApprovalForm(), request.form.get("seen")

    def act(session: Session) -> None:
        found = entered(session, statement, Capability.ASSEMBLE)
        order_assembly(session, found.actor, found.statement, seen)

    if accepted(form, act):
        return see_other(".show_dossier", statement=statement)
    return _dossier_page(statement, form)


@blueprint.post("/statements/<statement>/appeal/stop")
def stop_work(statement: str) -> ResponseReturnValue:
    """Take back what was ordered about an appeal: nothing of it was written."""
    with writing() as session:
        was_stopped = drop_orders(session, entered(session, statement, Capability.ASSEMBLE).statement)
    if was_stopped:
        flash_notice(_("Stopped. Nothing was changed."))
    else:
        flash_notice(_("There was nothing to stop any more: it is finished, or somebody stopped it before."))
    return see_other(".show_dossier", statement=statement)


@blueprint.post("/appeals/<appeal>/approval")
@asks_for_proof
def approve_appeal(appeal: str) -> ResponseReturnValue:
    """Approve exactly what the page showed."""
    form = ApprovalForm(request.form)
    statement = entered_appeal(reading(), appeal, Capability.APPROVE)[1].statement.public_id

    def act(session: Session) -> None:
        _found, doer = entered_appeal(session, appeal, Capability.APPROVE)
        approve(session, doer.actor, appeal, form.manifest.words, form.note.words)

    if saved(form, act):
        flash_notice(_("Approved. The appeal can be released as long as nothing of it changes."))
        return see_other(".show_dossier", statement=statement)
    return _dossier_page(statement, form)


@blueprint.post("/appeals/<appeal>/public-copies")
def renew_copies(appeal: str) -> ResponseReturnValue:
    """Order the public PDFs anew without the names that were taken back; what was handed over stays."""
    form = ApprovalForm()
    statement = entered_appeal(reading(), appeal, Capability.ASSEMBLE)[1].statement.public_id

    def act(session: Session) -> None:
        found, doer = entered_appeal(session, appeal, Capability.ASSEMBLE)
        order_public_copies(session, doer.actor, found)

    if not accepted(form, act):
        return _dossier_page(statement, form)
    return see_other(".show_dossier", statement=statement)


@blueprint.get("/appeals/<appeal>/documents/<document>")
def download_document(appeal: str, document: str) -> ResponseReturnValue:
    """Hand out a frozen document; the addressee's only to those who see what the addressee sees."""
    session = reading()
    found, doer = entered_appeal(session, appeal, Capability.VIEW)
    row = queries.document(session, found.id, document)
    if row.audience is DocumentAudience.ADDRESSEE:
        check_sees_letters(doer)
    return _file(queries.content_of(session, row, PURPOSE), PDF, row.filename)


@blueprint.get("/appeals/<appeal>/manifest.json")
def download_manifest(appeal: str) -> ResponseReturnValue:
    """Hand out the list of hashes that approvals are given to, byte for byte."""
    found, _doer = entered_appeal(reading(), appeal, Capability.VIEW)
    return _file(found.manifest, "application/json", f"appeal-{found.number}-manifest.json", attached=True)


@blueprint.get("/appeals/<appeal>/letters/<letter>")
def show_letter(appeal: str, letter: str) -> ResponseReturnValue:
    """Show one letter as its recipient will read it."""
    session = reading()
    found, doer = entered_appeal(session, appeal, Capability.VIEW)
    check_sees_letters(doer)
    row = queries.letter(session, found.id, letter, PURPOSE)
    return render_template(
        "appeals/show_letter.html",
        here=here(session, doer),
        appeal=appeal,
        letter=row,
        direction=direction(row.language),
        salutation=salutation_line(row.salutation),
        reply_to=reply_to_of(queries.frozen_letter(session, row.public_id, PURPOSE).message),
        attached=_attached(session, found, row),
        may_write=doer.access.may(Capability.ASSEMBLE) and found.state in {AppealState.ASSEMBLED, AppealState.APPROVED},
    )


@blueprint.get("/appeals/<appeal>/letters/<letter>/letter.eml")
def download_letter(appeal: str, letter: str) -> ResponseReturnValue:
    """Hand out the frozen bytes of a letter."""
    session = reading()
    found, doer = entered_appeal(session, appeal, Capability.VIEW)
    check_sees_letters(doer)
    row = queries.letter(session, found.id, letter, PURPOSE)
    message = queries.frozen_letter(session, row.public_id, PURPOSE).message
    return _file(message, "message/rfc822", f"letter-{row.public_id}.eml", attached=True)


@blueprint.route("/appeals/<appeal>/letters/<letter>/edit", methods=["GET", "POST"])
def edit_letter(appeal: str, letter: str) -> ResponseReturnValue:
    """Change the wording of a letter, or of all in its language; every approval is void then."""
    session = reading()
    found, doer = entered_appeal(session, appeal, Capability.ASSEMBLE)
    row, around = queries.letter(session, found.id, letter, PURPOSE), here(session, doer)
    form, theirs = LetterForm(posted(), obj=row), None

    def act(session: Session) -> None:
        _found, doer = entered_appeal(session, appeal, Capability.ASSEMBLE)
        cover, whole_language = Cover(form.subject.words, form.text.words), bool(form.whole_language.data)
        rewrite_letter(session, doer.actor, appeal, letter, cover, form.sha256.words, whole_language=whole_language)

    if saved(form, act):
        flash_notice(_("The letter is frozen with its new wording. Approvals given before no longer count."))
        return see_other(".show_letter", appeal=appeal, letter=letter)
    if isinstance(form.refusal, LetterChangedMeanwhile):
        theirs = queries.letter(reading(), found.id, letter, PURPOSE)
        form.sha256.data = theirs.sha256
    page = render_template(
        "appeals/edit_letter.html", here=around, appeal=appeal, letter=row, form=form, theirs=theirs,
        direction=direction(row.language), salutation=salutation_line(row.salutation),
    )  # fmt: skip
    return page, status_of(form)


def _dossier_page(statement: str, form: ApprovalForm) -> ResponseReturnValue:
    page = dossier_page(reading(), statement)
    return render_template("appeals/show_dossier.html", page=page, form=form), status_of(form)


def _attached(session: Session, found: Appeal, letter: queries.LetterRow) -> list[queries.DocumentRow]:
    return [
        row
        for row in queries.documents_of(session, found.id)
        if row.is_annex or (row.audience is DocumentAudience.ADDRESSEE and row.language == letter.language)
    ]


def _file(content: bytes, mimetype: str, filename: str, *, attached: bool = False) -> Response:
    response = make_response(content)
    response.mimetype = mimetype
    response.headers.set("Content-Disposition", "attachment" if attached else "inline", filename=filename)
    return response
