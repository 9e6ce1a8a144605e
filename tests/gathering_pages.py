"""Who looks at the pages of campaigns, groups and events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.factories.town import Town
from tests.town_pages import Browser, Pages

SEE_OTHER, WRONG = 303, 422
SHOWN, NOT_YOURS, NOT_THERE = 200, 403, 404
GROUP, CAMPAIGN = "/groups/snowville/sky-1", "/campaigns/snowville/bike-month"


@dataclass(frozen=True)
class People:
    """Who looks at a page."""

    stranger: Browser
    organizer: Browser
    """A resident who leads the first group."""
    member: Browser
    outsider: Browser
    """A resident with nothing to do with the group."""
    coordinator: Browser
    manager: Browser
    foreigner: Browser
    """The manager of another town."""


async def sign_in_people(pages: Pages) -> People:
    """A browser for each of them."""
    here = pages.here
    return People(
        stranger=Browser(pages),
        organizer=await pages.enter(here.resident_ids[0]),
        member=await pages.enter(here.volunteer_person_ids[2]),
        outsider=await pages.enter(here.resident_ids[5]),
        coordinator=await pages.enter(here.coordinator_id),
        manager=await pages.enter(here.manager_id),
        foreigner=await pages.enter(pages.there.manager_id),
    )


def day_path(town: Town, number: int) -> str:
    return f"/events/{town.slug}/{town.events.day_ids[number]}"


async def statuses(people: People, path: str) -> dict[str, int]:
    return {name: (await visitor.get(path)).status_code for name, visitor in vars(people).items()}


async def one(pages: Pages, query: Any) -> Any:
    async with pages.database.read() as session:
        return await session.scalar(query)
