"""What a statement's page shows, for machines: a JSON document and the rows of a sheet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from app.counts.queries import Totals
from app.site.progress import ProgressEvent
from app.site.signatories import PublishedSignature
from app.site.statement import StatementPage, TravellingFile
from app.statements.queries import AnnexRow

SHEET_HEADER = ("number", "kind", "name", "public_line", "country", "is_pseudonym")


def sheet_rows(listed: Iterable[PublishedSignature]) -> Iterator[tuple[object, ...]]:
    """Yield the public list as rows below SHEET_HEADER; country is the code of ISO 3166-1."""
    for number, each in enumerate(listed, 1):
        kind = "organisation" if each.is_organisation else "person"
        pseudonym = "yes" if each.is_pseudonym else "no"
        yield number, kind, each.name, each.public_line, each.country_code, pseudonym


def statement_document(page: StatementPage, count: Totals, address: str) -> dict[str, object]:
    """Return a statement as a JSON document; `address` is its page's absolute URL without a language."""
    statement = page.statement
    return {
        "url": address,
        "state": statement.state.value,
        "kind": statement.kind.value,
        "campaign": page.campaign_title,
        "title": page.text.title,
        "language": page.text.language,
        "addressees": [addressee.name for addressee in page.addressees],
        "convenors": [convenor.name for convenor in page.convenors],
        "opened_at": statement.opened.iso,
        "deadline_at": statement.deadline.iso if statement.deadline else None,
        "closed_at": statement.closed.iso if statement.closed else None,
        "time_zone": statement.zone,
        "version": {
            "number": statement.version_number,
            "texts": [
                {"language": text.language, "title": text.title, "sha256": text.sha256,
                 "text_url": f"{address}/{text.language}/text"}
                for text in page.languages
            ],
            "annexes": [_annex(annex, address, page.travelling.get(annex.public_id)) for annex in page.annexes],
        },
        "signatures": {
            "total": count.total, "organisations": count.public_organisations,
            "people": count.public_people, "not_named": count.not_listed,
        },
        "signatories_url": f"{address}/signatories.csv",
        "progress": [_event(event) for event in page.events],
    }  # fmt: skip


def _annex(annex: AnnexRow, address: str, travelling: TravellingFile | None) -> dict[str, object]:
    """Return an annex; where the appeal carries it as another file, that one's name and SHA-256 too."""
    other = {"in_the_appeal": {"filename": travelling.filename, "sha256": travelling.sha256}} if travelling else {}
    return {
        "title": annex.title, "language": annex.language, "kind": annex.kind.value, "size": annex.size,
        "sha256": annex.sha256, "url": f"{address}/annexes/{annex.public_id}/{annex.filename}", **other,
    }  # fmt: skip


def _event(event: ProgressEvent) -> dict[str, object]:
    outcome = event.outcome
    fields = {
        "kind": event.kind.value, "on": event.on.isoformat(),
        "at": event.at.iso if event.at else "", "institution": event.institution,
        "reply": event.reply_kind.value if event.reply_kind else "", "text": outcome.text if outcome else event.text,
        "title": outcome.title if outcome else "", "quotation": outcome.quotation if outcome else "",
        "speaker": outcome.quotation_speaker if outcome else "", "source": outcome.source_url if outcome else "",
        "demonstration": event.is_demonstrated,
    }  # fmt: skip
    return {name: value for name, value in fields.items() if value}
