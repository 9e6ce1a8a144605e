"""What a person who thinks of signing up may know of the need near home."""

from __future__ import annotations

from datetime import timedelta

from core.clock import FixedClock
from core.db import Database
from geo.city import CityPack, shipped_pack
from geo.privacy import PrivacyCells
from matching.kinds import RequestStatus
from matching.volunteering.coverage import count_requests_near
from people.models import Household
from tests.factories.matching import add_request
from tests.factories.people import LONG_AGO, add_community


async def test_small_counts_are_a_few_and_others_are_rounded(
    database: Database, clock: FixedClock
) -> None:
    cells = PrivacyCells.from_pack(CityPack.open(shipped_pack("cambridge")))
    here, far = cells.cell_of(-71.1106, 42.3736), cells.cell_of(-71.1400, 42.3900)
    span = {"since": LONG_AGO - timedelta(days=1), "until": LONG_AGO + timedelta(days=1)}
    async with database.begin() as session:
        community = await add_community(session)

        async def add(count: int, cell: int) -> None:
            for _ in range(count):
                row = await add_request(session, community, status=RequestStatus.EXPIRED)
                home = await session.get(Household, row.household_id)
                assert home is not None
                home.cell = cell
            await session.flush()

        answers = []
        for count in (4, 1, 8):
            await add(count, here)
            near = await count_requests_near(session, community.id, here, **span)
            answers.append((near.about, near.words))
        await add(5, far)
        near = await count_requests_near(session, community.id, here, **span)
        later = await count_requests_near(
            session, community.id, here, since=clock.now(), until=clock.now() + timedelta(days=1)
        )
    assert answers == [
        (None, "a few requests"),
        (5, "about 5 requests"),
        (15, "about 15 requests"),
    ]
    assert near.about == 15
    assert later.about is None
