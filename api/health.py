"""Is the process alive, and can it do its work? For load balancers and whoever is on call."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus

from litestar import MediaType, Response, get
from litestar.di import NamedDependency

from core.clock import Clock
from core.db import Database
from core.errors import TalkootError
from core.jobs import JobHealth, check_jobs
from core.settings import Settings
from messaging.webhooks.repository import Backlog, measure_backlog

LATE = timedelta(minutes=5)
"""A job that could have run for so long tells that nobody keeps up."""


@get("/healthz", media_type=MediaType.TEXT, sync_to_thread=False)
def healthz() -> str:
    """The process answers."""
    return "ok"


@get("/readyz")
async def readyz(
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    settings: NamedDependency[Settings],
) -> Response[dict[str, object]]:
    """The database answers (else 503), and how the jobs are doing.

    Jobs that are late do not make this process unready: its pages work, so it keeps getting
    requests. Watch ``jobs`` and ``webhooks`` for an alarm.
    """
    now = clock.now()
    try:
        async with database.read() as session:
            health = await check_jobs(session, now=now, lease_s=settings.job_lease_s)
            backlog = await measure_backlog(session, now=now, late_since=now - LATE)
    except TalkootError as error:
        body: dict[str, object] = {"database": error.code, "jobs": "unknown"}
        headers = {"Retry-After": "5"}
        return Response(body, status_code=HTTPStatus.SERVICE_UNAVAILABLE, headers=headers)
    late = health.oldest_due_at is not None and now - health.oldest_due_at > LATE
    return Response(
        {
            "database": "ok",
            "jobs": describe_jobs(health, late=late),
            "waiting": health.waiting_count,
            "running": health.running_count,
            "failed": health.failed_count,
            "workers": health.worker_count,
            "webhooks": describe_webhooks(backlog),
            "webhooks_late": backlog.late_count,
            "webhooks_failing": backlog.failing_count,
        }
    )


def describe_jobs(health: JobHealth, *, late: bool) -> str:
    """One word for an alarm: ``ok``, ``late`` or ``nobody``."""
    if health.worker_count == 0:
        return "nobody"
    return "late" if late else "ok"


def describe_webhooks(backlog: Backlog) -> str:
    """One word for an alarm: ``late`` (ours to mend), ``failing`` (a receiver's) or ``ok``."""
    if backlog.late_count:
        return "late"
    return "failing" if backlog.failing_count else "ok"
