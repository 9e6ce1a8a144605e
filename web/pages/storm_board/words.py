"""What the board of a storm says: states, reasons, remedies and rounds, each a whole sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from core.i18n import Translator
from matching.kinds import HoldReason, RoundJobStatus, RoundStage, RoundStatus, StormStatus
from matching.rounds.reason_words import ReasonCode

Say = Callable[[str], str]
METRES_PER_KM = 1_000.0
FUNNEL = (
    "too_far",
    "without_skills",
    "without_language",
    "without_time",
    "without_capacity",
    "without_answer",
    "resting",
    "banned",
    "busy",
)
"""Where volunteers drop out."""


def storm_state(say: Say, status: StormStatus) -> str:
    """Where a storm stands, in a word or two."""
    _ = say
    return {
        StormStatus.WATCH: _("Watch"),
        StormStatus.ARMED: _("Armed"),
        StormStatus.ACTIVE: _("Active"),
        StormStatus.HOLD: _("Hold"),
        StormStatus.CLOSED: _("Closed"),
    }[status]


def storm_state_since(words: Translator, status: StormStatus, time: str) -> str:
    """The same with the time since when."""
    _ = words.gettext
    return {
        StormStatus.WATCH: _("Watch since %(time)s"),
        StormStatus.ARMED: _("Armed since %(time)s"),
        StormStatus.ACTIVE: _("Active since %(time)s"),
        StormStatus.HOLD: _("On hold since %(time)s"),
        StormStatus.CLOSED: _("Closed since %(time)s"),
    }[status] % {"time": time}


def hold_reason(say: Say, reason: HoldReason | None) -> str:
    """Why nobody is sent out."""
    _ = say
    return {
        HoldReason.ICE: _("It is too icy or too cold to work."),
        HoldReason.DARK: _("It is dark."),
        HoldReason.STILL_SNOWING: _("It is still snowing."),
        None: _("Nobody is sent out now."),
    }[reason]


def reason_title(say: Say, code: str) -> str:
    """Why homes have nobody: the heading of a group."""
    _ = say
    return {
        "out_of_reach": _("No volunteer lives near enough"),
        "tool_missing": _("Nobody near has the tool or skill"),
        "tool_stock": _("Every tool that we lend is out"),
        "vetting_missing": _("Nobody near has passed the checks"),
        "guardian_missing": _("Those near are under 18 and need an adult"),
        "team_missing": _("No team near is large enough"),
        "language_missing": _("Nobody near speaks the language"),
        "banned": _("Those who could help must not be sent there"),
        "no_common_time": _("Nobody suitable has time then"),
        "no_capacity": _("Those who could help take no visits"),
        "unanswered": _("Those who could help have not answered"),
        "not_now": _("Those who could help cannot be asked now"),
        "all_full": _("Everyone near is needed more elsewhere"),
        "not_worth_it": _("The way there is too long for the plan"),
        "seat_free": _("Somebody has room by now"),
        "window_over": _("The time that was asked for is over"),
    }.get(code, _("Another reason"))


def is_reason(code: str) -> bool:
    """Whether rounds know such a reason."""
    return code in {one.value for one in ReasonCode}


def funnel_words(words: Translator, funnel: Mapping[str, int]) -> str:
    """Where the volunteers drop out, the largest stops first."""
    counts = {name: int(funnel.get(name, 0)) for name in FUNNEL}
    ngettext = words.ngettext
    told = {
        "too_far": ngettext(
            "%(num)s lives too far away", "%(num)s live too far away", counts["too_far"]
        ),
        "without_skills": ngettext(
            "%(num)s lacks a tool or skill",
            "%(num)s lack a tool or skill",
            counts["without_skills"],
        ),
        "without_language": ngettext(
            "%(num)s does not speak the language",
            "%(num)s do not speak the language",
            counts["without_language"],
        ),
        "without_time": ngettext(
            "%(num)s has no time then", "%(num)s have no time then", counts["without_time"]
        ),
        "without_capacity": ngettext(
            "%(num)s takes no visits", "%(num)s take no visits", counts["without_capacity"]
        ),
        "without_answer": ngettext(
            "%(num)s has not answered", "%(num)s have not answered", counts["without_answer"]
        ),
        "resting": words.gettext("%(num)s cannot be asked now", num=counts["resting"]),
        "banned": words.gettext("%(num)s must not be sent there", num=counts["banned"]),
        "busy": ngettext(
            "%(num)s is needed elsewhere", "%(num)s are needed elsewhere", counts["busy"]
        ),
    }
    largest = sorted((name for name in FUNNEL if counts[name]), key=lambda name: -counts[name])
    head = ngettext(
        "Of %(num)s volunteer:", "Of %(num)s volunteers:", int(funnel.get("volunteers", 0))
    )
    return f"{head} {'; '.join(told[name] for name in largest)}." if largest else ""


def change_words(words: Translator, change: Mapping[str, Any], clock: Callable[[int], str]) -> str:
    """The smallest change that would serve a home."""
    _, ngettext = words.gettext, words.ngettext
    if change["kind"] == "more_time":
        return _(
            "It would have somebody if it may also be done between %(start)s and %(end)s.",
            start=clock(change["open_s"]),
            end=clock(change["close_s"]),
        )
    if change["kind"] == "longer_reach":
        minutes = -(-int(change["extra_travel_s"]) // 60)
        if minutes:
            return ngettext(
                "It would have somebody if one volunteer went %(num)s minute further.",
                "It would have somebody if one volunteer went %(num)s minutes further.",
                minutes,
            )
        metres = max(change["extra_travel_m"], change["extra_route_m"])
        return _(
            "It would have somebody if one volunteer went %(distance)s further.",
            distance=words.say_distance(metres),
        )
    if change["kind"] == "more_volunteers":
        return ngettext(
            "It would have somebody with %(num)s more volunteer near.",
            "It would have somebody with %(num)s more volunteers near.",
            int(change["count"]),
        )
    return _("Another change would serve it.")


def stage_words(say: Say, stage: RoundStage | None) -> str:
    """What a running round does."""
    _ = say
    return {
        None: _("Waiting for the planner"),
        RoundStage.READING: _("Step 1 of 6: reading requests and volunteers"),
        RoundStage.MEASURING: _("Step 2 of 6: measuring ways along the streets"),
        RoundStage.PLANNING: _("Step 3 of 6: looking for the best plan"),
        RoundStage.CHECKING: _("Step 4 of 6: checking every rule again"),
        RoundStage.EXPLAINING: _("Step 5 of 6: finding out why some have nobody"),
        RoundStage.STORING: _("Step 6 of 6: trying newcomers and keeping the plan"),
    }[stage]


def job_tag(say: Say, status: RoundJobStatus) -> tuple[str, str]:
    """Where a round that was asked for stands: words and shape."""
    _ = say
    return {
        RoundJobStatus.WAITING: (_("Waiting"), "sent"),
        RoundJobStatus.RUNNING: (_("Running"), "wait"),
        RoundJobStatus.FINISHED: (_("Finished"), "ok"),
        RoundJobStatus.CANCELLED: (_("Stopped"), "sent"),
        RoundJobStatus.FAILED: (_("Failed"), "stop"),
    }[status]


def round_tag(say: Say, status: RoundStatus) -> tuple[str, str]:
    """Where a round stands: words and shape."""
    _ = say
    return {
        RoundStatus.RUNNING: (_("Running"), "wait"),
        RoundStatus.FINISHED: (_("Finished"), "ok"),
        RoundStatus.CANCELLED: (_("Stopped"), "sent"),
        RoundStatus.FAILED: (_("Failed"), "stop"),
    }[status]


def gap_title(words: Translator, gap: float | None) -> str:
    """How good a plan is, in one sentence."""
    _ = words.gettext
    if gap is None:
        return _("The search ended before it could prove how good the plan is.")
    if gap < 5e-5:
        return _("No other plan is better.")
    return _("No other plan can be more than %(share)s %% better.", share=share_words(words, gap))


def value_words(words: Translator, value_m: float | None, bound_m: float | None) -> str:
    """What a plan is worth beside the proven limit, in kilometres of way."""
    if value_m is None or bound_m is None:
        return ""
    return words.gettext(
        "This plan is worth %(value)s; the proven limit is %(bound)s.",
        value=words.say_number(round(value_m / METRES_PER_KM)),
        bound=words.say_number(round(bound_m / METRES_PER_KM)),
    )


def share_words(words: Translator, share: float) -> str:
    """A small share out of a hundred, with as many digits as it needs."""
    return words.say_number(round(share * 100, 1 if share >= 0.0095 else 2))


def newcomer_words(words: Translator, newcomer: Mapping[str, Any]) -> str:
    """What a person who does not exist yet brings."""
    _ = words.gettext
    way = {"walk": _("on foot"), "bike": _("by bicycle"), "car": _("by car")}[newcomer["mode"]]
    tools = [_tool(_, skill) for skill in newcomer["skills"]]
    parts = [way, *tools, *(language_name(_, tag) for tag in newcomer["languages"])]
    return ", ".join(parts)


def language_name(say: Say, tag: str) -> str:
    """A language by its tag."""
    _ = say
    return {
        "ar": _("Arabic"),
        "en": _("English"),
        "es": _("Spanish"),
        "fr": _("French"),
        "ht": _("Haitian Creole"),
        "pt": _("Portuguese"),
        "ru": _("Russian"),
        "so": _("Somali"),
        "vi": _("Vietnamese"),
        "zh": _("Chinese"),
    }.get(tag, tag)


def _tool(say: Say, skill: str) -> str:
    _ = say
    code = skill.partition(":")[0]
    return {
        "shovel": _("shovel"),
        "snow_blower": _("snow blower"),
        "salt": _("salt"),
    }.get(code, code.replace("_", " "))


def log_words(say: Say, kind: str, *, by_hand: bool) -> str:
    """What happened, before the place."""
    _ = say
    told = {
        "request.open": _("New request"),
        "request.again": _("Looks for somebody again"),
        "request.accepted": _("A neighbor said yes"),
        "request.done": _("Done"),
        "request.confirmed": _("The resident confirmed it"),
        "request.not_done": _("The resident says it was not done"),
        "request.cancelled": _("Request called off"),
        "offer.declined": _("A neighbor said no; the next one is asked"),
        "round.finished": _("A matching round ended"),
        "round.failed": _("A matching round failed"),
        "storm.watch": _("We began to watch the weather"),
        "storm.armed": _("People were told that snow is coming"),
        "storm.active": _("The storm became active"),
        "storm.hold": _("The storm was put on hold"),
        "storm.closed": _("The storm was closed"),
        "storm.urgent": _("Urgent homes come first"),
        "storm.usual": _("As many homes as possible again"),
    }[kind]
    return _("%(what)s, by hand") % {"what": told} if by_hand else told


def job_reason(say: Say, code: str | None) -> str:
    """Why a round waits, failed or planned nothing."""
    _ = say
    if code is None:
        return ""
    return {
        "no_storm": _("No storm is active, so nobody was asked."),
        "nobody_needs_help": _("No home waits for somebody, so there was nothing to plan."),
        "quiet_hours": _("It is night: nobody is asked before the morning."),
        "round_already_running": _("Another round runs; this one begins after it."),
        "too_many_attempts": _("The planner broke off too often. Start another round."),
        "worker_died": _("The planner broke off. Start another round."),
    }.get(code, _("The planner says: %(code)s.") % {"code": code.replace("_", " ")})
