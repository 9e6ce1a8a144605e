"""What a map of a round shows: cells, neighbourhoods and blurred routes; never a home."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from geo.basemap import Basemap


@dataclass(frozen=True, eq=False)
class MapCell:
    """One blurred cell that holds at least as many addresses as the privacy rule asks.

    Parameters
    ----------
    cell
        H3 index, hexadecimal.
    polygon
        Its outline, lon and lat in degrees.
    asked, served
        Homes that ask for help, and those that have a neighbor in the plan.
    area
        The neighbourhood of its centre.
    """

    cell: str
    polygon: Any
    asked: int
    served: int
    area: str

    @property
    def nobody(self) -> int:
        """Homes that have nobody."""
        return self.asked - self.served


@dataclass(frozen=True, eq=False)
class MapArea:
    """One neighbourhood.

    Parameters
    ----------
    worth_homes
        Homes that one more volunteer here would add, tried by planning again; None where that was
        not tried.
    """

    name: str
    polygon: Any
    asked: int
    served: int
    volunteers: int
    volunteers_out: int
    worth_homes: int | None = None

    @property
    def nobody(self) -> int:
        """Homes that have nobody."""
        return self.asked - self.served


@dataclass(frozen=True, eq=False)
class MapRoute:
    """A route along streets between blurred places, from and to the volunteer's cell.

    Parameters
    ----------
    name
        The volunteer's reference.
    line
        Shapely line, lon and lat in degrees; it never touches a home.
    cells
        The cell of each stop, in order.
    length_m
        Of the line, so it tells no more than the line does.
    starts
        When the work starts at each stop, local time as text.
    """

    name: str
    mode: str
    area: str
    line: Any
    cells: tuple[str, ...]
    requests: tuple[str, ...]
    starts: tuple[str, ...]
    length_m: int

    @property
    def stops(self) -> int:
        """Homes on the route."""
        return len(self.requests)


@dataclass(frozen=True)
class Reason:
    """Why some homes have nobody: how many, the reason in words, and where."""

    homes: int
    title: str
    where: str


@dataclass(frozen=True)
class Recruit:
    """One more volunteer that was tried: what kind, where, how many more homes."""

    title: str
    area: str
    homes: int


@dataclass(frozen=True, eq=False)
class MapContent:
    """Everything that the map page and the picture show.

    Parameters
    ----------
    title
        The news, one sentence.
    asked, served
        Homes that ask for help, and those with a neighbor in the plan.
    when
        The evening, in local words.
    note
        Stands on top of every page, such as "people are made up"; empty for none.
    facts
        (label, number, small words after it).
    certificate
        Sentences about how good the plan is.
    """

    city: str
    title: str
    asked: int
    served: int
    when: str
    note: str
    basemap: Basemap
    cells: tuple[MapCell, ...]
    areas: tuple[MapArea, ...]
    routes: tuple[MapRoute, ...]
    facts: tuple[tuple[str, str, str], ...]
    reasons: tuple[Reason, ...] = ()
    recruits: tuple[Recruit, ...] = ()
    certificate: tuple[str, ...] = ()
    footer: str = ""
    min_addresses: int = 20
    changes: tuple[str, ...] = ()
