"""What staff call states, kinds and reasons: code words in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from matching.offers.replying import Outcome

Say = Callable[[str], str]
Tag = tuple[str, str]
"""Words, and the shape that goes with them."""


def say_state(say: Say, code: str) -> Tag:
    """Where a request stands."""
    _ = say
    return {
        "submitted": (_("Just came in"), "sent"),
        "needs_review": (_("Waits for you to look"), "wait"),
        "open": (_("Waits for a volunteer"), "sent"),
        "offered": (_("Neighbors are asked"), "wait"),
        "accepted": (_("Somebody said yes"), "go"),
        "in_progress": (_("Somebody is there"), "go"),
        "done": (_("Done, not confirmed"), "ok"),
        "confirmed": (_("Done and confirmed"), "ok"),
        "not_done": (_("Was not done"), "stop"),
        "cancelled": (_("Called off"), "sent"),
        "expired": (_("Its time is over"), "stop"),
    }[code]


def say_offer(say: Say, code: str) -> Tag:
    """Where an offer to a volunteer stands."""
    _ = say
    return {
        "proposed": (_("Not sent yet"), "sent"),
        "sent": (_("No answer yet"), "wait"),
        "accepted": (_("Said yes"), "ok"),
        "declined": (_("Said no"), "sent"),
        "expired": (_("Did not answer in time"), "sent"),
        "withdrawn": (_("Taken back"), "sent"),
    }[code]


def say_work(say: Say, code: str) -> Tag:
    """Where agreed work stands."""
    _ = say
    return {
        "accepted": (_("Has agreed to come"), "go"),
        "in_progress": (_("Is there now"), "go"),
        "done": (_("Has done it"), "ok"),
        "released": (_("Gave it back"), "sent"),
    }[code]


def say_review_reason(say: Say, code: str) -> str:
    """Why somebody should look at a request."""
    _ = say
    return {
        "contact_not_verified": _("Nobody has confirmed the phone number or mail address."),
        "contact_of_another": _("Somebody else has the same phone number or mail address."),
        "other_address": _("This person lives at another address in our files."),
        "no_consent": _("There is no consent yet to look for a neighbor."),
        "not_eligible": _("The rules do not cover this home."),
        "needs_person": _("The rules need a fact that we do not know."),
        "kind_needs_person": _("A person looks at each request of this kind."),
        "details_missing": _("Nobody has said where it goes, or what is needed. Ask them."),
        "same_home": _("There is a request for the same home."),
        "same_contact": _("There is a request from the same phone number or mail address."),
        "similar_name_near": _("There is a request from a similar name next door."),
    }.get(code, code.replace("_", " "))


def say_no_because(say: Say) -> Mapping[str, str]:
    """Why staff say no to a request; the resident hears it."""
    _ = say
    return {
        "not_eligible": _("The rules do not cover this home"),
        "duplicate": _("There is a request for this home already"),
        "outside_area": _("The home is outside our area"),
        "not_our_help": _("Volunteers do not do this work"),
        "no_answer": _("We asked something and heard nothing"),
        "other": _("Something else"),
    }


def say_came_by(say: Say, code: str | None) -> str:
    """How a request came in."""
    _ = say
    return {
        "web": _("By the web page"),
        "phone": _("By phone"),
        "staff": _("Staff wrote it down"),
        "sms": _("By text message"),
        "import": _("From a file"),
        "standing": _("By itself, for each snowfall"),
    }.get(code or "", _("We do not know how"))


def say_caller(say: Say) -> Mapping[str, str]:
    """Who calls for the resident."""
    _ = say
    return {
        "": _("The resident"),
        "family": _("Family"),
        "neighbour": _("A neighbor"),
        "agency": _("An agency"),
        "other": _("Somebody else"),
    }


def say_contact_choice(say: Say) -> Mapping[str, str]:
    """Which contact a volunteer sees after a yes."""
    _ = say
    return {
        "platform": _("None: we pass messages on"),
        "phone": _("The phone number, to call"),
        "sms": _("The phone number, to text"),
        "email": _("The mail address"),
    }


def say_role(say: Say, code: str) -> str:
    """What somebody is in a town."""
    _ = say
    return {
        "resident": _("Resident"),
        "volunteer": _("Volunteer"),
        "coordinator": _("Coordinator"),
        "manager": _("Manager"),
    }[code]


def say_purpose(say: Say, code: str | None) -> str:
    """What a consent or a message is for."""
    _ = say
    return {
        "matching": _("Finding a neighbor who helps"),
        "offers": _("Being asked to help"),
        "campaigns": _("News of campaigns"),
        "programmes": _("Programs of the city"),
        "research": _("Research"),
    }.get(code or "", _("An answer to what they did"))


def say_channel(say: Say, code: str | None) -> str:
    """A way to reach somebody."""
    _ = say
    return {"email": _("Mail"), "sms": _("Text message"), "phone": _("Phone")}.get(
        code or "", _("No way found")
    )


def say_check(say: Say, code: str) -> Tag:
    """What came of a check of a volunteer."""
    _ = say
    return {
        "requested": (_("Asked for"), "wait"),
        "passed": (_("Passed"), "ok"),
        "failed": (_("Not passed"), "stop"),
        "revoked": (_("Taken back"), "stop"),
        "lapsed": (_("Ended"), "stop"),
    }[code]


def say_taking_part(say: Say, code: str) -> Tag:
    """Whether a volunteer takes part."""
    _ = say
    return {
        "active": (_("Takes part"), "ok"),
        "paused": (_("Pauses"), "wait"),
        "left": (_("Has left"), "sent"),
    }[code]


def say_looked(say: Say, code: str) -> str:
    """What somebody saw of a person."""
    _ = say
    return {
        "address.released": _("saw the address"),
        "contact.released": _("saw phone and mail"),
        "person.exported": _("took a copy of everything"),
        "person.found": _("found the name in a search"),
        "person.opened": _("opened this file"),
    }.get(code, code)


LANGUAGE_NAMES: Mapping[str, str] = {
    "en": "English",
    "es": "Español",
    "ht": "Kreyòl ayisyen",
    "pt": "Português",
    "zh": "中文",
    "am": "አማርኛ",
    "ar": "العربية",
    "bn": "বাংলা",
    "fr": "Français",
    "ru": "Русский",
    "so": "Soomaali",
    "vi": "Tiếng Việt",
}
"""Each in its own words."""


def say_why_not_taken(say: Say, outcome: Outcome) -> str:
    """Why a volunteer on the phone does not get the home that they would take."""
    _ = say
    return {
        Outcome.TAKEN: _("Somebody else has this home now."),
        Outcome.CLOSED: _("Nobody is needed there any more."),
        Outcome.DECLINED: _("They said no to this home before, and others are asked now."),
        Outcome.BUSY: _("They are somewhere else at that time."),
        Outcome.NO_TOOL: _("The tool that it needs is lent to somebody else."),
        Outcome.NOT_CLEARED: _("Something is missing before they may go. Look at their file."),
    }[outcome]
