"""Street graphs on disk, so that a command does not build the same graph each time."""

from __future__ import annotations

import hashlib
import os
import tempfile
import zipfile
import zlib
from pathlib import Path

import numpy as np

from geo.city import CityPack
from geo.snapping import DEFAULT_MAX_ACCESS_M
from geo.street_graph import StreetGraph
from geo.street_lines import CAR_SPEED_KMH, SPEED_SHARE_OF_LIMIT, select_streets
from geo.travel import TravelMode

GRAPH_FORMAT = "talkoot-streets/1"

_ARRAYS = {
    "node_xy_m": np.float64,
    "start": np.int64,
    "end": np.int64,
    "length_m": np.float64,
    "slowness_s_m": np.float64,
    "forward": np.bool_,
    "backward": np.bool_,
    "line_xy_m": np.float64,
    "line_ptr": np.int64,
}

_UNREADABLE = (
    OSError,
    ValueError,
    KeyError,
    TypeError,
    EOFError,
    zipfile.BadZipFile,
    zlib.error,
)
"""What numpy raises for a file that is cut off, damaged, empty or something else."""


def load_street_graph(
    pack: CityPack,
    mode: TravelMode,
    *,
    cache_dir: Path | None = None,
    max_access_m: float = DEFAULT_MAX_ACCESS_M,
) -> StreetGraph:
    """Return the street graph of a pack, from the cache when it holds this very pack.

    The file's name carries a digest of the pack, the mode and the rules that made the graph, so a
    new pack never meets an old graph. A damaged file is built again; a directory that cannot be
    written only costs the time to build.

    Parameters
    ----------
    cache_dir
        None builds without a cache.

    Raises
    ------
    NoUsableStreets
        When no street of the pack may be used in this way.
    """
    if cache_dir is None:
        return _build(pack, mode, max_access_m)
    file = cache_dir / f"streets-{mode.value}-{_graph_key(pack, mode)}.npz"
    graph = _read_graph(file, pack, mode, max_access_m)
    if graph is None:
        graph = _build(pack, mode, max_access_m)
        _write_graph(file, graph)
    return graph


def _build(pack: CityPack, mode: TravelMode, max_access_m: float) -> StreetGraph:
    return StreetGraph.build(
        select_streets(pack.streets, mode), pack, mode=mode, max_access_m=max_access_m
    )


def _graph_key(pack: CityPack, mode: TravelMode) -> str:
    with pack.path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256")
    rules = (GRAPH_FORMAT, mode.value, sorted(CAR_SPEED_KMH.items()), SPEED_SHARE_OF_LIMIT)
    digest.update(pack.meta.source_hash.encode())
    digest.update(repr(rules).encode())
    return digest.hexdigest()[:32]


def _read_graph(
    file: Path, pack: CityPack, mode: TravelMode, max_access_m: float
) -> StreetGraph | None:
    """Return the stored graph, or None when there is none that can be used."""
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in _ARRAYS}
    except _UNREADABLE:
        return None
    if any(arrays[name].dtype != kind for name, kind in _ARRAYS.items()):
        return None
    graph = StreetGraph(mode=mode, projection=pack, max_access_m=max_access_m, **arrays)
    return graph if _is_sound(graph) else None


def _is_sound(graph: StreetGraph) -> bool:
    """Whether all arrays fit together: a file that was cut and repaired may still open."""
    n, ptr = graph.n_edges, graph.line_ptr
    one_per_edge = (graph.end, graph.length_m, graph.slowness_s_m, graph.forward, graph.backward)
    return (
        n > 0
        and all(array.shape == (n,) for array in one_per_edge)
        and ptr.shape == (n + 1,)
        and graph.line_xy_m.shape == (ptr[-1], 2)
        and bool((np.diff(ptr) >= 2).all())
        and graph.node_xy_m.ndim == 2
        and all(0 <= ends.min() <= ends.max() < graph.n_nodes for ends in (graph.start, graph.end))
    )


def _write_graph(file: Path, graph: StreetGraph) -> None:
    """Store the graph so that a reader sees the whole file or none."""
    part = None
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=file.parent, suffix=".part", delete=False) as stream:
            part = Path(stream.name)
            np.savez(stream, **{name: getattr(graph, name) for name in _ARRAYS})
        os.replace(part, file)
    except OSError:
        if part is not None:
            part.unlink(missing_ok=True)
