"""The figures of a campaign on one page: ``/campaigns/{community}/{slug}/results``.

Staff and the campaign's team see every figure as it is now; everybody else sees what was
published, as it was then. The page is made of HTML alone, so that it prints as it stands.
"""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery, PathParameter

from campaigns.results.errors import ResultsNotForYou, ResultsUnknown
from campaigns.results.exporting import ResultFile, write_csv, write_geojson
from campaigns.results.figures import Results
from campaigns.results.page import make_page
from campaigns.results.publishing import Read, read_results_of
from core.clock import Clock
from core.db import Database
from core.errors import TalkootError
from core.events import record_event
from core.settings import Settings
from matching.maps.areas import CityMap, open_city_map
from people.auth import Actor
from people.models import Community
from people.repository import read_rules_at
from web.identity import find_identity, identify
from web.pages.design.versions import STATIC
from web.pages.errors import answer_error
from web.pages.guards import AnyRequest
from web.pages.limiting import PressLimits
from web.pages.rendering import PRIVATE, Reader, answer_page, render_page
from web.pages.visitors import read_visit

STYLES = ("css/tokens.css", "css/components.css", "css/results.css")

Slug = Annotated[str, PathParameter(max_length=64)]
FileName = Annotated[str, PathParameter(max_length=32)]


@get("/campaigns/{community:str}/{slug:str}/results", name="campaign_results")
async def get_results(
    request: AnyRequest,
    *,
    community: Slug,
    slug: Slug,
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    settings: NamedDependency[Settings],
) -> Response[str]:
    """The page."""
    visit = read_visit(request, settings)
    try:
        # Somebody whose sign-in has ended still sees what is public.
        identity = await find_identity(request, database, clock, settings)
        async with database.read() as session:
            read = await read_results_of(session, identity.actor, community, slug, now=clock.now())
    except TalkootError as error:
        return answer_error(error, visit.reader)
    reader = Reader(
        language=visit.reader.language,
        time_zone=read.results.about.time_zone,
        community_name=read.results.about.community,
        path=request.url.path,
        now=clock.now(),
    )
    files = [] if read.results.is_public else list_files(request.url.path)
    page = await asyncio.to_thread(make_page, read.results, reader.language)
    return answer_page("results/page.html", reader, {"page": page, "files": files})


@get("/campaigns/{community:str}/{slug:str}/results/{file_name:str}", name="campaign_results_file")
async def get_results_file(
    request: AnyRequest,
    *,
    community: Slug,
    slug: Slug,
    file_name: FileName,
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    settings: NamedDependency[Settings],
    limits: NamedDependency[PressLimits],
    bom: FromQuery[bool] = False,
) -> Response[bytes]:
    """A file of the figures, for staff; each time is written down."""
    identity = await identify(request, database, clock, settings)
    actor = identity.actor
    limits.check(request, f"results:{actor.person_id}", clock.now())
    try:
        file = ResultFile(file_name)
    except ValueError:
        raise ResultsUnknown("There is no such file.") from None
    async with database.begin() as session:
        read = await read_results_of(session, actor, community, slug, now=clock.now())
        if read.results.is_public:
            raise ResultsNotForYou("The files of results are for staff and the campaign's team.")
        home = await session.get_one(Community, read.campaign.community_id)
        rules = await read_rules_at(session, home.id, clock.now())
        _record(session, actor, read, file, clock)
    city = await asyncio.to_thread(open_city_map, home, rules.anonymity_k)
    content = await asyncio.to_thread(write_file, read.results, file, city, mark=bom)
    headers: dict[str, Any] = {
        **PRIVATE,
        "Content-Disposition": f'attachment; filename="{slug}-{file.value}"',
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    is_csv = file.value.endswith(".csv")
    return Response(
        content, media_type="text/csv" if is_csv else "application/geo+json", headers=headers
    )


def write_file(results: Results, file: ResultFile, city: CityMap, *, mark: bool = False) -> bytes:
    """A file of results."""
    if file is ResultFile.AREAS_GEOJSON:
        return write_geojson(results, city)
    return write_csv(results, file, mark=mark)


def render_file(results: Results, language: str) -> str:
    """The page as one file that needs nothing else, to print or to send on."""
    css = "\n".join((STATIC / name).read_text(encoding="utf-8") for name in STYLES)
    reader = Reader(
        language=language,
        time_zone=results.about.time_zone,
        community_name=results.about.community,
    )
    page = make_page(results, language)
    return render_page("results/file.html", reader, {"page": page, "files": [], "css": css})


def list_files(path: str) -> list[tuple[str, str]]:
    """Addresses and names of the files."""
    return [(f"{path}/{file.value}", file.value) for file in ResultFile]


def _record(session: Any, actor: Actor, read: Read, file: ResultFile, clock: Clock) -> None:
    what, _, form = file.value.partition(".")
    record_event(
        session,
        "export.made",
        subject_type="campaign",
        subject_id=read.campaign.id,
        happened_at=clock.now(),
        actor_id=actor.person_id,
        community_id=read.campaign.community_id,
        what=f"results_{what}",
        format=form,
    )
