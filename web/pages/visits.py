"""The page of a visit behind the link in a message."""

from __future__ import annotations

from litestar import Response

from web.pages.links import Next, Visit
from web.pages.rendering import answer_page
from web.pages.volunteering.visit_views import Looking, answer, read_visit_view, visit_values


async def show_visit(visit: Visit) -> Response[str]:
    """The visit, with the address as long as the volunteer holds it."""
    view = await read_visit_view(_looking(visit))
    values = visit_values(view, visit.reader) | {"said": visit.said}
    return answer_page("visits/visit.html", visit.reader, values)


async def answer_visit(visit: Visit, form: dict[str, str]) -> Next:
    """One button of a visit."""
    return Next(visit.token, await answer(_looking(visit), form))


def _looking(visit: Visit) -> Looking:
    return Looking(
        visit.session,
        visit.actor,
        visit.link.person_id,
        visit.link.subject_id,
        visit.reader,
        visit.now,
    )
