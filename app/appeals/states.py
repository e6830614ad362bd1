"""What an appeal may be refused, and the rules of law 6: who counts as the second person."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from app.base.errors import Conflict, Forbidden, Gone, NotFound, Refusal
from app.base.locales import lazy_gettext as _l, ngettext

# Many mail servers take 25 MB at most, counted after Base64 has made a third more of it.
LARGEST_LETTER_BYTES = 25_000_000
LARGEST_DOSSIER_BYTES = 400_000_000


class AppealWork(StrEnum):
    """What a worker does about an appeal."""

    ASSEMBLE = "assemble an appeal"
    RENEW = "renew public copies"


class AppealStep(StrEnum):
    """What is being done of it."""

    READ = "read"
    SET = "set"
    FREEZE = "freeze"

    @property
    def label(self) -> str:
        """The step as the page says it that waits."""
        return str(_STEP_LABELS[self])


_STEP_LABELS = {
    AppealStep.READ: _l("The signatures are being read."),
    AppealStep.SET: _l("The documents are being set and the letters written."),
    AppealStep.FREEZE: _l("Everything is being frozen."),
}


class NoSuchAppeal(NotFound):
    """There is none, or it belongs to another campaign."""

    def __init__(self) -> None:
        super().__init__(_l("There is no such appeal."))


class NoSuchDocument(NotFound):
    """The appeal has no such document or letter."""

    def __init__(self) -> None:
        super().__init__(_l("This appeal has no such document. It may belong to an earlier assembly."))


class NoPublicDocument(NotFound):
    """The appeal has not been handed over, or not in this language."""

    def __init__(self) -> None:
        super().__init__(
            _l("There is no document here yet. An appeal appears under this address when it has been handed over.")
        )


class PublicDocumentOutdated(Gone):
    """Somebody named in the public document has taken their name back since."""

    def __init__(self) -> None:
        super().__init__(
            _l(
                "This document is no longer offered: somebody whose name stands in it has taken it back since. "
                "The statement’s page shows who stands behind it now."
            )
        )


class NotClosed(Conflict):
    """Only what nobody signs any more can be frozen."""

    def __init__(self) -> None:
        super().__init__(_l("Close the statement first: an appeal holds everyone who signed, so signing must be over."))


class NothingToHandOver(Refusal):
    """Nobody signed."""

    def __init__(self) -> None:
        super().__init__(_l("Nobody has signed this statement, so there is no appeal to hand over."))


class NobodyToWriteTo(Refusal):
    """An institution has no recipient whom the campaign has accepted."""

    def __init__(self, institutions: Iterable[str]) -> None:
        names = ", ".join(institutions)
        super().__init__(
            _l(
                "This campaign has accepted no recipient of these institutions: %(names)s. Look at the recipients that "
                "are proposed, or add an office and its address to each.",
                names=names,
            )
        )


class TooLarge(Refusal):
    """A letter or the whole dossier is larger than what can be mailed or kept."""

    def __init__(self, megabytes: int, most: int) -> None:
        super().__init__(
            _l(
                "With its annexes the mail would be %(size)s MB large; many mail servers refuse more than %(most)s MB. "
                "Annex smaller files, or link to them in the text.",
                size=megabytes,
                most=most,
            )
        )


class MovedMeanwhile(Conflict):
    """Something changed between composing the dossier and freezing it."""

    def __init__(self) -> None:
        super().__init__(_l("Something changed while the appeal was put together. Nothing was frozen; try once more."))


class OrderOutdated(Refusal):
    """The text, a recipient or a letter changed between an order and its work: somebody has to look, and order anew."""

    def __init__(self) -> None:
        super().__init__(
            _l(
                "The text, a recipient or a letter changed after this was ordered, so nothing was frozen. Look at them "
                "as they are now, and then order it again."
            )
        )


class AlreadyReleased(Conflict):
    """What has left can't be changed."""

    def __init__(self) -> None:
        super().__init__(_l("This appeal has been released. What was handed over can’t be changed any more."))


class Superseded(Conflict):
    """A newer assembly took its place."""

    def __init__(self) -> None:
        super().__init__(_l("A newer appeal has taken the place of this one. Look at that one instead."))


class SeenAnother(Conflict):
    """What the organiser had before them is not what stands there now."""

    def __init__(self) -> None:
        super().__init__(
            _l(
                "The appeal was changed after you opened this page, so nothing was done. "
                "Look at it again as it is now, and then decide."
            )
        )


class DossierChanged(Conflict):
    """Recipients or stored bytes are not what was frozen."""

    def __init__(self) -> None:
        super().__init__(
            _l(
                "The appeal no longer matches what was frozen: the campaign has accepted a change of its recipients, "
                "or a stored file was altered. Its approvals are void. Assemble it again."
            )
        )


class SignatoriesChanged(Conflict):
    """People have withdrawn, or show less of themselves, since the appeal was assembled. Nobody is named."""

    def __init__(self, number: int) -> None:
        super().__init__(
            ngettext(
                "%(num)s person has withdrawn, or changed how they appear, since this appeal was assembled. "
                "Assemble it again, so that it shows them as they wish.",
                "%(num)s people have withdrawn, or changed how they appear, since this appeal was assembled. "
                "Assemble it again, so that it shows them as they wish.",
                number,
            )
        )
        self.number = number


class OwnWork(Forbidden):
    """Nobody approves what they assembled or wrote themselves."""

    def __init__(self) -> None:
        super().__init__(
            _l(
                "You assembled this appeal or wrote one of its letters, so somebody else has to approve it: "
                "an approver or an owner of the campaign. Nobody sends alone."
            )
        )


_MEANWHILE = _l(
    "Until then another approver or owner can approve, who is confirmed and has been here for long enough. Owners see "
    "on the members’ page who that is."
)


class NotYetKnown(Forbidden):
    """Nobody but the person who let them in has said that they know the approver."""

    def __init__(self, approves_from: str = "") -> None:
        first = _l(
            "You can’t approve in this campaign yet: nobody has confirmed you here. Another owner than the one who let "
            "you in, or an administrator, can do that."
        )
        waiting = _l("You may then approve from %(at)s.", at=approves_from) if approves_from else ""
        super().__init__(" ".join(str(part) for part in (first, waiting, _MEANWHILE) if part))


class TooNew(Forbidden):
    """The approver came, or got the role, just now."""

    def __init__(self, approves_from: str) -> None:
        first = _l(
            "You may approve in this campaign from %(at)s: a person who has just come, or has just got the role, is no "
            "second person yet.",
            at=approves_from,
        )
        super().__init__(f"{first} {_MEANWHILE}")


class OneBehindBoth(Forbidden):
    """One person alone may be behind the approver and the person who made the appeal."""

    def __init__(self) -> None:
        super().__init__(
            _l(
                "You and the person who assembled this appeal, or wrote a letter of it, are here by one person’s word "
                "alone, so you are not two people for it. Let another owner or an administrator confirm them, or let "
                "somebody approve who is known to others."
            )
        )


class NotApproved(Conflict):
    """No approval stands for exactly these bytes."""

    def __init__(self) -> None:
        super().__init__(
            _l("Nobody has approved the appeal as it is now. A second person, an approver or an owner, has to.")
        )


class LetterChangedMeanwhile(Conflict):
    """Somebody else rewrote the letter since this page was opened."""

    def __init__(self) -> None:
        super().__init__(
            _l("Somebody else changed this letter while you were writing. Both texts are below, nothing is lost.")
        )
