"""Pages that anyone may read: no cookie, no script, nothing from elsewhere."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app.base.blueprints import Pages
from app.base.edge import SEE_OTHER, reading
from app.base.links import absolute_url
from app.base.locales import direction, gettext as _, use_language
from app.base.parts import parts
from app.base.saving import status_of
from app.base.sheets import write_csv
from app.base.signposts import Landmark
from app.campaigns.navigation import READERS_CAMPAIGN
from app.counts.queries import totals
from app.site.campaigns import campaign_page, house
from app.site.exports import SHEET_HEADER, sheet_rows, statement_document
from app.site.forms import SHORTEST_FINGERPRINT, VerifyForm, hashes_of_pasted, is_fingerprint
from app.site.frames import FRAMES, PageFrames, filled, statement_frame
from app.site.front import ASKED, KEPT, KIND
from app.site.kept import AskedPage, Basis, KeptPages, RenderedPage
from app.site.queries import published, text_in
from app.site.signatories import Kinds, every_public_signatory, public_signatories
from app.site.statement import statement_basis, statement_page, travelling_files
from app.site.states import NothingPublished
from app.site.texts import rendered_annex
from app.site.verification import SHA256_LENGTH, copies_of
from app.statements.desk import READERS_STATEMENT
from app.statements.models import AnnexKind
from app.statements.queries import annex_content, annex_of, canonical_of, languages_of

bp = Pages("site", __name__, is_stateless=True)
SIGNPOSTS = [
    Landmark(name=READERS_CAMPAIGN, endpoint="site.show_campaign"),
    Landmark(name=READERS_STATEMENT, endpoint="site.show_statement"),
]

# A name that its owner takes back must be gone at once: browsers and proxies ask again each time.
REVALIDATE = "no-cache"
PLAIN_TEXT = "text/plain; charset=utf-8"


@bp.get("/")
def show_house() -> ResponseReturnValue:
    """Show what is open for signing, and what came before."""

    def render() -> RenderedPage:
        page = house(reading())
        return RenderedPage(render_template("site/show_house.html", page=page), page.basis)

    return _kept(render)


@bp.get("/campaigns/<slug>")
@bp.get("/campaigns/<slug>/<language>")
def show_campaign(slug: str, language: str | None = None) -> ResponseReturnValue:
    """Show a campaign: its case, its statements and what came of them."""

    def render() -> RenderedPage:
        page = campaign_page(reading(), slug, language)
        use_language(page.language)
        return RenderedPage(render_template("site/show_campaign.html", page=page), page.basis)

    return _kept(render)


@bp.get("/statements/<slug>")
@bp.get("/statements/<slug>/<language>")
def show_statement(slug: str, language: str | None = None) -> ResponseReturnValue:
    """Show a statement with everything a reader needs to judge and verify it."""

    def render() -> RenderedPage:
        frames: PageFrames = parts().remembered.setdefault(FRAMES, PageFrames())
        asked: AskedPage | None = request.environ.get(ASKED)
        frame = frames.get(reading(), asked.key) if asked else None
        if frame is None:
            frame = statement_frame(reading(), slug, language)
            if asked:
                frames.keep(reading(), asked.key, frame)
        return filled(reading(), frame)

    return _kept(render)


@bp.get("/statements/<slug>/text")
@bp.get("/statements/<slug>/<language>/text")
def download_text(slug: str, language: str | None = None) -> ResponseReturnValue:
    """Serve exactly the bytes that the statement's SHA-256 covers."""

    def render() -> RenderedPage:
        statement = published(reading(), slug)
        text = text_in(languages_of(reading(), statement.version_id), language or statement.language)
        name = f"{slug}-v{statement.version_number}-{text.language}.txt"
        canonical = canonical_of(reading(), statement.version_id, text.language)
        response = _frozen(canonical, text.sha256 or "", PLAIN_TEXT, name)
        return RenderedPage(response, Basis((statement.id,)), text.sha256 or "")

    return _kept(render)


@bp.get("/statements/<slug>/data.json")
@bp.get("/statements/<slug>/<language>/data.json")
def show_data(slug: str, language: str | None = None) -> ResponseReturnValue:
    """Serve what the page shows, for machines."""

    def render() -> RenderedPage:
        page = statement_page(reading(), slug, language)
        count = totals(reading(), page.statement.id)
        address = absolute_url(reading(), url_for(".show_statement", slug=slug))
        document = make_response(statement_document(page, count, address))
        return RenderedPage(document, statement_basis(page.statement, count))

    return _kept(render)


@bp.get("/statements/<slug>/signatories")
@bp.get("/statements/<slug>/<language>/signatories")
def list_signatories(slug: str, language: str | None = None) -> ResponseReturnValue:
    """Show the public list page by page; the first page of it is kept."""

    def render() -> RenderedPage:
        kinds = _kinds(request.args.get(KIND, ""))
        statement = published(reading(), slug)
        text = text_in(languages_of(reading(), statement.version_id), language or statement.language)
        use_language(text.language)
        people = public_signatories(reading(), statement.id, text.language, kinds, request.args.get("after"))
        count = totals(reading(), statement.id)
        page = render_template(
            "site/list_signatories.html", statement=statement, text=text, kinds=kinds, people=people,
            language=language, count=count,
        )  # fmt: skip
        return RenderedPage(page, statement_basis(statement, count))

    return _kept(render)


