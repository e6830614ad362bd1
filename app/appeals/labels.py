"""The words of the interface that a letter prints."""

from __future__ import annotations

from app.base.locales import gettext as _, ngettext


def labels_of(total: int, hidden: int) -> dict[str, str]:
    """Return the words in the language that is being rendered; `hidden` of the `total` are not named."""
    return {
        "demands": _("Our demands"),
        "signatories": _("Signatories"),
        "organisations": _("Organisations"),
        "people": _("Individuals"),
        "pseudonym": _("signs under a pseudonym"),
        "entrusted": _("named to the addressee only, not for publication"),
        "annexes": _("Annexes"),
        "annex": _("Document, file and SHA-256"),
        "annex_source": _("The same annex on its web page:"),
        "pages": _("Pages"),
        "campaign": _("Campaign"),
        "version": _("Version"),
        "fingerprint": _("SHA-256 of the text"),
        "verify": _("Check it at"),
        "copy": _("Copy"),
        "copy_public": _("Public copy"),
        "copy_addressee": _("Addressee’s copy: it may contain names that are not public"),
        "total": ngettext("%(num)s signatory", "%(num)s signatories", total),
        "hidden": _hidden(hidden, is_everybody=hidden == total),
    }


def labels_of_a_demonstration(labels: dict[str, str]) -> dict[str, str]:
    """Return the names of the copies with a word that a page found somewhere later is not taken for the real thing."""
    note = _("Made in a demonstration: nobody was handed it")
    return {name: f"{labels[name]}. {note}" for name in ("copy_public", "copy_addressee")}


def _hidden(number: int, *, is_everybody: bool) -> str:
    # Where nobody is named there are no further ones: the total above would seem to grow.
    if is_everybody:
        return ngettext("the name is not shown", "none of the names is shown", number)
    return ngettext(
        "and %(num)s further signatory whose name is not shown",
        "and %(num)s further signatories whose names are not shown",
        number,
    )
