"""Tools of the depots: promised with a yes, handed out, brought back. Never more than there are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import numpy as np

from core.db import Session
from core.errors import NotPermitted
from core.events import record_event
from geo.travel import great_circle_m
from matching import repository as matching_repository
from matching.errors import VolunteerUnknown
from matching.imports.abilities import ability_kind, ability_label
from matching.imports.errors import CellRefused
from matching.imports.fields import parse_names, parse_weekly
from matching.imports.records import Place
from matching.models import HelpRequest, Volunteer
from matching.volunteering import policy, repository, tools_repository
from matching.volunteering.errors import DepotUnknown, InvalidStock, LoanUnknown, ToolsAllLent
from matching.volunteering.models import Depot, ToolLoan, ToolStock
from matching.volunteering.tools_repository import StockRow
from people.auth import Actor
from people.kinds import PlaceKind, Precision
from people.models import Household, HouseholdAddress
from people.repository import ensure_abilities, read_rules_at

MAX_OWNED = 10_000
_CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


@dataclass(frozen=True)
class OpenDepot:
    """A place that lends tools; its address is public."""

    community_id: UUID
    code: str
    name: str
    place: Place
    hours: tuple[str, ...] = ()


@dataclass(frozen=True)
class SetStock:
    """How many tools of one kind a depot owns."""

    community_id: UUID
    depot: str
    ability: str
    owned: int


def read_tool(text: str) -> str:
    """The name of one tool in its one form, such as ``snow_blower``."""
    try:
        (code,) = parse_names("tool", text)
    except (CellRefused, ValueError):
        raise InvalidStock(f"{text[:40]!r} is no name of a tool; write it like shovel.") from None
    return code


async def open_depot(session: Session, actor: Actor, command: OpenDepot, *, now: datetime) -> Depot:
    """Open a place that lends tools. Records ``depot.opened``."""
    _refuse_others(actor, command.community_id)
    if not _CODE.fullmatch(command.code):
        raise InvalidStock(
            f"The short name {command.code[:40]!r} cannot be used: small letters, digits, hyphens."
        )
    if await tools_repository.find_depot(session, command.community_id, command.code) is not None:
        raise InvalidStock(f"There is a depot {command.code!r} already; choose another name.")
    try:
        parse_weekly("hours", "|".join(command.hours))
    except CellRefused as refused:
        raise InvalidStock(f"The opening {refused.problem.sentence()}") from None
    place = command.place
    household = Household(
        community_id=command.community_id,
        kind=PlaceKind.OTHER,
        cell=place.cell,
        area=place.area,
        precision=Precision(place.precision),
        created_at=now,
        address=HouseholdAddress(
            address_text=place.address_text,
            unit=place.unit,
            lon_deg=place.lon_deg,
            lat_deg=place.lat_deg,
            address_id=place.address_id,
        ),
    )
    session.add(household)
    await session.flush()
    depot = Depot(
        community_id=command.community_id,
        household_id=household.id,
        code=command.code,
        name=command.name,
        hours=list(command.hours),
        created_at=now,
    )
    session.add(depot)
    await session.flush()
    record_event(
        session,
        "depot.opened",
        subject_type="depot",
        subject_id=depot.id,
        happened_at=now,
        actor_id=actor.person_id,
        community_id=command.community_id,
    )
    return depot


async def set_stock(
    session: Session, actor: Actor, command: SetStock, *, now: datetime
) -> ToolStock:
    """Say how many tools a depot owns; not fewer than are out. Records ``stock.set``."""
    _refuse_others(actor, command.community_id)
    if not 0 <= command.owned <= MAX_OWNED:
        raise InvalidStock(f"A depot owns 0 to {MAX_OWNED:,} tools of one kind.")
    depot = await _get_depot(session, command.community_id, command.depot)
    code = command.ability
    ability = (
        await ensure_abilities(
            session, command.community_id, [(ability_kind(code), code, ability_label(code))]
        )
    )[code]
    stock = await tools_repository.find_stock(session, depot.id, ability.id)
    if stock is None:
        stock = ToolStock(depot_id=depot.id, ability_id=ability.id, owned=0)
        session.add(stock)
        await session.flush()
    if not await tools_repository.set_owned(session, stock.id, command.owned):
        raise InvalidStock(
            f"Depot {depot.code!r} has {stock.lent} of these out; bring some back first, or set "
            "a higher count."
        )
    await session.refresh(stock)
    record_event(
        session,
        "stock.set",
        subject_type="depot",
        subject_id=depot.id,
        happened_at=now,
        actor_id=actor.person_id,
        community_id=command.community_id,
        owned_count=command.owned,
        ability_id=ability.id,
    )
    return stock


async def reserve_tools(
    session: Session,
    volunteer: Volunteer,
    request: HelpRequest,
    *,
    ends_at: datetime,
    now: datetime,
) -> list[ToolLoan]:
    """Promise a volunteer the tools that accepted work needs and that depots lend.

    Those whom the volunteer owns or has on loan are left out, and so are tools that no depot
    keeps. The caller has locked the volunteer. Records ``tool.promised``.

    Raises
    ------
    ToolsAllLent
        When the last one within reach went to somebody else; nothing is promised then.
    """
    needs = await tools_repository.load_needs(session, request.id)
    owned = set(await repository.list_abilities_of(session, volunteer.person_id))
    out = {loan.ability_id for loan in await tools_repository.list_loans_of(session, volunteer.id)}
    missing = {key: code for key, code in needs.items() if code not in owned and key not in out}
    stocks = await tools_repository.load_stocks(session, volunteer.community_id, list(missing))
    kept = {row.ability_id for row in stocks}
    if not kept:
        return []
    rules = await read_rules_at(session, volunteer.community_id, now)
    near = await _sort_by_distance(session, volunteer, stocks, rules.depot_reach_m)
    due_at = max(ends_at, now) + timedelta(days=rules.loan_days)
    loans: list[ToolLoan] = []
    for ability_id in sorted(kept):
        mine = [row for row in near if row.ability_id == ability_id]
        loan = await _take_first(session, volunteer, mine, due_at=due_at, now=now)
        if loan is None:
            for taken in loans:
                await tools_repository.end_loan(session, taken.id, now)
            raise ToolsAllLent(
                f"No {missing[ability_id].replace('_', ' ')} is left to lend near volunteer "
                f"{volunteer.id}. Another offer may need none."
            )
        loans.append(loan)
    for loan in loans:
        _record(session, "tool.promised", volunteer, loan, now=now)
    return loans


async def _sort_by_distance(
    session: Session, volunteer: Volunteer, stocks: list[StockRow], reach_m: float
) -> list[StockRow]:
    """Stocks in reach of one of the volunteer's places, the nearest first."""
    places = np.array(await tools_repository.find_anchor_points(session, volunteer), np.float64)
    found = []
    for number, row in enumerate(stocks):
        here = np.array([[row.lon_deg, row.lat_deg]])
        distance_m = float(great_circle_m(places, here).min()) if len(places) else np.inf
        if distance_m <= reach_m:
            found.append((distance_m, number))
    return [stocks[number] for _, number in sorted(found)]


