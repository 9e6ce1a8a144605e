"""The page for who answers for a programme: seven figures, their targets, and where they go."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from litestar import Response, get
from litestar.di import NamedDependency

from campaigns.results.amounts import say_date
from core.events import record_event
from matching.reporting.figures import make_report
from people import policy
from web.pages.desk import Answer, Desk
from web.pages.guards import AnyRequest
from web.pages.office.report_views import say_summary, show_report, write_report
from web.pages.rendering import PRIVATE


@get("/staff/reports", name="staff_reports")
async def get_reports(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """The figures with words, charts and tables."""
    async with desk.look(request) as call:
        town, speaker = call.staff(), call.reader.translator
        zone = ZoneInfo(town.time_zone)
        report = await make_report(call.session, call.actor, town.id, zone, now=call.now)
        return call.show(
            "office/reports.html",
            {
                "summary": say_summary(speaker, report),
                "figures": show_report(speaker, report),
                "may_change": policy.can_change_rules(call.actor, town.id),
                "town": town.name,
                "as_of": say_date(speaker, call.now),
            },
        )


@get("/staff/reports.csv", name="staff_reports_file")
async def get_reports_file(request: AnyRequest, desk: NamedDependency[Desk]) -> Response[bytes]:
    """The same as a file for spreadsheets; each time is written down."""
    async with desk.look_and_note(request) as call:
        town = call.staff()
        zone = ZoneInfo(town.time_zone)
        report = await make_report(call.session, call.actor, town.id, zone, now=call.now)
        record_event(
            call.session,
            "export.made",
            subject_type="community",
            subject_id=town.id,
            happened_at=call.now,
            actor_id=call.actor.person_id,
            community_id=town.id,
            what="report",
            format="csv",
            row_count=len(report.weeks),
        )
        headers = {
            **PRIVATE,
            "Content-Disposition": f'attachment; filename="{town.slug}-report.csv"',
            "Content-Security-Policy": "default-src 'none'; sandbox",
        }
        return Response(write_report(report), media_type="text/csv", headers=headers)
