"""The house addresses of a municipality: reading its table and placing each house."""

from __future__ import annotations

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from geo.address_ranges import AddressRanges
from geo.address_text import split_house_number
from geo.city_spec import AddressEntry
from geo.errors import UnusableSource
from geo.feature_files import read_bytes
from geo.pack_build import Progress, ignore_progress
from geo.pack_contents import AddressRow, PackContents, StreetRow
from geo.street_names import street_key

NEAR_NUMBER_GAP = 10
"""A number this little beyond a range, about five houses, counts as placed at its end."""
MAX_NUMBER_GAP = 20
"""A number this little beyond a range is put at its end too, but with precision street."""
_PROGRESS_STEP = 5000


@dataclass(slots=True)
class _House:
    row: AddressRow
    key: str
    digits: int
    parcel: str


def read_addresses(
    path: Path,
    entry: AddressEntry,
    contents: PackContents,
    *,
    progress: Progress = ignore_progress,
) -> None:
    """Read the address table and place each house; notes say how many could not be placed."""
    ranges = AddressRanges(
        [(row.name, *row.alias_names) for row in contents.streets],
        np.array([row.ranges for row in contents.streets], np.int64).reshape(-1, 4),
        np.array([row.line for row in contents.streets], object),
    )
    spellings = {street_key(row.name): row.name for row in contents.streets if row.name}
    houses = list(_read_houses(path, entry, spellings))
    placed: list[_House] = []
    lost: list[_House] = []
    for done, house in enumerate(houses):
        if done % _PROGRESS_STEP == 0:
            progress("Placing houses", done, len(houses))
        found = bool(house.row.precision) or _place_house(house, ranges, contents.streets)
        (placed if found else lost).append(house)
    rescued = _place_by_parcel(placed, lost)
    contents.addresses = [house.row for house in placed + rescued]
    methods = Counter(house.row.precision for house in placed + rescued)
    missing = len(houses) - len(contents.addresses)
    contents.notes.append(
        f"Of {len(houses)} house addresses {methods['interpolated'] - len(rescued)} are placed "
        f"along address ranges, {len(rescued)} with other houses of their parcel, "
        f"{methods['street']} only near the right block, {methods['rooftop']} by coordinates of "
        f"the source; {missing} could not be placed and are left out."
    )


def _read_houses(path: Path, entry: AddressEntry, spellings: dict[str, str]) -> Iterator[_House]:
    """One house for each distinct number, suffix and street; flats of one house are one row."""
    seen: set[tuple[str, str, str, str]] = set()
    for line, record in enumerate(_read_table(path, entry), 2):
        street = " ".join(filter(None, (_cell(record, column) for column in entry.street)))
        number, suffix = split_house_number(
            "-".join(filter(None, (_cell(record, entry.number), _cell(record, entry.suffix))))
        )
        digits = number.partition("-")[0]
        if not street or not digits.isdecimal():
            continue
        key = street_key(street)
        unit = _cell(record, entry.unit)
        identity = (number, suffix.casefold(), key, unit.casefold())
        if identity in seen:
            continue
        seen.add(identity)
        lonlat = _read_lonlat(record, entry, path, line)
        row = AddressRow(
            address_id=_cell(record, entry.id) or f"{path.name.partition('.')[0]}-{line}",
            number=number,
            suffix=suffix.upper(),
            street=spellings.get(key) or _spell_street(street, _cell(record, entry.label)),
            lon=lonlat[0] if lonlat else 0.0,
            lat=lonlat[1] if lonlat else 0.0,
            precision="rooftop" if lonlat else "",
            unit=unit,
            postcode=_cell(record, entry.postcode),
        )
        yield _House(row, key, int(digits), _cell(record, entry.parcel))


def _read_table(path: Path, entry: AddressEntry) -> Iterator[dict[str, str]]:
    try:
        text = read_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnusableSource(f"{path.name}: not a UTF-8 text file; save it as CSV UTF-8") from error
    try:
        reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
        known = reader.fieldnames or ()
        columns = (entry.number, *entry.street, entry.id, entry.suffix, entry.label, entry.unit)
        for column in (*columns, entry.postcode, entry.parcel, entry.lon, entry.lat):
            if column is not None and column not in known:
                raise UnusableSource(
                    f"{path.name}: no column {column!r}; there are {', '.join(known)[:200]}"
                )
        yield from reader
    except csv.Error as error:
        raise UnusableSource(f"{path.name}: not a readable CSV table ({error})") from error


def _cell(record: dict[str, str], column: str | None) -> str:
    return (record.get(column) or "").strip() if column else ""


def _read_lonlat(
    record: dict[str, str], entry: AddressEntry, path: Path, line: int
) -> tuple[float, float] | None:
    texts = _cell(record, entry.lon), _cell(record, entry.lat)
    if not all(texts):
        return None
    try:
        lon, lat = float(texts[0]), float(texts[1])
    except ValueError as error:
        raise UnusableSource(f"{path.name}, line {line}: lon or lat is not a number") from error
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise UnusableSource(f"{path.name}, line {line}: lon, lat are not in degrees")
    return lon, lat


def _spell_street(street: str, label: str) -> str:
    words = street.split()
    ending = label.split()[-len(words) :]
    if [word.casefold() for word in ending] == [word.casefold() for word in words]:
        return " ".join(ending)
    return street.title() if street.isupper() else street


def _place_house(house: _House, ranges: AddressRanges, streets: list[StreetRow]) -> bool:
    found = ranges.find_position(house.key, house.digits, max_gap=MAX_NUMBER_GAP)
    if found is None:
        return False
    house.row.lon, house.row.lat = found.lon, found.lat
    house.row.precision = "street" if found.gap > NEAR_NUMBER_GAP else "interpolated"
    segment = streets[found.segment]
    house.row.postcode = house.row.postcode or segment.postcodes[0 if found.left else 1]
    return True


def _place_by_parcel(placed: list[_House], lost: list[_House]) -> list[_House]:
    """Put houses on streets without ranges where the other houses of their parcel are."""
    by_parcel: dict[str, list[AddressRow]] = defaultdict(list)
    for house in placed:
        if house.parcel:
            by_parcel[house.parcel].append(house.row)
    rescued = []
    for house in lost:
        neighbours = by_parcel.get(house.parcel)
        if not neighbours:
            continue
        house.row.lon = sum(row.lon for row in neighbours) / len(neighbours)
        house.row.lat = sum(row.lat for row in neighbours) / len(neighbours)
        house.row.precision = "interpolated"
        house.row.postcode = house.row.postcode or neighbours[0].postcode
        rescued.append(house)
    return rescued
