"""Lists by name: in the order of the statement's language, told by what is shown of people, on both databases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.appeals.models import AppealSignature
from app.audit.queries import history_of
from app.base.database import Database
from app.base.paging import NoSuchListPage
from app.base.parts import parts_of
from app.campaigns.models import Campaign
from app.directory.actions import edit_signatory
from app.directory.models import Signatory
from app.directory.queries import entry
from app.directory.states import NewEntry, SignatoryKind
from app.signatures import orders
from app.signatures.actions import withdraw
from app.signatures.jobs import arrange_lists
from app.signatures.lists import entries_for, public_page
from app.signatures.models import Signature
from app.signatures.ordering import Move, move
from app.signatures.queries import signature
from app.statements.actions import order_names
from app.statements.models import Statement
from app.statements.states import NameOrder
from app.visibility.states import Audience, Visibility
from tests.factories.appeals import make_appeal, make_scene
from tests.factories.invitations import make_invitation
from tests.factories.published import publish, sign
from tests.factories.signatures import appear, make_signature, rename
from tests.factories.statements import make_statement
from tests.mail.sending.pacing import statements_of

PEOPLE = ("Zoe Ek", "Örjan Adler", "Ada Öberg", "Bo Åkesson", "Eva Ekman", "Ulf Ärlig")
BY_FAMILY = ["Örjan Adler", "Zoe Ek", "Eva Ekman", "Bo Åkesson", "Ulf Ärlig", "Ada Öberg"]
AS_WRITTEN = ["Ada Öberg", "Bo Åkesson", "Eva Ekman", "Ulf Ärlig", "Zoe Ek", "Örjan Adler"]


@dataclass
class Listing:
    """A statement in Swedish and its public list, in a house whose worker looks when it is told to."""

    app: Flask
    statement_id: int

    @property
    def database(self) -> Database:
        found: Database = parts_of(self.app).database
        return found

    def choose(self, order: NameOrder) -> None:
        with self.database.writing() as session:
            order_names(session, "editor", session.get_one(Statement, self.statement_id), order)

    def let_worker_look(self) -> None:
        """A list is arranged twice before it is done with."""
        for _ in range(3):
            arrange_lists(self.app)

    def names(self, limit: int = 2) -> list[str]:
        """Walk the public list page by page; the same must come out of what documents are made of."""
        with self.database.reading() as session:
            names = _walked(session, self.statement_id, limit)
            shown = [entry.appearance for entry in entries_for(session, self.statement_id, Audience.PUBLIC)]
            assert names == [one.name for one in shown if one]
        return names

    def keys(self) -> dict[str, bytes]:
        with self.database.reading() as session:
            return dict(session.execute(select(Signature.public_id, Signature.collation_key)).all())


def _walked(session: Session, statement_id: int, limit: int) -> list[str]:
    names, cursor = [], None
    while True:
        page = public_page(session, statement_id, cursor, limit)
        names += [entry.appearance.name for entry in page.items if entry.appearance]
        cursor = page.next_cursor
        if cursor is None:
            return names


def _listing(app: Flask, order: NameOrder, people: Sequence[str] = PEOPLE) -> Listing:
    with parts_of(app).database.writing() as session:
        statement = make_statement(session, language="sv")
        order_names(session, "editor", statement, order)
        for name in people:
            make_signature(session, invitation=make_invitation(session, statement, name=name))
    return Listing(app, statement.id)


def test_the_list_follows_the_order_that_is_chosen(either_app: Flask) -> None:
    with either_app.app_context():
        listing = _listing(either_app, NameOrder.FAMILY)
        assert listing.names() == BY_FAMILY, "who signs is put in order at once"
        by_day = _by_day(listing)
        for order, expected in (
            (NameOrder.GIVEN, AS_WRITTEN), (NameOrder.DAY, by_day), (NameOrder.FAMILY, BY_FAMILY),
        ):  # fmt: skip
            listing.choose(order)
            listing.let_worker_look()
            assert listing.names() == expected
            with listing.database.reading() as session:
                statement = session.get_one(Statement, listing.statement_id)
                assert statement.arranged_as == orders.ListOrder(order, "sv").mark


def _by_day(listing: Listing) -> list[str]:
    with listing.database.reading() as session:
        rows = session.scalars(select(Signature.public_id).order_by(Signature.id)).all()
        opened = [signature(session, row) for row in rows]
        return [one.identity.name for one in opened if one]


def test_choosing_is_recorded_and_the_same_choice_is_none(session: Session) -> None:
    statement = make_statement(session)
    for _ in range(2):
        order_names(session, "editor", statement, NameOrder.GIVEN)
    recorded = [one.detail for one in history_of(session, statement.public_id) if one.action.endswith("names_ordered")]
    assert recorded == [{"was": "day", "now": "given"}]


def test_organisations_come_first_as_written_and_pinned_people_before_the_others(session: Session) -> None:
    statement = make_statement(session, language="sv")
    order_names(session, "editor", statement, NameOrder.FAMILY)
    for name in PEOPLE:
        signed = make_signature(session, invitation=make_invitation(session, statement, name=name))
    for name in ("Zebra Alliance", "Ärliga Vänner", "Ad Hoc Zoo"):
        asked = make_invitation(session, statement, kind=SignatoryKind.ORGANISATION, name=name)
        make_signature(session, invitation=asked)
    move(session, "coordinator", statement, signed.public_id, Move.PIN)
    expected = ["Ad Hoc Zoo", "Zebra Alliance", "Ärliga Vänner", "Ulf Ärlig"]
    expected += [name for name in BY_FAMILY if name != "Ulf Ärlig"]
    assert _walked(session, statement.id, 3) == expected


def test_keys_made_by_people_are_followed(session: Session) -> None:
    """Whatever people write to sort by: readings of Chinese names, an order of protocol, a particle that counts."""
    statement = make_statement(session, language="ja")
    order_names(session, "editor", statement, NameOrder.FAMILY)
    given = {"渡辺 一": "わたなべ, はじめ", "安倍 花": "あべ, はな", "加藤 実": "かとう, みのる"}
    given |= {"Jan de Vries": "10", "Ada Low": "9"}
    for name, sort_name in given.items():
        make_signature(session, invitation=make_invitation(session, statement, name=name, sort_name=sort_name))
    names = _walked(session, statement.id, 2)
    assert [name for name in names if name in ("安倍 花", "加藤 実", "渡辺 一")] == ["安倍 花", "加藤 実", "渡辺 一"]
    assert names.index("Ada Low") < names.index("Jan de Vries")


@pytest.mark.parametrize("order", [NameOrder.FAMILY, NameOrder.GIVEN])
@pytest.mark.parametrize("visibility", [Visibility.PSEUDONYM, Visibility.INSTITUTION, Visibility.COUNTED])
def test_a_place_tells_nothing_of_a_name_that_is_hidden(
    session: Session, order: NameOrder, visibility: Visibility
) -> None:
    """Whoever hides, the list and the row look the same: first in the alphabet, last in it, with a key or without."""
    found = set()
    for name, sort_name in (("Aaron Aa", ""), ("Zacharias Zz", ""), ("Zacharias Zz", "Aa, Zacharias")):
        statement = make_statement(session)
        order_names(session, "editor", statement, order)
        for other in ("Ben Moss", "Cy Night"):
            make_signature(session, invitation=make_invitation(session, statement, name=other))
        asked = make_invitation(session, statement, name=name, sort_name=sort_name)
        alias = "Mower of lawns" if visibility is Visibility.PSEUDONYM else ""
        hidden = make_signature(session, invitation=asked, visibility=visibility, pseudonym=alias)
        found.add((tuple(_walked(session, statement.id, 2)), hidden.collation_key))
        if visibility is not Visibility.PSEUDONYM:
            assert hidden.collation_key == b""
    assert len(found) == 1


def test_a_name_to_sort_by_counts_only_beside_the_name_it_was_given_for(session: Session) -> None:
    """Who signs by another name may hide behind it: the directory's key would tell where they stand."""
    statement = make_statement(session)
    order_names(session, "editor", statement, NameOrder.FAMILY)
    for name in ("Ben Moss", "Cy Zorn"):
        make_signature(session, invitation=make_invitation(session, statement, name=name))
    asked = make_invitation(session, statement, name="Mary Ann Smith", sort_name="Ann Smith, Mary")
    signed = make_signature(session, invitation=asked)
    assert _walked(session, statement.id, 9) == ["Mary Ann Smith", "Ben Moss", "Cy Zorn"]
    rename(session, signed.public_id, "A Teacher")
    assert _walked(session, statement.id, 9) == ["Ben Moss", "A Teacher", "Cy Zorn"]


