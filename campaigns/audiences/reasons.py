"""Why somebody is in an audience: code words, and the same in words for a manager."""

from __future__ import annotations

from pathlib import Path

from campaigns.audiences.definitions import (
    HasRole,
    InArea,
    InCampaign,
    InGroup,
    InHousehold,
    InShape,
    Interested,
    Leaf,
    Speaks,
)
from core.i18n import Translator

EVERYBODY = "everybody"
NOT = "not_"


def name_reason(leaf: Leaf, *, negated: bool) -> str:
    """The code word of a condition that holds, such as ``interest:cycling``."""
    if isinstance(leaf, InArea):
        name = "area:" + "|".join(leaf.names)
    elif isinstance(leaf, InShape):
        name = "polygon"
    elif isinstance(leaf, Interested):
        name = "interest:" + "|".join(leaf.topics)
    elif isinstance(leaf, Speaks):
        name = "language:" + "|".join(leaf.languages)
    elif isinstance(leaf, InHousehold):
        name = f"household:{leaf.fact.value}"
    elif isinstance(leaf, HasRole):
        name = f"role:{leaf.role.value}"
    elif isinstance(leaf, InGroup):
        name = "group"
    elif isinstance(leaf, InCampaign):
        name = "campaign"
    else:
        name = f"took_part:{leaf.what.value}"
    return f"{NOT}{name}" if negated else name


def describe_reason(reason: str, language: str) -> str:
    """A reason as a sentence that begins with "because"."""
    _ = Translator(language, Path(__file__).parent).gettext
    kind, _colon, value = reason.removeprefix(NOT).partition(":")
    if reason.startswith(NOT):
        return _("because a condition that you excluded does not hold")
    listed = ", ".join(value.split("|"))
    if kind == "household":
        kind = f"household_{value}"
    elif kind in ("role", "took_part"):
        kind = f"{kind}_{value}"
    sentences = {
        EVERYBODY: _("because the segment is for everybody"),
        "area": _("because their home is in one of: %(listed)s", listed=listed),
        "polygon": _("because their cell is in the area that you drew"),
        "interest": _("because they said that they care about one of: %(listed)s", listed=listed),
        "language": _("because they are at ease in one of: %(listed)s", listed=listed),
        "household_seniors": _("because their household said that seniors live there"),
        "household_children": _("because their household said that children live there"),
        "role_resident": _("because they take part as a resident"),
        "role_volunteer": _("because they are a volunteer"),
        "group": _("because they are in the group"),
        "campaign": _("because they take part in the campaign"),
        "took_part_event": _("because they came to an event"),
        "took_part_campaign": _("because they were in a campaign that has ended"),
    }
    return sentences[kind]
