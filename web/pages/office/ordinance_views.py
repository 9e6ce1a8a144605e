"""Until when a city wants its sidewalks cleared, in plain words with its source."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from campaigns.results.amounts import say_date
from core.i18n import Translator
from matching.intake.errors import NoRuleThen
from matching.intake.ordinance_packs import list_packs, load_pack
from matching.intake.programme import DeadlineRules


@dataclass(frozen=True)
class Ordinance:
    """What one city says."""

    code: str
    city: str
    sentences: tuple[str, ...]
    source: str
    read_on: str
    unsure: tuple[str, ...]
    since: str


def list_ordinances(speaker: Translator, today: date) -> list[Ordinance]:
    """Every city whose rule is known, as it holds on a day."""
    found = []
    for code in list_packs():
        pack = load_pack(code)
        try:
            version = pack.version_on(today)
        except NoRuleThen:
            continue
        found.append(
            Ordinance(
                code=code,
                city=pack.city,
                sentences=tuple(clause.sentence[speaker.language] for clause in version.clauses),
                source=version.source,
                read_on=say_date(speaker, version.as_of),
                unsure=version.unsure,
                since=say_date(speaker, version.valid_from),
            )
        )
    return sorted(found, key=lambda one: one.city)


def say_deadlines(speaker: Translator, rules: DeadlineRules) -> list[str]:
    """Until when the programme helps after a snowfall."""
    _ = speaker.gettext
    said = []
    if rules.ordinance is None:
        said.append(_("No city rule says until when sidewalks must be clear."))
    else:
        said.append(
            _("The rule of %(city)s says until when sidewalks must be clear.",
              city=load_pack(rules.ordinance).city)
        )  # fmt: skip
    if rules.promise_hours is not None:
        said.append(
            _("We promise help within %(num)s hours after the snow ends.",
              num=speaker.say_number(rules.promise_hours))
        )  # fmt: skip
    said.append(
        _("Without any of these, help is of use for %(num)s hours.",
          num=speaker.say_number(rules.default_hours))
    )  # fmt: skip
    return said
