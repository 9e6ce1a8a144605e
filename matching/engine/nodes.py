"""Nodes: the places of a plan where work can begin.

A request of crew size 1 is one node. A crew request is one node for each moment at which its crew
may start, so that "all start together" becomes "all stand on the same node".
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from matching.engine.problem import Problem, crew_starts
from matching.engine.travel import IntArray


class Nodes(NamedTuple):
    """Nodes of a problem in compressed rows; ``N`` nodes, singles first, in request order.

    Parameters
    ----------
    request
        (N,) int64, the request of each node.
    first, last
        (n,) int64, the nodes of request ``j`` are ``first[j]:last[j]``.
    service_s
        (N,) int64.
    window_ptr
        (N + 1,) int64.
    open_s, latest_s
        (n_windows,) int64, earliest and latest start of the work in each window, ascending. The
        only window of a crew node has ``open_s == latest_s``.
    """

    request: IntArray
    first: IntArray
    last: IntArray
    service_s: IntArray
    window_ptr: IntArray
    open_s: IntArray
    latest_s: IntArray


def build_nodes(problem: Problem) -> Nodes:
    """Lay out the nodes of every request; windows too short for the work are left out."""
    requests = problem.requests
    n = len(requests)
    request: list[int] = []
    window_ptr = [0]
    windows: list[tuple[int, int]] = []
    first = np.zeros(n, np.int64)
    last = np.zeros(n, np.int64)
    for j in range(n):
        first[j] = len(request)
        if requests.crew_size[j] == 1:
            starts = _start_windows(problem, j)
            if starts:
                request.append(j)
                windows.extend(starts)
                window_ptr.append(len(windows))
        else:
            for start_s in crew_starts(problem, j):
                request.append(j)
                windows.append((start_s, start_s))
                window_ptr.append(len(windows))
        last[j] = len(request)
    node_request = np.array(request, np.int64)
    bounds = np.array(windows, np.int64).reshape(-1, 2)
    return Nodes(
        request=node_request,
        first=first,
        last=last,
        service_s=requests.service_s[node_request].astype(np.int64),
        window_ptr=np.array(window_ptr, np.int64),
        open_s=np.ascontiguousarray(bounds[:, 0]),
        latest_s=np.ascontiguousarray(bounds[:, 1]),
    )


def _start_windows(problem: Problem, request: int) -> list[tuple[int, int]]:
    """(earliest, latest) start in each window that is long enough for the work, ascending."""
    service_s = int(problem.requests.service_s[request])
    return sorted(
        (opens, closes - service_s)
        for opens, closes in problem.requests.windows(request)
        if opens + service_s <= closes
    )
