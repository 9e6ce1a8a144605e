"""What all three online geocoders do alike, against local servers with real answer shapes."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.clock import FixedClock
from geo.areas import ServiceArea
from geo.candidate import ACCEPT_SCORE, Candidate, Precision
from geo.city import CityPack, shipped_pack
from geo.errors import GeocodingServiceUnavailable
from geo.fallback_geocoder import FallbackGeocoder
from geo.geocoder import Geocoder, GeocodingProvider
from geo.nominatim import NominatimGeocoder
from geo.online_geocoder import FoundPlace, OnlineGeocoder, score_place
from geo.pelias import PeliasGeocoder
from geo.photon import PhotonGeocoder
from tests.http_services import (
    Handler,
    Reply,
    collection,
    in_turn,
    nominatim_row,
    pelias_feature,
    photon_feature,
    serve,
)

ADDRESS = "795 Massachusetts Ave, Cambridge, MA 02139"

PROVIDERS: list[tuple[type[OnlineGeocoder], Callable[..., Any]]] = [
    (NominatimGeocoder, lambda: [nominatim_row()]),
    (PhotonGeocoder, lambda: collection(photon_feature())),
    (PeliasGeocoder, lambda: collection(pelias_feature())),
]
each_provider = pytest.mark.parametrize(
    ("provider", "answer"), PROVIDERS, ids=[provider.source for provider, _ in PROVIDERS]
)


@pytest.fixture(scope="module")
def pack() -> CityPack:
    return CityPack.open(shipped_pack("cambridge"))


@pytest.fixture(scope="module")
def area(pack: CityPack) -> ServiceArea:
    return ServiceArea.from_pack(pack)


def ask(
    provider: type[OnlineGeocoder], handler: Handler, text: str = ADDRESS, **settings: Any
) -> tuple[Candidate, ...]:
    with serve(handler) as service, provider(service.url, **settings) as geocoder:
        return geocoder.geocode(text)


@each_provider
def test_a_house_is_found_with_all_its_parts(
    provider: type[OnlineGeocoder], answer: Callable[[], Any], area: ServiceArea
) -> None:
    (found,) = ask(provider, in_turn(Reply(answer())), area=area)
    assert (found.lon, found.lat) == (-71.1097, 42.3736)
    assert found.precision is Precision.ROOFTOP
    assert found.score >= ACCEPT_SCORE
    assert (found.number, found.street, found.postcode) == ("795", "Massachusetts Avenue", "02139")
    assert found.area == "Mid-Cambridge"
    assert found.source == provider.source
    assert found.address_id
    assert "Massachusetts Avenue" in found.label


@each_provider
def test_another_house_is_never_good_enough(
    provider: type[OnlineGeocoder], answer: Callable[[], Any]
) -> None:
    (found,) = ask(provider, in_turn(Reply(answer())), "797 Massachusetts Ave")
    assert found.score < ACCEPT_SCORE


@each_provider
def test_places_outside_the_service_area_are_left_out(
    provider: type[OnlineGeocoder], answer: Callable[[], Any], area: ServiceArea
) -> None:
    data = answer()
    if provider is NominatimGeocoder:
        data[0]["lon"] = "-72.5"
    else:
        data["features"][0]["geometry"]["coordinates"][0] = -72.5
    assert ask(provider, in_turn(Reply(data)), area=area) == ()
    assert len(ask(provider, in_turn(Reply(data)))) == 1


@each_provider
def test_the_service_is_told_who_asks(
    provider: type[OnlineGeocoder], answer: Callable[[], Any]
) -> None:
    with (
        serve(in_turn(Reply(answer()))) as service,
        provider(service.url, user_agent="talkoot-of-cambridge") as geocoder,  # type: ignore[call-arg]
    ):
        geocoder.geocode(ADDRESS)
    headers = {name.lower(): value for name, value in service.requests[0].headers.items()}
    assert headers["user-agent"] == "talkoot-of-cambridge"


@each_provider
def test_the_same_text_is_asked_once(
    provider: type[OnlineGeocoder], answer: Callable[[], Any]
) -> None:
    with (
        serve(in_turn(Reply(answer()))) as service,
        provider(service.url, cache_size=2) as geocoder,
    ):
        first = geocoder.geocode(ADDRESS)
        assert geocoder.geocode("  " + ADDRESS.upper(), limit=1) == first[:1]
        assert len(service.requests) == 1
        for text in ("1 A St", "2 A St", ADDRESS):
            geocoder.geocode(text)
        assert len(service.requests) == 4, "only the last two answers were kept"


@each_provider
def test_no_text_and_no_limit_ask_nothing(
    provider: type[OnlineGeocoder], answer: Callable[[], Any]
) -> None:
    with serve(in_turn(Reply(answer()))) as service, provider(service.url) as geocoder:
        assert geocoder.geocode("  ") == ()
        assert geocoder.geocode(ADDRESS, limit=0) == ()
    assert service.requests == []


@each_provider
def test_an_empty_answer_is_no_candidate(
    provider: type[OnlineGeocoder], answer: Callable[[], Any]
) -> None:
    data: Any = [] if provider is NominatimGeocoder else collection()
    assert ask(provider, in_turn(Reply(data))) == ()


FAILURES = [
    (Reply("no", 500), "failed .HTTP 500."),
    (Reply("no", 503), "is not ready .HTTP 503."),
    (Reply("no", 429), "refuses more questions for now .HTTP 429.; wait"),
    (Reply("no", 403), "check its key, its rules of use"),
    (Reply({"geocoding": {"errors": ["no"]}}, 400), "cannot be used .HTTP 400."),
    (Reply({"error": {"code": 400, "message": "no"}}, 400), "cannot be used .HTTP 400."),
    (Reply(b"", 200), "cannot be used"),
    (Reply(b'[{"lat": "42', 200), "cannot be used"),
    (Reply(None, 200), "cannot be used"),
    (Reply({"features": None}, 200), "cannot be used"),
    (Reply([{"lat": "42.3"}], 200), "cannot be used"),
    (Reply([{"lat": "42.3", "lon": "x"}], 200), "cannot be used"),
    (Reply(["no"], 200), "cannot be used"),
    (Reply({"features": [{"geometry": None, "properties": {}}]}), "cannot be used"),
    (Reply(collection(photon_feature(lon=999.0))), "cannot be used"),
    (Reply({"features": [{"geometry": {"coordinates": ["a", 1]}, "properties": {}}]}), "cannot be"),
]


@pytest.mark.parametrize("provider", [provider for provider, _ in PROVIDERS])
@pytest.mark.parametrize(("reply", "words"), FAILURES, ids=lambda value: str(value)[:40])
def test_failures_are_said_without_the_address(
    provider: type[OnlineGeocoder], reply: Reply, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(GeocodingServiceUnavailable, match=words) as caught:
        ask(provider, in_turn(reply), attempts=1)
    assert str(caught.value).startswith(provider.source.capitalize())
    assert "Massachusetts" not in str(caught.value)
    assert not any("Massachusetts" in str(vars(record)) for record in caplog.records)


@each_provider
def test_a_slow_service_is_not_waited_for(
    provider: type[OnlineGeocoder], answer: Callable[[], Any]
) -> None:
    with pytest.raises(GeocodingServiceUnavailable, match=r"did not answer within 0\.2 s"):
        ask(provider, in_turn(Reply(answer(), wait_s=20)), timeout_s=0.2)


# --- how well an answer fits the text ---


def place(**changes: Any) -> FoundPlace:
    parts: dict[str, Any] = {
        "lon": 0.0,
        "lat": 0.0,
        "precision": Precision.ROOFTOP,
        "label": "12, Second Street, East Cambridge, Cambridge, Massachusetts, 02141",
        "place_id": "1",
        "number": "12",
        "street": "Second Street",
        "postcode": "02141",
    }
    return FoundPlace(**(parts | changes))


@pytest.mark.parametrize(
    "text",
    [
        "12 Second Street",
        "12 2nd St",
        "12 second st, Cambridge",
        "12 Second St, Cambridge, Massachusetts 02141",
        "12 Second St, Cambridge MA",
        "12 Second St #3",
    ],
)
def test_texts_that_agree_are_good_enough(text: str) -> None:
    assert score_place(text, place()) >= ACCEPT_SCORE


@pytest.mark.parametrize(
    "text",
    [
        "12 Third Street",
        "12 3rd St",
        "14 Second Street",
        "12A Second Street",
        "12 Second Street, Cambridge 02139",
        "12 Second Street, Boston",
        "12 Second Street, Cambridge NY",
        "12 Secund Street",
        "Cambridge",
    ],
)
def test_texts_that_do_not_agree_are_asked_about(text: str) -> None:
    assert score_place(text, place()) < ACCEPT_SCORE


def test_a_street_alone_is_good_enough_only_when_no_house_was_asked_for() -> None:
    street = place(number="", precision=Precision.STREET, label="Second Street, Cambridge")
    assert score_place("Second Street", street) >= ACCEPT_SCORE
    assert score_place("12 Second Street", street) < ACCEPT_SCORE


def test_a_city_is_no_answer_to_a_house() -> None:
    city = place(number="", street="", precision=Precision.AREA, label="Cambridge, Massachusetts")
    assert score_place("12 Cambridge", city) <= 0.3


def test_the_number_may_stand_behind_the_street() -> None:
    finnish = place(
        number="52", street="Aleksanterinkatu", label="52, Aleksanterinkatu, Helsinki", postcode=""
    )
    assert score_place("Aleksanterinkatu 52, Helsinki", finnish) >= ACCEPT_SCORE


def test_the_best_fit_comes_first_not_the_most_important() -> None:
    other = nominatim_row(importance=0.9, address={"road": "Massachusetts Avenue"}, place_rank=26)
    found = ask(NominatimGeocoder, in_turn(Reply([other, nominatim_row()])))
    assert [candidate.number for candidate in found] == ["795", None]


# --- the gazetteer behind it ---


class CountingProvider:
    """A provider that answers as it is told and counts the questions."""

    def __init__(self, provider: GeocodingProvider) -> None:
        self.provider = provider
        self.asked = 0

    def geocode(self, text: str, *, limit: int = 3) -> tuple[Candidate, ...]:
        self.asked += 1
        return self.provider.geocode(text, limit=limit)


def test_the_gazetteer_stands_in_when_the_service_fails(
    pack: CityPack, caplog: pytest.LogCaptureFixture
) -> None:
    clock = FixedClock(datetime(2026, 1, 5, 6, 0, tzinfo=UTC))
    handler = in_turn(Reply("no", 500), Reply([nominatim_row()]))
    with serve(handler) as service, NominatimGeocoder(service.url) as online:
        counting = CountingProvider(online)
        geocoder = FallbackGeocoder(counting, Geocoder.from_pack(pack), rest_s=60, clock=clock)
        first = geocoder.geocode(ADDRESS)
        assert first[0].source == "gazetteer"
        assert first[0].number == "795"
        clock.advance(timedelta(seconds=59))
        assert geocoder.geocode(ADDRESS)[0].source == "gazetteer"
        assert counting.asked == 1, "left alone for a minute"
        clock.advance(timedelta(seconds=2))
        assert geocoder.geocode(ADDRESS)[0].source == "nominatim"
    assert "Nominatim failed (HTTP 500)" in caplog.text
    assert "Massachusetts" not in caplog.text


def test_the_gazetteer_answers_what_the_service_does_not_know(pack: CityPack) -> None:
    with serve(in_turn(Reply([]))) as service, NominatimGeocoder(service.url) as online:
        geocoder = FallbackGeocoder(online, Geocoder.from_pack(pack))
        assert geocoder.geocode(ADDRESS)[0].source == "gazetteer"
        assert geocoder.geocode("zzzz qqqq") == ()