async def _take_first(
    session: Session,
    volunteer: Volunteer,
    stocks: list[StockRow],
    *,
    due_at: datetime,
    now: datetime,
) -> ToolLoan | None:
    for row in stocks:
        if row.free > 0 and await tools_repository.take_tool(session, row.stock_id):
            loan = ToolLoan(
                stock_id=row.stock_id,
                volunteer_id=volunteer.id,
                ability_id=row.ability_id,
                lent_at=now,
                due_at=due_at,
            )
            session.add(loan)
            await session.flush()
            return loan
    return None


async def free_tools(session: Session, volunteer_id: UUID, *, now: datetime) -> int:
    """End the promises that no accepted work needs any more, and say how many.

    What left a depot stays on loan until it is back. Records ``tool.freed``.
    """
    volunteer = await matching_repository.lock_volunteer(session, volunteer_id)
    if volunteer is None:
        return 0
    needed = await tools_repository.load_needs_of_held_work(session, volunteer_id)
    freed = 0
    for loan in await tools_repository.list_loans_of(session, volunteer_id):
        if loan.handed_at is None and loan.ability_id not in needed:
            freed += await tools_repository.end_loan(session, loan.id, now)
            _record(session, "tool.freed", volunteer, loan, now=now)
    return freed


async def hand_out_tool(
    session: Session, actor: Actor, volunteer_id: UUID, *, depot: str, ability: str, now: datetime
) -> ToolLoan:
    """Note that a tool leaves a depot, promised before or not. Records ``tool.handed_out``."""
    volunteer = await _get_volunteer(session, actor, volunteer_id)
    place = await _get_depot(session, volunteer.community_id, depot)
    stocks = [
        row
        for row in await tools_repository.load_stocks(session, volunteer.community_id)
        if row.depot_id == place.id and row.ability == ability
    ]
    if not stocks:
        raise InvalidStock(f"Depot {depot!r} keeps no {ability[:40]!r}.")
    rules = await read_rules_at(session, volunteer.community_id, now)
    loan = await tools_repository.find_loan(session, volunteer_id, stocks[0].ability_id)
    if loan is not None and loan.handed_at is None and loan.stock_id != stocks[0].stock_id:
        # Promised elsewhere, fetched here.
        await tools_repository.end_loan(session, loan.id, now)
        loan = None
    if loan is None:
        due_at = now + timedelta(days=rules.loan_days)
        loan = await _take_first(session, volunteer, stocks, due_at=due_at, now=now)
    if loan is None:
        raise ToolsAllLent(f"Every {ability.replace('_', ' ')} of depot {depot!r} is out.")
    if loan.handed_at is None:
        loan.handed_at = now
        await session.flush()
        _record(session, "tool.handed_out", volunteer, loan, now=now, actor_id=actor.person_id)
    return loan


