"""What can go wrong with maps and addresses."""

from __future__ import annotations

from core.errors import InvalidInput, NotFound, Unavailable
from geo.candidate import Candidate


class UnusableCityPack(InvalidInput):
    """A file that is not a city pack of this version, or a broken one."""

    code = "unusable_city_pack"


class UnusableSource(InvalidInput):
    """A source file from which no city pack can be built."""

    code = "unusable_source"


class CityPackNotFound(NotFound):
    """No pack of that name ships with the product, and no file has that name."""

    code = "city_pack_not_found"


class AddressUnknown(NotFound):
    """No place fits the text."""

    code = "address_unknown"


class AddressAmbiguous(InvalidInput):
    """Several places fit, or none fits well enough to be taken without asking.

    The candidates are for the person who typed the address; the message names none of them.
    """

    code = "address_ambiguous"

    def __init__(self, message: str, candidates: tuple[Candidate, ...]) -> None:
        self.candidates = candidates
        super().__init__(message)


class InvalidCoordinates(InvalidInput):
    """Numbers that are no place on Earth."""

    code = "invalid_coordinates"


class CoordinatesSwapped(InvalidInput):
    """The place is outside, but lies inside once its two numbers change places."""

    code = "coordinates_swapped"


class OutsideServiceArea(InvalidInput):
    """A place further from the service area than is allowed; the message holds no coordinates."""

    code = "outside_service_area"

    def __init__(self, message: str, distance_m: float) -> None:
        self.distance_m = distance_m
        super().__init__(message)


class InvalidTravelSetting(InvalidInput):
    """A speed, limit or factor with which no travel can be computed."""

    code = "invalid_travel_setting"


class NoUsableStreets(InvalidInput):
    """No street of the city pack may be used in this way of travelling."""

    code = "no_usable_streets"


class TooFewAddresses(InvalidInput):
    """Fewer addresses than one home must be hidden among."""

    code = "too_few_addresses"


class TravelServiceUnavailable(Unavailable):
    """The routing service did not answer, or its answer cannot be used."""

    code = "travel_service_unavailable"


class GeocodingServiceUnavailable(Unavailable):
    """The online geocoder did not answer, or its answer cannot be used."""

    code = "geocoding_service_unavailable"


class InvalidPrivacySetting(InvalidInput):
    """A setting that would not protect anybody."""

    code = "invalid_privacy_setting"


class InvalidCell(InvalidInput):
    """A number or text that is no H3 cell."""

    code = "invalid_cell"


class InvalidServiceSetting(InvalidInput):
    """A service that cannot be asked as it is set up."""

    code = "invalid_service_setting"
