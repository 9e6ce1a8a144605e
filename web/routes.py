"""Every address of the pages, for whoever puts the application together."""

from __future__ import annotations

from typing import Any

from litestar import Router

from campaigns.pulse.answering import LINK_ACTION
from core.errors import TalkootError
from web.pages import (
    events,
    mailings,
    messages,
    offers,
    oidc,
    passwords,
    residents,
    signing_in,
    visits,
)
from web.pages.asking.routes import ROUTES as ASKING
from web.pages.campaign_results import get_results, get_results_file
from web.pages.casework.routes import ROUTES as CASEWORK
from web.pages.design.assets import get_asset
from web.pages.design.routes import ROUTES as DESIGN
from web.pages.desk import answer_page_error
from web.pages.exports import get_export
from web.pages.feeds import get_calendar
from web.pages.front.routes import ROUTES as FRONT
from web.pages.gathering.routes import ROUTES as GATHERING
from web.pages.links import PAGES, Page, get_link, post_link
from web.pages.my_requests.routes import ROUTES as MY_REQUESTS
from web.pages.office.routes import ROUTES as OFFICE
from web.pages.organizing.routes import ROUTES as ORGANIZING
from web.pages.packing import PackedPages
from web.pages.photos import get_photo, post_photo
from web.pages.rides import get_rides, post_ride
from web.pages.storm_board.routes import ROUTES as STORM_BOARD
from web.pages.surveys import answer_survey_page, show_survey
from web.pages.texts import post_inbound, post_status
from web.pages.volunteering.routes import ROUTES as VOLUNTEERING

PAGES.by_action.update(
    {
        LINK_ACTION: Page(show_survey, answer_survey_page),
        "answer_offer": Page(offers.show_offer, offers.answer_offer),
        "storm_volunteer": Page(offers.show_storm, offers.answer_storm),
        "visit": Page(visits.show_visit, visits.answer_visit),
        "request": Page(residents.show_request, residents.answer_request),
        "asked": Page(residents.show_asked, residents.answer_asked),
        "asked_standing": Page(residents.show_asked_standing, residents.answer_asked_standing),
        "storm_resident": Page(residents.show_storm, residents.answer_storm),
        "event_seat": Page(events.show_seat, events.answer_seat),
        "event_help": Page(events.show_help, events.answer_help),
        "thread": Page(messages.show_thread, messages.answer_thread),
        "confirm_contact": Page(messages.show_confirm, messages.answer_confirm),
        "follow_mailing": Page(mailings.show_links, mailings.answer_links),
        "unsubscribe": Page(messages.show_unsubscribe, messages.answer_unsubscribe, one_click=True),
    }
)

ROOMS = Router(
    path="/",
    route_handlers=[
        *FRONT,
        *ASKING,
        *MY_REQUESTS,
        *VOLUNTEERING,
        *GATHERING,
        *STORM_BOARD,
        *CASEWORK,
        *OFFICE,
        *ORGANIZING,
        *DESIGN,
    ],
    exception_handlers={TalkootError: answer_page_error},
    middleware=[PackedPages],
)
"""Pages that are asked for at the desk."""

ROUTES: list[Any] = [
    ROOMS,
    signing_in.get_sign_in,
    signing_in.post_sign_in,
    signing_in.get_sent,
    signing_in.get_link,
    signing_in.post_link,
    signing_in.post_sign_out,
    passwords.get_password,
    passwords.post_password,
    passwords.get_set_password,
    passwords.post_set_password,
    oidc.get_oidc,
    oidc.get_callback,
    get_link,
    post_link,
    mailings.get_opened,
    get_photo,
    post_photo,
    get_rides,
    post_ride,
    post_inbound,
    post_status,
    get_export,
    get_results,
    get_results_file,
    get_calendar,
    events.get_events_calendar,
    get_asset,
]