async def return_tool(
    session: Session, actor: Actor, volunteer_id: UUID, *, ability: str, now: datetime
) -> ToolLoan:
    """Note that a tool is back; Records ``tool.returned``."""
    volunteer = await _get_volunteer(session, actor, volunteer_id)
    for loan in await tools_repository.list_loans_of(session, volunteer_id):
        if await tools_repository.find_ability_code(session, loan.ability_id) == ability:
            await tools_repository.end_loan(session, loan.id, now)
            _record(session, "tool.returned", volunteer, loan, now=now, actor_id=actor.person_id)
            return loan
    raise LoanUnknown(f"Volunteer {volunteer_id} has no {ability[:40]!r} on loan.")


async def end_old_promises(session: Session, community_id: UUID, *, now: datetime) -> int:
    """Free the tools that were promised, never fetched, and are past their day."""
    ended = 0
    for loan, _, _ in await tools_repository.list_loans(session, community_id, due_before=now):
        if loan.handed_at is None:
            ended += await tools_repository.end_loan(session, loan.id, now)
    return ended


async def _get_depot(session: Session, community_id: UUID, code: str) -> Depot:
    found = await tools_repository.find_depot(session, community_id, code)
    if found is None:
        known = [row.code for row in await tools_repository.list_depots(session, community_id)]
        raise DepotUnknown(
            f"There is no depot {code[:40]!r}; there are: {', '.join(known) or 'none yet'}."
        )
    return found


async def _get_volunteer(session: Session, actor: Actor, volunteer_id: UUID) -> Volunteer:
    volunteer = await matching_repository.lock_volunteer(session, volunteer_id)
    if volunteer is None or not policy.can_keep_tools(actor, volunteer.community_id):
        raise VolunteerUnknown(f"There is no volunteer {volunteer_id}.")
    return volunteer


def _refuse_others(actor: Actor, community_id: UUID) -> None:
    if not policy.can_keep_tools(actor, community_id):
        raise NotPermitted("Only staff of the community keep its tools.")


def _record(
    session: Session,
    kind: str,
    volunteer: Volunteer,
    loan: ToolLoan,
    *,
    now: datetime,
    actor_id: UUID | None = None,
) -> None:
    record_event(
        session,
        kind,
        subject_type="volunteer",
        subject_id=volunteer.id,
        happened_at=now,
        actor_id=actor_id,
        community_id=volunteer.community_id,
        ability_id=loan.ability_id,
        stock_id=loan.stock_id,
    )
