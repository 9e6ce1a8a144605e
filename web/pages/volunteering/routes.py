"""The addresses of this room."""

from __future__ import annotations

from typing import Any

from web.pages.volunteering import (
    calendars,
    home,
    impacts,
    joining,
    offers,
    places,
    team,
    times,
    tools,
    visits,
    you,
)

ROUTES: list[Any] = [
    joining.get_who,
    joining.post_who,
    joining.get_where,
    joining.post_where,
    joining.post_near,
    joining.get_when,
    joining.post_when,
    joining.get_done,
    home.get_volunteering,
    home.post_volunteering,
    offers.get_offers,
    offers.get_offer,
    offers.post_offer,
    offers.get_home,
    offers.post_home,
    visits.get_visit,
    visits.post_visit,
    visits.post_photo,
    visits.get_photo,
    times.get_time,
    times.post_time,
    you.get_you,
    you.post_you,
    you.get_leave,
    you.post_leave,
    places.get_place,
    places.post_place,
    team.get_team,
    team.post_team,
    tools.get_tools,
    calendars.get_calendar_page,
    calendars.post_calendar,
    impacts.get_impact,
    impacts.get_hours,
]
