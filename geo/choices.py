"""Travel and geocoding as the settings of an installation ask for them."""

from __future__ import annotations

from core.settings import Settings
from geo.areas import ServiceArea
from geo.city import CityPack
from geo.fallback_geocoder import FallbackGeocoder
from geo.geocoder import Geocoder, GeocodingProvider
from geo.graph_travel import GraphTravel
from geo.nominatim import NominatimGeocoder
from geo.osrm import PROFILES, OsrmTravel
from geo.pelias import PeliasGeocoder
from geo.photon import PhotonGeocoder
from geo.straight_travel import StraightTravel
from geo.travel import TravelMode, TravelModel
from geo.valhalla import ValhallaTravel

PROFILE_MARK = "{profile}"
"""In the OSRM URL: stands for foot, bike or car, where there is one server for each."""


def choose_travel(
    settings: Settings, pack: CityPack, mode: TravelMode | str = TravelMode.WALK
) -> TravelModel:
    """Travel in one way, from the source that the settings name.

    An OSRM server knows one way of travelling. Without `PROFILE_MARK` in its URL it is taken to
    know walking, and cycling and driving are computed on the pack's streets.
    """
    mode = TravelMode(mode)
    speed_kmh = settings.walk_speed_kmh if mode is TravelMode.WALK else None
    if settings.travel == "valhalla" and settings.valhalla_url:
        return ValhallaTravel(settings.valhalla_url, mode, speed_kmh=speed_kmh)
    if settings.travel == "osrm" and settings.osrm_url:
        url = settings.osrm_url
        if PROFILE_MARK in url or mode is TravelMode.WALK:
            url = url.replace(PROFILE_MARK, PROFILES[mode])
            return OsrmTravel(url, mode, speed_kmh=speed_kmh)
    if settings.travel == "straight":
        return StraightTravel(mode, speed_kmh=speed_kmh)
    return GraphTravel.from_pack(pack, mode, speed_kmh=speed_kmh, cache_dir=settings.cache_dir)


def choose_geocoder(settings: Settings, pack: CityPack) -> GeocodingProvider:
    """The city's gazetteer, or an online service with the gazetteer behind it."""
    gazetteer = Geocoder.from_pack(pack)
    agent = settings.user_agent
    if settings.geocoder == "nominatim" and settings.nominatim_url:
        area = ServiceArea.from_pack(pack)
        online = NominatimGeocoder(settings.nominatim_url, area, user_agent=agent)
        return FallbackGeocoder(online, gazetteer)
    if settings.geocoder == "photon" and settings.photon_url:
        area = ServiceArea.from_pack(pack)
        return FallbackGeocoder(
            PhotonGeocoder(settings.photon_url, area, user_agent=agent), gazetteer
        )
    if settings.geocoder == "pelias" and settings.pelias_url:
        area = ServiceArea.from_pack(pack)
        return FallbackGeocoder(
            PeliasGeocoder(settings.pelias_url, area, user_agent=agent), gazetteer
        )
    return gazetteer
