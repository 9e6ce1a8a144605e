"""Reasons, funnels and changes in plain words; no name, no street."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from matching.rounds.ability_words import ability_words, lacks_words


class ReasonCode(StrEnum):
    """Why a round left a request without help."""

    BANNED = "banned"
    OUT_OF_REACH = "out_of_reach"
    TOOL_MISSING = "tool_missing"
    LANGUAGE_MISSING = "language_missing"
    NO_COMMON_TIME = "no_common_time"
    TOOL_STOCK = "tool_stock"
    VETTING_MISSING = "vetting_missing"
    GUARDIAN_MISSING = "guardian_missing"
    TEAM_MISSING = "team_missing"
    NO_CAPACITY = "no_capacity"
    UNANSWERED = "unanswered"
    NOT_NOW = "not_now"
    ALL_FULL = "all_full"
    NOT_WORTH_IT = "not_worth_it"
    SEAT_FREE = "seat_free"
    WINDOW_OVER = "window_over"


WINDOW_OVER = ReasonCode.WINDOW_OVER.value
UNANSWERED = ReasonCode.UNANSWERED.value
NOT_NOW = ReasonCode.NOT_NOW.value
WORDS = {
    "out_of_reach": "Nobody lives near enough",
    "tool_missing": "Nobody near has the tool or skill",
    "tool_stock": "Every tool that could be lent for it is out",
    "vetting_missing": "Nobody near has passed the checks that it needs",
    "guardian_missing": "Those near are under 18 and lack a guardian's consent or an adult",
    "team_missing": "No team near is large enough",
    "language_missing": "Nobody near speaks the language",
    "banned": "Those who could help must not be sent there",
    "no_common_time": "Nobody suitable near has time in the window",
    "no_capacity": "Those who could help take no visits",
    UNANSWERED: "Those who could help were asked and have not answered",
    NOT_NOW: "Those who could help cannot be asked now",
    "all_full": "Everyone suitable near is needed more elsewhere",
    "not_worth_it": "The way there costs more than the visit counts",
    "seat_free": "Somebody has room: planning again would find them",
    WINDOW_OVER: "The time that was asked for is over",
}
CREW_WORDS = {
    "out_of_reach": "Too few for a crew live near enough",
    "tool_missing": "Too few near have the tool or skill for a crew",
    "vetting_missing": "Too few near have passed the checks for a crew",
    "guardian_missing": "Too few near may join a crew without a guardian's consent or an adult",
    "language_missing": "Too few near speak the language for a crew",
    "banned": "Too few who could help in a crew may be sent there",
    "no_common_time": "Too few suitable near have time to meet as a crew",
    "no_capacity": "Too few who could help in a crew take visits",
    UNANSWERED: "Too few who could help in a crew have answered",
    NOT_NOW: "Too few who could help in a crew can be asked now",
}
"""Where more than one volunteer is needed at a time; the other words fit as they are."""
STOPS = (
    ("banned", "must not be sent there", "must not be sent there"),
    ("too_far", "lives too far away", "live too far away"),
    ("without_skills", "lacks a tool or skill", "lack a tool or skill"),
    ("without_language", "does not speak the language", "do not speak the language"),
    ("without_time", "has no time in the window", "have no time in the window"),
    ("without_capacity", "takes no visits", "take no visits"),
    ("without_answer", "was asked and has not answered", "were asked and have not answered"),
    ("resting", "cannot be asked now", "cannot be asked now"),
)
"""Where volunteers drop out: the name of the count, words for one, words for several."""
MODE_WORDS = {"walk": "on foot", "bike": "by bicycle", "car": "by car"}
LANGUAGES = {
    "ar": "Arabic",
    "en": "English",
    "es": "Spanish",
    "fi": "Finnish",
    "fr": "French",
    "ht": "Haitian Creole",
    "pt": "Portuguese",
    "ru": "Russian",
    "so": "Somali",
    "vi": "Vietnamese",
    "zh": "Chinese",
}


def describe_reason(code: str, crew_size: int = 1) -> str:
    """The reason in plain words."""
    return CREW_WORDS.get(code, WORDS[code]) if crew_size > 1 else WORDS[code]


def clock(moment: datetime) -> str:
    """A local time as people say it: 4 pm, 4:15 pm."""
    minutes = f":{moment.minute:02d}" if moment.minute else ""
    return f"{moment.hour % 12 or 12}{minutes} {'am' if moment.hour < 12 else 'pm'}"


def join_words(words: Sequence[str]) -> str:
    """a; a and b; a, b and c."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


class Times:
    """Turns seconds of a problem into local times."""

    def __init__(self, zero_at: datetime, zone: ZoneInfo) -> None:
        self._zero_at = zero_at
        self._zone = zone

    def clock(self, seconds: int) -> str:
        """4 pm, 4:15 pm."""
        return clock((self._zero_at + timedelta(seconds=seconds)).astimezone(self._zone))


