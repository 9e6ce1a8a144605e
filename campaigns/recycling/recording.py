"""Writes down what was counted on routes. What comes twice counts once; what is mended, anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from campaigns.recycling import policy, repository
from campaigns.recycling.errors import AuditUnknown, InvalidMeasurement, RouteUnknown
from campaigns.recycling.measurements import (
    Cart,
    Measurement,
    SetOuts,
    Sorted,
    Walk,
    Weighed,
    find_fault,
    week_of,
)
from campaigns.recycling.models import (
    CartAudit,
    CartLook,
    CollectionRoute,
    RouteWeight,
    SetOutCount,
    WasteSort,
)
from core.db import Session
from core.errors import NotPermitted
from core.events import record_event
from core.worded import Worded as _
from matching.imports.repository import lock_community
from people.auth import Actor
from people.models import Community

MAX_ITEMS = 50_000
"""In one transaction."""
FROM_FILE = "file:"
FROM_APP = "app:"


@dataclass(frozen=True)
class Entry:
    """A measurement with the route that it names, and where it stands in its file."""

    route: str
    item: Measurement
    line: int = 0


@dataclass(frozen=True)
class Refused:
    """A line that cannot be used, and why."""

    line: int
    message: str


@dataclass
class Recorded:
    """What became of measurements."""

    new_count: int = 0
    changed_count: int = 0
    same_count: int = 0
    refused: list[Refused] = field(default_factory=list)

    def count(self, outcome: bool | None) -> None:
        """Note a row: new (None), changed or the same."""
        if outcome is None:
            self.new_count += 1
        elif outcome:
            self.changed_count += 1
        else:
            self.same_count += 1


def local_day(community: Community, now: datetime) -> date:
    """The day by the community's clock."""
    return now.astimezone(ZoneInfo(community.time_zone)).date()


async def record_measurements(
    session: Session,
    actor: Actor,
    community: Community,
    entries: Sequence[Entry],
    *,
    now: datetime,
    dry_run: bool = False,
) -> Recorded:
    """Store what can be, and tell of each line that cannot; a dry run, in a session that only
    reads, tells the same and stores nothing.

    A figure for the same route and week (or day) takes the place of the older one; a line that
    says what is known changes nothing. Records ``recycling.recorded`` when something changed.
    """
    if not policy.can_keep_routes(actor, community.id):
        raise NotPermitted("Only staff of the community write down what the hauler tells.")
    if len(entries) > MAX_ITEMS:
        raise InvalidMeasurement(f"At most {MAX_ITEMS:,} measurements at once; split the file.")
    if not dry_run:
        await lock_community(session, community.id)
    routes = await repository.load_codes(session, community.id)
    told, good = Recorded(), list[tuple[CollectionRoute, Entry]]()
    seen: dict[tuple[object, ...], int] = {}
    today = local_day(community, now)
    for entry in entries:
        message = _judge(entry, routes, seen, today)
        if message is None:
            good.append((routes[entry.route], entry))
        else:
            told.refused.append(Refused(entry.line, message))
    await _Writer(session, actor.person_id, now, told).write(good)
    if dry_run:
        return told
    await session.flush()
    if told.new_count or told.changed_count:
        record_event(
            session,
            "recycling.recorded",
            subject_type="community",
            subject_id=community.id,
            happened_at=now,
            actor_id=actor.person_id,
            community_id=community.id,
            new_count=told.new_count,
            changed_count=told.changed_count,
            refused_count=len(told.refused),
        )
    return told


def _judge(
    entry: Entry,
    routes: dict[str, CollectionRoute],
    seen: dict[tuple[object, ...], int],
    today: date,
) -> str | None:
    """Why an entry cannot be stored; one that stands twice is refused the second time."""
    route = routes.get(entry.route)
    if route is None:
        return _("There is no route %(route)s. Import the routes first.", route=repr(entry.route))
    fault = find_fault(entry.item, household_count=route.household_count, today=today)
    if fault is not None:
        return fault
    key = (entry.route, *_key(entry.item))
    if key in seen:
        return _(
            "Line %(line)s tells of the same. Keep one of them; add up loads of one day.",
            line=seen[key],
        )
    seen[key] = entry.line
    return None


