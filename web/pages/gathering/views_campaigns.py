"""What pages of campaigns say: when, how far, and which group stands where. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from campaigns.programmes.kinds import SHARES, CampaignKind, CampaignStatus, GoalUnit
from campaigns.programmes.models import Campaign, CampaignMember
from campaigns.programmes.policy import OPEN_FOR_JOINING
from campaigns.standings.kinds import BoardKind, SizeBand
from campaigns.standings.showing import ShownBoard, ShownLine
from core.i18n import Translator

DAYS_A_WEEK = 7
SHOWN_ROWS = 10
"""Of a board; further ones fold away."""


@dataclass(frozen=True)
class CampaignCard:
    """One campaign in a list."""

    path: str
    title: str
    summary: str
    kind: str
    icon: str
    when: str
    takes_part: bool


@dataclass(frozen=True)
class BoardRow:
    """One line of a board, as it stands on the page."""

    label: str
    rank: int | None
    count: str
    share: int | None
    share_words: str
    is_own: bool


@dataclass(frozen=True)
class Board:
    """The lines of one band of size."""

    caption: str
    rows: tuple[BoardRow, ...]


@dataclass(frozen=True)
class CampaignHead:
    """What stands above everything else."""

    path: str
    title: str
    summary: str
    eyebrow: str
    when: str
    kind: str
    is_biking: bool
    is_recycling: bool
    is_over: bool
    is_coming: bool
    is_open: bool
    """Whether one may join."""
    takes_part: bool
    invite_code: str
    areas: tuple[str, ...]
    goal: str


def make_path(community_slug: str, campaign: Campaign) -> str:
    """Where a campaign has its page."""
    return f"/campaigns/{community_slug}/{campaign.slug}"


def make_card(
    speaker: Translator, campaign: Campaign, community_slug: str, own: CampaignMember | None
) -> CampaignCard:
    """A campaign in a list."""
    kind, icon = _name_kind(speaker, campaign.kind)
    return CampaignCard(
        path=make_path(community_slug, campaign),
        title=campaign.title,
        summary=campaign.summary,
        kind=kind,
        icon=icon,
        when=say_when(speaker, campaign),
        takes_part=own is not None and own.left_at is None,
    )


def make_head(
    speaker: Translator,
    campaign: Campaign,
    community_slug: str,
    own: CampaignMember | None,
    now: datetime,
) -> CampaignHead:
    """The head of a campaign's page."""
    takes_part = own is not None and own.left_at is None
    kind, _ = _name_kind(speaker, campaign.kind)
    return CampaignHead(
        path=make_path(community_slug, campaign),
        title=campaign.title,
        summary=campaign.summary,
        eyebrow=_say_week(speaker, campaign, now),
        when=say_when(speaker, campaign),
        kind=kind,
        is_biking=campaign.kind is CampaignKind.BIKING,
        is_recycling=campaign.kind is CampaignKind.RECYCLING,
        is_over=campaign.status in (CampaignStatus.FINISHED, CampaignStatus.ARCHIVED),
        is_coming=campaign.status is CampaignStatus.SCHEDULED,
        is_open=campaign.status in OPEN_FOR_JOINING,
        takes_part=takes_part,
        invite_code=own.invite_code if own is not None and takes_part else "",
        areas=tuple(campaign.areas),
        goal=_say_goal(speaker, campaign),
    )


def say_when(speaker: Translator, campaign: Campaign) -> str:
    """From which day to which."""
    return speaker.gettext(
        "%(first)s to %(last)s",
        first=speaker.say_day(campaign.starts_at),
        last=speaker.say_day(campaign.last_at),
    )


def make_boards(
    speaker: Translator, board: ShownBoard | None, own_group_ids: Collection[UUID] = ()
) -> tuple[Board, ...]:
    """Groups or neighborhoods, those of like size together. What is hidden is left out.

    One's own groups are never folded away: they stand among the first lines.
    """
    if board is None:
        return ()
    found = []
    for band in SizeBand:
        rows = [line for line in board.lines if line.band is band and line.rank is not None]
        if rows:
            lines = [_make_row(speaker, line, own_group_ids) for line in rows]
            found.append(Board(_name_band(speaker, board.board, band), _lift_own(lines)))
    return tuple(found)


def make_people(
    speaker: Translator, board: ShownBoard | None, own_alias: str | None
) -> tuple[BoardRow, ...]:
    """Those with an alias, by days with something done."""
    if board is None:
        return ()
    rows = [
        BoardRow(
            line.label,
            line.rank,
            speaker.say_number(line.count or 0),
            None,
            "",
            own_alias is not None and line.label == own_alias,
        )
        for line in board.lines
        if line.rank is not None
    ]
    return _lift_own(rows)


def split_by_time(
    campaigns: Sequence[Campaign],
) -> Mapping[str, list[Campaign]]:
    """Those that run, that will begin, and that are over."""
    found: dict[str, list[Campaign]] = {"running": [], "coming": [], "over": []}
    for campaign in campaigns:
        if campaign.status is CampaignStatus.RUNNING:
            found["running"].append(campaign)
        elif campaign.status is CampaignStatus.SCHEDULED:
            found["coming"].append(campaign)
        elif campaign.status in (CampaignStatus.FINISHED, CampaignStatus.ARCHIVED):
            found["over"].append(campaign)
    found["coming"].sort(key=lambda row: (row.starts_at, row.slug))
    return found


