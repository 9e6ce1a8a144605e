"""City packs that stay open in a long-running process: each is read once, and few are kept."""

from __future__ import annotations

from collections import OrderedDict
from functools import cached_property
from pathlib import Path
from threading import Lock, RLock

from geo.areas import ServiceArea
from geo.city import CityPack, find_pack_file
from geo.geocoder import Geocoder
from geo.privacy import DEFAULT_K, PrivacyCells

MOST_CITIES = 8
MOST_SETTINGS = 4
"""Sets of privacy cells kept for one city."""


class OpenCity:
    """A city pack with what is worked out from it. Safe to share between threads.

    Everything is worked out when it is first asked for, which takes up to some tenths of a second:
    ask from a thread, not from an event loop.
    """

    def __init__(self, pack: CityPack) -> None:
        self.pack = pack
        self._lock = RLock()
        self._cells: OrderedDict[int, PrivacyCells] = OrderedDict()

    @cached_property
    def _service_area(self) -> ServiceArea:
        return ServiceArea.from_pack(self.pack)

    @cached_property
    def _geocoder(self) -> Geocoder:
        return Geocoder.from_pack(self.pack)

    @property
    def service_area(self) -> ServiceArea:
        """The boundary and the neighbourhoods."""
        with self._lock:
            return self._service_area

    @property
    def geocoder(self) -> Geocoder:
        """Finds addresses in the pack, and asks nobody else."""
        with self._lock:
            return self._geocoder

    def cells(self, k: int = DEFAULT_K) -> PrivacyCells:
        """The cells in which homes are shown, each with at least ``k`` addresses."""
        with self._lock:
            if k not in self._cells:
                self._cells[k] = PrivacyCells.from_pack(self.pack, k=k)
                while len(self._cells) > MOST_SETTINGS:
                    self._cells.popitem(last=False)
            return self._cells[k]


_CITIES: OrderedDict[tuple[Path, int, int], OpenCity] = OrderedDict()
_LOCK = Lock()


def open_city(name_or_path: str) -> OpenCity:
    """The city of a pack, by the name of a shipped one or by its file.

    Opened once in a process; a file that was written anew is read anew.

    Raises
    ------
    CityPackNotFound, UnusableCityPack
        When there is none, or none that can be read.
    """
    path = find_pack_file(name_or_path).resolve()
    state = path.stat()
    key = (path, state.st_mtime_ns, state.st_size)
    with _LOCK:
        if key not in _CITIES:
            _CITIES[key] = OpenCity(CityPack.open(path))
            while len(_CITIES) > MOST_CITIES:
                _CITIES.popitem(last=False)
        _CITIES.move_to_end(key)
        return _CITIES[key]
