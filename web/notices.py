"""The sentences on a locked phone: no names, no places, and the page that each opens."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from core.i18n import Translator
from messaging.push.notices import About, Notice
from web.pages.rendering import TEMPLATES

Say = Callable[[str], str]
HOME: Final = "/"
VOLUNTEERING: Final = "/volunteering"
OFFERS: Final = "/volunteering/offers"
REQUESTS: Final = "/requests"
EVENTS: Final = "/events"

PATHS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "agreed_resident": REQUESTS,
        "agreed_volunteer": f"{VOLUNTEERING}/visits/%s",
        "cancelled_by_resident": VOLUNTEERING,
        "cancelled_by_volunteer": REQUESTS,
        "check_in": f"{VOLUNTEERING}/visits/%s",
        "done_resident_confirm": REQUESTS,
        "not_done_volunteer": f"{VOLUNTEERING}/visits/%s",
        "not_served": f"{REQUESTS}/%s",
        "offer": f"{OFFERS}/%s",
        "on_the_way": REQUESTS,
        "pause_over": VOLUNTEERING,
        "request_approved": f"{REQUESTS}/%s",
        "request_cancelled": f"{REQUESTS}/%s",
        "request_declined": f"{REQUESTS}/%s",
        "request_in_review": f"{REQUESTS}/%s",
        "request_received": f"{REQUESTS}/%s",
        "standing_declined": f"{REQUESTS}/standing/%s",
        "standing_received": f"{REQUESTS}/standing/%s",
        "storm_notice_resident": REQUESTS,
        "storm_notice_volunteer": VOLUNTEERING,
        "substitute_offered": OFFERS,
        "survey_invite": "/surveys",
        "survey_reminder": "/surveys",
        "taken_already": OFFERS,
        "thanks_storm": VOLUNTEERING,
        "thanks_volunteer": VOLUNTEERING,
        "vetting_expires": VOLUNTEERING,
        "visit_reminder": f"{VOLUNTEERING}/visits/%s",
        "welcome_volunteer": VOLUNTEERING,
    }
)
"""By the kind of message; all others open the first page, which knows what is new."""


def write_notice(about: About) -> Notice:
    """What a phone says when a message of this kind goes out."""
    kind = about.kind
    path = EVENTS if kind.startswith("event_") else PATHS.get(kind, HOME)
    if "%s" in path:
        path = HOME if about.subject_id is None else path % about.subject_id
    return Notice(_say(kind, Translator(about.language, TEMPLATES).gettext), path)


def _say(kind: str, _: Say) -> str:
    sentences = {
        "offer": _("A neighbor near you asks for help. Can you come?"),
        "substitute_offered": _("Another neighbor near you asks for help. Can you come?"),
        "on_the_way": _("Your helper is on the way."),
        "visit_reminder": _("A neighbor expects you soon."),
        "done_resident_confirm": _("Is the job at your home done?"),
        "check_in": _("How did your visit go?"),
        "storm_notice_resident": _("Snow is coming. Will you need help?"),
        "storm_notice_volunteer": _("Snow is coming. Can you help?"),
        "conversation": _("Somebody wrote to you about a visit."),
    }
    if kind in sentences:
        return sentences[kind]
    path = EVENTS if kind.startswith("event_") else PATHS.get(kind, HOME)
    by_path = {
        EVENTS: _("There is news about your event."),
        "/surveys": _("Your town has a short question for you."),
    }
    if path in by_path:
        return by_path[path]
    if path.startswith(REQUESTS):
        return _("There is news about your request for help.")
    if path.startswith(VOLUNTEERING):
        return _("There is news about your volunteering.")
    return _("There is news for you.")
