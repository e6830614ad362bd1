"""The desk's pages for annexes: the list with its order, uploading a PDF, writing a document, downloading."""

from __future__ import annotations

import io

from flask import render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.base.edge import flash_notice, reading, see_other, writing
from app.base.locales import direction, gettext as _
from app.base.markdown import to_html
from app.base.saving import blaming, is_sent, saved, status_of
from app.campaigns.states import Capability
from app.statements import queries
from app.statements.desk import blueprint, entered, here, posted
from app.statements.differences import differences
from app.statements.documents import LARGEST_BYTES, CheckedPdf, check_pdf, markdown_filename
from app.statements.drafting import MOST_ANNEXES, NewAnnex, add_annex, change_annex, move_annex, remove_annex
from app.statements.forms import AnnexFactsForm, AnnexUploadForm, MarkdownAnnexForm
from app.statements.models import AnnexKind
from app.statements.states import TextChangedMeanwhile
from app.statements.text_pages import Difference, SavedMeanwhile

_TYPES = {AnnexKind.PDF: "application/pdf", AnnexKind.MARKDOWN: "text/markdown"}


@blueprint.route("/statements/<statement>/annexes", methods=["GET", "POST"])
def list_annexes(statement: str) -> ResponseReturnValue:
    """Show a statement's annexes; move or remove one."""
    if request.method == "POST":
        what, _colon, annex = request.form.get("do", "").partition(":")
        with writing() as session:
            found = entered(session, statement, Capability.EDIT)
            if what == "remove":
                remove_annex(session, found.actor, found.statement, annex)
            elif what in ("up", "down"):
                move_annex(session, found.actor, found.statement, annex, -1 if what == "up" else 1)
        if what == "remove":
            flash_notice(_("The annex was removed."))
        return see_other(".list_annexes", statement=statement)
    session = reading()
    found = entered(session, statement, Capability.VIEW)
    annexes = queries.annexes_of(session, found.version.id)
    return render_template(
        "statements/list_annexes.html",
        here=here(session, found),
        annexes=annexes,
        most=MOST_ANNEXES,
        removing=next((row for row in annexes if row.public_id == request.args.get("remove")), None),
    )


@blueprint.route("/statements/<statement>/annexes/upload", methods=["GET", "POST"])
def upload_annex(statement: str) -> ResponseReturnValue:
    """Take a PDF in. It is checked before anything is written."""
    session = reading()
    found = entered(session, statement, Capability.EDIT)
    form = AnnexUploadForm(posted(), language=found.statement.language)
    if is_sent(form):
        with blaming(form):
            checked = _take_in(statement, form)
            flash_notice(" ".join(part for part in (_("The PDF is annexed."), _about_traces(checked)) if part))
            return see_other(".list_annexes", statement=statement)
    session = reading()
    page = render_template(
        "statements/upload_annex.html",
        here=here(session, entered(session, statement, Capability.EDIT)),
        form=form,
        most_megabytes=LARGEST_BYTES // 1024 // 1024,
    )
    return page, status_of(form)


@blueprint.route("/statements/<statement>/annexes/write", methods=["GET", "POST"])
def write_annex(statement: str) -> ResponseReturnValue:
    """Write a document in Markdown."""
    session = reading()
    found = entered(session, statement, Capability.EDIT)
    form = MarkdownAnnexForm(posted(), language=found.statement.language)
    if request.method != "POST" or request.form.get("do") == "preview":
        return _written_page(statement, form, None, with_preview=request.method == "POST")

    def act(session: Session) -> None:
        found = entered(session, statement, Capability.EDIT)
        add_annex(session, found.actor, found.statement, _written(form))

    if saved(form, act, at="text"):
        flash_notice(_("The document is annexed."))
        return see_other(".list_annexes", statement=statement)
    return _written_page(statement, form, None)


@blueprint.route("/statements/<statement>/annexes/<annex>", methods=["GET", "POST"])
def edit_annex(statement: str, annex: str) -> ResponseReturnValue:
    """Change a document's title and language and, where it was written here, its text."""
    session = reading()
    found = entered(session, statement, Capability.EDIT)
    row = queries.annex_of(session, found.version.id, annex)
    content = queries.annex_content(session, row.id)
    if row.kind is AnnexKind.PDF:
        return _edit_facts(statement, row, content)
    there = {
        "title": row.title,
        "language": row.language,
        "text": content.decode().removesuffix("\n"),
        "seen": row.sha256,
    }
    form = MarkdownAnnexForm(posted(), data=there)
    if request.method != "POST" or request.form.get("do") == "preview":
        return _written_page(statement, form, row, with_preview=request.method == "POST")
    if saved(form, lambda session: _change(session, statement, annex, _written(form), form.seen.words)):
        flash_notice(_("Saved."))
        return see_other(".list_annexes", statement=statement)
    if isinstance(form.refusal, TextChangedMeanwhile):
        return _conflict(statement, form, annex)
    return _written_page(statement, form, row)


