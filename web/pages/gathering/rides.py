"""Rides of a biking campaign: telling one's own by a form, seeing them, taking one back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from campaigns.biking.checking import RideFacts
from campaigns.biking.kinds import RidePurpose
from campaigns.biking.models import Ride
from campaigns.biking.recording import add_ride, delete_ride, open_season
from campaigns.biking.repository import list_rides
from campaigns.programmes import repository
from campaigns.programmes.errors import CampaignUnknown
from campaigns.programmes.kinds import CampaignKind, CampaignStatus
from campaigns.programmes.models import Campaign
from core.errors import Conflict, InvalidInput
from core.i18n import METRES_PER_MILE, Translator
from core.pagination import PageArgs, read_page
from web.pages.desk import Answer, Call, Desk
from web.pages.fields import read_day
from web.pages.gathering.ground import (
    Slug,
    go_to_town,
    must_find,
    read_number,
    say_refusal,
    show_again,
)
from web.pages.gathering.views_campaigns import make_path
from web.pages.guards import AnyRequest

FORM = "gathering/ride.html"
SHOWN: Final = 3
TELLING: Final = (CampaignStatus.RUNNING, CampaignStatus.FINISHED)


@dataclass(frozen=True)
class RideRow:
    """One's own ride in a list."""

    id: UUID
    when: str
    words: str


async def read_values(call: Call, row: Campaign, *, takes_part: bool) -> dict[str, Any]:
    """One's own rides, for the page of a campaign."""
    if row.kind is not CampaignKind.BIKING or call.actor.person_id is None or not takes_part:
        return {"rides": (), "can_tell_ride": False}
    listing = list_rides(call.actor, row.id)
    rides = (await read_page(call.session, listing, PageArgs(SHOWN))).items
    speaker = call.reader.translator
    return {
        "rides": tuple(_make_row(speaker, ride) for ride in rides),
        "can_tell_ride": row.status in TELLING,
    }


@get("/campaigns/{community:str}/{slug:str}/ride", name="tell_ride")
async def get_ride(
    request: AnyRequest, *, community: Slug, slug: Slug, desk: NamedDependency[Desk]
) -> Answer:
    """The form for one ride."""
    async with desk.look(request) as call:
        call.person()
        call = await go_to_town(call, community)
        row = await _find(call, slug)
        local = call.now.astimezone(ZoneInfo(call.reader.time_zone))
        form = {"day": local.date().isoformat(), "minutes": "10", "purpose": "transport"}
        return call.show(FORM, _values(call, row) | {"form": form})


@post("/campaigns/{community:str}/{slug:str}/ride", name="tell_ride_post", status_code=303)
async def post_ride(
    request: AnyRequest, *, community: Slug, slug: Slug, desk: NamedDependency[Desk]
) -> Answer:
    """Tell the ride. The same one again counts once."""
    async with desk.press(request) as call:
        call.person()
        call = await go_to_town(call, community)
        row = await _find(call, slug)
        facts, errors = read_facts(call)
        values = _values(call, row) | {"form": call.form}
        if facts is None:
            raise show_again(call, FORM, values, errors)
        try:
            done = await add_ride(call.session, call.actor, row.id, facts, now=call.now)
        except (InvalidInput, Conflict) as error:
            field = "minutes" if error.code in ("invalid_ride", "impossible_ride") else "day"
            errors = {field: say_refusal(call, error, _refusals(call))}
            raise show_again(call, FORM, values, errors) from None
        return call.go(make_path(community, row), said="ride" if done.is_new else "ride_known")


@post(
    "/campaigns/{community:str}/{slug:str}/rides/{ride_id:uuid}/remove",
    name="remove_ride",
    status_code=303,
)
async def post_remove(
    request: AnyRequest,
    *,
    community: Slug,
    slug: Slug,
    ride_id: FromPath[UUID],
    desk: NamedDependency[Desk],
) -> Answer:
    """Take one's own ride back."""
    async with desk.press(request) as call:
        call.person()
        call = await go_to_town(call, community)
        row = await _find(call, slug)
        await delete_ride(call.session, call.actor, ride_id, now=call.now)
        return call.go(make_path(community, row), said="ride_removed")


def read_facts(call: Call) -> tuple[RideFacts | None, dict[str, str]]:
    """What was typed, or what is to be changed."""
    _ = call.reader.translator.gettext
    form, errors = call.form, {}
    day, clock = read_day(form.get("day", "")), _read_clock(form.get("clock", ""))
    minutes, miles = read_number(form.get("minutes", "")), read_number(form.get("miles", ""))
    if day is None:
        errors["day"] = _("Choose the day of the ride.")
    if clock is None:
        errors["clock"] = _("Write when the ride began, for example 08:30.")
    if not minutes:
        errors["minutes"] = _("Write how many minutes it took, for example 10.")
    if not miles:
        errors["miles"] = _("Write how many miles it was, for example 1.5.")
    moment = None
    if day is not None and clock is not None:
        moment = _find_moment(day, clock, call.reader.time_zone)
        if moment is None:
            errors["clock"] = _("The clocks jump over this time on that day. Write another one.")
    if errors or moment is None or minutes is None or miles is None:
        return None, errors
    purpose = RidePurpose.LEISURE if form.get("purpose") == "leisure" else RidePurpose.TRANSPORT
    facts = RideFacts(
        started_at=moment,
        duration_s=60 * minutes,
        distance_m=METRES_PER_MILE * miles,
        purpose=purpose,
    )
    return facts, {}


async def _find(call: Call, slug: str) -> Campaign:
    found = await repository.find_campaign(call.session, call.actor, call.town.id, slug)
    row: Campaign = must_find(found, CampaignUnknown, "campaign")
    await open_season(call.session, call.actor, row.id)
    return row


def _values(call: Call, row: Campaign) -> dict[str, Any]:
    return {
        "path": make_path(call.town.slug, row),
        "title": row.title,
        "upload_path": f"/campaigns/{row.id}/rides",
        "errors": {},
    }


def _make_row(speaker: Translator, ride: Ride) -> RideRow:
    return RideRow(
        ride.id,
        speaker.say_moment(ride.started_at),
        speaker.gettext(
            "%(minutes)s, %(distance)s",
            minutes=speaker.say_minutes(max(1, round(ride.duration_s / 60))),
            distance=speaker.say_distance(ride.distance_m),
        ),
    )


def _read_clock(text: str) -> time | None:
    try:
        return time.fromisoformat(text.strip()).replace(tzinfo=None)
    except ValueError:
        return None


def _find_moment(day: date, clock: time, time_zone: str) -> datetime | None:
    """The moment of a time on the wall; of one that is shown twice the first, of a skipped none."""
    local = datetime.combine(day, clock, ZoneInfo(time_zone))
    moment = local.astimezone(UTC)
    again = moment.astimezone(ZoneInfo(time_zone))
    return moment if again.replace(tzinfo=None) == local.replace(tzinfo=None) else None


def _refusals(call: Call) -> dict[str, str]:
    _ = call.reader.translator.gettext
    return {
        "ride_outside_campaign": _(
            "The ride must be over, and lie between the first and the last day of the campaign."
        ),
        "impossible_ride": _("That is too fast or too long for one ride. Check minutes and miles."),
        "invalid_ride": _("A ride counts from about 200 yards and one minute on."),
        "overlapping_rides": _("You have told a ride at that time already."),
        "too_many_rides": _("You have told as many rides for that day as count."),
        "not_taking_part": _("Join the campaign first. Rides count for those who take part."),
        "entry_too_late": _("Rides of this campaign cannot be told any more."),
    }
