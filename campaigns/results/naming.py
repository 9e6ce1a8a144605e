"""What measures, outcomes and units are called."""

from __future__ import annotations

from campaigns.results.kinds import Measure, Outcome, UnitKind
from core.i18n import Translator


def name_measure(speaker: Translator, measure: Measure) -> str:
    """A measure as a heading says it."""
    _ = speaker.gettext
    return {
        Measure.CAPTURE_RATE: _("Capture rate"),
        Measure.CONTAMINATION_RATE: _("Contamination by weight"),
        Measure.CONTAMINATED_CARTS: _("Contaminated carts"),
        Measure.SET_OUT_RATE: _("Carts set out"),
        Measure.DIVERSION_RATE: _("Diversion rate"),
        Measure.RECYCLING_PER_HOUSEHOLD: _("Recycling of one home in one week"),
        Measure.RIDE_DAYS: _("Days with a ride, of one person in one week"),
        Measure.RIDE_DISTANCE: _("Distance ridden, by one person in one week"),
        Measure.RIDER_SHARE: _("People who rode in a week"),
    }[measure]


def explain_measure(speaker: Translator, measure: Measure) -> str:
    """What a measure is, in one sentence."""
    _ = speaker.gettext
    return {
        Measure.CAPTURE_RATE: _(
            "Recyclables in the recycling cart, of all recyclables that were thrown away."
        ),
        Measure.CONTAMINATION_RATE: _(
            "What does not belong in the recycling cart, of all that was in it, by weight."
        ),
        Measure.CONTAMINATED_CARTS: _(
            "Carts with something that does not belong there, of the carts looked into."
        ),
        Measure.SET_OUT_RATE: _("Carts that stood at the street, of the homes on the route."),
        Measure.DIVERSION_RATE: _("Recycling, of recycling and trash, by weight."),
        Measure.RECYCLING_PER_HOUSEHOLD: _(
            "Kilograms of recycling that the truck weighed, by homes on the route and weeks."
        ),
        Measure.RIDE_DAYS: _("Days on which somebody who takes part rode at all."),
        Measure.RIDE_DISTANCE: _("What people who take part rode, by people and weeks."),
        Measure.RIDER_SHARE: _("People who rode at least once in a week, of those who take part."),
    }[measure]


def name_outcome(speaker: Translator, outcome: Outcome) -> str:
    """What money was spent for."""
    _ = speaker.gettext
    return {
        Outcome.PERSON_WHO_JOINED: _("One person who joined"),
        Outcome.PERSON_WHO_TOOK_PART: _("One person who took part"),
        Outcome.KG_MORE: _("One kilogram more recycled"),
        Outcome.KG_WRONG_LESS: _("One kilogram less of what does not belong there"),
        Outcome.CART_WRONG_LESS: _("One contaminated cart less"),
        Outcome.SET_OUT_MORE: _("One cart more set out"),
        Outcome.RIDE_DAY_MORE: _("One more day with a ride"),
        Outcome.KM_MORE: _("One kilometer more ridden"),
        Outcome.RIDER_MORE: _("One more person who rode, in one week"),
    }[outcome]


def count_units(speaker: Translator, kind: UnitKind, count: int) -> str:
    """So many routes or neighbourhoods."""
    if kind is UnitKind.ROUTE:
        return speaker.ngettext("%(num)s route", "%(num)s routes", count)
    if kind is UnitKind.GROUP:
        return speaker.ngettext("%(num)s group", "%(num)s groups", count)
    return speaker.ngettext("%(num)s neighborhood", "%(num)s neighborhoods", count)
