"""Collection routes of a community: what the hauler calls them, and how many homes they have."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from campaigns.recycling import policy, repository
from campaigns.recycling.errors import InvalidRoute
from campaigns.recycling.measurements import MAX_NAME
from campaigns.recycling.models import CollectionRoute
from core.db import Session
from core.errors import NotPermitted
from core.events import record_event
from core.worded import Worded as _
from geo.open_cities import open_city
from matching.imports.repository import lock_community
from people.auth import Actor
from people.models import Community

MAX_AREAS = 50
MAX_HOUSEHOLDS = 100_000


@dataclass(frozen=True, kw_only=True)
class SetRoute:
    """What a route shall be.

    Parameters
    ----------
    household_count
        None takes the addresses of its neighbourhoods.
    """

    community_id: UUID
    code: str
    areas: tuple[str, ...] = ()
    household_count: int | None = None


async def count_area_addresses(community: Community) -> dict[str, int]:
    """Addresses of each neighbourhood of the city pack; read it before a transaction begins."""

    def count() -> dict[str, int]:
        pack = open_city(community.city_pack).pack
        houses = Counter(pack.addresses.areas)
        return {name: houses[name] for name in pack.areas.names}

    return await asyncio.to_thread(count)


async def set_route(
    session: Session,
    actor: Actor,
    command: SetRoute,
    *,
    area_addresses: Mapping[str, int],
    now: datetime,
) -> CollectionRoute:
    """Add a route, or change the one with its code. Said twice it holds once.

    Records ``collection_route.set`` when something changed.
    """
    if not policy.can_keep_routes(actor, command.community_id):
        raise NotPermitted("Only staff of the community keep its collection routes.")
    await lock_community(session, command.community_id)
    known = await repository.load_codes(session, command.community_id)
    row, changed = put_route(session, known, command, area_addresses=area_addresses, now=now)
    await session.flush()
    if changed:
        record_event(
            session,
            "collection_route.set",
            subject_type="collection_route",
            subject_id=row.id,
            happened_at=now,
            actor_id=actor.person_id,
            community_id=row.community_id,
            household_count=row.household_count,
        )
    return row


def put_route(
    session: Session,
    known: dict[str, CollectionRoute],
    command: SetRoute,
    *,
    area_addresses: Mapping[str, int],
    now: datetime,
) -> tuple[CollectionRoute, bool]:
    """The row of a route, and whether it is new or was changed; ``known`` learns of it."""
    code, areas = command.code.strip(), sorted({area.strip() for area in command.areas} - {""})
    households = command.household_count
    _refuse_impossible(code, areas, households, area_addresses)
    counted = households is None
    if households is None:
        households = sum(area_addresses[area] for area in areas)
        if households < 1:
            raise InvalidRoute(
                _(
                    "Route %(code)s has no households and no neighbourhood with addresses: give "
                    "one.",
                    code=code,
                )
            )
    row = known.get(code)
    if row is None:
        if len(known) >= repository.MAX_ROUTES:
            raise InvalidRoute(
                _(
                    "A community has at most %(max_routes)s routes.",
                    max_routes=format(repository.MAX_ROUTES, ","),
                )
            )
        row = CollectionRoute(
            community_id=command.community_id,
            code=code,
            areas=areas,
            household_count=households,
            households_counted=counted,
            created_at=now,
            updated_at=now,
        )
        session.add(row)
        known[code] = row
        return row, True
    if (row.areas, row.household_count, row.households_counted) == (areas, households, counted):
        return row, False
    row.areas, row.household_count, row.households_counted = areas, households, counted
    row.updated_at = now
    return row, True


def _refuse_impossible(
    code: str,
    areas: Sequence[str],
    households: int | None,
    area_addresses: Mapping[str, int],
) -> None:
    if not 1 <= len(code) <= MAX_NAME:
        raise InvalidRoute(
            _("A route needs a code of 1 to %(max_name)s characters.", max_name=MAX_NAME)
        )
    if len(areas) > MAX_AREAS:
        raise InvalidRoute(
            _(
                "Route %(code)s names %(areas)s neighbourhoods; %(max_areas)s at most.",
                code=code,
                areas=len(areas),
                max_areas=MAX_AREAS,
            )
        )
    unknown = [area for area in areas if area not in area_addresses]
    if unknown:
        raise InvalidRoute(
            _(
                "Route %(code)s: the city has no neighbourhood %(unknown)s. It has: %(list)s.",
                code=code,
                unknown=repr(unknown[0]),
                list=", ".join(sorted(area_addresses)),
            )
        )
    if households is not None and not 1 <= households <= MAX_HOUSEHOLDS:
        raise InvalidRoute(
            _(
                "Route %(code)s cannot have %(households)s households; write 1 to "
                "%(max_households)s.",
                code=code,
                households=households,
                max_households=format(MAX_HOUSEHOLDS, ","),
            )
        )
