"""A description of people as rows of a form: one condition a row, joined by all or any."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from campaigns.audiences.definitions import (
    REACHED_ROLES,
    All,
    Any_,
    Condition,
    Definition,
    HasRole,
    InArea,
    InCampaign,
    InGroup,
    InHousehold,
    Interested,
    Leaf,
    Not,
    Speaks,
    TookPart,
)
from campaigns.audiences.kinds import HouseholdFact, TookPartIn
from core.i18n import Translator
from core.ids import parse_id
from people.kinds import Role
from web.pages.fields import read_choices, read_whole
from web.pages.guards import AnyRequest

MAX_ROWS = 10
KINDS = ("area", "interest", "language", "role", "household", "group", "campaign", "took_part")
SEVERAL = frozenset({"area", "interest", "language"})
"""Kinds of which several values may be chosen."""
REST_DAYS = (0, 3, 7, 14, 30)
Choices = Mapping[str, list[tuple[str, str]]]


@dataclass(frozen=True)
class ConditionRow:
    """One condition as it stands in the form."""

    kind: str
    values: tuple[str, ...] = ()
    is_not: bool = False


@dataclass
class Described:
    """A description as it was written."""

    rows: list[ConditionRow] = field(default_factory=list)
    join: str = "all"
    rest_days: int = 0
    errors: dict[str, str] = field(default_factory=dict)


def name_kind_of_condition(speaker: Translator, kind: str) -> str:
    """A condition as its row begins."""
    _ = speaker.gettext
    return {
        "area": _("They live in one of these neighborhoods"),
        "interest": _("They care about one of these topics"),
        "language": _("They are at ease in one of these languages"),
        "role": _("What they do here"),
        "household": _("Their household said so"),
        "group": _("They are in this group"),
        "campaign": _("They take part in this campaign"),
        "took_part": _("They took part before"),
    }[kind]


def list_fixed_choices(speaker: Translator) -> dict[str, list[tuple[str, str]]]:
    """The values of conditions that are the same in every town."""
    _ = speaker.gettext
    return {
        "role": [
            (Role.RESIDENT.value, _("They ask for help")),
            (Role.VOLUNTEER.value, _("They help")),
        ],
        "household": [
            (HouseholdFact.SENIORS.value, _("Seniors live there")),
            (HouseholdFact.CHILDREN.value, _("Children live there")),
        ],
        "took_part": [
            (TookPartIn.EVENT.value, _("They came to an event")),
            (TookPartIn.CAMPAIGN.value, _("They were in a campaign that has ended")),
        ],
    }


async def read_description(
    speaker: Translator, request: AnyRequest, form: Mapping[str, str], choices: Choices
) -> Described:
    """What was written, with its mistakes. What is no longer to be chosen is dropped."""
    found = Described(join="any" if form.get("join") == "any" else "all")
    rest = read_whole(form.get("rest_days", "0"))
    found.rest_days = rest if rest in REST_DAYS else 0
    for number in range(MAX_ROWS):
        kind = form.get(f"kind-{number}", "")
        if kind not in KINDS:
            continue
        known = {code for code, _words in choices.get(kind, [])}
        given = await read_choices(request, f"value-{number}")
        values = tuple(value for value in given if value in known)
        place = len(found.rows)
        found.rows.append(ConditionRow(kind, values, form.get(f"not-{number}") == "1"))
        if not values:
            found.errors[f"value-{place}"] = speaker.gettext("Choose something, or take it away")
    return found


def make_definition(described: Described) -> Definition:
    """The description as the product keeps it."""
    leaves: list[Condition] = []
    for row in described.rows:
        leaf = _make_leaf(row)
        leaves.append(Not(leaf) if row.is_not else leaf)
    where: Condition | None = None
    if len(leaves) == 1:
        where = leaves[0]
    elif leaves:
        where = Any_(tuple(leaves)) if described.join == "any" else All(tuple(leaves))
    return Definition(where=where, not_contacted_days=described.rest_days or None)


def show_definition(definition: Definition) -> Described | None:
    """A description as rows; None when it says more than rows can."""
    found = Described(rest_days=definition.not_contacted_days or 0)
    if found.rest_days not in REST_DAYS:
        return None
    where = definition.where
    if where is None:
        return found
    parts: tuple[Condition, ...] = (where,)
    if isinstance(where, All | Any_):
        parts = where.of
        found.join = "any" if isinstance(where, Any_) else "all"
    if len(parts) > MAX_ROWS:
        return None
    for part in parts:
        row = _show_leaf(part.of, is_not=True) if isinstance(part, Not) else _show_leaf(part)
        if row is None:
            return None
        found.rows.append(row)
    return found


def _make_leaf(row: ConditionRow) -> Leaf:
    first = row.values[0]
    if row.kind == "area":
        return InArea(row.values)
    if row.kind == "interest":
        return Interested(row.values)
    if row.kind == "language":
        return Speaks(row.values)
    if row.kind == "role":
        return HasRole(Role(first))
    if row.kind == "household":
        return InHousehold(HouseholdFact(first))
    key = parse_id(first)
    if row.kind == "group" and key is not None:
        return InGroup(key)
    if row.kind == "campaign" and key is not None:
        return InCampaign(key)
    return TookPart(what=TookPartIn(first))


def _show_leaf(part: Any, *, is_not: bool = False) -> ConditionRow | None:
    if isinstance(part, InArea):
        return ConditionRow("area", part.names, is_not)
    if isinstance(part, Interested):
        return ConditionRow("interest", part.topics, is_not)
    if isinstance(part, Speaks):
        return ConditionRow("language", part.languages, is_not)
    if isinstance(part, HasRole) and part.role in REACHED_ROLES:
        return ConditionRow("role", (part.role.value,), is_not)
    if isinstance(part, InHousehold):
        return ConditionRow("household", (part.fact.value,), is_not)
    if isinstance(part, InGroup):
        return ConditionRow("group", (str(part.group_id),), is_not)
    if isinstance(part, InCampaign):
        return ConditionRow("campaign", (str(part.campaign_id),), is_not)
    if isinstance(part, TookPart) and part.subject_id is None and part.days is None:
        return ConditionRow("took_part", (part.what.value,), is_not)
    return None


def say_description(speaker: Translator, described: Described, choices: Choices) -> list[str]:
    """A description in words, one line for each condition."""
    said = []
    for row in described.rows:
        names = dict(choices.get(row.kind, []))
        listed = ", ".join(names.get(value, value) for value in row.values)
        title = name_kind_of_condition(speaker, row.kind)
        said.append(
            speaker.gettext("Not: %(what)s: %(values)s", what=title, values=listed)
            if row.is_not
            else speaker.gettext("%(what)s: %(amount)s", what=title, amount=listed)
        )
    if not said:
        said = [speaker.gettext("Everybody who agreed to such messages")]
    if described.rest_days:
        said.append(
            speaker.ngettext(
                "We wrote nothing to them for %(num)s day",
                "We wrote nothing to them for %(num)s days",
                described.rest_days,
            )
        )
    return said
