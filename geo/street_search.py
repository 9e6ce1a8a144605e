"""Shortest ways between points that lie on the edges of a graph, not only on its nodes.

A point on an edge reaches the edge's two ends at the cost of the part in between, so each source
becomes one extra node with one or two arcs into the graph and none back: Dijkstra's algorithm from
these nodes is exact, and one run per source serves all targets.

References
----------
.. [1] E. W. Dijkstra (1959), "A note on two problems in connexion with graphs", Numerische
   Mathematik 1, 269-271, doi:10.1007/BF01386390.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse import csgraph

from geo.snapping import SnappedPoints
from geo.travel import FloatArray, IntArray

BoolArray = npt.NDArray[np.bool_]

NO_NODE = -9999
"""What scipy writes for "no predecessor"."""

CELLS_PER_RUN = 500_000
"""Sources times nodes in one run: 4 MB of costs, which stay in the processor's cache."""


@dataclass(frozen=True, eq=False)
class ArcTable:
    """Directed arcs in compressed rows, with the edges that they came from.

    Parameters
    ----------
    ptr, head, cost
        (n_nodes + 1,) int64, (n_arcs,) int64, (n_arcs,) float64: arcs of node ``i`` are
        ``ptr[i]:ptr[i + 1]``. Of several arcs between two nodes only the cheapest stands here.
    arc_edge
        (n_arcs,) int64, the edge of each arc.
    start, end, length_m, slowness_s_m, forward, backward
        Of each edge, as in `geo.street_graph.StreetGraph`.
    """

    ptr: IntArray
    head: IntArray
    cost: FloatArray
    arc_edge: IntArray
    start: IntArray
    end: IntArray
    length_m: FloatArray
    slowness_s_m: FloatArray
    forward: BoolArray
    backward: BoolArray

    @classmethod
    def build(
        cls,
        n_nodes: int,
        ends: tuple[IntArray, IntArray],
        length_m: FloatArray,
        slowness_s_m: FloatArray,
        allowed: tuple[BoolArray, BoolArray],
    ) -> ArcTable:
        """Turn edges into arcs; ``ends`` is (start, end), ``allowed`` is (forward, backward)."""
        (start, end), (forward, backward) = ends, allowed
        edge = np.concatenate([np.flatnonzero(forward), np.flatnonzero(backward)])
        tail = np.concatenate([start[forward], end[backward]])
        head = np.concatenate([end[forward], start[backward]])
        cost = (length_m * slowness_s_m)[edge]
        order = np.lexsort((edge, cost, head, tail))
        tail, head, cost, edge = tail[order], head[order], cost[order], edge[order]
        new = np.ones(len(tail), bool)
        new[1:] = (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])
        new &= tail != head
        ptr = np.zeros(n_nodes + 1, np.int64)
        np.cumsum(np.bincount(tail[new], minlength=n_nodes), out=ptr[1:])
        return cls(
            ptr, head[new], cost[new], edge[new].astype(np.int64),
            start, end, length_m, slowness_s_m, forward, backward,
        )  # fmt: skip

    @property
    def n_nodes(self) -> int:
        """Number of nodes."""
        return len(self.ptr) - 1

    def find_edges(self, tail: IntArray, head: IntArray) -> IntArray:
        """Return the edge of each arc from ``tail`` to ``head``, which must exist."""
        return self.arc_edge[np.searchsorted(self._keys, tail * self.n_nodes + head)]

    @cached_property
    def _keys(self) -> IntArray:
        tails = np.repeat(np.arange(self.n_nodes, dtype=np.int64), np.diff(self.ptr))
        return tails * self.n_nodes + self.head


@dataclass(frozen=True, eq=False)
class NodeCosts:
    """Cost from each source to each node.

    Parameters
    ----------
    cost
        (n_sources, n_nodes) float64; inf = unreachable or over the limit.
    length_m
        Metres of the same ways, or None when they were not asked for.
    before
        (n_sources, n_nodes) int32, the node before; values from ``n_nodes`` on are the source
        itself, negative ones mean none. None when not asked for.
    """

    cost: FloatArray
    length_m: FloatArray | None
    before: npt.NDArray[np.int32] | None


