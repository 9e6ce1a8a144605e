"""Numbers as people read them: shares, points, money, with the marks of their language."""

from __future__ import annotations

import math
from datetime import date, datetime

from babel.dates import format_date
from babel.numbers import format_currency, format_decimal, format_percent

from campaigns.results.kinds import Measure, Scale
from core.i18n import METRES_PER_MILE, MILE_TERRITORIES, Translator

CURRENCY = "USD"
MINUS = "\N{MINUS SIGN}"
SPACE = "\N{NO-BREAK SPACE}"


def say_count(speaker: Translator, count: float) -> str:
    """A whole number: ``21,188``."""
    return str(format_decimal(round(count), locale=speaker.locale))


def say_share(speaker: Translator, share: float) -> str:
    """A share of something: ``4.1%``."""
    return _percent(speaker, share, "0.0" if abs(share) < 0.0995 else "0")


def say_level(speaker: Translator, measure: Measure, scale: Scale, value: float) -> str:
    """A measure as it stands, before or during."""
    if scale is Scale.POINTS:
        return _percent(speaker, value, "0.0")
    if measure is Measure.RIDE_DISTANCE:
        return say_ridden(speaker, value)
    if measure is Measure.RECYCLING_PER_HOUSEHOLD:
        return f"{_decimal(speaker, value)}{SPACE}kg"
    return _decimal(speaker, value)


def say_change(speaker: Translator, scale: Scale, value: float, *, signed: bool = True) -> str:
    """A difference: ``+12.3%`` for ratios, ``+4.1 points`` for shares."""
    sign = _sign(value, signed=signed)
    if scale is Scale.AMOUNT:
        return sign + _decimal(speaker, abs(value))
    if scale is Scale.RATIO:
        return sign + _percent(speaker, abs(value), "0.0")
    number = format_decimal(abs(value) * 100, format="#,##0.0", locale=speaker.locale)
    return speaker.gettext("%(number)s points", number=sign + number)


def say_money(speaker: Translator, cents: float) -> str:
    """Money: cents below ten, whole units above a hundred."""
    amount = cents / 100
    if math.isfinite(amount) and abs(amount) >= 100:
        text = format_currency(
            round(amount),
            CURRENCY,
            format="\xa4#,##0",
            currency_digits=False,
            locale=speaker.locale,
        )
    else:
        text = format_currency(amount, CURRENCY, locale=speaker.locale)
    return text


def say_ridden(speaker: Translator, distance_m: float) -> str:
    """A distance ridden, in whole or tenths."""
    if speaker.locale.territory in MILE_TERRITORIES:
        return f"{_decimal(speaker, distance_m / METRES_PER_MILE)}{SPACE}mi"
    return f"{_decimal(speaker, distance_m / 1_000)}{SPACE}km"


def say_date(speaker: Translator, moment: datetime | date) -> str:
    """A day with its year."""
    day = moment.astimezone(speaker.zone).date() if isinstance(moment, datetime) else moment
    return format_date(day, "long", locale=speaker.locale)


def say_week(speaker: Translator, day: date) -> str:
    """A day with its year, as short as a table needs it."""
    return format_date(day, "medium", locale=speaker.locale)


def _decimal(speaker: Translator, value: float) -> str:
    digits = "#,##0" if abs(value) >= 100 else "#,##0.0" if abs(value) >= 1 else "0.00"
    return str(format_decimal(value, format=digits, locale=speaker.locale))


def _percent(speaker: Translator, share: float, digits: str) -> str:
    """With the sign where the language has it, never at the beginning of a line."""
    pattern = speaker.locale.percent_formats[None].pattern.replace("#,##0", digits)
    return str(format_percent(share, format=pattern, locale=speaker.locale))


def _sign(value: float, *, signed: bool) -> str:
    if value < 0:
        return MINUS
    return "+" if signed else ""
