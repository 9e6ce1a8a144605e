"""A measured effect in plain words. Where none was shown, the words say so and nothing softer."""

from __future__ import annotations

from campaigns.results.amounts import say_change, say_money
from campaigns.results.figures import Cost, MeasuredEffect
from campaigns.results.kinds import NoCost, NoEffect
from campaigns.results.naming import count_units
from core.i18n import Translator


def say_verdict(speaker: Translator, measured: MeasuredEffect) -> str:
    """What may be said, in a few words."""
    _ = speaker.gettext
    if measured.effect is None:
        return _("The effect cannot be told.")
    if measured.is_good is None:
        return _("No effect was shown.")
    if measured.is_good:
        return _("An effect was shown, the wanted way.")
    return _("An effect was shown, but the wrong way.")


def say_measured(speaker: Translator, measured: MeasuredEffect) -> str:
    """What was measured, with its interval, and what could not have been seen."""
    effect = measured.effect
    if effect is None:
        return say_unmeasured(speaker, measured)
    scale = measured.facts.scale
    values = {
        "estimate": say_change(speaker, scale, effect.estimate),
        "low": say_change(speaker, scale, effect.low),
        "high": say_change(speaker, scale, effect.high),
        "detectable": say_change(speaker, scale, effect.detectable, signed=False),
        "units": count_units(speaker, measured.unit_kind, effect.unit_count),
        "controls": count_units(speaker, measured.unit_kind, effect.control_count),
    }
    if measured.is_good is None:
        return speaker.gettext(
            "What we measured: %(units)s of the campaign changed by %(estimate)s compared with "
            "%(controls)s without it. The true change lies between %(low)s and %(high)s with 95%% "
            "confidence, so it may be none at all. An effect smaller than %(detectable)s could not "
            "have been seen.",
            **values,
        )
    return speaker.gettext(
        "What we measured: %(units)s of the campaign changed by %(estimate)s compared with "
        "%(controls)s without it. The true change lies between %(low)s and %(high)s with 95%% "
        "confidence.",
        **values,
    )


def say_unmeasured(speaker: Translator, measured: MeasuredEffect) -> str:
    """Why there is no interval."""
    values = {
        "units": count_units(speaker, measured.unit_kind, measured.unit_count),
        "controls": count_units(speaker, measured.unit_kind, measured.control_count),
    }
    if measured.reason is NoEffect.NO_CONTROLS:
        return speaker.gettext(
            "There is nothing to compare with: %(units)s with figures in the campaign, and none "
            "without it. What changed could as well be the weather.",
            **values,
        )
    if measured.reason is NoEffect.NO_BASELINE:
        return speaker.gettext(
            "Nothing was measured before the campaign began, or nothing since, so a change cannot "
            "be told."
        )
    return speaker.gettext(
        "At least three on each side are needed to tell an effect from chance; there are "
        "%(units)s with figures in the campaign and %(controls)s without it.",
        **values,
    )


def say_cost(speaker: Translator, cost: Cost) -> str:
    """What one outcome cost, or why that cannot be said."""
    _ = speaker.gettext
    if cost.cents is not None:
        text = say_money(speaker, cost.cents)
        if cost.low_cents is None or cost.high_cents is None:
            return text
        return _(
            "%(cost)s, between %(low)s and %(high)s",
            cost=text,
            low=say_money(speaker, cost.low_cents),
            high=say_money(speaker, cost.high_cents),
        )
    return {
        NoCost.NO_COST_NOTED: _("Cannot be said: nobody noted what the campaign cost."),
        NoCost.NOBODY: _("Cannot be said: nobody did."),
        NoCost.NO_EFFECT_SHOWN: _("Cannot be said: no effect was shown, so it may be any price."),
        NoCost.WRONG_WAY: _("Cannot be said: the figures went the wrong way."),
        NoCost.FEW: _("Not shown: it would tell of fewer than five people."),
        None: "",
    }[cost.reason]