def _key(item: Measurement) -> tuple[object, ...]:
    if isinstance(item, SetOuts):
        return "set_outs", week_of(item)
    if isinstance(item, Weighed):
        return "weight", item.day, item.stream
    if isinstance(item, Sorted):
        return "sort", week_of(item), item.sample
    return "walk", item.key


class _Writer:
    """Puts measurements into their rows: new ones, changed ones, and those that are the same."""

    def __init__(
        self, session: Session, person_id: UUID | None, now: datetime, told: Recorded
    ) -> None:
        self.session = session
        self.person_id = person_id
        self.now = now
        self.told = told

    async def write(self, entries: Sequence[tuple[CollectionRoute, Entry]]) -> None:
        """Write everything; what is there is read in one go for each kind."""
        if not entries:
            return
        routes = sorted({route.id for route, _ in entries})
        days = [
            entry.item.day if isinstance(entry.item, Weighed) else week_of(entry.item)
            for _, entry in entries
        ]
        span = (self.session, routes, min(days), max(days))
        set_outs = await repository.load_set_outs(*span)
        weights = await repository.load_weights(*span)
        sorts = await repository.load_sorts(*span)
        keys = [FROM_FILE + entry.item.key for _, entry in entries if isinstance(entry.item, Walk)]
        walks = await repository.load_audits_by_key(self.session, routes, keys) if keys else {}
        for route, entry in entries:
            item = entry.item
            if isinstance(item, SetOuts):
                known = set_outs.get((route.id, week_of(item)))
                self._put_set_outs(route, item, known)
            elif isinstance(item, Weighed):
                self._put_weight(route, item, weights.get((route.id, item.day, item.stream)))
            elif isinstance(item, Sorted):
                self._put_sort(route, item, sorts.get((route.id, week_of(item), item.sample)))
            else:
                self._put_walk(route, item, walks.get((route.id, FROM_FILE + item.key)))

    def _put_set_outs(
        self, route: CollectionRoute, item: SetOuts, known: SetOutCount | None
    ) -> None:
        if known is None:
            self.session.add(
                SetOutCount(
                    route_id=route.id,
                    week=week_of(item),
                    set_out_count=item.set_out_count,
                    recorded_by=self.person_id,
                    recorded_at=self.now,
                )
            )
            self.told.count(None)
        else:
            self._mend(known, {"set_out_count": item.set_out_count})

    def _put_weight(self, route: CollectionRoute, item: Weighed, known: RouteWeight | None) -> None:
        if known is None:
            self.session.add(
                RouteWeight(
                    route_id=route.id,
                    day=item.day,
                    stream=item.stream,
                    weight_kg=item.weight_kg,
                    recorded_by=self.person_id,
                    recorded_at=self.now,
                )
            )
            self.told.count(None)
        else:
            self._mend(known, {"weight_kg": item.weight_kg})

    def _put_sort(self, route: CollectionRoute, item: Sorted, known: WasteSort | None) -> None:
        if known is None:
            self.session.add(
                WasteSort(
                    route_id=route.id,
                    week=week_of(item),
                    sample=item.sample,
                    recorded_by=self.person_id,
                    recorded_at=self.now,
                    **item.weights,
                )
            )
            self.told.count(None)
        else:
            self._mend(known, dict(item.weights))

    def _put_walk(self, route: CollectionRoute, item: Walk, known: CartAudit | None) -> None:
        if known is None:
            self.session.add(
                CartAudit(
                    route_id=route.id,
                    week=week_of(item),
                    source_key=FROM_FILE + item.key,
                    recorded_at=self.now,
                    carts=make_looks(item.carts),
                )
            )
            self.told.count(None)
        elif known.week == week_of(item) and same_carts(known.carts, item.carts):
            self.told.count(False)
        else:
            known.week, known.recorded_at = week_of(item), self.now
            replace_looks(known, item.carts)
            self.told.count(True)

    def _mend(self, known: SetOutCount | RouteWeight | WasteSort, values: dict[str, float]) -> None:
        if all(getattr(known, name) == value for name, value in values.items()):
            self.told.count(False)
            return
        for name, value in values.items():
            setattr(known, name, value)
        known.recorded_by, known.recorded_at = self.person_id, self.now
        self.told.count(True)