def node_costs(
    arcs: ArcTable,
    sources: SnappedPoints,
    limit: float = math.inf,
    *,
    lengths: bool = False,
    trace: bool = False,
) -> NodeCosts:
    """Cost from points on edges to all nodes, without the way from the house to the street.

    Every source must lie on an edge (``sources.edge >= 0``).
    """
    n, s = arcs.n_nodes, len(sources)
    graph = _with_sources(arcs, sources)
    wanted = np.arange(n, n + s)
    if not (lengths or trace):
        cost = csgraph.dijkstra(graph, indices=wanted, limit=limit)
        return NodeCosts(cost[:, :n], None, None)
    cost, before = csgraph.dijkstra(graph, indices=wanted, limit=limit, return_predecessors=True)
    cost, before = cost[:, :n], before[:, :n]
    length_m = _tree_lengths(arcs, sources, cost, before) if lengths else None
    return NodeCosts(cost, length_m, before)


def point_costs(
    arcs: ArcTable, sources: SnappedPoints, targets: SnappedPoints, limit: float, *, lengths: bool
) -> tuple[FloatArray, FloatArray]:
    """Cost and metres from points on edges to points on edges, along the streets alone.

    Parameters
    ----------
    limit
        Ways that cost more may come out as inf.
    lengths
        False when cost and length are one; the second result is then the first.

    Returns
    -------
    Two (n_sources, n_targets) float64; inf where no way leads or a point has no street.
    """
    cost = np.full((len(sources), len(targets)), np.inf)
    length_m = np.full_like(cost, np.inf) if lengths else cost
    from_ = np.flatnonzero(sources.edge >= 0)
    to = np.flatnonzero(targets.edge >= 0)
    if not len(from_) or not len(to):
        return cost, length_m
    reached = targets.take(to)
    step = max(1, CELLS_PER_RUN // (arcs.n_nodes + len(reached)))
    for low in range(0, len(from_), step):
        part = from_[low : low + step]
        leaving = sources.take(part)
        nodes = node_costs(arcs, leaving, limit, lengths=lengths)
        found = _to_targets(arcs, leaving, reached, nodes)
        cost[np.ix_(part, to)] = found[0]
        if lengths:
            length_m[np.ix_(part, to)] = found[1]
    return cost, length_m


def find_path(arcs: ArcTable, both: SnappedPoints) -> list[tuple[int, float, float]] | None:
    """The quickest way from the first of two points to the second.

    Returns
    -------
    (edge, from_m, to_m) for each piece, offsets along the edge in the order of travel; None when
    no way leads there.
    """
    source, target = both.take(np.array([0])), both.take(np.array([1]))
    nodes = node_costs(arcs, source, trace=True)
    edge, at, slow = int(target.edge[0]), float(target.offset_m[0]), arcs.slowness_s_m
    low, high = int(arcs.start[edge]), int(arcs.end[edge])
    rest = float(arcs.length_m[edge]) - at
    ways = []
    if arcs.forward[edge]:
        ways.append((float(nodes.cost[0, low]) + at * float(slow[edge]), low, 0.0))
    if arcs.backward[edge]:
        ways.append((float(nodes.cost[0, high]) + rest * float(slow[edge]), high, at + rest))
    cost, node, entry_m = min(ways)
    if _direct_cost(arcs, source, target)[0, 0] <= cost:
        return [(edge, float(source.offset_m[0]), at)]
    if not math.isfinite(cost):
        return None
    assert nodes.before is not None
    return [*_trace(arcs, source, nodes.before[0], node), (edge, entry_m, at)]


def _trace(
    arcs: ArcTable, source: SnappedPoints, before: npt.NDArray[np.int32], node: int
) -> list[tuple[int, float, float]]:
    """Pieces from the source to a node, by walking back along the predecessors."""
    chain = [node]
    while 0 <= before[chain[-1]] < arcs.n_nodes:
        chain.append(int(before[chain[-1]]))
    chain.reverse()
    edge, at = int(source.edge[0]), float(source.offset_m[0])
    length = float(arcs.length_m[edge])
    to_end, to_start = math.inf, math.inf
    if arcs.forward[edge] and arcs.end[edge] == chain[0]:
        to_end = length - at
    if arcs.backward[edge] and arcs.start[edge] == chain[0]:
        to_start = at
    pieces = [(edge, at, length if to_end <= to_start else 0.0)]
    tails, heads = np.array(chain[:-1], np.int64), np.array(chain[1:], np.int64)
    for tail, next_edge in zip(tails, arcs.find_edges(tails, heads), strict=True):
        whole = float(arcs.length_m[next_edge])
        along = arcs.start[next_edge] == tail
        pieces.append((int(next_edge), 0.0 if along else whole, whole if along else 0.0))
    return pieces


def _with_sources(arcs: ArcTable, sources: SnappedPoints) -> sparse.csr_array:
    """The graph with one extra node for each source, after all others."""
    n, s = arcs.n_nodes, len(sources)
    edge, at = sources.edge, sources.offset_m
    slow = arcs.slowness_s_m[edge]
    first, last = arcs.start[edge], arcs.end[edge]
    to_first = np.where(arcs.backward[edge], at * slow, np.inf)
    to_last = np.where(arcs.forward[edge], (arcs.length_m[edge] - at) * slow, np.inf)
    ring = first == last
    to_first[ring] = np.minimum(to_first, to_last)[ring]
    to_last[ring] = np.inf
    head = np.column_stack([first, last])
    cost = np.column_stack([to_first, np.maximum(to_last, 0.0)])
    usable = np.isfinite(cost)
    ptr = np.concatenate([arcs.ptr, arcs.ptr[-1] + np.cumsum(usable.sum(axis=1))])
    return sparse.csr_array(
        (np.concatenate([arcs.cost, cost[usable]]), np.concatenate([arcs.head, head[usable]]), ptr),
        shape=(n + s, n + s),
    )


def _direct_cost(arcs: ArcTable, sources: SnappedPoints, targets: SnappedPoints) -> FloatArray:
    """(n_sources, n_targets) cost along one and the same edge; inf where there is none."""
    edge = sources.edge[:, None]
    ahead = targets.offset_m[None, :] - sources.offset_m[:, None]
    allowed = (edge == targets.edge[None, :]) & np.where(
        ahead >= 0, arcs.forward[edge] | (ahead == 0), arcs.backward[edge]
    )
    return np.where(allowed, np.abs(ahead) * arcs.slowness_s_m[edge], np.inf)


def _to_targets(
    arcs: ArcTable, sources: SnappedPoints, targets: SnappedPoints, nodes: NodeCosts
) -> tuple[FloatArray, FloatArray]:
    edge, at = targets.edge, targets.offset_m
    slow, rest = arcs.slowness_s_m[edge], np.maximum(arcs.length_m[edge] - targets.offset_m, 0.0)
    first, last = arcs.start[edge], arcs.end[edge]
    by_start = nodes.cost[:, first] + np.where(arcs.forward[edge], at * slow, np.inf)
    by_end = nodes.cost[:, last] + np.where(arcs.backward[edge], rest * slow, np.inf)
    direct = _direct_cost(arcs, sources, targets)
    cost = np.minimum(np.minimum(by_start, by_end), direct)
    if nodes.length_m is None:
        return cost, cost
    metres = np.where(
        by_start <= by_end, nodes.length_m[:, first] + at, nodes.length_m[:, last] + rest
    )
    ahead = np.abs(targets.offset_m[None, :] - sources.offset_m[:, None])
    return cost, np.where(direct <= cost, ahead, np.where(np.isfinite(cost), metres, np.inf))


def _tree_lengths(
    arcs: ArcTable, sources: SnappedPoints, cost: FloatArray, before: npt.NDArray[np.int32]
) -> FloatArray:
    """(n_sources, n_nodes) metres along the trees of quickest ways.

    Each node first knows the metres of its last step. Then, again and again, it adds what its
    predecessor knows and takes over the predecessor's predecessor: the known part doubles each
    time, so a way of ``k`` streets is summed in log2(k) rounds.
    """
    s, n = cost.shape
    reached = np.isfinite(cost)
    from_node = reached & (before >= 0) & (before < n)
    from_source = reached & (before >= n)
    row, node = np.nonzero(from_node)
    metres = np.zeros((s, n))
    metres[row, node] = arcs.length_m[
        arcs.find_edges(before[row, node].astype(np.int64), node.astype(np.int64))
    ]
    row, node = np.nonzero(from_source)
    edge, at = sources.edge[row], sources.offset_m[row]
    to_start = np.where(
        arcs.backward[edge] & (arcs.start[edge] == node), at * arcs.slowness_s_m[edge], np.inf
    )
    to_end = np.where(
        arcs.forward[edge] & (arcs.end[edge] == node),
        (arcs.length_m[edge] - at) * arcs.slowness_s_m[edge],
        np.inf,
    )
    metres[row, node] = np.minimum(to_start, to_end) / arcs.slowness_s_m[edge]
    parent = np.where(from_node, before, np.arange(n)[None, :]).astype(np.int64)
    at_root = np.where(from_node, metres, 0.0)
    root_part = np.where(from_node, 0.0, metres)
    while True:
        beyond = np.take_along_axis(parent, parent, axis=1)
        if (beyond == parent).all():
            break
        at_root = at_root + np.take_along_axis(at_root, parent, axis=1)
        parent = beyond
    total = at_root + np.take_along_axis(root_part, parent, axis=1)
    return np.where(reached, total, np.inf)
