"""Advice and notes about data as sentences: what to do, and the figures that say so."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from campaigns.results.amounts import say_change, say_count, say_share
from campaigns.results.figures import Advice, QualityNote
from campaigns.results.kinds import MEASURES, NextStep, Quality, Scale
from core.i18n import Translator


@dataclass(frozen=True)
class Told:
    """Advice in words."""

    what: str
    why: str


def say_advice(speaker: Translator, advice: Advice) -> Told:
    """What to do and why."""
    return _SAYERS[advice.code](speaker, advice)


def _change(speaker: Translator, advice: Advice, name: str, *, signed: bool = True) -> str:
    scale = Scale.RATIO if advice.measure is None else MEASURES[advice.measure].scale
    return say_change(speaker, scale, advice.figures[name], signed=signed)


def _extend(speaker: Translator, advice: Advice) -> Told:
    return Told(
        speaker.gettext("Bring the campaign to where it has not been yet."),
        speaker.gettext(
            "The change is at least %(low)s, and %(controls)s places that it was compared with "
            "have not had the campaign.",
            low=_change(speaker, advice, "low" if advice.figures["low"] > 0 else "high"),
            controls=say_count(speaker, advice.figures["controls"]),
        ),
    )


def _alter(speaker: Translator, advice: Advice) -> Told:
    return Told(
        speaker.gettext("Change the campaign before you repeat it."),
        speaker.gettext(
            "The data could have shown a change of %(detectable)s, and did not show any.",
            detectable=_change(speaker, advice, "detectable", signed=False),
        ),
    )


def _measure_more(speaker: Translator, advice: Advice) -> Told:
    return Told(
        speaker.gettext("Measure in more places before you decide."),
        speaker.gettext(
            "With %(units)s places only a change of %(detectable)s could be seen. About %(needed)s "
            "places would show one of %(wanted)s.",
            units=say_count(speaker, advice.figures["units"]),
            needed=say_count(speaker, advice.figures["needed"]),
            detectable=_change(speaker, advice, "detectable", signed=False),
            wanted=_change(speaker, advice, "wanted", signed=False),
        ),
    )


def _find_out_why(speaker: Translator, advice: Advice) -> Told:
    return Told(
        speaker.gettext("Pause, and find out why it went the wrong way."),
        speaker.gettext(
            "The change is %(estimate)s, and the whole interval lies on the wrong side.",
            estimate=_change(speaker, advice, "estimate"),
        ),
    )


def _measure_at_all(speaker: Translator, advice: Advice) -> Told:
    return Told(
        speaker.gettext("Next time, leave some places out and measure them too."),
        speaker.gettext(
            "An effect needs three or more places with the campaign and as many without it, each "
            "with figures from before."
        ),
    )


def _ask_area(speaker: Translator, advice: Advice) -> Told:
    return Told(
        speaker.gettext("Ask groups in %(area)s first.", area=advice.area),
        speaker.gettext(
            "%(share)s of its addresses took part, at most %(high)s allowing for chance, against "
            "%(whole)s overall. %(missing)s more homes would close the gap.",
            share=say_share(speaker, advice.figures["share"]),
            high=say_share(speaker, advice.figures["high"]),
            whole=say_share(speaker, advice.figures["whole"]),
            missing=say_count(speaker, advice.figures["missing"]),
        ),
    )


def _remind(speaker: Translator, advice: Advice) -> Told:
    return Told(
        speaker.gettext("Help those who joined to begin, before you ask new people."),
        speaker.gettext(
            "Of %(joined)s people who joined, %(active)s took part (%(share)s).",
            joined=say_count(speaker, advice.figures["joined"]),
            active=say_count(speaker, advice.figures["active"]),
            share=say_share(speaker, advice.figures["share"]),
        ),
    )


def _mend_data(speaker: Translator, advice: Advice) -> Told:
    return Told(
        speaker.gettext("Find the figures that are missing."),
        speaker.gettext(
            "%(missing)s of %(total)s expected figures have not come.",
            missing=say_count(speaker, advice.figures["missing"]),
            total=say_count(speaker, advice.figures["total"]),
        ),
    )


def _note_costs(speaker: Translator, advice: Advice) -> Told:
    return Told(
        speaker.gettext("Note what the campaign cost."),
        speaker.gettext("Without it the page cannot say what an outcome cost."),
    )


def _wait(speaker: Translator, advice: Advice) -> Told:
    return Told(
        speaker.gettext("Wait for the end before you decide."),
        speaker.gettext(
            "The campaign is still running. Who looks every week and stops at the first good "
            "figure will find effects that are none."
        ),
    )


_SAYERS: Mapping[NextStep, Callable[[Translator, Advice], Told]] = {
    NextStep.EXTEND: _extend,
    NextStep.CHANGE: _alter,
    NextStep.MEASURE_MORE: _measure_more,
    NextStep.FIND_OUT_WHY: _find_out_why,
    NextStep.MEASURE_AT_ALL: _measure_at_all,
    NextStep.ASK_AREA: _ask_area,
    NextStep.REMIND: _remind,
    NextStep.MEND_DATA: _mend_data,
    NextStep.NOTE_COSTS: _note_costs,
    NextStep.WAIT: _wait,
}


def say_note(speaker: Translator, note: QualityNote) -> str:
    """What one should know about the data."""
    _, count = speaker.gettext, say_count(speaker, note.count)
    total = say_count(speaker, note.total or 0)
    return {
        Quality.LATE: _(
            "%(count)s figures came more than two weeks late. They count.", count=count
        ),
        Quality.MISSING: _(
            "%(count)s of %(total)s expected figures of routes and weeks are missing. A route "
            "counts with the weeks that it has.",
            count=count,
            total=total,
        ),
        Quality.EXCLUDED: _(
            "%(count)s units were left out, because they lack figures from before or during the "
            "campaign.",
            count=count,
        ),
        Quality.ONE_SIDED: _(
            "%(count)s weeks were left out, because only one side was measured in them.",
            count=count,
        ),
        Quality.NO_HOME: _(
            "%(count)s people who took part have no home on record and stand in no neighborhood.",
            count=count,
        ),
        Quality.NOT_YET_OVER: _("The campaign is still running: the figures will change."),
        Quality.NOT_RANDOM: _(
            "Where the campaign went was chosen and not drawn by lot. What else sets those places "
            "apart may show here as an effect."
        ),
        Quality.SYNTHETIC: _("The data are synthetic, made for a demonstration."),
    }[note.code]
