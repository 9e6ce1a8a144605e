"""Promises: what may be promised in a campaign, making a pledge, and saying what came of it.

A pledge is the person's own word. Nobody checks it, staff cannot settle it, and whoever says
nothing is reminded once and then left alone.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from campaigns.programmes.kinds import CampaignStatus
from campaigns.programmes.models import Campaign
from campaigns.programmes.repository import get_campaign, list_working_ids, load_campaigns
from campaigns.standings import pledges_repository as repository
from campaigns.standings import policy
from campaigns.standings.errors import (
    AlreadyPledged,
    CodeTaken,
    InvalidPledge,
    PledgesClosed,
    PledgeSettled,
    PledgeTemplateUnknown,
    PledgeUnknown,
)
from campaigns.standings.kinds import PledgeStatus
from campaigns.standings.models import UNIT_LENGTH, Pledge, PledgeTemplate
from core.db import Session
from core.errors import NotPermitted
from core.events import record_event
from core.i18n import LANGUAGES, SOURCE_LANGUAGE
from people.auth import Actor
from people.models import CODE_LENGTH, NAME_LENGTH

TAKES_PLEDGES = (CampaignStatus.SCHEDULED, CampaignStatus.RUNNING)
LARGEST_AMOUNT = 100_000.0

_CODE = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, kw_only=True)
class AddTemplate:
    """Something that people may promise."""

    campaign_id: UUID
    code: str
    labels: Mapping[str, str]
    """The words by language; English always."""
    unit: str
    suggested_amount: float
    max_amount: float


@dataclass(frozen=True, kw_only=True)
class MakePledge:
    """A promise of the one who acts."""

    template_id: UUID
    amount: float
    for_household: bool = False
    shows_name: bool = False
    """Consent to the first name on the public wall."""
    remind_at: datetime | None = None


async def add_template(
    session: Session, actor: Actor, command: AddTemplate, *, now: datetime
) -> PledgeTemplate:
    """Let people promise something in a campaign. Records ``pledge_template.added``."""
    campaign = await get_campaign(session, actor, command.campaign_id)
    await _check_manager(session, actor, campaign)
    if campaign.status in (CampaignStatus.FINISHED, CampaignStatus.ARCHIVED):
        raise PledgesClosed("The campaign is over: nothing can be promised in it any more.")
    check_code(command.code)
    check_unit(command.unit)
    labels = check_labels(command.labels)
    check_amount(command.max_amount, LARGEST_AMOUNT)
    check_amount(command.suggested_amount, command.max_amount)
    if await repository.find_template_by_code(session, campaign.id, command.code) is not None:
        raise CodeTaken(f"The campaign has something called {command.code!r} already.")
    if await repository.count_templates(session, campaign.id) >= repository.MAX_TEMPLATES:
        raise InvalidPledge(f"A campaign has at most {repository.MAX_TEMPLATES} kinds of pledges.")
    row = PledgeTemplate(
        campaign_id=campaign.id,
        code=command.code,
        labels=labels,
        unit=command.unit,
        suggested_amount=command.suggested_amount,
        max_amount=command.max_amount,
        closed_at=None,
        created_at=now,
    )
    session.add(row)
    await session.flush()
    _record(session, actor, campaign, "pledge_template.added", key=row.id, now=now)
    return row


async def close_template(
    session: Session, actor: Actor, template_id: UUID, *, now: datetime
) -> PledgeTemplate:
    """Offer something no more; promises that were made stand. Twice is fine.

    Records ``pledge_template.closed``.
    """
    row, campaign = await _get_template(session, actor, template_id)
    await _check_manager(session, actor, campaign)
    if row.closed_at is None:
        row.closed_at = now
        await session.flush()
        _record(session, actor, campaign, "pledge_template.closed", key=row.id, now=now)
    return row


async def make_pledge(
    session: Session, actor: Actor, command: MakePledge, *, now: datetime
) -> Pledge:
    """Promise something. The same promise again is one; another amount is refused.

    Records ``pledge.made``.
    """
    template, campaign = await _get_template(session, actor, command.template_id)
    if actor.person_id is None or not policy.can_pledge(actor, campaign, actor.person_id):
        raise NotPermitted("People of the community make pledges, each for themselves.")
    if campaign.status not in TAKES_PLEDGES:
        raise PledgesClosed(
            f"The campaign is {campaign.status.value}: pledges are made before it begins or "
            "while it runs."
        )
    check_amount(command.amount, template.max_amount)
    remind_at = check_reminder(command.remind_at, campaign, now)
    known = await repository.find_standing_pledge(session, template.id, actor.person_id)
    if known is not None:
        return _same(known, command)
    if template.closed_at is not None:
        raise PledgesClosed("This is not offered any more: choose another pledge.")
    row = Pledge(
        campaign_id=campaign.id,
        template_id=template.id,
        person_id=actor.person_id,
        for_household=command.for_household,
        amount=command.amount,
        kept_amount=None,
        status=PledgeStatus.MADE,
        shows_name=command.shows_name,
        made_at=now,
        remind_at=remind_at,
        settled_at=None,
    )
    try:
        async with session.begin_nested():
            session.add(row)
            await session.flush()
    except IntegrityError:
        first = await repository.find_standing_pledge(session, template.id, actor.person_id)
        if first is None:
            raise
        return _same(first, command)
    _record(session, actor, campaign, "pledge.made", key=row.id, now=now)
    return row


async def settle_pledge(
    session: Session, actor: Actor, pledge_id: UUID, kept_amount: float, *, now: datetime
) -> Pledge:
    """Say how much was done: all of it, a part, or nothing yet. May be said anew.

    Records ``pledge.kept``, ``pledge.partly`` or ``pledge.reopened``.
    """
    row, campaign = await _get_own(session, actor, pledge_id)
    if row.status is PledgeStatus.WITHDRAWN:
        raise PledgeSettled("This pledge was withdrawn: make it anew.")
    if kept_amount != 0:
        check_amount(kept_amount, LARGEST_AMOUNT)
    before = (row.status, row.kept_amount)
    row.status = find_outcome(row.amount, kept_amount)
    done = row.status is not PledgeStatus.MADE
    row.kept_amount = kept_amount if done else None
    if done:
        row.remind_at = None
    if before != (row.status, row.kept_amount):
        row.settled_at = now if done else None
        word = "reopened" if not done else row.status.value
        _record(session, actor, campaign, f"pledge.{word}", key=row.id, now=now)
    await session.flush()
    return row


async def withdraw_pledge(
    session: Session, actor: Actor, pledge_id: UUID, *, now: datetime
) -> Pledge:
    """Take a promise back, without giving a reason. Twice is fine. Records ``pledge.withdrawn``."""
    row, campaign = await _get_own(session, actor, pledge_id)
    if row.status is not PledgeStatus.WITHDRAWN:
        row.status, row.kept_amount, row.shows_name = PledgeStatus.WITHDRAWN, None, False
        row.remind_at, row.settled_at = None, now
        await session.flush()
        _record(session, actor, campaign, "pledge.withdrawn", key=row.id, now=now)
    return row


async def show_name(
    session: Session, actor: Actor, pledge_id: UUID, *, shows_name: bool, now: datetime
) -> Pledge:
    """Give or withdraw the consent to the first name on the wall; it holds at once.

    Records ``pledge.name_shown`` or ``pledge.name_hidden``.
    """
    row, campaign = await _get_own(session, actor, pledge_id)
    if row.status is PledgeStatus.WITHDRAWN:
        raise PledgeSettled("This pledge was withdrawn: it is on no wall.")
    if row.shows_name is not shows_name:
        row.shows_name = shows_name
        await session.flush()
        word = "name_shown" if shows_name else "name_hidden"
        _record(session, actor, campaign, f"pledge.{word}", key=row.id, now=now)
    return row


def find_outcome(amount: float, kept_amount: float) -> PledgeStatus:
    """What became of a promise."""
    if kept_amount <= 0:
        return PledgeStatus.MADE
    return PledgeStatus.KEPT if kept_amount >= amount else PledgeStatus.PARTLY


def check_amount(amount: float, most: float) -> None:
    """Refuse what nobody can promise."""
    if not math.isfinite(amount) or not 0 < amount <= most:
        raise InvalidPledge(f"The amount must be more than 0 and at most {most:g}.")


def check_code(code: str) -> None:
    """Refuse what is no code word."""
    if not _CODE.fullmatch(code) or len(code) > CODE_LENGTH:
        raise InvalidPledge(
            f"A code has small letters, digits and underlines, such as 'bike_to_work', at most "
            f"{CODE_LENGTH}."
        )


def check_unit(unit: str) -> None:
    """Refuse what is no code word of a unit."""
    if not _CODE.fullmatch(unit) or len(unit) > UNIT_LENGTH:
        raise InvalidPledge("A unit is a word in small letters, such as 'rides' or 'bags'.")


def check_labels(labels: Mapping[str, str]) -> dict[str, str]:
    """Words by language, tidy; English always."""
    tidy = {language: " ".join(text.split()) for language, text in labels.items()}
    if not tidy.get(SOURCE_LANGUAGE):
        raise InvalidPledge("The words must be there in English.")
    for language, text in tidy.items():
        if language not in LANGUAGES or not 0 < len(text) <= NAME_LENGTH:
            raise InvalidPledge(
                f"The words in {language!r} cannot be used: languages are "
                f"{', '.join(LANGUAGES)}, and there are 1 to {NAME_LENGTH} letters."
            )
    return tidy


def check_reminder(
    remind_at: datetime | None, campaign: Campaign, now: datetime
) -> datetime | None:
    """A reminder between now and the end of the campaign."""
    if remind_at is None:
        return None
    if not now < remind_at <= campaign.ends_at:
        raise InvalidPledge("A reminder comes later than now and before the campaign ends.")
    return remind_at


def _same(known: Pledge, command: MakePledge) -> Pledge:
    if (known.amount, known.for_household) != (command.amount, command.for_household):
        raise AlreadyPledged(
            "You have promised this already: withdraw that pledge first to make another one."
        )
    return known


async def _get_template(
    session: Session, actor: Actor, template_id: UUID
) -> tuple[PledgeTemplate, Campaign]:
    row = await repository.find_template(session, template_id)
    seen = {} if row is None else await load_campaigns(session, actor, [row.campaign_id])
    campaign = None if row is None else seen.get(row.campaign_id)
    if row is None or campaign is None:
        raise PledgeTemplateUnknown("There is no such pledge to make, or it is not for you.")
    return row, campaign


async def _get_own(session: Session, actor: Actor, pledge_id: UUID) -> tuple[Pledge, Campaign]:
    row = await repository.find_pledge(session, pledge_id)
    if row is None or not policy.can_change_pledge(actor, row.person_id):
        raise PledgeUnknown("There is no such pledge, or it is not yours.")
    return row, await session.get_one(Campaign, row.campaign_id)


async def _check_manager(session: Session, actor: Actor, campaign: Campaign) -> None:
    team = await list_working_ids(session, campaign.id)
    if not policy.can_manage_templates(actor, campaign, team):
        raise NotPermitted("Only who manages the campaign decides what can be promised in it.")


def _record(
    session: Session, actor: Actor, campaign: Campaign, kind: str, *, key: UUID, now: datetime
) -> None:
    record_event(
        session,
        kind,
        subject_type=kind.partition(".")[0],
        subject_id=key,
        happened_at=now,
        actor_id=actor.person_id,
        community_id=campaign.community_id,
        campaign_id=campaign.id,
    )
