"""What came of one's help, for oneself alone, and the sheet of hours for a school or an office."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from litestar import get
from litestar.di import NamedDependency

from matching.models import Volunteer
from matching.volunteering.done_repository import DoneVisit, list_done_visits, sum_done
from people.directory_repository import load_names
from web.pages.desk import Answer, Call, Desk
from web.pages.guards import AnyRequest
from web.pages.volunteering.impact_views import (
    list_days,
    say_hours,
    usual_span,
)
from web.pages.volunteering.own import ask_to_sign_up, find_own
from web.pages.volunteering.thanks_views import read_thanks
from web.pages.volunteering.time_views import today_of

IMPACT = "/volunteering/impact"
HOURS = "/volunteering/hours"
MOST_THANKS = 20
LONGEST = timedelta(days=3 * 366)


@get(IMPACT, name="volunteer_impact")
async def get_impact(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Homes, hours, people. Nobody is compared with anybody."""
    async with desk.look(request) as call:
        own = await find_own(call)
        if own is None:
            return ask_to_sign_up(call)
        total = await sum_done(call.session, call.actor, own.id)
        first, last = usual_span(today_of(call))
        values = {
            "total": total,
            "hours": say_hours(total.service_s, call.reader),
            "since": own.created_at,
            "thanks": await read_thanks(call, own, since=own.created_at, most=MOST_THANKS),
            "first": first.isoformat(),
            "last": last.isoformat(),
        }
        return call.show("volunteering/impact.html", values)


@get(HOURS, name="volunteer_hours")
async def get_hours(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """The sheet of a period: days and hours, no addresses."""
    async with desk.look(request) as call:
        own = await find_own(call)
        if own is None:
            return ask_to_sign_up(call)
        query = call.request.query_params
        usual = usual_span(today_of(call))
        first = _read_day(query.get("from", "")) or usual[0]
        last = _read_day(query.get("to", "")) or usual[1]
        errors = _find_faults(call, first, last)
        rows = [] if errors else await _read_done(call, own, first, last)
        names = await load_names(call.session, call.actor, [own.person_id])
        zone = ZoneInfo(call.reader.time_zone)
        values = {
            "errors": errors,
            "name": names[own.person_id].full_name if own.person_id in names else "",
            "first": first,
            "last": last,
            "days": list_days(rows, zone, call.reader),
            "total": say_hours(sum(row.service_s for row in rows), call.reader),
            "visits": len(rows),
        }
        status = 422 if errors else 200
        return call.show("volunteering/hours.html", values, status_code=status)


async def _read_done(call: Call, own: Volunteer, first: date, last: date) -> list[DoneVisit]:
    zone = ZoneInfo(call.reader.time_zone)
    since = datetime.combine(first, time(), zone).astimezone(UTC)
    until = datetime.combine(last + timedelta(days=1), time(), zone).astimezone(UTC)
    return await list_done_visits(call.session, call.actor, own.id, since=since, until=until)


def _find_faults(call: Call, first: date, last: date) -> dict[str, str]:
    _ = call.reader.translator.gettext
    if last < first:
        return {"to": _("The last day is before the first")}
    if last - first > LONGEST or first.year < 2000 or last.year > 2100:
        return {"to": _("Choose at most three years")}
    return {}


def _read_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
