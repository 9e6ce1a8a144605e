"""Geocoding: from an address as people write it to places, never by a silent guess.

`Geocoder.geocode` says what a text may mean, best first. `Geocoder.resolve` takes an answer only
when everything that the text says agrees with one place, and otherwise raises with the candidates,
for a wrong address costs a volunteer's evening and a question costs a tap.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from rapidfuzz.distance import OSA

from geo.address_text import AddressReading, read_address
from geo.candidate import ACCEPT_SCORE, Candidate, Precision
from geo.city import CityPack
from geo.errors import AddressAmbiguous, AddressUnknown
from geo.gazetteer import Gazetteer, StreetMatch, distance_m
from geo.house_lookup import SAME_PLACE_M, Placement, place_number, place_street
from geo.street_names import fold_text

__all__ = ["ACCEPT_SCORE", "Candidate", "Geocoder", "GeocodingProvider", "Precision"]


class GeocodingProvider(Protocol):
    """Anything that turns an address into candidates: the gazetteer or an online service."""

    def geocode(self, text: str, *, limit: int = 3) -> tuple[Candidate, ...]:
        """Return at most ``limit`` candidates, best first; empty when nothing fits.

        Raises
        ------
        core.errors.Unavailable
            When a service does not answer in time. The message holds no address.
        """
        ...


_ASK = ACCEPT_SCORE - 0.01
_EDIT_COST = 0.06
_TYPE_MISSING = 0.97
_TYPE_CHANGED = 0.88
_LANDMARK = 0.95
_LOOSE = 0.6
_WRONG_POSTCODE = 0.12
_WRONG_AREA = 0.05
_UNKNOWN_REST = 0.15
_CLEAR_LEAD = 0.02
_MIN_FUZZY_LETTERS = 4
_PRECISION_ORDER = {precision: order for order, precision in enumerate(Precision)}


@dataclass(frozen=True, slots=True)
class _Hit:
    """A placement on a matched street, scored; ``known`` when the house is in the register."""

    match: StreetMatch
    place: Placement
    score: float

    @property
    def known(self) -> bool:
        return self.place.row is not None


class Geocoder:
    """Find addresses of one city, offline. Safe to share between threads.

    Parameters
    ----------
    gazetteer
        The city's streets and houses.

    Notes
    -----
    Rules of acceptance (`resolve`, or a score from `ACCEPT_SCORE` on):

    - the street name agrees after folding and abbreviation; or a single letter is wrong, the house
      number is known there, and no other street within two letters has that number;
    - numbers in street names and house numbers are never corrected; a numbered street with a
      typing error is always asked back;
    - a postcode or a town that contradicts the place is asked back.
    """

    def __init__(self, gazetteer: Gazetteer) -> None:
        self.gazetteer = gazetteer
        self._meta = gazetteer.pack.meta
        self._place_names = frozenset(fold_text(name) for name in self._meta.place_names)
        self._area_names = frozenset(gazetteer.area_names)

    @classmethod
    def from_pack(cls, pack: CityPack) -> Geocoder:
        """Build the gazetteer of a pack and a geocoder on it."""
        return cls(Gazetteer.from_pack(pack))

    def geocode(self, text: str, *, limit: int = 3) -> tuple[Candidate, ...]:
        """Return at most ``limit`` places that a text may mean, best first."""
        readings = read_address(
            text,
            number_first=self._meta.number_first,
            place_names=self._place_names,
            area_names=self._area_names,
            postcodes=self.gazetteer.postcodes,
        )
        candidates: list[Candidate] = []
        for reading in readings:
            candidates += self._read_candidates(reading)
            if any(candidate.score >= ACCEPT_SCORE for candidate in candidates):
                break
        if not candidates and readings:
            likeliest = next(reading for reading in readings if not reading.whole_name)
            candidates = list(self._loose_candidates(likeliest))
        return _best_distinct(candidates, limit)

    def resolve(self, text: str) -> Candidate:
        """Return the one place that a text surely means.

        Raises
        ------
        AddressUnknown
            When no place fits.
        AddressAmbiguous
            When several fit, none fits well enough, or only the street is sure; the error
            carries the candidates, the message does not name them.
        """
        return accept_best(self.geocode(text, limit=5), city=self._meta.name)

    # -- candidates of one reading -------------------------------------------------------------

    def _read_candidates(self, reading: AddressReading) -> list[Candidate]:
        if reading.crossing:
            return list(self._crossing_candidates(reading))
        if reading.number:
            return [self._to_candidate(hit, reading) for hit in self._house_hits(reading)]
        return [
            *self._named_places(reading),
            *(self._to_candidate(hit, reading) for hit in self._street_hits(reading)),
        ]

    def _house_hits(self, reading: AddressReading) -> list[_Hit]:
        exact = [
            hit
            for match in self._named_streets(reading)
            for hit in self._place_match(match, reading)
        ]
        if reading.whole_name:
            return exact
        if any(hit.known and hit.score >= ACCEPT_SCORE for hit in exact):
            return exact
        similar = [
            hit
            for match in self._similar_streets(reading.street, exact)
            for hit in self._place_match(match, reading)
            if hit.known or not exact
        ]
        if exact:
            # The house is not known where the name says, but is on a street of nearly that name.
            doubtful = any(hit.match.edits == 1 and hit.known for hit in similar)
            asked = [_cap(hit) if doubtful else hit for hit in exact]
            return asked + [_cap(hit) for hit in similar]
        return _accept_clear_leader(similar)

    def _named_streets(self, reading: AddressReading) -> list[StreetMatch]:
        matches = self.gazetteer.find_streets(reading.street)
        if not reading.whole_name:
            return matches
        return [match for match in matches if match.complete and not match.left_over]

    def _similar_streets(self, name: str, exact: list[_Hit]) -> list[StreetMatch]:
        found = {hit.match.street.index for hit in exact}
        return [
            match
            for match in self.gazetteer.find_similar_streets(name)
            if match.street.index not in found
        ]

    def _place_match(self, match: StreetMatch, reading: AddressReading) -> Iterator[_Hit]:
        places = place_number(
            self.gazetteer,
            match.street,
            reading.number,
            reading.suffix,
            postcode=reading.postcode[:5],
        )
        for place in places:
            hit = _Hit(match, place, self._score(match, place, reading))
            yield _cap(hit) if reading.loose_suffix and place.fit < 1.0 else hit

    def _street_hits(self, reading: AddressReading) -> Iterator[_Hit]:
        matches = self._named_streets(reading)
        if not matches and not reading.whole_name:
            matches = self.gazetteer.find_similar_streets(reading.street)
        for match in matches:
            place = place_street(self.gazetteer, match.street)
            hit = _Hit(match, place, self._score(match, place, reading))
            yield _cap(hit) if match.edits else hit

    def _score(self, match: StreetMatch, place: Placement, reading: AddressReading) -> float:
        score = place.fit - _EDIT_COST * match.edits
        if not match.complete:
            score *= _TYPE_CHANGED if match.type_given else _TYPE_MISSING
        rest = " ".join(filter(None, (match.left_over, reading.rest)))
        if rest and not self._is_place_name(rest):
            score -= _UNKNOWN_REST
        if place.row is not None:
            addresses = self.gazetteer.pack.addresses
            known = fold_text(addresses.postcodes[place.row])
            if reading.postcode and known and reading.postcode[: len(known)] != known:
                score -= _WRONG_POSTCODE
            area = self._area_name(reading.area)
            if area and addresses.areas[place.row] not in ("", area):
                score -= _WRONG_AREA
        return max(score, 0.05)

    def _is_place_name(self, text: str) -> bool:
        """Whether every word is a known place name, but for a typing error in a long one."""
        known = {word for name in self._place_names | self._area_names for word in name.split()}
        return all(
            word in known
            or (
                len(word) > _MIN_FUZZY_LETTERS
                and any(OSA.distance(word, name, score_cutoff=1) <= 1 for name in known)
            )
            for word in text.split()
        )

    def _area_name(self, folded: str) -> str:
        index = self.gazetteer.area_names.get(folded)
        return "" if index is None else self.gazetteer.pack.areas.names[index]

    def _crossing_candidates(self, reading: AddressReading) -> Iterator[Candidate]:
        sides = []
        for name in (reading.street, reading.crossing):
            matches = self.gazetteer.find_streets(name)
            sides.append(matches or self.gazetteer.find_similar_streets(name)[:3])
        for first in sides[0]:
            for second in sides[1]:
                places = self.gazetteer.find_crossings(first.street, second.street)
                for lon, lat in places if first.street is not second.street else ():
                    place = Placement(lon, lat, Precision.STREET, 1.0)
                    pair = replace(
                        first,
                        edits=first.edits + second.edits,
                        complete=first.complete and second.complete,
                        left_over=second.left_over,
                    )
                    score = self._score(pair, place, reading)
                    yield Candidate(
                        lon,
                        lat,
                        Precision.STREET,
                        round(min(score, _ASK) if pair.edits else score, 3),
                        f"{first.street.name} & {second.street.name}",
                        street=first.street.name,
                    )

    def _named_places(self, reading: AddressReading) -> Iterator[Candidate]:
        pack = self.gazetteer.pack
        area = self.gazetteer.area_names.get(reading.street)
        if area is not None:
            yield _area_candidate(pack.areas.names[area], pack.areas.geometries[area])
        postcodes = pack.layer("postcode")
        for name, shape in zip(postcodes.names, postcodes.geometries, strict=True):
            if fold_text(name) == reading.street:
                yield _area_candidate(name, shape)
        places = pack.layer("poi")
        for index in self.gazetteer.landmarks.get(reading.street, ()):
            shape = places.geometries[index]
            label = ", ".join(filter(None, (places.names[index], places.addresses[index])))
            yield Candidate(shape.x, shape.y, Precision.ROOFTOP, _LANDMARK, label)

    def _loose_candidates(self, reading: AddressReading) -> Iterator[Candidate]:
        for match, likeness in self.gazetteer.find_loosely(reading.street):
            places = (
                place_number(self.gazetteer, match.street, reading.number, reading.suffix)
                if reading.number
                else [place_street(self.gazetteer, match.street)]
            )
            for place in places:
                score = _LOOSE * likeness * place.fit
                yield self._to_candidate(_Hit(match, place, score), reading)

    def _to_candidate(self, hit: _Hit, reading: AddressReading) -> Candidate:
        addresses, row = self.gazetteer.pack.addresses, hit.place.row
        number, suffix = reading.number, reading.suffix.upper()
        unit = reading.unit.upper()
        if row is not None:
            if suffix.casefold() != addresses.suffixes[row].casefold() and suffix.isalpha():
                unit = " ".join(filter(None, (suffix, unit)))
            number, suffix = addresses.numbers[row], addresses.suffixes[row]
        elif hit.place.precision is Precision.STREET:
            number = suffix = ""
        return Candidate(
            hit.place.lon,
            hit.place.lat,
            hit.place.precision,
            round(hit.score, 3),
            self._label(hit.match.street.name, number, suffix, unit),
            address_id=None if row is None else addresses.ids[row],
            area=None if row is None else addresses.areas[row] or None,
            street=hit.match.street.name,
            number=f"{number} {suffix}".strip() or None,
            unit=unit or None,
            postcode=None if row is None else addresses.postcodes[row] or None,
        )

    def _label(self, street: str, number: str, suffix: str, unit: str) -> str:
        if not number:
            return street
        if self._meta.number_first:
            glue = " " if "/" in suffix else ""
            return f"{number}{glue}{suffix} {street}" + (f" #{unit}" if unit else "")
        return " ".join(filter(None, (street, number, suffix.casefold(), unit)))


def accept_best(candidates: tuple[Candidate, ...], *, city: str) -> Candidate:
    """Return the first candidate when it is a house, fits, and no rival comes near it.

    Raises
    ------
    AddressUnknown, AddressAmbiguous
        As `Geocoder.resolve`.
    """
    if not candidates:
        raise AddressUnknown(
            f"no such address in {city}; check the street name and the house number"
        )
    best = candidates[0]
    if best.address_id is None and best.precision not in (
        Precision.ROOFTOP,
        Precision.INTERPOLATED,
    ):
        raise AddressAmbiguous(
            f"the house is not known in {city}, only where it may be; give street and house "
            "number, or pick one of the candidates",
            candidates,
        )
    if best.score < ACCEPT_SCORE or find_rival(candidates) is not None:
        raise AddressAmbiguous(
            f"the address may mean more than one place in {city}; pick one of the "
            f"{len(candidates)} candidates",
            candidates,
        )
    return best


def find_rival(candidates: tuple[Candidate, ...]) -> Candidate | None:
    """Return another place that fits about as well as the first, None when the lead is clear."""
    best = candidates[0]
    for other in candidates[1:]:
        apart_m = distance_m((best.lon, best.lat), (other.lon, other.lat))
        if other.score >= best.score - _CLEAR_LEAD and apart_m > SAME_PLACE_M:
            return other
    return None


def _cap(hit: _Hit) -> _Hit:
    return replace(hit, score=min(hit.score, _ASK))


def _accept_clear_leader(hits: list[_Hit]) -> list[_Hit]:
    """Of misspelt matches at most one may be taken without asking; see the rules of `Geocoder`."""
    leaders = [
        hit
        for hit in hits
        if hit.match.edits == 1
        and hit.match.complete
        and hit.known
        and not hit.match.street.is_numbered
        and sum(map(str.isalpha, hit.match.street.key)) > _MIN_FUZZY_LETTERS
    ]
    rivals = {hit.match.street.index for hit in hits if hit.known}
    clear = len(leaders) == 1 and len(rivals) == 1
    return [hit if clear and hit is leaders[0] else _cap(hit) for hit in hits]


def _area_candidate(name: str, shape: object) -> Candidate:
    point = shape.representative_point()  # type: ignore[attr-defined]  # shapely has no types
    return Candidate(point.x, point.y, Precision.AREA, 1.0, name, area=name)


def _best_distinct(candidates: list[Candidate], limit: int) -> tuple[Candidate, ...]:
    ordered = sorted(
        candidates,
        key=lambda item: (-item.score, _PRECISION_ORDER[item.precision], item.label, item.lon),
    )
    kept: dict[tuple[str, int, int], Candidate] = {}
    for candidate in ordered:
        place = (candidate.label, round(candidate.lon * 1e3), round(candidate.lat * 1e3))
        kept.setdefault(place, candidate)
    return tuple(kept.values())[:limit]
