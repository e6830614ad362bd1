"""What was decided about an import, as it is kept."""

import pytest

from app.imports.fields import Field
from app.imports.plans import Plan
from app.sheets.looks import NO_HEADINGS, Look


def test_plan_survives_being_sealed() -> None:
    look = Look("windows-1250", ";", None, 3)
    plan = Plan("list.csv", look, (Field.NAME, Field.IGNORE), "Circle", {"X": "NZ"}, {3: "different"},
                (1, 0), {"comma": "turn"}, {3: {"email": "ann@example.org"}})  # fmt: skip
    assert Plan.from_fields(plan.as_fields() | {"columns": [field.value for field in plan.columns]}) == plan


@pytest.mark.parametrize(("has_header", "heading_row"), [(True, 1), (False, NO_HEADINGS)])
def test_plan_of_before_is_read_with_the_look_that_it_had(has_header: bool, heading_row: int) -> None:
    kept = {
        "filename": "list.csv", "encoding": "windows-1251", "has_header": has_header, "columns": ["name"], "group": "",
        "countries": {}, "answers": {},
    }  # fmt: skip
    plan = Plan.from_fields(kept)
    assert plan.look == Look("windows-1251", worksheet="", heading_row=heading_row)
    assert plan.columns == (Field.NAME,)
