"""The pure rules of accounts."""

from hypothesis import given, strategies as st

from app.accounts.guard import local_path
from app.accounts.news import AccountChange, SecurityNotice
from app.accounts.states import PASSWORD_SHORTEST, PasswordTooWeak, check_password


@given(st.text(max_size=60), st.text(max_size=40), st.text(max_size=40))
def test_any_text_is_judged_without_a_fault(password: str, email: str, name: str) -> None:
    try:
        check_password(password, email, name)
    except PasswordTooWeak as refusal:
        assert refusal.field == "password"  # noqa: PT017
    else:
        assert len(password) >= PASSWORD_SHORTEST


@given(st.text(max_size=80))
def test_no_text_leads_out_of_the_desk(wanted: str) -> None:
    found = local_path(wanted)
    assert found == "/desk" or (found.startswith(("/desk/", "/desk?", "/desk#")) and "\\" not in found)


def test_every_change_has_words_for_its_owner_and_for_the_administrators() -> None:
    assert all(change.sentence and change.news for change in AccountChange)
    assert all(notice.sentence and notice.subject for notice in SecurityNotice)
