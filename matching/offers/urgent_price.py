"""What urgent mode would cost now, before a manager chooses it."""

from __future__ import annotations

from uuid import UUID

from core.db import Database
from geo.blurred_travel import TimeBucket
from geo.city import CityPack, find_pack_file
from matching.ladder.urgent import UrgentPrice, price_of_urgent_mode
from matching.models import Volunteer
from matching.offers import asks_repository
from matching.offers.board import build_board
from matching.offers.wave_state import read_wave_state
from matching.rounds.inputs import read_inputs
from matching.rounds.planning import RoundTools
from matching.rounds.problem import build_round_problem
from people.errors import CommunityUnknown
from people.models import Household


async def find_urgent_price(
    database: Database, community_id: UUID, *, tools: RoundTools
) -> UrgentPrice:
    """Homes and urgent homes that can be hoped for, the usual way and in urgent mode."""
    now = tools.clock.now()
    async with database.read() as session:
        community = await asks_repository.find_community(session, community_id)
        if community is None:
            raise CommunityUnknown(f"There is no community {community_id}.")
        inputs = (await read_inputs(session, community, now=now)).around_agreed()
        state = await read_wave_state(session, community, inputs.rules, now=now)
    pack = CityPack.open(find_pack_file(community.city_pack))
    made = build_round_problem(inputs, pack, tools.find_travel(pack))
    board = build_board(made, state, _no_bucket).board
    return price_of_urgent_mode(board, state.ladder)


def _no_bucket(_: Volunteer, __: Household, ___: Household) -> TimeBucket:
    """Nobody is told of a way here."""
    return TimeBucket.OVER_30_MIN
