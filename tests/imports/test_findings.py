"""What is told of a row: of one that is left out, nothing is said to be kept."""

from __future__ import annotations

from app.imports.fields import Field
from app.imports.lists import read_list
from app.imports.plans import Plan
from app.imports.rows import read_rows


def test_nothing_is_said_to_be_kept_of_a_row_that_is_left_out() -> None:
    sheet = read_list(b"name;email;country;role\n#REF!;x@;NZ;Poet\n")
    (row,) = read_rows(sheet, Plan("", columns=(Field.NAME, Field.EMAIL, Field.COUNTRY, Field.ROLE)))
    assert row.is_refused
    assert row.remarks == ()
    assert not [each for each in row.problems if "kept in the notes" in each.message]
