"""Which profile a page of this room is about: one's own, in the town that the page is about."""

from __future__ import annotations

from matching.kinds import VolunteerStatus
from matching.models import Volunteer
from matching.volunteering.listing_repository import list_own_profiles
from web.pages.desk import Answer, Call

SIGN_UP = "/volunteer"
HOME = "/volunteering"


async def find_own(call: Call) -> Volunteer | None:
    """What the person who is signed in offers; None for whoever takes no part."""
    call.person()
    rows = await list_own_profiles(call.session, call.actor)
    rows = [row for row in rows if row.status is not VolunteerStatus.LEFT]
    here = [row for row in rows if call.place is not None and row.community_id == call.place.id]
    return next(iter(here or rows), None)


def ask_to_sign_up(call: Call) -> Answer:
    """Whoever takes no part is led to the sign-up."""
    return call.go(SIGN_UP)
