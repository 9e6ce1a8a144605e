"""GPX files from strangers: what is read, and what is refused, each with its words."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from campaigns.biking import gpx
from campaigns.biking.errors import IndoorRide, InvalidTrack, TrackTooLarge
from campaigns.biking.gpx import MAX_BYTES, GpxReader, read_track
from tests.gpx import HEAD, START, point, ride_east, write_gpx

POINT = point(0, -71.11, 42.37)


def in_track(body: str) -> bytes:
    return f"{HEAD.format('test')}<trk><trkseg>{body}</trkseg></trk></gpx>".encode()


def test_points_pieces_and_moments_are_read() -> None:
    track = read_track(write_gpx([ride_east(3), ride_east(2)]))
    assert [len(points) for points in track.segments] == [3, 2]
    first = track.segments[0][0]
    assert (first.moment, first.lon_deg, first.lat_deg) == (START, -71.11, 42.37)


@pytest.mark.parametrize("size", [1, 7, 64, 10_000])
def test_a_file_in_pieces_is_the_same_file(size: int) -> None:
    data = write_gpx([ride_east(20)])
    pieces = (data[start : start + size] for start in range(0, len(data), size))
    assert read_track(pieces) == read_track(data)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1"])
def test_usual_encodings_are_read(encoding: str) -> None:
    text = write_gpx([ride_east(3)], creator="Gerät").decode()
    declared = f'<?xml version="1.0" encoding="{encoding}"?>{text}'
    assert read_track(declared.encode(encoding)).points == 3


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
BOMBS = {
    "billion laughs": f'<!DOCTYPE gpx [<!ENTITY l0 "lol">{LAUGHS}]><gpx>&l9;</gpx>',
    "quadratic": f'<!DOCTYPE gpx [<!ENTITY a "{"a" * 10_000}">]><gpx>{"&a;" * 100}</gpx>',
    "external": '<!DOCTYPE gpx [<!ENTITY x SYSTEM "file:///etc/passwd">]><gpx>&x;</gpx>',
    "external subset": '<!DOCTYPE gpx SYSTEM "http://127.0.0.1:9/evil.dtd"><gpx/>',
    "parameter": '<!DOCTYPE gpx [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]><gpx/>',
    "plain document type": "<!DOCTYPE gpx><gpx/>",
}


@pytest.mark.parametrize("name", BOMBS)
def test_document_types_and_entities_are_refused(name: str) -> None:
    with pytest.raises(InvalidTrack, match="document type"):
        read_track(BOMBS[name].encode())


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"\x1f\x8b\x08\x00", "gzip"),
        (b"PK\x03\x04", "zip"),
        (b"\x0e\x10\x00\x00\x00\x00\x00\x00.FIT", "FIT"),
        (b"hello", "line 1"),
        (b"<gpx>", "line 1"),
        (b"<kml/>", "first element must be gpx"),
        (b"<gpx>&unknown;</gpx>", "line 1"),
        (b'<?xml version="1.0" encoding="ebcdic-fi-se"?><gpx/>', "GPX|letters"),
        (b'<?xml version="1.0" encoding="utf-8"?><gpx>\xff\xfe</gpx>', "line 1"),
        (("<gpx>" + "<extensions>" * 100).encode(), "nested more than 32"),
        (f"<gpx><trk>{POINT}</trk></gpx>".encode(), "outside a piece of track"),
        (in_track(POINT[: -len("</trkpt>")] + POINT + "</trkpt>"), "inside another point"),
        (in_track(POINT.replace("Z<", " o'clock<")), "time cannot be read"),
        (in_track(POINT.replace("2027-05-03", "2027-02-30")), "time cannot be read"),
        (in_track(POINT.replace("2027", "1" * 2_000)), "more than a line"),
        (in_track('<trkpt lat="42" lon="-71"/>'), "tell no times"),
        (b'<gpx><rte><rtept lat="42" lon="-71"/></rte></gpx>', "planned route"),
        (write_gpx([ride_east(3)], kind="Running"), "something else than a bicycle"),
    ],
)
def test_what_is_no_ride_is_refused_with_a_remedy(data: bytes, words: str) -> None:
    with pytest.raises(InvalidTrack, match=words):
        read_track(data)


@pytest.mark.parametrize(
    "bad", ["nan", "NaN", "inf", "-inf", "1e400", "91", "0x10", "", "4" * 50, "1_0", "٤٢"]
)
def test_coordinates_that_are_no_places_are_refused(bad: str) -> None:
    with pytest.raises(InvalidTrack, match="Point 1: lat must be a number from -90 to 90"):
        read_track(in_track(point(0, -71.11, bad)))


def test_garbage_of_elevation_and_extensions_does_not_matter() -> None:
    garbage = "<ele>not a number</ele><extensions><x>1e999</x></extensions></trkpt>"
    body = POINT.replace("</trkpt>", garbage) + point(2, -71.10, 42.37)
    assert read_track(in_track(body)).points == 2


@pytest.mark.parametrize(
    "data",
    [
        b"<gpx/>",
        in_track(""),
        write_gpx([ride_east(3)], creator="Zwift"),
        write_gpx([ride_east(3)], kind="VirtualRide"),
        write_gpx([ride_east(3)], kind="indoor_cycling"),
    ],
)
def test_rides_indoors_do_not_count(data: bytes) -> None:
    with pytest.raises(IndoorRide, match=r"indoor"):
        read_track(data)


def test_points_are_bounded_and_the_file_is_left_where_they_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gpx, "MAX_POINTS", 100)
    taken = 0

    def endless() -> Iterator[bytes]:
        nonlocal taken
        yield in_track("").partition(b"</trkseg>")[0]
        while True:
            taken += 1
            yield POINT.encode()

    with pytest.raises(TrackTooLarge, match="more than 100 points"):
        read_track(endless())
    assert taken == 101


def test_bytes_are_bounded_whatever_they_hold() -> None:
    reader = GpxReader()
    reader.feed(b"<gpx><!--")
    blank = b" " * 1_000_000
    for _ in range(MAX_BYTES // len(blank) - 1):
        reader.feed(blank)
    with pytest.raises(TrackTooLarge, match="more than 10 MB"):
        reader.feed(blank)


def test_pieces_of_track_are_bounded() -> None:
    body = "<trkseg/>" * 6_000
    with pytest.raises(TrackTooLarge, match="pieces of track"):
        read_track(f"<gpx><trk>{body}</trk></gpx>".encode())
