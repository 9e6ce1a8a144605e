"""Reads GPX tracks from strangers: as a stream, with bounds, and without any of XML's own powers.

Whoever uploads a file may be hostile. A document type is refused before any entity can be
declared, so nothing expands and nothing is fetched; depth, text, points and bytes are bounded, and
a file is read in pieces, so that a bad one is refused where it turns bad.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from xml.parsers import expat

from campaigns.biking.errors import IndoorRide, InvalidTrack, TrackTooLarge

MAX_BYTES = 10_000_000
MAX_POINTS = 100_000
"""More than a day with a point every second."""
MAX_SEGMENTS = 5_000
MAX_DEPTH = 32
MAX_TEXT = 1_000
MAX_NUMBER = 40
MAX_ATTRIBUTES = 50
PIECE = 65_536

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})?", re.ASCII
)
_INDOOR_TYPES = re.compile(r"virtual|indoor|trainer|spinning|stationary", re.I)
_OTHER_TYPES = re.compile(
    r"\b(running|run|walking|walk|hiking|hike|swimming|driving|car|motorcycling|motorcycle|"
    r"skiing|rowing|sailing|flying|train|bus)\b",
    re.I,
)
_INDOOR_MAKERS = re.compile(r"zwift|rouvy|trainerroad|fulgaz|bkool|mywhoosh|kinomap|peloton", re.I)
_TEXTS = frozenset({"time", "type"})


@dataclass(frozen=True)
class TrackPoint:
    """One point of a track with its moment."""

    moment: datetime
    lon_deg: float
    lat_deg: float


@dataclass
class Track:
    """The points of a file, in the pieces in which they were recorded."""

    segments: list[list[TrackPoint]] = field(default_factory=list)

    @property
    def points(self) -> int:
        """How many points there are."""
        return sum(map(len, self.segments))


@dataclass
class _Point:
    """A point that is being read."""

    lon_deg: float
    lat_deg: float
    moment: datetime | None = None


class GpxReader:
    """Takes a GPX file piece by piece: `feed` each, then `close`."""

    def __init__(self) -> None:
        self.track = Track()
        self._bytes = 0
        self._points = 0
        self._untimed = 0
        self._names: list[str] = []
        self._text: list[str] = []
        self._text_length = 0
        self._point: _Point | None = None
        self._has_route = False
        self._parser = self._make_parser()

    def _make_parser(self) -> expat.XMLParserType:
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.StartDoctypeDeclHandler = self._refuse_doctype
        parser.EntityDeclHandler = self._refuse_doctype
        parser.ExternalEntityRefHandler = self._refuse_doctype
        parser.SkippedEntityHandler = self._refuse_doctype
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        return parser

    def feed(self, piece: bytes) -> None:
        """Read a further piece.

        Raises
        ------
        InvalidTrack
            As soon as something cannot be used.
        """
        if self._bytes == 0:
            _check_magic(piece)
        self._bytes += len(piece)
        if self._bytes > MAX_BYTES:
            raise TrackTooLarge(
                f"The file has more than {MAX_BYTES // 1_000_000} MB: export this ride alone."
            )
        self._parse(piece, final=False)

    def close(self) -> Track:
        """What was read, once there is no further piece."""
        if self._bytes == 0:
            raise InvalidTrack("The file is empty: export the ride again.")
        self._parse(b"", final=True)
        if self._points == 0:
            if self._has_route:
                raise InvalidTrack("The file holds a planned route and no ride: export the track.")
            raise IndoorRide("The file holds no points: rides indoors do not count.")
        if self._untimed == self._points:
            raise InvalidTrack("The points tell no times: export the ride with its times.")
        self.track.segments = [points for points in self.track.segments if points]
        return self.track

    def _parse(self, piece: bytes, *, final: bool) -> None:
        try:
            self._parser.Parse(piece, final)
        except expat.ExpatError as error:
            raise InvalidTrack(
                f"The file cannot be read as GPX at line {error.lineno}: "
                f"{expat.ErrorString(error.code)}. Export the ride again."
            ) from None
        except (ValueError, LookupError, UnicodeError):
            # An encoding that Python lacks, or one of several bytes a letter.
            raise InvalidTrack("The file's letters cannot be read: save it as UTF-8.") from None

    def _refuse_doctype(self, *_: object) -> int:
        raise InvalidTrack(
            "The file declares a document type or entities, which GPX never needs; export the "
            "ride again."
        )

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._names) >= MAX_DEPTH:
            raise InvalidTrack(f"The file is nested more than {MAX_DEPTH} deep; no ride needs it.")
        if len(attributes) > MAX_ATTRIBUTES:
            raise InvalidTrack("The file has an element with too many attributes.")
        local = name.rpartition(":")[2]
        if not self._names:
            self._check_root(local, attributes)
        self._names.append(local)
        self._text, self._text_length = [], 0
        if local == "trkseg":
            self._begin_segment()
        elif local == "trkpt":
            self._begin_point(attributes)
        elif local == "rtept":
            self._has_route = True

    def _check_root(self, local: str, attributes: dict[str, str]) -> None:
        if local != "gpx":
            raise InvalidTrack("The file is no GPX file: its first element must be gpx.")
        if _INDOOR_MAKERS.search(attributes.get("creator", "")[:MAX_TEXT]):
            raise IndoorRide("The file comes from an indoor trainer: rides indoors do not count.")

    def _begin_segment(self) -> None:
        if len(self.track.segments) >= MAX_SEGMENTS:
            raise TrackTooLarge(f"The file has more than {MAX_SEGMENTS:,} pieces of track.")
        self.track.segments.append([])

    def _begin_point(self, attributes: dict[str, str]) -> None:
        self._points += 1
        if self._points > MAX_POINTS:
            raise TrackTooLarge(f"The track has more than {MAX_POINTS:,} points: split the file.")
        if self._point is not None:
            raise InvalidTrack(f"Point {self._points} stands inside another point.")
        if self._names[-2:-1] != ["trkseg"] or not self.track.segments:
            raise InvalidTrack(f"Point {self._points} stands outside a piece of track (trkseg).")
        self._point = _Point(
            lon_deg=self._read_degrees(attributes, "lon", 180.0),
            lat_deg=self._read_degrees(attributes, "lat", 90.0),
        )

    def _read_degrees(self, attributes: dict[str, str], name: str, most: float) -> float:
        text = attributes.get(name, "").strip()
        if len(text) <= MAX_NUMBER and _NUMBER.fullmatch(text):
            value = float(text)
            if math.isfinite(value) and abs(value) <= most:
                return value
        raise InvalidTrack(
            f"Point {self._points}: {name} must be a number from {-most:.0f} to {most:.0f}."
        )

    def _characters(self, text: str) -> None:
        if self._names and self._names[-1] in _TEXTS:
            self._text_length += len(text)
            if self._text_length > MAX_TEXT:
                raise InvalidTrack(f"The file has a {self._names[-1]} of more than a line.")
            self._text.append(text)

    def _end(self, _: str) -> None:
        local = self._names.pop()
        parent = self._names[-1] if self._names else ""
        text = "".join(self._text).strip() if local in _TEXTS else ""
        self._text, self._text_length = [], 0
        if local == "time" and parent == "trkpt" and self._point is not None:
            self._point.moment = self._read_moment(text)
        elif local == "type" and parent == "trk":
            _check_type(text)
        elif local == "trkpt":
            self._end_point()

    def _read_moment(self, text: str) -> datetime:
        if _MOMENT.fullmatch(text):
            try:
                moment = datetime.fromisoformat(text)
                zoned = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
                return zoned.astimezone(UTC)
            except (ValueError, OverflowError):
                pass
        raise InvalidTrack(
            f"Point {self._points}: its time cannot be read; GPX writes 2027-05-01T08:30:00Z."
        )

    def _end_point(self) -> None:
        point, self._point = self._point, None
        if point is None:
            return
        if point.moment is None:
            self._untimed += 1
            return
        self.track.segments[-1].append(TrackPoint(point.moment, point.lon_deg, point.lat_deg))


def read_track(data: bytes | Iterable[bytes]) -> Track:
    """The track of a whole GPX file, or of its pieces.

    Raises
    ------
    InvalidTrack, IndoorRide
        Naming what is wrong, and where.
    """
    reader = GpxReader()
    pieces = _cut(data) if isinstance(data, bytes) else data
    for piece in pieces:
        reader.feed(piece)
    return reader.close()


def _cut(data: bytes) -> Iterable[bytes]:
    return (data[start : start + PIECE] for start in range(0, len(data), PIECE))


def _check_magic(piece: bytes) -> None:
    if piece.startswith(b"\x1f\x8b"):
        raise InvalidTrack("The file is packed (gzip): unpack it first.")
    if piece.startswith(b"PK\x03\x04"):
        raise InvalidTrack("The file is packed (zip): unpack it first.")
    if b".FIT" in piece[:16]:
        raise InvalidTrack("The file is in the FIT format: export the ride as GPX.")


def _check_type(text: str) -> None:
    if _INDOOR_TYPES.search(text):
        raise IndoorRide("The file calls itself an indoor or virtual ride: these do not count.")
    if _OTHER_TYPES.search(text):
        raise InvalidTrack("The file calls itself something else than a bicycle ride.")
