"""What somebody has answered so far, and which question comes next. Pure."""

from __future__ import annotations

from typing import Any, Final, Literal

import msgspec

from matching.imports.records import Place
from people.kinds import Precision

Step = Literal["what", "parts", "when", "place", "pin", "who", "contact"]
STEPS: Final[tuple[Step, ...]] = ("what", "parts", "when", "place", "pin", "who", "contact")
PATHS: Final[dict[str, str]] = {
    "what": "/ask",
    "parts": "/ask/parts",
    "when": "/ask/when",
    "place": "/ask/place",
    "pin": "/ask/place/confirm",
    "who": "/ask/who",
    "contact": "/ask/contact",
    "check": "/ask/check",
}
CHECK: Final = PATHS["check"]
HOUSES: Final = (Precision.ROOFTOP.value, Precision.INTERPOLATED.value)


class Spot(msgspec.Struct, frozen=True):
    """A place that the typed address may mean."""

    label: str
    lon_deg: float
    lat_deg: float
    precision: str
    cell: int
    area: str | None = None
    postcode: str | None = None
    number: str | None = None
    address_id: str | None = None
    unit: str | None = None

    @property
    def is_house(self) -> bool:
        """Whether it is one house, not a street, a corner or a neighborhood."""
        return self.precision in HOUSES


class Answers(msgspec.Struct, frozen=True):
    """The answers of one call for help."""

    kind: str = ""
    scope: tuple[str, ...] = ()
    when: str = ""
    day: str = ""
    part: str = "any"
    typed: str = ""
    unit: str = ""
    spots: tuple[Spot, ...] = ()
    pick: int = 0
    pin: tuple[float, float] | None = None
    """Where the person has put the pin, when not where it was."""
    pin_cell: int = 0
    pin_area: str | None = None
    notes: str = ""
    at_home: bool = False
    """At the home that is on record for the person who is signed in."""
    knows_contact: bool = False
    """Whoever is signed in asks for themselves: we know how to reach them."""
    who: str = ""
    name: str = ""
    caller_name: str = ""
    caller: str = ""
    facts: tuple[str, ...] = ()
    email: str = ""
    phone: str = ""
    channel: str = ""
    language: str = ""
    done: tuple[str, ...] = ()
    """The questions that were answered."""

    @property
    def spot(self) -> Spot | None:
        """The place that is chosen."""
        return self.spots[self.pick] if 0 <= self.pick < len(self.spots) else None

    @property
    def point(self) -> tuple[float, float] | None:
        """Where the pin stands, longitude and latitude."""
        spot = self.spot
        if spot is None:
            return None
        return self.pin or (spot.lon_deg, spot.lat_deg)

    def as_place(self) -> Place | None:
        """The home, as the workflow takes it."""
        spot, point = self.spot, self.point
        if spot is None or point is None:
            return None
        moved = self.pin is not None
        return Place(
            address_text=spot.label,
            unit=self.unit or spot.unit or None,
            lon_deg=point[0],
            lat_deg=point[1],
            precision=Precision.ROOFTOP.value if moved else spot.precision,
            area=self.pin_area if moved else spot.area,
            cell=self.pin_cell if moved else spot.cell,
            address_id=None if moved else spot.address_id,
        )

    def after(self, step: Step, *, undo: tuple[str, ...] = ()) -> Answers:
        """One question more is answered; those that depend on it are open again."""
        kept = tuple(name for name in self.done if name != step and name not in undo)
        return msgspec.structs.replace(self, done=(*kept, step))


def read_answers(data: dict[str, Any]) -> Answers:
    """The answers as they were kept; what cannot be read begins again."""
    try:
        return msgspec.convert(data, Answers)
    except msgspec.ValidationError:
        return Answers()


def list_steps(answers: Answers, *, has_parts: bool, has_facts: bool) -> tuple[Step, ...]:
    """The questions of this call for help: nothing is asked that is known."""
    left_out = set() if has_parts else {"parts"}
    if answers.at_home:
        left_out |= {"pin", "contact"} if has_facts else {"pin", "who", "contact"}
    if answers.knows_contact:
        left_out.add("contact")
    return tuple(step for step in STEPS if step not in left_out)


def find_next(answers: Answers, steps: tuple[Step, ...]) -> str:
    """The page of the first question without an answer, or the page with all answers."""
    for step in steps:
        if step not in answers.done:
            return PATHS[step]
    return CHECK
