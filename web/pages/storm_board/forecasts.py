"""Whom recruitment campaigns look for: how many, of which kind, and what they would bring."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from litestar import post
from litestar.di import NamedDependency
from litestar.params import FromPath

from campaigns.recruiting import repository
from campaigns.recruiting.errors import ForecastRunning, NoRoundToRecruitFor
from campaigns.recruiting.forecasts import RequestForecast, request_forecast
from campaigns.recruiting.kinds import ForecastStatus
from campaigns.recruiting.models import RecruitingForecast, RecruitingTarget
from campaigns.recruiting.words import Wanted, describe_all, describe_target
from core.i18n import Translator
from web.pages.desk import Answer, Call, Desk
from web.pages.guards import AnyRequest

WORKING = (ForecastStatus.WAITING, ForecastStatus.RUNNING)


@dataclass(frozen=True)
class CampaignForecast:
    """The newest forecast of one campaign, in words."""

    campaign_id: UUID
    title: str
    news: str
    rows: tuple[tuple[str, str, int, int], ...]
    """Neighborhood, the sentence, volunteers, homes promised."""
    until: str
    is_working: bool


async def read_forecasts(call: Call) -> list[CampaignForecast]:
    """The newest forecast of each recruitment campaign of the town."""
    found = await repository.list_newest_forecasts(call.session, call.actor, call.town.id)
    language = call.reader.language
    return [
        CampaignForecast(
            campaign.id,
            campaign.title,
            _say_news(call.reader.translator, row, language),
            () if row is None else tuple(_show(one, language) for one in row.targets),
            _say_until(call, row),
            row is not None and row.status in WORKING,
        )
        for campaign, row in found
    ]


@post(
    "/staff/recruitment/{campaign_id:uuid}/forecast",
    name="recruitment_forecast",
    status_code=303,
)
async def post_forecast(
    request: AnyRequest, campaign_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """Have it worked out by a worker. Pressed twice it is worked out once."""
    async with desk.press(request) as call:
        call.staff()
        said = "forecast"
        try:
            command = RequestForecast(campaign_id=campaign_id)
            await request_forecast(call.session, call.actor, command, now=call.now)
        except ForecastRunning:
            said = "forecast_runs"
        except NoRoundToRecruitFor:
            said = "no_round"
        return call.go("/staff/recruitment#forecasts", said=said)


def _show(target: RecruitingTarget, language: str) -> tuple[str, str, int, int]:
    wanted = Wanted(
        target.volunteer_count,
        target.promised_count,
        target.area,
        tuple(target.abilities),
        tuple(target.languages),
        target.mode,
    )
    words = describe_target(wanted, language)
    return target.area or "", words, target.volunteer_count, target.promised_count


def _say_news(speaker: Translator, row: RecruitingForecast | None, language: str) -> str:
    _ = speaker.gettext
    if row is None:
        return _("Nobody asked yet whom it should look for.")
    if row.status in WORKING:
        done = round(100 * row.steps_done_count / row.step_count) if row.step_count else 0
        return _("It is being worked out: %(done)s of 100 done.", done=done)
    if row.status is ForecastStatus.FAILED:
        return _("It could not be worked out. Start a matching round, then try again.")
    if not row.targets:
        return _("One more volunteer would change nothing now: everybody has help.")
    return describe_all(row.volunteer_count, row.promised_count, language)


def _say_until(call: Call, row: RecruitingForecast | None) -> str:
    speaker = call.reader.translator
    if row is None or row.status is not ForecastStatus.DONE:
        return ""
    when = speaker.say_day(row.valid_until_at)
    if call.now < row.valid_until_at:
        return speaker.gettext("It holds until %(day)s.", day=when)
    return speaker.gettext("It held until %(day)s. Have it worked out again.", day=when)
