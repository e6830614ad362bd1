"""What may be refused about news, and why."""

from __future__ import annotations

from app.base.errors import Conflict, NotFound
from app.base.locales import lazy_gettext as _l

PUBLISH = "publish news"  # the kind of work
# Where more people signed in a campaign, a worker finds and mails those who asked for news.
MOST_AT_ONCE = 1_000


class NoSuchUpdate(NotFound):
    """The campaign has no such piece of news."""

    def __init__(self) -> None:
        super().__init__(_l("This campaign has no such update. It may have been a draft that somebody threw away."))


class UpdateChangedMeanwhile(Conflict):
    """Somebody else saved the update since this page was opened."""

    def __init__(self) -> None:
        super().__init__(
            _l("Somebody else saved this update in the meantime. Read it as it is now, then decide again.")
        )


class AlreadyPublished(Conflict):
    """News that readers have seen is corrected, not thrown away."""

    def __init__(self) -> None:
        super().__init__(_l("This update is published, so it can be corrected but not thrown away."))


class CampaignNotPublic(Conflict):
    """Readers can't see the campaign yet, so there is nowhere to publish to."""

    def __init__(self) -> None:
        super().__init__(
            _l("Readers can’t see this campaign yet: its page appears when its first statement opens. Publish then.")
        )