def _make_row(speaker: Translator, line: ShownLine, own: Collection[UUID]) -> BoardRow:
    share = line.share_percent
    words = "" if share is None else speaker.gettext("%(share)s of 100", share=share)
    if share is not None and share >= 95:
        words = speaker.gettext("95 of 100 or more")
    return BoardRow(
        label=line.label,
        rank=line.rank,
        count="" if line.count is None else speaker.say_number(line.count),
        share=share,
        share_words=words,
        is_own=line.group_id is not None and line.group_id in own,
    )


def _say_week(speaker: Translator, campaign: Campaign, now: datetime) -> str:
    _, status = speaker.gettext, campaign.status
    if status is CampaignStatus.SCHEDULED:
        return _("This campaign begins on %(day)s", day=speaker.say_day(campaign.starts_at))
    if status is CampaignStatus.DRAFT:
        return _("A draft. Only the team and staff see it.")
    if status is not CampaignStatus.RUNNING:
        return _("This campaign ended on %(day)s", day=speaker.say_day(campaign.last_at))
    weeks = max(1, -(-(campaign.ends_at - campaign.starts_at).days // DAYS_A_WEEK))
    week = min(weeks, max(1, (now - campaign.starts_at).days // DAYS_A_WEEK + 1))
    return _("This campaign runs now. Week %(week)s of %(weeks)s.", week=week, weeks=weeks)


def _name_kind(speaker: Translator, kind: CampaignKind) -> tuple[str, str]:
    _ = speaker.gettext
    return {
        CampaignKind.BIKING: (_("Riding bikes"), "bike"),
        CampaignKind.RECYCLING: (_("Recycling"), "bin"),
        CampaignKind.RECRUITMENT: (_("More volunteers"), "people"),
        CampaignKind.OTHER: (_("Campaign"), "leaf"),
    }[kind]


def _lift_own(rows: list[BoardRow]) -> tuple[BoardRow, ...]:
    """One's own lines that would be folded away stand at the end of the first ones."""
    late = [row for row in rows[SHOWN_ROWS:] if row.is_own][:SHOWN_ROWS]
    if not late:
        return tuple(rows)
    first = rows[: SHOWN_ROWS - len(late)]
    return (*first, *late, *(row for row in rows[len(first) :] if row not in late))


def _name_band(speaker: Translator, board: BoardKind, band: SizeBand) -> str:
    _ = speaker.gettext
    if board is BoardKind.AREAS:
        return {
            SizeBand.SMALL: _("Neighborhoods with 5 to 19 people"),
            SizeBand.MEDIUM: _("Neighborhoods with 20 to 49 people"),
            SizeBand.LARGE: _("Neighborhoods with 50 to 199 people"),
            SizeBand.VERY_LARGE: _("Neighborhoods with 200 people or more"),
        }[band]
    return {
        SizeBand.SMALL: _("Groups of 5 to 19 people"),
        SizeBand.MEDIUM: _("Groups of 20 to 49 people"),
        SizeBand.LARGE: _("Groups of 50 to 199 people"),
        SizeBand.VERY_LARGE: _("Groups of 200 people or more"),
    }[band]


def _say_goal(speaker: Translator, campaign: Campaign) -> str:
    """What the campaign hopes for, in one sentence."""
    value, unit = campaign.goal_value, campaign.goal_unit
    if value is None or unit is None:
        return ""
    number = speaker.say_number(round(100 * value, 1) if unit in SHARES else round(value, 1))
    day = speaker.say_day(campaign.last_at)
    return _goal_sentences(speaker)[unit] % {"number": number, "day": day}


def _goal_sentences(speaker: Translator) -> Mapping[GoalUnit, str]:
    _ = speaker.gettext
    return {
        GoalUnit.RIDES: _("The goal is %(number)s rides by %(day)s."),
        GoalUnit.RIDE_DAYS: _("The goal is %(number)s days with a ride by %(day)s."),
        GoalUnit.DISTANCE_KM: _("The goal is %(number)s kilometers by %(day)s."),
        GoalUnit.RIDERS: _("The goal is %(number)s people who ride by %(day)s."),
        GoalUnit.NEW_RIDERS: _(
            "The goal is %(number)s people who ride for the first time by %(day)s."
        ),
        GoalUnit.PARTICIPATION_SHARE: _("The goal is that %(number)s of 100 take part by %(day)s."),
        GoalUnit.SET_OUTS: _("The goal is %(number)s carts at the curb by %(day)s."),
        GoalUnit.SET_OUT_SHARE: _("The goal is %(number)s of 100 carts at the curb by %(day)s."),
        GoalUnit.WEIGHT_KG: _("The goal is %(number)s kilograms of recycling by %(day)s."),
        GoalUnit.CAPTURE_SHARE: _(
            "The goal is %(number)s of 100 kilograms in the right cart by %(day)s."
        ),
        GoalUnit.CONTAMINATION_SHARE: _(
            "The goal is at most %(number)s of 100 kilograms in the wrong cart by %(day)s."
        ),
        GoalUnit.SIGN_UPS: _("The goal is %(number)s new volunteers by %(day)s."),
        GoalUnit.VETTED: _("The goal is %(number)s new volunteers, checked, by %(day)s."),
        GoalUnit.FIRST_TASKS: _(
            "The goal is %(number)s new volunteers who have helped once by %(day)s."
        ),
        GoalUnit.PARTICIPANTS: _("The goal is %(number)s people who take part by %(day)s."),
        GoalUnit.ACTIONS: _("The goal is %(number)s good deeds by %(day)s."),
    }