def test_who_hides_or_withdraws_leaves_no_key(session: Session) -> None:
    statement = make_statement(session)
    order_names(session, "editor", statement, NameOrder.GIVEN)
    one, other = (make_signature(session, statement) for _ in range(2))
    key = one.collation_key
    appear(session, one.public_id, Visibility.COUNTED)
    withdraw(session, other.public_id)
    session.expire_all()
    assert (one.collation_key, other.collation_key) == (b"", b"")
    appear(session, one.public_id, Visibility.PUBLIC)
    session.expire_all()
    assert one.collation_key == key != b""


def test_what_organisers_mend_is_taken_over(app: Flask) -> None:
    with app.app_context():
        listing = _listing(app, NameOrder.FAMILY, ["Ludwig van Beethoven", "Carl Cello"])
        listing.let_worker_look()
        assert listing.names() == ["Ludwig van Beethoven", "Carl Cello"]
        with listing.database.writing() as session:
            campaign = session.scalars(select(Campaign)).one()
            row = session.scalars(select(Signatory).order_by(Signatory.id).limit(1)).one()
            details = entry(session, campaign.id, row.public_id, "test").details
            mended = NewEntry(replace(details, sort_name="van Beethoven, Ludwig"))
            assert edit_signatory(session, campaign, "coordinator", row, mended)
        with statements_of(listing.database.engine) as noted:
            arrange_lists(app)
        assert sum(statement.startswith("UPDATE") for statement in noted) == 1
        assert listing.names() == ["Carl Cello", "Ludwig van Beethoven"]


