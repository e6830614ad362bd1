"""A house whose one owner would like to send alone."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from sqlalchemy.orm import Session

from app.accounts.queries import find_by_address
from app.appeals import actions
from app.appeals.models import Appeal
from app.appeals.states import NotApproved
from app.base.errors import Refusal
from app.campaigns import members
from app.campaigns.models import Campaign
from app.campaigns.states import Role
from app.deliveries.actions import hand_over
from tests.factories.accounts import make_organiser
from tests.factories.appeals import Scene, make_appeal


@dataclass
class House:
    """A campaign whose one owner would like to send alone; there is an administrator who knows nothing of it."""

    session: Session
    scene: Scene

    @property
    def owner(self) -> str:
        return self.scene.owner.public_id

    @property
    def campaign(self) -> Campaign:
        return self.scene.campaign

    def let_in(self, name: str, role: Role, by: str = "") -> str:
        """Let a new address in, as the page does; the person who let it in reads its mail. Return the account."""
        members.add_member(self.session, self.campaign, by or self.owner, f"{name}@example.org", role, name=name)
        found = find_by_address(self.session, f"{name}@example.org")
        assert found is not None
        return found.public_id

    def role(self, organiser: str, role: Role, by: str = "") -> None:
        members.change_role(self.session, self.campaign, by or self.owner, organiser, role)

    def confirm(self, by: str, organiser: str) -> None:
        members.confirm_member(self.session, self.campaign, by, organiser)

    def approve(self, organiser: str, appeal: Appeal | None = None) -> Appeal:
        appeal = appeal or make_appeal(self.session, self.scene)
        actions.approve(self.session, organiser, appeal.public_id, appeal.manifest_sha256)
        return appeal

    def does_not_send(self, organiser: str, refusal: type[Refusal]) -> str:
        """Try to approve and to release; return what the refusal says."""
        appeal = make_appeal(self.session, self.scene)
        with pytest.raises(refusal) as caught:
            self.approve(organiser, appeal)
        with pytest.raises(NotApproved):
            hand_over(self.session, self.owner, appeal.public_id, appeal.manifest_sha256)
        return caught.value.message

    def administrator(self) -> str:
        return make_organiser(self.session, is_administrator=True, may_create_campaigns=False).public_id