@bp.get("/statements/<slug>/signatories.csv")
def download_signatories(slug: str) -> ResponseReturnValue:
    """Serve the public list as CSV; hidden signatures are not in it."""
    statement = published(reading(), slug)
    listed = every_public_signatory(reading(), statement.id, statement.language)
    response = make_response(b"".join(write_csv(SHEET_HEADER, sheet_rows(listed))))
    response.content_type = "text/csv; charset=utf-8"
    response.headers.set("Content-Disposition", "attachment", filename=f"{slug}-signatories.csv")
    return _revalidated(response)


@bp.get("/statements/<slug>/annexes/<annex_id>")
def show_annex(slug: str, annex_id: str) -> ResponseReturnValue:
    """Show a Markdown annex as a page with its contents; a PDF is handed out as it is."""
    statement = published(reading(), slug)
    found = annex_of(reading(), statement.version_id, annex_id)
    if found.kind is not AnnexKind.MARKDOWN:
        return redirect(url_for(".download_annex", slug=slug, annex_id=annex_id, filename=found.filename))
    use_language(found.language)
    texts = languages_of(reading(), statement.version_id)
    travelling = travelling_files(reading(), statement, [found]).get(found.public_id)
    page = render_template(
        "site/show_annex.html", travelling=travelling, statement=statement, annex=found,
        text=text_in(texts, statement.language), annex_direction=direction(found.language),
        rendered=rendered_annex(reading(), found.id, found.sha256),
    )  # fmt: skip
    return _revalidated(page)


@bp.get("/statements/<slug>/annexes/<annex_id>/<filename>")
def download_annex(slug: str, annex_id: str, filename: str) -> ResponseReturnValue:
    """Serve exactly the bytes that the annex's SHA-256 covers."""
    found = annex_of(reading(), published(reading(), slug).version_id, annex_id)
    if filename != found.filename:
        raise NothingPublished
    kind = PLAIN_TEXT if found.kind is AnnexKind.MARKDOWN else "application/pdf"
    file = _frozen(annex_content(reading(), found.id), found.sha256, kind, found.filename)
    return file.make_conditional(request)


@bp.get("/verify")
def verify() -> ResponseReturnValue:
    """Explain how to check a text; with ?sha256= say what is known of a hash or of its beginning."""
    sha256 = request.args.get("sha256", "").strip().lower()
    if not sha256:
        return _revalidated(_verification(VerifyForm()))
    form = VerifyForm(data={"pasted": sha256})
    if not is_fingerprint(sha256):
        form.blame(
            "pasted",
            _("A SHA-256 is 64 characters, 0-9 and a-f; at least the first %(least)s are needed. This is not one.",
              least=SHORTEST_FINGERPRINT),
        )  # fmt: skip
        return _verification(form), status_of(form)
    return _revalidated(_verification(form, sha256))


@bp.post("/verify")
def verify_document() -> ResponseReturnValue:
    """Hash what was pasted or uploaded, forget it, and go to what is known of the hash."""
    form = VerifyForm(request.form)
    upload = request.files.get("document")
    document = upload.read() if upload else b""
    hashes = [hashlib.sha256(document).hexdigest()] if document else hashes_of_pasted(form.pasted.words)
    if not document and not form.pasted.words.strip():
        form.blame("pasted", _("Paste a fingerprint or a text, or choose a file."))
        return _verification(form), status_of(form)
    # A text is tried in several forms; a beginning stays one, so that the page says how much of it fits.
    found = [one.sha256 for one in copies_of(reading(), hashes)] if len(hashes) > 1 else []
    return redirect(url_for(".verify", sha256=(found or hashes)[0]), SEE_OTHER)


def _verification(form: VerifyForm, sha256: str = "") -> str:
    return render_template(
        "site/verify.html", form=form, sha256=sha256, copies=copies_of(reading(), [sha256]) if sha256 else [],
        is_short=len(sha256) < SHA256_LENGTH,
    )  # fmt: skip


def _kept(render: Callable[[], RenderedPage]) -> Response:
    """Show a page as it was rendered last, if it is still true; `app.site.front` answers with what is kept."""
    asked: AskedPage | None = request.environ.get(ASKED)
    pages: KeptPages = parts().kept_pages
    page = pages.renewed(reading(), asked) if asked else None
    if page is not None:
        request.environ[KEPT] = page
        known = make_response(page.body)  # whole, as it goes out where something sets a cookie
        known.headers.update(page.headers)
        return known
    rendered = render()
    response = make_response(rendered.body)
    response.headers["Cache-Control"] = REVALIDATE
    page = pages.keep(reading(), asked, response.get_data(), rendered) if asked else None
    if page is not None:
        request.environ[KEPT] = page
        return response
    if rendered.etag:
        response.set_etag(rendered.etag)
    else:
        response.add_etag()
    return response.make_conditional(request)


def _kinds(asked: str) -> Kinds:
    try:
        return Kinds(asked)
    except ValueError as error:
        raise NothingPublished from error


def _revalidated(body: str | Response) -> Response:
    """Let browsers keep a page and ask each time whether it changed."""
    response = make_response(body)
    response.headers["Cache-Control"] = REVALIDATE
    response.add_etag()
    return response.make_conditional(request)


def _frozen(content: bytes, sha256: str, content_type: str, filename: str) -> Response:
    """Serve frozen bytes; their hash is their ETag."""
    response = make_response(content)
    response.content_type = content_type
    response.headers.set("Content-Disposition", "inline", filename=filename)
    response.headers["Cache-Control"] = REVALIDATE
    response.set_etag(sha256)
    return response
