"""Who belongs to an audience now, why, and who is left out. Consent is looked at each time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import h3
import shapely

from campaigns.audiences import policy, repository
from campaigns.audiences.condition_repository import Place
from campaigns.audiences.definitions import (
    Definition,
    InShape,
    check_definition,
    list_leaves,
    read_shape,
)
from campaigns.audiences.errors import (
    AudienceEmpty,
    AudienceIsEverybody,
    AudienceNotForYou,
    PurposeNotForAudiences,
)
from campaigns.audiences.kinds import Exclusion, Notice
from campaigns.audiences.reasons import EVERYBODY, name_reason
from campaigns.audiences.repository import Described
from campaigns.standings.suppression import K
from core.db import Session
from people.auth import Actor
from people.errors import CommunityUnknown
from people.kinds import Channel, Purpose
from people.models import Community

PURPOSES = frozenset({Purpose.CAMPAIGNS, Purpose.PROGRAMMES})
EVERYBODY_SHARE = 0.8
"""Above this share of all members a segment says little about whom it is for."""


@dataclass(frozen=True)
class AudienceCounts:
    """Exact numbers of people. For the product alone: people see them blurred."""

    members_count: int
    """Residents and volunteers of the community."""
    described_count: int
    """Those of them whom the segment describes."""
    excluded: Mapping[Exclusion, int]


@dataclass(frozen=True)
class Audience:
    """Who is reached now, and what became of all the others whom the segment describes."""

    person_ids: tuple[UUID, ...]
    """By id: consented, reachable, neither away nor written to lately."""
    why: Mapping[UUID, tuple[str, ...]]
    """Code words such as ``interest:cycling``; `campaigns.audiences.reasons` puts them in words."""
    counts: AudienceCounts
    excluded: Mapping[UUID, Exclusion]
    homes: Mapping[UUID, tuple[int | None, str | None]]
    """Cell and area of each person who is reached."""

    @property
    def notice(self) -> Notice | None:
        """What must be known before anything is sent."""
        if not self.counts.described_count:
            return Notice.NOBODY
        if len(self.person_ids) < K:
            return Notice.TOO_FEW
        if self.counts.described_count > EVERYBODY_SHARE * self.counts.members_count:
            return Notice.EVERYBODY
        return None


async def find_audience(
    session: Session,
    actor: Actor,
    community_id: UUID,
    definition: Definition,
    purpose: Purpose,
    *,
    now: datetime,
    besides: UUID | None = None,
) -> Audience:
    """The people whom a segment describes and who may be written to for this purpose, now.

    In a number of statements that does not depend on how many people there are.

    Parameters
    ----------
    besides
        Messages about this subject do not count as contact: a mailing that goes on after a pause
        gives its own id, or those it has reached would seem to be new.
    """
    if not policy.can_use_audiences(actor, community_id):
        raise AudienceNotForYou("Only managers of the community choose whom to reach.")
    if purpose not in PURPOSES:
        raise PurposeNotForAudiences("Audiences are for the purposes campaigns and programmes.")
    check_definition(definition)
    community = await session.get(Community, community_id)
    if community is None:
        raise CommunityUnknown(f"There is no community {community_id}.")
    place = Place(community_id, now, await _find_cells(session, community_id, definition))
    described = await repository.list_described(session, definition.where, place)
    today = now.astimezone(ZoneInfo(community.time_zone)).date()
    since = now - timedelta(days=definition.not_contacted_days or 0)
    contacted: set[Hashable] = set()
    if definition.not_contacted_days is not None:
        contacted = await repository.list_contacted(session, community_id, since, besides=besides)
    standing = _Standing(
        said=await repository.load_consents(session, community_id, purpose),
        contacts=await repository.load_contacts(session, community_id),
        away=await repository.list_away(session, community_id, now, today),
        contacted=contacted,
    )
    members_count = await repository.count_members(session, community_id)
    return _sort_out(definition, described, standing, members_count)


def check_sendable(audience: Audience, *, everybody_confirmed: bool = False) -> None:
    """Refuse what must not be sent: to nobody, to fewer than five, unconfirmed to all."""
    if audience.notice in (Notice.NOBODY, Notice.TOO_FEW):
        raise AudienceEmpty(
            f"Nobody, or fewer than {K} people, would be reached, so nothing is sent. Take away a "
            "condition, or wait until more people agree."
        )
    if audience.notice is Notice.EVERYBODY and not everybody_confirmed:
        raise AudienceIsEverybody(
            "More than 80 of 100 members would be reached. Confirm that it is meant for "
            "everybody, or add a condition."
        )


@dataclass(frozen=True)
class _Standing:
    """What decides whether somebody may be written to."""

    said: Mapping[Hashable, dict[Channel, tuple[bool, str]]]
    contacts: Mapping[Hashable, list[tuple[Channel, bool]]]
    away: set[Hashable]
    contacted: set[Hashable]

    def find_exclusion(self, key: Hashable) -> Exclusion | None:
        said = self.said.get(key, {})
        if not any(granted for granted, _ in said.values()):
            return Exclusion.UNSUBSCRIBED if said else Exclusion.NO_CONSENT
        contacts = self.contacts.get(key, [])
        if not repository.may_be_written_to(said, contacts):
            withdrawn = any(channel in said and not said[channel][0] for channel, _ in contacts)
            return Exclusion.UNSUBSCRIBED if withdrawn else Exclusion.NO_CONTACT
        if key in self.away:
            return Exclusion.AWAY
        return Exclusion.CONTACTED_LATELY if key in self.contacted else None


def _sort_out(
    definition: Definition, described: list[Described], standing: _Standing, members_count: int
) -> Audience:
    leaves = [] if definition.where is None else list(list_leaves(definition.where))
    names = [(name_reason(leaf, negated=negated), negated) for leaf, negated in leaves]
    why: dict[UUID, tuple[str, ...]] = {}
    excluded: dict[UUID, Exclusion] = {}
    homes: dict[UUID, tuple[int | None, str | None]] = {}
    for row in described:
        reason = standing.find_exclusion(row.key)
        if reason is not None:
            excluded[row.person_id] = reason
            continue
        true = [
            name for (name, negated), holds in zip(names, row.holds, strict=True) if holds ^ negated
        ]
        why[row.person_id] = tuple(dict.fromkeys(true)) or (EVERYBODY,)
        homes[row.person_id] = (row.cell, row.area)
    counted = Counter(excluded.values())
    counts = AudienceCounts(
        members_count=members_count,
        described_count=len(described),
        excluded={reason: counted[reason] for reason in Exclusion},
    )
    return Audience(tuple(why), why, counts, excluded, homes)


async def _find_cells(
    session: Session, community_id: UUID, definition: Definition
) -> dict[int, tuple[int, ...]]:
    """The cells whose middle lies in each shape of a segment."""
    if definition.where is None:
        return {}
    shapes = [leaf for leaf, _ in list_leaves(definition.where) if isinstance(leaf, InShape)]
    if not shapes:
        return {}
    cells = await repository.list_cells(session, community_id)
    middles = [h3.cell_to_latlng(h3.int_to_str(cell)) for cell in cells]
    points = shapely.points([(lon_deg, lat_deg) for lat_deg, lon_deg in middles])
    found: dict[int, tuple[int, ...]] = {}
    for leaf in shapes:
        inside = shapely.contains(read_shape(leaf.geometry), points) if cells else []
        found[id(leaf)] = tuple(cell for cell, is_in in zip(cells, inside, strict=True) if is_in)
    return found