def reason_sentences(code: str, detail: Mapping[str, Any], times: Times) -> list[str]:
    """Everything that is stored about one request, in sentences."""
    sentences = [f"{describe_reason(code, int(detail.get('crew_size', 1)))}."]
    if "funnel" in detail:
        missing = detail.get("missing_skills", ())
        sentences.append(funnel_sentence(detail["funnel"], missing))
    if "tried" in detail:
        sentences += tried_sentences(detail["tried"], times)
    return sentences


def funnel_sentence(funnel: Mapping[str, int], missing: Sequence[str] = ()) -> str:
    """How many volunteers are near, and where all of them drop out; ``missing`` tools by name."""
    stops = []
    for name, one, several in STOPS:
        count = funnel.get(name, 0)
        if count:
            words = one if count == 1 else several
            if name == "without_skills" and missing:
                words = lacks_words(missing, several=count > 1)
            stops.append(f"{count} {words}")
    able, busy = funnel["able"], funnel["busy"]
    if able == 0:
        rest = "none is left"
    elif busy == able:
        rest = f"{able} could do it but {'is' if able == 1 else 'are all'} taken up by other visits"
    else:
        rest = f"{able} could do it, {busy} of them taken up by other visits"
    volunteers = funnel["volunteers"]
    head = f"Of {volunteers} volunteer{'' if volunteers == 1 else 's'}"
    if funnel.get("near_m"):
        near = funnel["near"]
        km = f"{funnel['near_m'] / 1000:.1f} km"
        head += f" ({near} live{'s' if near == 1 else ''} within {km})"
    return f"{head}, {', '.join(stops)}; {rest}." if stops else f"{head}, {rest}."


def tried_sentences(tried: Mapping[str, Any], times: Times) -> list[str]:
    """The smallest change that would serve a request, as it was tried."""
    if tried["served_again"]:
        return ["Planning the surroundings again serves it: the next round may."]
    sentences = []
    smallest, lock = tried["smallest"], tried["lock"]
    if smallest is not None:
        sentences.append(
            f"It would be served {change_words(smallest['change'], times)}{effect_words(smallest)}."
        )
    else:
        changes = tried["trials"]
        sentences.append(f"None of the {changes} single changes that were tried would serve it.")
    if lock is not None and lock["displaced"]:
        others = len(lock["displaced"])
        sentences.append(
            f"Forcing it into the plan would take the help of {others} "
            f"other{'s' if others > 1 else ''}."
        )
    elif lock is not None and lock["value_gain_m"] < 0:
        extra_km = -lock["value_gain_m"] / 1000
        sentences.append(f"Forcing it into the plan would cost {extra_km:,.1f} km of ways.")
    around = tried["replanned"]
    people = "one volunteer was" if around == 1 else f"{around} volunteers around it were"
    sentences.append(f"This was tried: {people} planned again.")
    return sentences


def effect_words(trial: Mapping[str, Any]) -> str:
    """What else a change does: whom it serves too, and who loses theirs."""
    others, displaced = len(trial["gained"]) - 1, len(trial["displaced"])
    parts = []
    if others > 0:
        parts.append(f"{others} more {'home' if others == 1 else 'homes'} too")
    if displaced:
        parts.append(f"while {displaced} other{'s' if displaced > 1 else ''} would lose theirs")
    return f", {', '.join(parts)}" if parts else ""


def change_words(change: Mapping[str, Any], times: Times) -> str:
    """A change, as the end of a sentence that begins with "It would be served"."""
    if change["kind"] == "more_time":
        return (
            f"if it might also be done between {times.clock(change['open_s'])} and "
            f"{times.clock(change['close_s'])}"
        )
    if change["kind"] == "longer_reach":
        return f"if volunteer {change['volunteer']} went {further_words(change)}"
    newcomer, count = change["newcomer"], change["count"]
    people = "one more volunteer" if count == 1 else f"{count} more volunteers"
    return f"with {people} near: {newcomer_words(newcomer, times)}"


def further_words(change: Mapping[str, Any]) -> str:
    """How much further somebody would go."""
    parts = []
    if change["extra_travel_s"]:
        parts.append(f"{-(-change['extra_travel_s'] // 60)} minutes")
    metres = max(change["extra_travel_m"], change["extra_route_m"])
    if metres:
        parts.append(f"{metres:,} m")
    return f"{join_words(parts)} further"


def newcomer_words(newcomer: Mapping[str, Any], times: Times) -> str:
    """What a person who does not exist yet brings."""
    words = MODE_WORDS[newcomer["mode"]]
    words += f", {times.clock(newcomer['start_s'])} to {times.clock(newcomer['end_s'])}"
    tools = [ability_words(skill) for skill in newcomer["skills"]]
    if tools:
        words += f", with {join_words(tools)}"
    if newcomer["languages"]:
        spoken = [LANGUAGES.get(tag, tag) for tag in newcomer["languages"]]
        words += f", speaking {join_words(spoken)}"
    return words
