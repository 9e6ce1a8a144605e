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


def say_count(speaker: Translator, count: float) -> str:
    """A whole number: ``21,188``."""
    return _plain(format_decimal(round(count), locale=speaker.locale))


def say_share(speaker: Translator, share: float) -> str:
    """A share of something: ``4.1%``."""
    digits = "0.0" if abs(share) < 0.0995 else "0"
    return _plain(format_percent(share, format=f"{digits} %", locale=speaker.locale))


def say_level(speaker: Translator, measure: Measure, scale: Scale, value: float) -> str:
    """A measure as it stands, before or during."""
    if scale is Scale.POINTS:
        return _plain(format_percent(value, format="0.0 %", locale=speaker.locale))
    if measure is Measure.RIDE_DISTANCE:
        return say_ridden(speaker, value)
    if measure is Measure.RECYCLING_PER_HOUSEHOLD:
        return f"{_decimal(speaker, value)} kg"
    return _decimal(speaker, value)


def say_change(speaker: Translator, scale: Scale, value: float, *, signed: bool = True) -> str:
    """A difference: ``+12.3%`` for ratios, ``+4.1 points`` for shares."""
    if scale is Scale.AMOUNT:
        return _sign(value, signed=signed) + _decimal(speaker, abs(value))
    number = format_decimal(abs(value) * 100, format="#,##0.0", locale=speaker.locale)
    text = _sign(value, signed=signed) + _plain(number)
    if scale is Scale.RATIO:
        return f"{text} %"
    return speaker.gettext("%(number)s points", number=text)


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
    return _plain(text)


def say_ridden(speaker: Translator, distance_m: float) -> str:
    """A distance ridden, in whole or tenths."""
    if speaker.locale.territory in MILE_TERRITORIES:
        return f"{_decimal(speaker, distance_m / METRES_PER_MILE)} mi"
    return f"{_decimal(speaker, distance_m / 1_000)} km"


def say_date(speaker: Translator, moment: datetime | date) -> str:
    """A day with its year."""
    day = moment.astimezone(speaker.zone).date() if isinstance(moment, datetime) else moment
    return format_date(day, "long", locale=speaker.locale)


def _decimal(speaker: Translator, value: float) -> str:
    digits = "#,##0" if abs(value) >= 100 else "#,##0.0" if abs(value) >= 1 else "0.00"
    return _plain(format_decimal(value, format=digits, locale=speaker.locale))


def _sign(value: float, *, signed: bool) -> str:
    if value < 0:
        return MINUS
    return "+" if signed else ""


def _plain(text: str) -> str:
    return text.replace("\N{NARROW NO-BREAK SPACE}", " ").replace("\N{NO-BREAK SPACE}", " ")
