"""Signing in with one press of a button: routes that exist in a demonstration alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import PathParameter
from litestar.response import Redirect

from api.demo.installation import DemoInstallation, DemoPerson
from core.clock import Clock
from core.db import Database
from core.errors import InvalidInput, NotFound
from core.settings import LOOPBACK_HOSTS, Settings
from people.signing_in.kinds import Method
from people.signing_in.sessions import start_sign_in
from web.identity import make_cookie, read_session_cookie
from web.pages.guards import AnyRequest, check_same_site
from web.pages.rendering import PRIVATE
from web.pages.visitors import HOME, SEE_OTHER, describe_device, read_visit

Role = Annotated[str, PathParameter(max_length=32)]


def make_routes(installation: DemoInstallation, settings: Settings) -> list[Any]:
    """The page ``/demo`` and its buttons.

    Raises
    ------
    InvalidInput
        When the pages can be reached by others: whoever comes may be whom they like.
    """
    check_is_local(settings)
    people = {person.role: person for person in installation.people}

    @get("/demo", name="demo")
    async def get_demo(request: AnyRequest, settings: NamedDependency[Settings]) -> Response[str]:
        """Who do you want to be?"""
        _check_host(request)
        visit = read_visit(request, settings)
        return visit.show("demo/sign_in.html", {"communities": group_people(installation.people)})

    @post("/demo/sign-in/{role:str}", name="demo_sign_in", status_code=SEE_OTHER)
    async def post_demo(
        request: AnyRequest,
        *,
        role: Role,
        database: NamedDependency[Database],
        clock: NamedDependency[Clock],
        settings: NamedDependency[Settings],
    ) -> Redirect:
        """Be somebody."""
        _check_host(request)
        check_same_site(request, settings)
        person = people.get(role)
        if person is None:
            raise NotFound("Nobody of the demonstration is called so.")
        async with database.begin() as session:
            live = await start_sign_in(
                session,
                person.person_id,
                Method.LINK,
                device=describe_device(request.headers.get("user-agent", "")),
                now=clock.now(),
                instead_of=read_session_cookie(request, settings),
            )
        answer = Redirect(HOME, status_code=SEE_OTHER, headers=PRIVATE)
        answer.set_cookie(make_cookie(settings, live.secret))
        return answer

    return [get_demo, post_demo]


def check_is_local(settings: Settings) -> None:
    """Refuse a demonstration that others can reach."""
    if not settings.is_local:
        raise InvalidInput(
            "A demonstration lets everybody sign in as anybody, so it runs on this machine alone: "
            "unset TALKOOT_PUBLIC_URL, or set it to an address such as http://localhost:8000."
        )


def group_people(people: Sequence[DemoPerson]) -> list[tuple[str, list[dict[str, str]]]]:
    """Who can be tried out, by town."""
    towns: dict[str, list[dict[str, str]]] = {}
    for person in people:
        kind = person.role.rpartition("-")[2]
        towns.setdefault(person.community, []).append({"role": person.role, "kind": kind})
    return list(towns.items())


def _check_host(request: AnyRequest) -> None:
    """A page of another site whose name was pointed at this machine finds nothing here."""
    if request.url.hostname not in LOOPBACK_HOSTS:
        raise NotFound("There is no such page.")
