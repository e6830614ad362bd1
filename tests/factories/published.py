"""Rows of a campaign with a published statement, as the earlier stages leave them."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from app.base import clock
from app.base.sealing import Place, seal
from app.campaigns.models import Campaign, CampaignText, ChronologyEntry, Convenor, Precision
from app.directory.models import SignatoryKind
from app.institutions.models import Institution
from app.signatures.models import Signature
from app.signatures.states import SignatureState
from app.statements.canonical import CanonicalAnnex, CanonicalText, sha256_of, to_bytes
from app.statements.models import Addressee, Annex, AnnexKind, Demand, Statement, Version, VersionText
from app.statements.states import StatementKind, StatementState
from app.visibility.states import Visibility

REPORT = (
    "# Background\n\nWhat happened.\n\n## The search\n\nIn 2019.[^1]\n\n# Findings\n\nWhat follows.\n\n[^1]: A note."
)
BODY = "We write to you about a lawyer.\n\n## Why now\n\nBecause the request is still open, and **time** passes."
DEMANDS = ("Stop cooperating with the request.", "Return what was seized.")


@dataclass(frozen=True)
class PublishedStatement:
    """What a test needs to find the statement again."""

    campaign: Campaign
    statement: Statement
    version: Version
    sha256: dict[str, str]
    annex: Annex


def publish(
    session: Session,
    slug: str = "stop-the-request",
    titles: dict[str, str] | None = None,
    state: StatementState = StatementState.OPEN,
    **statement_values: object,
) -> PublishedStatement:
    """Insert a campaign and a statement with a frozen version in each language of `titles`."""
    titles = titles or {"en": "Stop the abusive request"}
    campaign = _campaign(session, slug)
    statement = Statement(
        campaign_id=campaign.id, slug=slug, kind=StatementKind.STATEMENT, state=state, language=next(iter(titles)),
        contact_sealed=b"", opened_at=clock.now(), created_at=clock.now(), **statement_values,
    )  # fmt: skip
    session.add(statement)
    session.flush()
    version = Version(statement_id=statement.id, number=1, frozen_at=clock.now())
    session.add(version)
    session.flush()
    statement.current_version_id = version.id
    institution = Institution(
        name="Ministry of Examples", name_key=f"ministry of examples {slug}", created_at=clock.now()
    )
    session.add(institution)
    session.flush()
    session.add(Addressee(version_id=version.id, institution_id=institution.id))
    annex = _annex(session, version)
    hashes = {
        language: _text(session, statement, version, annex, language, title) for language, title in titles.items()
    }
    session.flush()
    return PublishedStatement(campaign, statement, version, hashes, annex)


def sign(
    session: Session,
    of: PublishedStatement,
    name: str = "Ana Example",
    visibility: Visibility = Visibility.PUBLIC,
    kind: SignatoryKind = SignatoryKind.PERSON,
    position: int = 1_000_000,
    state: SignatureState = SignatureState.SIGNED,
    **identity: str,
) -> Signature:
    """Insert one signature."""
    signature = Signature(
        statement_id=of.statement.id, version_id=of.version.id, language="en",
        text_sha256=next(iter(of.sha256.values())),
        signer_key=secrets.token_bytes(16), kind=kind, state=state, visibility=visibility, identity_sealed=b"",
        nonce=secrets.token_bytes(32), position=position, signed_at=clock.now(), changed_at=clock.now(),
    )  # fmt: skip
    place = Place("signatures", "identity_sealed", signature.public_id)
    signature.identity_sealed = seal(
        session, place, {"name": name, "kind": kind.value, "signatory": "", "invitation": "", **identity}
    )
    session.add(signature)
    session.flush()
    return signature


def _campaign(session: Session, slug: str) -> Campaign:
    campaign = Campaign(
        slug=f"{slug}-campaign", press_contact="Press desk\npress@example.org", created_at=clock.now(),
        published_at=clock.now(),
    )  # fmt: skip
    session.add(campaign)
    session.flush()
    session.add_all(
        [
            CampaignText(campaign_id=campaign.id, language="en", title="Free the lawyer", summary="It is *about*."),
            Convenor(campaign_id=campaign.id, name="Example Foundation", website="https://example.org"),
            ChronologyEntry(
                campaign_id=campaign.id, language="en", happened_on=date(2013, 1, 1), precision=Precision.YEAR,
                text="Asylum is granted.",
            ),
            ChronologyEntry(
                campaign_id=campaign.id, language="en", happened_on=date(2019, 10, 1), text="The search.",
                source_url="https://example.org/search",
            ),
        ]
    )  # fmt: skip
    return campaign


def _annex(session: Session, version: Version) -> Annex:
    content = REPORT.encode()
    annex = Annex(
        version_id=version.id, language="en", kind=AnnexKind.MARKDOWN, title="The detailed report",
        filename="report.md",
        size=len(content), sha256=sha256_of(content), content=content,
    )  # fmt: skip
    session.add(annex)
    session.flush()
    return annex


def _text(session: Session, statement: Statement, version: Version, annex: Annex, language: str, title: str) -> str:
    canonical = to_bytes(
        CanonicalText(
            statement.slug, 1, language, title, "In short.", BODY, DEMANDS, ("Ministry of Examples",),
            (CanonicalAnnex(annex.title, annex.filename, annex.size, annex.sha256),),
        )
    )  # fmt: skip
    text = VersionText(
        version_id=version.id, language=language, title=title, summary="In short.", body=BODY, saved_at=clock.now(),
        canonical=canonical, sha256=sha256_of(canonical),
    )  # fmt: skip
    session.add(text)
    session.flush()
    session.add_all(Demand(version_text_id=text.id, number=n, text=demand) for n, demand in enumerate(DEMANDS, 1))
    return sha256_of(canonical)