def make_looks(carts: Sequence[Cart]) -> list[CartLook]:
    """Rows of what was seen."""
    return [
        CartLook(
            number=cart.number,
            state=cart.state,
            contaminants=sorted({kind.value for kind in cart.contaminants}),
        )
        for cart in carts
    ]


def replace_looks(row: CartAudit, carts: Sequence[Cart]) -> None:
    """Put what was seen in the place of what was written down before."""
    known = {look.number: look for look in row.carts}
    kept = []
    for new in make_looks(carts):
        look = known.get(new.number, new)
        look.state, look.contaminants = new.state, new.contaminants
        kept.append(look)
    row.carts = kept


def same_carts(looks: Sequence[CartLook], carts: Sequence[Cart]) -> bool:
    """Whether a walk saw what is written down."""
    known = {(look.number, look.state, tuple(sorted(look.contaminants))) for look in looks}
    return known == {
        (cart.number, cart.state, tuple(sorted({kind.value for kind in cart.contaminants})))
        for cart in carts
    }


@dataclass(frozen=True, kw_only=True)
class RecordAudit:
    """A walk, as the one who walked tells it; ``walk.key`` makes a repeated call one walk."""

    route_id: UUID
    walk: Walk


async def record_audit(
    session: Session, actor: Actor, command: RecordAudit, *, now: datetime
) -> CartAudit:
    """Write down a walk along a route: carts by number, and no address.

    Sent again under its key by the same person it stays one walk, with what was sent last.
    Records ``cart_audit.recorded``.
    """
    route = await repository.find_route(session, actor, command.route_id)
    if route is None or not policy.can_audit(actor, route.community_id):
        raise RouteUnknown("There is no such collection route, or it is not for you to look at.")
    community = await session.get(Community, route.community_id)
    assert community is not None
    await lock_community(session, community.id)
    walk = command.walk
    fault = find_fault(walk, household_count=route.household_count, today=local_day(community, now))
    if fault is not None:
        raise InvalidMeasurement(fault)
    key = FROM_APP + walk.key
    row = (await repository.load_audits_by_key(session, [route.id], [key])).get((route.id, key))
    if row is not None and row.auditor_id != actor.person_id:
        raise InvalidMeasurement("Another walk along this route has this key; take another one.")
    if row is not None and row.week == week_of(walk) and same_carts(row.carts, walk.carts):
        return row
    if row is None:
        row = CartAudit(
            route_id=route.id,
            week=week_of(walk),
            auditor_id=actor.person_id,
            source_key=key,
            recorded_at=now,
            carts=make_looks(walk.carts),
        )
        session.add(row)
    else:
        row.week, row.recorded_at = week_of(walk), now
        replace_looks(row, walk.carts)
    await session.flush()
    _record_audit(session, actor, "cart_audit.recorded", row, community_id=community.id, now=now)
    return row


async def remove_audit(session: Session, actor: Actor, audit_id: UUID, *, now: datetime) -> None:
    """Take back a walk that was written down wrongly. Records ``cart_audit.removed``."""
    row = await repository.find_audit(session, audit_id)
    route = None if row is None else await session.get(CollectionRoute, row.route_id)
    if (
        row is None
        or route is None
        or not policy.can_remove_audit(actor, route.community_id, row.auditor_id)
    ):
        raise AuditUnknown("There is no such walk, or it is not yours.")
    _record_audit(
        session, actor, "cart_audit.removed", row, community_id=route.community_id, now=now
    )
    await session.delete(row)
    await session.flush()


def _record_audit(
    session: Session, actor: Actor, kind: str, row: CartAudit, *, community_id: UUID, now: datetime
) -> None:
    record_event(
        session,
        kind,
        subject_type="cart_audit",
        subject_id=row.id,
        happened_at=now,
        actor_id=actor.person_id,
        community_id=community_id,
        route_id=row.route_id,
        cart_count=len(row.carts),
    )
