"""How campaigns stand: the way to the goal, boards of groups, areas and people, and who is seen."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import relay

from api.schema import campaign_words  # noqa: F401 - the enums must be described first
from api.schema.access import Owners, Sees, Who
from api.schema.arguments import CommunityId, InvalidArgument
from api.schema.context import Info
from api.schema.enums import describe_enum
from api.schema.nodes import find_id
from api.schema.operations import field, guarded, query
from campaigns.programmes.kinds import GoalUnit
from campaigns.programmes.models import Campaign as CampaignRow
from campaigns.programmes.repository import get_campaign
from campaigns.standings import repository, showing
from campaigns.standings.forecasting import Forecast
from campaigns.standings.kinds import BoardKind, Pace, SizeBand
from campaigns.standings.models import StandingChoice as ChoiceRow
from campaigns.standings.progress import measure_progress, say_pace

READ = "campaigns:read"
MOST_LINES = 200

CampaignId = Annotated[
    relay.GlobalID, strawberry.argument(description="The campaign that is meant.")
]

describe_enum(
    BoardKind,
    "What is published once a day. Boards are those of groups, areas and people.",
    {
        "GROUPS": "Groups, by the share of their members who took part.",
        "AREAS": "Neighbourhoods, by the share of their people who took part.",
        "PEOPLE": "People who chose an alias, by days with something done.",
        "PLEDGES": "How many made a pledge; it is shown with the wall.",
        "PROGRESS": "How far a campaign is; it is shown as its progress.",
    },
)
describe_enum(
    SizeBand,
    "Groups of like size, which are compared with one another.",
    {
        "SMALL": "5 to 19 people.",
        "MEDIUM": "20 to 49 people.",
        "LARGE": "50 to 199 people.",
        "VERY_LARGE": "200 people and more.",
    },
)
describe_enum(
    Pace,
    "Where a campaign stands on the way to its goal.",
    {
        "NO_GOAL": "It has no goal in numbers.",
        "NOT_MEASURED": "No figures measure this goal here.",
        "TOO_FEW": "Fewer than five people stand behind it, or nothing was published yet.",
        "TOO_EARLY": "Too little time has gone by to say anything.",
        "REACHED": "The goal is reached.",
        "ON_TRACK": "It will be reached, as far as can be told.",
        "OPEN": "It may be reached or not.",
        "BEHIND": "It will not be reached at this pace.",
        "MISSED": "The campaign ended below its goal.",
    },
)


@strawberry.type(description="Where a campaign will probably end.")
class GoalForecast:
    estimate: float = strawberry.field(description="The most likely end, in the goal's unit.")
    low: float = strawberry.field(description="The lower end of the interval.")
    high: float = strawberry.field(description="The upper end of the interval.")
    confidence: float = strawberry.field(
        description="In how many of such campaigns the end lies inside, 0 to 1."
    )


@strawberry.type(description="The figures of this moment, for staff alone.")
class ExactProgress:
    value: float | None = strawberry.field(
        description="In the goal's unit; null when no figures measure it."
    )
    contributor_count: int = strawberry.field(description="People behind the value.")
    member_count: int = strawberry.field(description="People who take part.")
    pace: Pace = strawberry.field(description="Where it stands now.")
    forecast: GoalForecast | None = strawberry.field(
        description="Where it will end; null when that cannot be said honestly."
    )
    no_forecast: str | None = strawberry.field(
        description="Why there is no forecast, as a code word: `does_not_add_up`, `too_early`, "
        "`trend` or `over`; null with one."
    )


@strawberry.type(
    description="How far a campaign is on the way to its goal, as published last. Worked out from "
    "what was done; moves once a day and in steps that tell about nobody."
)
class GoalProgress:
    campaign_id: relay.GlobalID = strawberry.field(description="The campaign.")
    unit: GoalUnit | None = strawberry.field(description="What the goal counts; null without one.")
    goal: float | None = strawberry.field(description="What it wants to reach.")
    baseline: float | None = strawberry.field(
        description="What was counted before, in a time as long; null when nobody knows."
    )
    pace: Pace = strawberry.field(description="Where it stands.")
    percent: int | None = strawberry.field(
        description="Per cent of the goal, rounded down to fives; null while too few took part."
    )
    sentence: str = strawberry.field(description="The same in words, in your language.")
    local_day: date | None = strawberry.field(
        description="The day on which it was published; null before the first."
    )
    row: strawberry.Private[CampaignRow]

    def owners(self) -> Owners:
        return Owners(community_ids=frozenset({self.row.community_id}))

    @guarded(Sees.STAFF, description="The figures of this moment. Null when it is not for you.")
    async def exact(self, info: Info) -> ExactProgress | None:
        async with info.context.read() as session:
            found = await measure_progress(session, self.row, now=info.context.now)
        known = found.forecast if isinstance(found.forecast, Forecast) else None
        return ExactProgress(
            value=found.value,
            contributor_count=found.contributor_count,
            member_count=found.member_count,
            pace=found.pace,
            forecast=None
            if known is None
            else GoalForecast(
                estimate=known.estimate,
                low=known.low,
                high=known.high,
                confidence=known.confidence,
            ),
            no_forecast=None if isinstance(found.forecast, Forecast) else found.forecast.value,
        )


@strawberry.type(description="One line of a board.")
class LeaderboardLine:
    label: str = strawberry.field(
        description="The name of the group or area, or the alias that somebody chose."
    )
    rank: int | None = strawberry.field(
        description="The place among those of its band; who is equal shares one, as in 1, 2, 2, 4. "
        "Null when the line is hidden."
    )
    band: SizeBand | None = strawberry.field(
        description="Its size; null on boards of people, and when hidden."
    )
    count: int | None = strawberry.field(
        description="People who took part, five or more; on a board of people, days. Null when "
        "hidden because it is small, or would give a small one away."
    )
    share_percent: int | None = strawberry.field(
        description="The share that took part, per cent, rounded down to fives; 95 stands for 95 "
        "and more. Null on boards of people, and when hidden."
    )
    group_id: relay.GlobalID | None = strawberry.field(
        description="The group, on a board of groups."
    )

    @classmethod
    def of(cls, line: showing.ShownLine) -> LeaderboardLine:
        return cls(
            label=line.label,
            rank=line.rank,
            band=line.band,
            count=line.count,
            share_percent=line.share_percent,
            group_id=None if line.group_id is None else relay.GlobalID("Group", str(line.group_id)),
        )


@strawberry.type(
    description="A board as it was published. A line moves when five people more or fewer are "
    "counted, and not before."
)
class Leaderboard:
    board: BoardKind = strawberry.field(description="Who is compared.")
    local_day: date = strawberry.field(description="The day on which it was published.")
    taken_at: datetime = strawberry.field(description="When it was worked out.")
    is_final: bool = strawberry.field(description="Whether the season is over and it stands.")
    correction: int = strawberry.field(
        description="How often late data corrected the final board; 0 for never."
    )
    changed_count: int = strawberry.field(
        description="Lines that the last correction changed, came or went."
    )
    corrected_on: date | None = strawberry.field(
        description="The day of the last correction; null without one."
    )
    shown: strawberry.Private[showing.ShownBoard]

    @field(
        description="The lines: bands from the smallest, then ranks; hidden lines last. At most "
        "200.",
        metadata={"items": MOST_LINES},
    )
    async def lines(self) -> list[LeaderboardLine]:
        return [LeaderboardLine.of(line) for line in self.shown.lines[:MOST_LINES]]

    @classmethod
    def of(cls, shown: showing.ShownBoard) -> Leaderboard:
        return cls(
            board=shown.board,
            local_day=shown.local_day,
            taken_at=shown.taken_at,
            is_final=shown.is_final,
            correction=shown.correction,
            changed_count=shown.changed_count,
            corrected_on=shown.corrected_on,
            shown=shown,
        )


@strawberry.type(description="What you decided about being seen on boards of a community.")
class StandingChoice:
    community_id: relay.GlobalID = strawberry.field(description="The community.")
    opted_out_at: datetime | None = strawberry.field(
        description="Since when you are on no board, wall or list; null when you are counted."
    )
    alias: str | None = strawberry.field(
        description="What you are called on boards of people; null when you are on none."
    )

    @classmethod
    def of(cls, community_id: UUID, row: ChoiceRow | None) -> StandingChoice:
        return cls(
            community_id=relay.GlobalID("Community", str(community_id)),
            opted_out_at=None if row is None else row.opted_out_at,
            alias=None if row is None else row.alias,
        )


@strawberry.type
class StandingsQuery:
    @query(
        description="How far a campaign is on the way to its goal.",
        who=Who.EVERYBODY,
        scope=READ,
    )
    async def goal_progress(self, info: Info, campaign_id: CampaignId) -> GoalProgress:
        key = find_id(campaign_id, "Campaign")
        async with info.context.read() as session:
            row = await get_campaign(session, info.context.actor, key)
            shown = await showing.show_progress(session, row)
        return GoalProgress(
            campaign_id=campaign_id,
            unit=row.goal_unit,
            goal=row.goal_value,
            baseline=row.baseline_value,
            pace=shown.pace,
            percent=shown.percent,
            sentence=say_pace(shown.pace, shown.percent, info.context.language),
            local_day=shown.local_day,
            row=row,
        )

    @query(
        description="A board of a campaign; null before the first was published.",
        who=Who.EVERYBODY,
        scope=READ,
    )
    async def leaderboard(
        self,
        info: Info,
        campaign_id: CampaignId,
        board: Annotated[
            BoardKind, strawberry.argument(description="GROUPS, AREAS or PEOPLE.")
        ] = BoardKind.GROUPS,
    ) -> Leaderboard | None:
        if board in (BoardKind.PLEDGES, BoardKind.PROGRESS):
            raise InvalidArgument("board must be GROUPS, AREAS or PEOPLE.")
        key = find_id(campaign_id, "Campaign")
        async with info.context.read() as session:
            row = await get_campaign(session, info.context.actor, key)
            shown = await showing.show_board(session, row, board)
        return None if shown is None else Leaderboard.of(shown)

    @query(
        description="What you decided about being seen on boards of a community.",
        who=Who.SIGNED_IN,
        scope=READ,
    )
    async def my_standing_choice(self, info: Info, community_id: CommunityId) -> StandingChoice:
        key = find_id(community_id, "Community")
        async with info.context.read() as session:
            found = await repository.load_own_choices(session, info.context.actor, [key])
        return StandingChoice.of(key, found.get(key))
