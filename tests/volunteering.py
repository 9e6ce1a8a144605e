"""Forms and people for tests of volunteers; places that are always found."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from core.db import Session
from matching.imports.errors import CellRefused
from matching.imports.records import Place
from matching.imports.rows import Contact
from matching.volunteering.forms import CheckedSignUp, FormRules, SignUp, check_sign_up
from people.auth import Actor
from people.kinds import Role
from people.models import Community
from tests.factories.people import actor_as, add_person

ZONE = ZoneInfo("America/New_York")
ALLOWED = FormRules(zone=ZONE, today=date(2026, 1, 15), phone_region="US")


class KnownPlaces:
    """Knows house numbers of one made-up street, and doubts the rest."""

    def locate(self, contact: Contact) -> Place:
        if not contact.address.endswith("Imaginary Street"):
            raise CellRefused("address", "could be 2 places", "Write the whole name.")
        number = int(contact.address.split()[0])
        return Place(
            address_text=contact.address,
            unit=contact.unit or None,
            lon_deg=-71.11 - number / 100_000,
            lat_deg=42.373,
            precision="rooftop",
            area="Riverside",
            cell=0x8928308280FFFFF,
            address_id=f"a{number}",
        )


def make_form(community_id: UUID, **values: Any) -> SignUp:
    form = SignUp(
        community_id=community_id,
        name="Ana Synthetic",
        email="ana@example.org",
        address="17 Imaginary Street",
        hours="Sat 9:00-12:00",
        consents=("matching", "offers"),
    )
    return replace(form, **values)


def check_form(community_id: UUID, **values: Any) -> CheckedSignUp:
    return check_sign_up(make_form(community_id, **values), ALLOWED, KnownPlaces())


async def add_actor(session: Session, community: Community, role: Role = Role.MANAGER) -> Actor:
    """Somebody with a role who is on record."""
    person = await add_person(session, community, role=role)
    return actor_as(role, community.id, person.id)
