"""Routing and geocoding services on this machine, for tests: real HTTP, real answer shapes."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote, urlsplit

import numpy as np

from geo.travel import great_circle_m


@dataclass(frozen=True)
class Request:
    """What the service was asked."""

    method: str
    path: str
    params: dict[str, str]
    body: Any
    headers: dict[str, str]


@dataclass(frozen=True)
class Reply:
    """What the service answers; bytes are sent as they are, anything else as JSON."""

    data: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    wait_s: float = 0.0
    cut: bool = False


@dataclass
class LocalService:
    """A running service: where it is, and everything that it was asked."""

    url: str
    requests: list[Request] = field(default_factory=list)


Handler = Callable[[Request], Reply]


def _read_body(content: bytes, content_type: str) -> Any:
    if content_type.startswith("application/x-www-form-urlencoded"):
        return dict(parse_qsl(content.decode(), keep_blank_values=True))
    return json.loads(content) if content else None


@contextmanager
def serve(handler: Handler) -> Iterator[LocalService]:
    """Answer requests by ``handler`` until the end of the block."""
    stopping = threading.Event()
    service = LocalService("")

    class Responder(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body in one packet, else each answer waits 40 ms

        def do_GET(self) -> None:
            self._respond()

        def do_POST(self) -> None:
            self._respond()

        def _respond(self) -> None:
            parts = urlsplit(self.path)
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            request = Request(
                self.command,
                unquote(parts.path),
                {name: values[-1] for name, values in parse_qs(parts.query).items()},
                _read_body(content, self.headers.get("Content-Type") or ""),
                dict(self.headers.items()),
            )
            service.requests.append(request)
            self._send(handler(request))

        def _send(self, reply: Reply) -> None:
            content = (
                reply.data if isinstance(reply.data, bytes) else json.dumps(reply.data).encode()
            )
            if reply.wait_s:
                stopping.wait(reply.wait_s)
            try:
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content) + 10 * reply.cut))
                self.end_headers()
                self.wfile.write(content)
                self.wfile.flush()
            except OSError:
                pass  # the client has gone: that is what its test is about
            self.close_connection = self.close_connection or reply.cut

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Responder)
    server.daemon_threads = True
    service.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield service
    finally:
        stopping.set()
        server.shutdown()
        server.server_close()
        thread.join(timeout=10)


def in_turn(*replies: Reply) -> Handler:
    """Give these replies one after the other, then the last one for ever."""
    left = list(replies)
    lock = threading.Lock()

    def answer(_: Request) -> Reply:
        with lock:
            return left.pop(0) if len(left) > 1 else left[0]

    return answer


# --- OSRM ---


def osrm_places(request: Request) -> tuple[np.ndarray, list[int], list[int]]:
    """Coordinates of a table request, and which of them are sources and targets."""
    places = np.array(
        [pair.split(",") for pair in request.path.rsplit("/", 1)[1].split(";")], float
    )
    sources = [int(i) for i in request.params["sources"].split(";")]
    targets = [int(i) for i in request.params["destinations"].split(";")]
    return places, sources, targets


def osrm_table(
    *,
    max_table_size: int = 100,
    off_street_m: float = 0.0,
    island: Callable[..., bool] | None = None,
) -> Handler:
    """An OSRM server on which everybody walks straight at 1.25 m/s.

    ``island(lon, lat)`` says which places have no way to the others.
    """

    def answer(request: Request) -> Reply:
        places, sources, targets = osrm_places(request)
        if len(sources) * len(targets) > max_table_size**2:
            return Reply({"code": "TooBig", "message": "Too many table coordinates"}, 400)
        metres = great_circle_m(places[sources][:, None], places[targets][None, :])
        table: list[list[float | None]] = metres.round(1).tolist()
        if island is not None:
            cut_off = [island(lon, lat) for lon, lat in places]
            for i, source in enumerate(sources):
                for j, target in enumerate(targets):
                    if cut_off[source] != cut_off[target]:
                        table[i][j] = None

        def waypoints(chosen: list[int]) -> list[dict[str, Any]]:
            return [
                {"hint": "", "distance": off_street_m, "name": "", "location": list(places[i])}
                for i in chosen
            ]

        return Reply(
            {
                "code": "Ok",
                "distances": table,
                "durations": [
                    [None if value is None else round(value / 1.25, 1) for value in row]
                    for row in table
                ],
                "sources": waypoints(sources),
                "destinations": waypoints(targets),
            }
        )

    return answer


# --- Valhalla ---


def valhalla_error(code: int, text: str, status: int = 400) -> Reply:
    return Reply(
        {"error_code": code, "error": text, "status_code": status, "status": "Bad Request"}, status
    )


def valhalla_matrix(
    *,
    region: Callable[[float, float], int] = lambda lon, lat: 0,
    blocked: Callable[[float, float], bool] = lambda lon, lat: False,
    max_pairs: int = 2500,
    compact: bool = False,
) -> Handler:
    """A Valhalla server on which everybody walks straight at 1.25 m/s.

    Places of different ``region`` make it refuse the whole question with code 170, a negative
    region with 171; ``blocked`` places get null instead.
    """

    def answer(request: Request) -> Reply:
        ends = [
            [(place["lon"], place["lat"]) for place in request.body[name]]
            for name in ("sources", "targets")
        ]
        if len(ends[0]) * len(ends[1]) > max_pairs:
            return valhalla_error(150, f"Exceeded max locations: {max_pairs}")
        regions = {region(*place) for place in ends[0] + ends[1]}
        if min(regions) < 0:
            return valhalla_error(171, "No suitable edges near location")
        if len(regions) > 1:
            return valhalla_error(
                170, "Locations are in unconnected regions. Go check/edit the map at osm.org"
            )
        rows = []
        for i, source in enumerate(ends[0]):
            row = []
            for j, target in enumerate(ends[1]):
                metres = float(great_circle_m(np.array(source), np.array(target)))
                known = not (blocked(*source) or blocked(*target))
                row.append(
                    {
                        "distance": round(metres / 1000, 3) if known else None,
                        "time": round(metres / 1.25) if known else None,
                        "from_index": i,
                        "to_index": j,
                    }
                )
            rows.append(row)
        table: Any = rows
        if compact:
            table = {
                "durations": [[cell["time"] for cell in row] for row in rows],
                "distances": [[cell["distance"] for cell in row] for row in rows],
            }
        return Reply({"sources_to_targets": table, "units": "kilometers"})

    return answer


# --- geocoders: answers in the shape of each service, for one house, one street and one city ---


def nominatim_row(**changes: Any) -> dict[str, Any]:
    row = {
        "place_id": 339201,
        "licence": "Data (c) OpenStreetMap contributors, ODbL 1.0.",
        "osm_type": "node",
        "osm_id": 2713311331,
        "lat": "42.3736",
        "lon": "-71.1097",
        "category": "place",
        "type": "house",
        "place_rank": 30,
        "importance": 0.00006,
        "addresstype": "place",
        "name": "",
        "display_name": "795, Massachusetts Avenue, Central Square, Cambridge, Middlesex County, "
        "Massachusetts, 02139, United States",
        "address": {
            "house_number": "795",
            "road": "Massachusetts Avenue",
            "suburb": "Central Square",
            "city": "Cambridge",
            "county": "Middlesex County",
            "state": "Massachusetts",
            "postcode": "02139",
            "country": "United States",
            "country_code": "us",
        },
        "boundingbox": ["42.3735", "42.3737", "-71.1098", "-71.1096"],
    }
    return row | changes


def _feature(properties: dict[str, Any], lon: float, lat: float) -> dict[str, Any]:
    geometry = {"type": "Point", "coordinates": [lon, lat]}
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def photon_feature(lon: float = -71.1097, lat: float = 42.3736, **changes: Any) -> dict[str, Any]:
    properties = {
        "osm_type": "N",
        "osm_id": 2713311331,
        "osm_key": "place",
        "osm_value": "house",
        "type": "house",
        "housenumber": "795",
        "street": "Massachusetts Avenue",
        "district": "Central Square",
        "city": "Cambridge",
        "county": "Middlesex County",
        "state": "Massachusetts",
        "postcode": "02139",
        "country": "United States",
        "countrycode": "US",
    }
    return _feature(properties | changes, lon, lat)


def pelias_feature(lon: float = -71.1097, lat: float = 42.3736, **changes: Any) -> dict[str, Any]:
    properties = {
        "id": "us/ma/city_of_cambridge:1",
        "gid": "openaddresses:address:us/ma/city_of_cambridge:1",
        "layer": "address",
        "source": "openaddresses",
        "name": "795 Massachusetts Avenue",
        "housenumber": "795",
        "street": "Massachusetts Avenue",
        "postalcode": "02139",
        "confidence": 1,
        "match_type": "exact",
        "accuracy": "point",
        "locality": "Cambridge",
        "region": "Massachusetts",
        "country": "United States",
        "label": "795 Massachusetts Avenue, Cambridge, MA, USA",
    }
    return _feature(properties | changes, lon, lat)


def collection(*features: Any) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features)}
