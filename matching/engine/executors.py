"""Where tiles are solved: here, in threads, in processes, or on a Ray cluster.

The compiled search and GLOP let go of the interpreter lock, so threads use all cores of one
machine without copying the menus; processes isolate; Ray crosses machines. All three return
results in the order of the tasks, so the plan does not depend on who was faster.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor as FutureExecutor
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any, Protocol

from matching.engine.menus import Ground
from matching.engine.stop import Stop

Work = Callable[[Ground, Any, Stop], Any]


class Executor(Protocol):
    """Solves tasks that share one ground."""

    def start(self, ground: Ground) -> None:
        """Make the ground known to the workers."""

    def map(self, work: Work, tasks: Iterable[Any], stop: Stop) -> Iterator[Any]:
        """Results of ``work(ground, task, stop)`` in the order of the tasks."""

    def close(self) -> None:
        """Let the workers go."""


class SequentialExecutor:
    """One task after the other in this thread."""

    def start(self, ground: Ground) -> None:
        self._ground = ground

    def map(self, work: Work, tasks: Iterable[Any], stop: Stop) -> Iterator[Any]:
        return (work(self._ground, task, stop) for task in tasks)

    def close(self) -> None:
        """Nothing to let go."""


class ThreadExecutor:
    """Threads of this process.

    Parameters
    ----------
    workers
        How many tasks run at once, 1 or more.
    """

    def __init__(self, workers: int) -> None:
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="tile")

    def start(self, ground: Ground) -> None:
        self._ground = ground

    def map(self, work: Work, tasks: Iterable[Any], stop: Stop) -> Iterator[Any]:
        return self._pool.map(lambda task: work(self._ground, task, stop), tasks)

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)


_ground_of_worker: Ground | None = None


def _remember(ground: Ground) -> None:
    global _ground_of_worker
    _ground_of_worker = ground


def _work_in_process(work: Work, task: Any, time_limit_s: float | None) -> Any:
    assert _ground_of_worker is not None
    return work(_ground_of_worker, task, Stop(time_limit_s))


class ProcessExecutor:
    """Processes of this machine; each receives the ground once.

    Parameters
    ----------
    workers
        How many tasks run at once, 1 or more.
    """

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._pool: FutureExecutor | None = None

    def start(self, ground: Ground) -> None:
        self.close()
        self._pool = ProcessPoolExecutor(
            self._workers, get_context("spawn"), initializer=_remember, initargs=(ground,)
        )

    def map(self, work: Work, tasks: Iterable[Any], stop: Stop) -> Iterator[Any]:
        assert self._pool is not None
        limit_s = _limit_s(stop)
        futures: list[Future[Any]] = [
            self._pool.submit(_work_in_process, work, task, limit_s) for task in tasks
        ]
        return (future.result() for future in futures)

    def close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)


class RayExecutor:
    """Workers of a Ray cluster; needs the extra ``ray`` and an initialised ``ray``.

    Parameters
    ----------
    address
        Of the cluster; None starts one on this machine.
    """

    def __init__(self, address: str | None = None) -> None:
        import ray

        self._ray = ray
        if not ray.is_initialized():
            ray.init(address=address, include_dashboard=False, log_to_driver=False)
        self._remote = ray.remote(_work_on_ray)

    def start(self, ground: Ground) -> None:
        self._ground = self._ray.put(tuple(ground))

    def map(self, work: Work, tasks: Iterable[Any], stop: Stop) -> Iterator[Any]:
        limit_s = _limit_s(stop)
        futures = [self._remote.remote(self._ground, work, task, limit_s) for task in tasks]
        return (self._ray.get(future) for future in futures)

    def close(self) -> None:
        self._ray.shutdown()


def _work_on_ray(ground: tuple[Any, ...], work: Work, task: Any, limit_s: float | None) -> Any:
    return work(Ground(*ground), task, Stop(limit_s))


@dataclass(frozen=True)
class Workers:
    """An executor and when it should stop: what the phases of a run pass on."""

    executor: Executor
    stop: Stop

    def map(self, work: Work, tasks: Iterable[Any]) -> Iterator[Any]:
        """As `Executor.map`."""
        return self.executor.map(work, tasks, self.stop)


def _limit_s(stop: Stop) -> float | None:
    remaining_s = stop.remaining_s()
    return None if remaining_s == float("inf") else max(remaining_s, 0.001)


def choose_executor(workers: int) -> Executor:
    """Threads for several workers, else none."""
    return ThreadExecutor(workers) if workers > 1 else SequentialExecutor()
