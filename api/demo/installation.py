"""A whole installation to try out: Cambridge in a storm, and a second town beside it.

It lives in one folder: the database, the made-up people's files, and a mark that says who may be
tried out. A second start finds it again.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

import msgspec

from api.demo.campaigns import play_campaigns
from api.demo.campaigns_seasons import Stage
from api.demo.gatherings import play_gatherings
from api.demo.neighbors import CITY, Afternoon, Neighbors
from api.demo.town import Town, TownPlan, seed_town
from api.opening import open_database
from api.progress import Steps
from core.errors import InvalidInput
from core.migrate import upgrade
from core.settings import Settings
from matching.files.json_file import write_whole
from people.auth import Actor
from people.models import Community
from people.repository import get_community

DATABASE = "talkoot.db"
MARK = "serve-demo.json"
OUTPUTS = ("volunteers.csv", "residents.csv", DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm", MARK)
SECOND_TOWN = TownPlan(slug="snowville", name="Snowville", scale=8)


@dataclass(frozen=True)
class DemoPerson:
    """Somebody who can be tried out with one press of a button."""

    role: str
    """What the address of the button says, such as ``manager``."""
    community: str
    person_id: UUID


@dataclass(frozen=True)
class DemoInstallation:
    """Where everything is, and who is in it."""

    seed: int
    people: tuple[DemoPerson, ...]


def find_installation(folder: Path, *, fresh: bool) -> DemoInstallation | None:
    """The installation in a folder; None when there is none, or it shall be made anew.

    Raises
    ------
    InvalidInput
        When the folder cannot be used, or holds other things.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        names = {path.name for path in folder.iterdir()}
    except OSError as error:
        raise InvalidInput(f"{folder} cannot be used as a folder: {error.strerror}.") from error
    foreign = names - set(OUTPUTS)
    if foreign:
        raise InvalidInput(
            f"{folder} holds other files, such as {sorted(foreign)[0]}; name an empty folder with "
            "--demo-folder."
        )
    if MARK in names and DATABASE in names and not fresh:
        try:
            return msgspec.json.decode((folder / MARK).read_bytes(), type=DemoInstallation)
        except msgspec.MsgspecError:
            pass  # of another version, or cut off: made anew below
    for name in names & set(OUTPUTS):
        (folder / name).unlink()
    return None


def database_url(folder: Path) -> str:
    """The address of the demonstration's database."""
    return f"sqlite:///{os.path.abspath(folder / DATABASE)}"


async def make_installation(
    folder: Path, settings: Settings, seed: int, *, now: datetime, steps: Steps
) -> DemoInstallation:
    """Fill an empty folder. What was left half made by a stop is made anew at the next start."""
    url = database_url(folder)
    upgrade(url)
    afternoon = Afternoon(folder, url, settings, seed, now, steps)
    neighbors = await afternoon.play()
    async with open_database(url) as database:
        async with database.read() as session:
            community = await get_community(session, CITY)
        actor = Actor.system()
        played = await play_campaigns(database, community, actor, seed=seed, now=now, steps=steps)
        steps.start("Groups, meetings, and a campaign that runs now")
        known = (neighbors.resident_id, neighbors.volunteer_id)
        stage = Stage(database, actor, community)
        await play_gatherings(stage, played.people, known, seed=seed, now=now)
        steps.start("A second town")
        async with database.begin() as session:
            town = await seed_town(session, SECOND_TOWN, now=now)
            # A stranger looks at the older one: the real streets.
            (await session.get_one(Community, town.community_id)).created_at = now
    steps.finish()
    made = DemoInstallation(seed, list_people(neighbors, town))
    write_whole(folder / MARK, msgspec.json.encode(made))
    return made


def list_people(here: Neighbors, there: Town) -> tuple[DemoPerson, ...]:
    """Who can be tried out, in the order in which they are shown."""
    return (
        DemoPerson("manager", "Cambridge", here.manager_id),
        DemoPerson("coordinator", "Cambridge", here.coordinator_id),
        DemoPerson("volunteer", "Cambridge", here.volunteer_id),
        DemoPerson("resident", "Cambridge", here.resident_id),
        DemoPerson("other-manager", "Snowville", there.manager_id),
        DemoPerson("other-volunteer", "Snowville", there.volunteer_person_ids[0]),
        DemoPerson("other-resident", "Snowville", there.resident_ids[0]),
    )
