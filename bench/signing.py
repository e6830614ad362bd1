"""The deciding POST: one request for each invitation, and proof that every answered one wrote what it should."""

import time
from urllib.parse import urlencode

from flask import Flask
from sqlalchemy import func, select

from app.base.database import Database
from app.base.form_tokens import make_form_token
from app.base.parts import parts_of
from app.directory.models import Signatory
from app.invitations.models import Invitation
from app.mail.models import Mail
from app.signatures import emails
from app.signatures.jobs import tell_signatories
from app.signatures.models import Signature
from app.signatures.queries import details_of_many
from app.statements.models import Statement
from app.statements.queries import text_of, version_of
from app.visibility.states import Visibility
from bench.comparison import UnsoundRunError
from bench.load import CONNECTIONS, Request, Run
from bench.scene import Scene

_SETTLING_SECONDS = 1.5
VISIBILITIES = (Visibility.PUBLIC, Visibility.PUBLIC, Visibility.INSTITUTION, Visibility.COUNTED, Visibility.PSEUDONYM)


def sign_requests(app: Flask, scene: Scene) -> list[Request]:
    """Prepare one signing POST for each invitation, with the form token that its page would carry."""
    database: Database = parts_of(app).database
    with database.reading() as session:
        statement = session.scalars(select(Statement).where(Statement.public_id == scene.signing_public_id)).one()
        sha256 = text_of(session, version_of(session, statement).id, "en").sha256 or ""
        wanted = (
            select(Invitation.public_id, Invitation.link_generation, Signatory.public_id.label("signatory"))
            .join(Signatory, Signatory.id == Invitation.signatory_id)
            .where(Invitation.statement_id == statement.id)
        )
        invitations = session.execute(wanted.order_by(Invitation.id)).all()
        known = details_of_many(session, [row.signatory for row in invitations])
        found = []
        for number, (row, path) in enumerate(zip(invitations, scene.invitation_paths, strict=True)):
            facts = (row.public_id, str(row.link_generation), sha256, "en")
            visibility = VISIBILITIES[number % len(VISIBILITIES)]
            fields = {
                "form_token": make_form_token(session, "decide", *facts),
                "sha256": sha256,
                "choice": "sign",
                "visibility": visibility.value,
                "pseudonym": f"A teacher from the north {number}" if visibility is Visibility.PSEUDONYM else "",
                "name": known[row.signatory].name,  # as the page offers it
                "public_line": "Journalist, Open Files",
                "country": "UA",
            }
            found.append(Request(f"{path}/en", "POST", body=urlencode(fields)))
    return found


class Ledger:
    """Counts what the signing runs wrote."""

    def __init__(self, app: Flask, scene: Scene) -> None:
        self._app = app
        self._database: Database = parts_of(app).database
        self._public_id = scene.signing_public_id
        self._receipts_before = self._receipts()
        self._answered = self._in_flight = self._others = 0
        self.next_request = 0

    def add(self, number: int) -> None:
        """Count signatures that others wrote meanwhile as theirs: they have no receipts to come."""
        self._others += number

    def signed(self) -> int:
        """Count the signatures of the statement that is signed in the runs."""
        with self._database.reading() as session:
            statement = select(Statement.id).where(Statement.public_id == self._public_id).scalar_subquery()
            found = session.scalar(select(func.count()).where(Signature.statement_id == statement)) or 0
            return found - self._others

    def _receipts(self) -> int:
        """Count the receipts after everybody was told, as the worker does every few seconds."""
        tell_signatories(self._app)
        with self._database.reading() as session:
            return session.scalar(select(func.count()).where(Mail.kind == emails.RECEIPT.name)) or 0

    def _settled(self) -> int:
        """Count the signatures once what was under way at the end of a run has arrived."""
        before, now = -1, self.signed()
        while before != now:
            time.sleep(_SETTLING_SECONDS)
            before, now = now, self.signed()
        return now

    def check(self, run: Run) -> None:
        """Demand a signature and a receipt for each answered POST, and no more but what was under way at the end."""
        signed, receipts = self._settled(), self._receipts() - self._receipts_before
        answered = run.answered(303)
        self._answered += answered
        self._in_flight += CONNECTIONS
        if signed != receipts:
            raise UnsoundRunError(f"{signed} signatures, but {receipts} receipts")
        if not self._answered <= signed <= self._answered + self._in_flight:
            raise UnsoundRunError(f"{self._answered} answers so far, but {signed} signatures")
        # Each connection may have taken a request that was not answered before the run ended: it is left out.
        self.next_request += answered + 2 * CONNECTIONS

    def summary(self) -> str:
        """Say what was verified."""
        return (
            f"after the signing runs the database held {self.signed():,} signatures of as many invitations, and as many"
            " receipts were queued; each run's answers were counted against its new rows"
        )