@blueprint.get("/statements/<statement>/annexes/<annex>/file")
def download_annex(statement: str, annex: str) -> ResponseReturnValue:
    """Hand a document out, exactly the bytes that its hash covers."""
    session = reading()
    found = entered(session, statement, Capability.VIEW)
    row = queries.annex_of(session, found.version.id, annex)
    content = queries.annex_content(session, row.id)
    # Never shown in place: a document from somewhere must not act as a page of this site.
    return send_file(io.BytesIO(content), _TYPES[row.kind], as_attachment=True, download_name=row.filename)


def _take_in(statement: str, form: AnnexUploadForm) -> CheckedPdf:
    upload = request.files.get("file")
    checked = check_pdf(
        upload.filename or "" if upload else "", upload.read() if upload else b"", keeps_traces=form.keeps_traces.data
    )
    title = form.title.words or checked.filename.rpartition(".")[0]
    new = NewAnnex(AnnexKind.PDF, form.language.data, title, checked.filename, checked.content, checked.pages)
    with writing() as session:
        found = entered(session, statement, Capability.EDIT)
        add_annex(session, found.actor, found.statement, new)
    return checked


def _about_traces(checked: CheckedPdf) -> str:
    """Name what the file told beside its pages: it is gone, or everybody will be able to read it."""
    told = ", ".join(f"{name}: {value}" if value else name for name, value in checked.traces)
    if not told:
        return ""
    if checked.is_cleaned:
        return _("Taken out of the file, because readers could have read it: %(told)s.", told=told)
    if checked.is_signed:
        return _(
            "It is signed digitally, so it stays as it is, and readers can read in it: %(told)s. If they should not, "
            "remove the annex, print it to a new PDF and upload that.", told=told,
        )  # fmt: skip
    return _("Readers can read in the file: %(told)s. If they should not, remove the annex and upload it again.",
             told=told)  # fmt: skip


def _edit_facts(statement: str, row: queries.AnnexRow, content: bytes) -> ResponseReturnValue:
    form = AnnexFactsForm(posted(), data={"title": row.title, "language": row.language})

    def act(session: Session) -> None:
        new = NewAnnex(row.kind, form.language.data, form.title.words, row.filename, content, row.pages)
        _change(session, statement, row.public_id, new, row.sha256)

    if saved(form, act):
        flash_notice(_("Saved."))
        return see_other(".list_annexes", statement=statement)
    session = reading()
    page = render_template(
        "statements/edit_annex.html",
        here=here(session, entered(session, statement, Capability.EDIT)),
        form=form,
        annex=row,
        download_url=url_for(".download_annex", statement=statement, annex=row.public_id),
    )
    return page, status_of(form)


def _change(session: Session, statement: str, annex: str, new: NewAnnex, seen_sha256: str) -> None:
    found = entered(session, statement, Capability.EDIT)
    change_annex(session, found.actor, found.statement, annex, new, seen_sha256)


def _written(form: MarkdownAnnexForm) -> NewAnnex:
    """Return the typed document; its bytes end with one newline, as files do."""
    language, title = form.language.data, form.title.words
    content = f"{form.text.data}\n".encode()
    return NewAnnex(AnnexKind.MARKDOWN, language, title, markdown_filename(title, language), content)


def _conflict(statement: str, form: MarkdownAnnexForm, annex: str) -> ResponseReturnValue:
    session = reading()
    found = entered(session, statement, Capability.EDIT)
    row = queries.annex_of(session, found.version.id, annex)
    theirs = queries.annex_content(session, row.id).decode().removesuffix("\n")
    form.seen.data = row.sha256
    difference = Difference(_("Text"), differences(theirs, form.text.words))
    return _written_page(statement, form, row, conflict=SavedMeanwhile(_("Somebody saved another text"), (difference,)))


def _written_page(
    statement: str,
    form: MarkdownAnnexForm,
    row: queries.AnnexRow | None,
    *,
    with_preview: bool = False,
    conflict: SavedMeanwhile | None = None,
) -> ResponseReturnValue:
    session = reading()
    page = render_template(
        "statements/write_annex.html",
        here=here(session, entered(session, statement, Capability.EDIT)),
        form=form,
        annex=row,
        conflict=conflict,
        preview=to_html(form.text.words) if with_preview else None,
        direction=direction(form.language.words),
    )
    return page, status_of(form)