def test_another_edition_of_the_rules_makes_keys_anew(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with app.app_context():
        listing = _listing(app, NameOrder.GIVEN)
        listing.let_worker_look()
        with listing.database.writing() as session:
            session.execute(text("UPDATE signatures SET collation_key = x'ff'"))
        arrange_lists(app)
        assert set(listing.keys().values()) == {b"\xff"}, "what is arranged is left alone"
        monkeypatch.setattr(orders, "EDITION", "icu 99")
        arrange_lists(app)
        assert listing.names() == AS_WRITTEN


@pytest.mark.parametrize("order", [NameOrder.DAY, NameOrder.GIVEN])
def test_long_lists_are_walked_by_their_index(app: Flask, database: Database, order: NameOrder) -> None:
    with app.app_context(), database.writing() as session:
        published = publish(session, name_order=order)
        for number in range(300):
            sign(session, published, name=f"Person {number * 79 % 300:04}")
    with app.app_context():
        Listing(app, published.statement.id).let_worker_look()
        with statements_of(database.engine) as noted, database.reading() as session:
            names = _walked(session, published.statement.id, 20)
        assert len(set(names)) == 300
        assert order is NameOrder.DAY or names == sorted(names)
        assert len(noted) <= 1 + 14 * 3, "the first page, and for each other its place, those alike, those after"


@pytest.mark.parametrize(
    ("after", "seeks"),
    [
        (
            "kind = 'person' AND position = 9 AND collation_key = :key AND id > 9",
            "kind=? AND position=? AND collation_key=? AND id>?",
        ),
        ("(kind, position, collation_key) > ('person', 9, :key)", "(kind,position,collation_key)>(?,?,?)"),
    ],
)
def test_a_page_is_found_without_walking_to_it(either_app: Flask, after: str, seeks: str) -> None:
    """What is asked for a page, as `lists` asks it: SQLite says which columns it finds its way by."""
    database: Database = parts_of(either_app).database
    listed = "statement_id = 1 AND state = 'signed' AND kind IS NOT NULL"
    page = f"SELECT * FROM signatures WHERE {listed} AND {after} {_IN_ORDER}"
    with database.engine.connect() as connection:
        if not database.is_sqlite:
            connection.execute(text("SET enable_seqscan = off"))  # the table is empty
        explain = "EXPLAIN QUERY PLAN" if database.is_sqlite else "EXPLAIN"
        plan = " ".join(str(step) for step in connection.execute(text(f"{explain} {page}"), {"key": b"9"}))
    assert "ix_signatures_listing" in plan
    assert not any(sorting in plan for sorting in ("TEMP B-TREE", "Sort Key"))
    assert not database.is_sqlite or seeks in plan


_IN_ORDER = "ORDER BY kind, position, collation_key, id LIMIT 51"


def test_a_page_after_somebody_who_is_gone_begins_anew(session: Session) -> None:
    statement = make_statement(session)
    order_names(session, "editor", statement, NameOrder.GIVEN)
    for name in ("Ada Moss", "Bo Night"):
        make_signature(session, invitation=make_invitation(session, statement, name=name))
    first = public_page(session, statement.id, limit=1)
    withdraw(session, first.items[0].public_id)
    with pytest.raises(NoSuchListPage):
        public_page(session, statement.id, first.next_cursor)


def test_the_rows_of_an_appeal_do_not_stand_by_name(session: Session) -> None:
    """An appeal keeps a row for everybody, hidden people too: in the order of the names they would tell theirs."""
    scene = make_scene(session)
    order_names(session, "editor", scene.statement, NameOrder.FAMILY)
    make_appeal(session, scene)
    rows = session.scalars(select(AppealSignature.signature_id).order_by(AppealSignature.id)).all()
    assert len(rows) == session.scalar(select(func.count()).select_from(Signature))
    assert rows == sorted(rows)
