"""``talkoot request``: take a call for help at a terminal, list requests, decide reviews."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import click
from rich.console import Console

from api.commands.request_rows import print_table, request_json, review_json, taken_json
from api.opening import open_database
from api.progress import show_steps
from core.clock import SystemClock
from core.db import Session
from core.errors import InvalidInput
from core.ids import parse_id
from core.settings import Settings
from geo.choices import choose_geocoder
from geo.city import CityPack, find_pack_file
from matching.errors import RequestUnknown
from matching.imports import fields
from matching.imports.errors import CellRefused
from matching.imports.places import PlaceFinder
from matching.imports.records import Place
from matching.imports.rows import Contact
from matching.intake import repository as intake_repository
from matching.intake.commands import Declares, NewResident, Outcome, Taken, TakeRequest
from matching.intake.eligibility import explain
from matching.intake.history import list_history
from matching.intake.kinds import Cadence, CallerKind, ContactChoice, IntakeChannel
from matching.intake.programme import load_eligibility, load_kinds
from matching.intake.reviewing import (
    DeclineReason,
    ReviewItem,
    approve_request,
    approve_standing,
    decline_request,
    decline_standing,
    list_review,
    merge_requests,
)
from matching.intake.taking import take_request
from matching.kinds import RequestKind, RequestStatus
from matching.models import HelpRequest
from matching.offers.casework import cancel_request
from matching.repository import find_request, list_requests
from people.auth import Actor
from people.kinds import Purpose
from people.models import Community
from people.repository import get_community, read_rules_at

Answer = TypeVar("Answer")
ACTOR = Actor.system()
OUTCOMES = {
    Outcome.OPEN: "Taken. Volunteers will be asked.",
    Outcome.IN_REVIEW: "Taken. A person must look at it first: talkoot request review.",
    Outcome.JOINED: "This was asked for already; there is one request for both.",
    Outcome.WAITING: "Taken. It is kept for the snowfalls to come.",
}


@click.group(name="request")
def request_group() -> None:
    """Take calls for help, look through requests, and decide what waits for a person."""


def _shared(command: Callable[..., None]) -> Callable[..., None]:
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Print JSON: ids and code words."),
        click.option("--database-url", metavar="URL", help="Default: TALKOOT_DATABASE_URL."),
        click.option("--community", required=True, metavar="SLUG", help="Short name, as in URLs."),
    ):
        command = option(command)
    return command


def _words(kind: type[Any]) -> click.Choice[str]:
    return click.Choice([str(member.value) for member in kind])


@request_group.command(name="take")
@_shared
@click.option("--kind", type=_words(RequestKind), default="snow", show_default=True)
@click.option("--name", required=True, help="Name of the resident.")
@click.option("--phone", help="Phone number, however it is written.")
@click.option("--email", help="Mail address.")
@click.option("--address", default="", help="Street and house number.")
@click.option("--lon", type=click.FloatRange(-180, 180), help="Instead of a known address.")
@click.option("--lat", type=click.FloatRange(-90, 90))
@click.option("--unit", default="", help="Apartment.")
@click.option("--language", "languages", multiple=True, help="Spoken language, such as es.")
@click.option(
    "--window",
    "windows",
    multiple=True,
    metavar="TIME",
    help=f"Local time, such as '{fields.WINDOW_EXAMPLE}'; may be given several times.",
)
@click.option("--cadence", type=_words(Cadence), default="once", show_default=True)
@click.option("--until", metavar="DAY", help="Last day of a wish for every snowfall.")
@click.option("--scope", help="Agreed parts, such as sidewalk,steps; default: what is usual.")
@click.option("--notes", help="How to get in, where a ride goes; shown to who has said yes.")
@click.option("--contact", type=_words(ContactChoice), default="platform", show_default=True)
@click.option("--caller", type=_words(CallerKind), help="Who called, if not the resident.")
@click.option("--caller-name", help="Their name, for staff alone.")
@click.option("--consent", "consents", type=_words(Purpose), multiple=True, help="As told.")
@click.option("--birth-year", type=int)
@click.option("--over", "at_least_age", type=int, metavar="AGE", help="Declared: at least AGE.")
@click.option("--disability/--no-disability", default=None, help="Declared; nothing more is kept.")
@click.option("--no-other-help/--other-help", default=None, help="Declared.")
@click.option("--weight", type=float, help="How much serving it counts; default: by the kind.")
@click.option("--key", help="The same key again changes nothing.")
def take(**options: Any) -> None:
    """Take one call for help, as it is told on the phone."""
    taken = _run(options, lambda session, community: _take(session, community, options))
    if options["as_json"]:
        click.echo(json.dumps(taken_json(taken)))
        return
    console = Console(highlight=False)
    reference = "" if taken.request is None else f" Request {taken.request.reference}."
    console.print(OUTCOMES[taken.outcome] + reference)
    if taken.reasons:
        console.print(f"Why: {', '.join(taken.reasons)}.")


async def _take(session: Session, community: Community, options: dict[str, Any]) -> Taken:
    zone, now = ZoneInfo(community.time_zone), SystemClock().now()
    windows: list[tuple[datetime, datetime]] = []
    try:
        for text in options["windows"]:
            windows.extend(fields.parse_windows("window", text, zone=zone))
        until = fields.parse_date("until", options["until"] or "")
        languages = fields.parse_languages("language", "|".join(options["languages"]))
        place = await _find_place(session, community, options)
    except CellRefused as refused:
        raise InvalidInput(f"--{refused.problem.sentence()}") from None
    scope = options["scope"]
    command = TakeRequest(
        community_id=community.id,
        kind=RequestKind(options["kind"]),
        resident=NewResident(
            name=options["name"],
            place=place,
            phone=options["phone"],
            email=options["email"],
            languages=languages,
        ),
        channel=IntakeChannel.PHONE,
        cadence=Cadence(options["cadence"]),
        windows=tuple(windows),
        scope=None if scope is None else tuple(fields.split_list(scope)),
        access_notes=options["notes"],
        contact_choice=ContactChoice(options["contact"]),
        caller=None if options["caller"] is None else CallerKind(options["caller"]),
        caller_name=options["caller_name"],
        declares=Declares(
            birth_year=options["birth_year"],
            at_least_age=options["at_least_age"],
            has_disability=options["disability"],
            has_no_other_help=options["no_other_help"],
        ),
        consents=tuple(Purpose(word) for word in options["consents"]),
        weight=options["weight"],
        valid_until=until,
        key=options["key"],
    )
    return await take_request(session, ACTOR, command, now=now)


async def _find_place(session: Session, community: Community, options: dict[str, Any]) -> Place:
    """The home by its address or point; nothing is guessed."""
    if (options["lon"] is None) != (options["lat"] is None):
        raise InvalidInput("Give both --lon and --lat, or neither.")
    if options["lon"] is None and not options["address"].strip():
        raise InvalidInput("--address is empty: write street and house number.")
    rules = await read_rules_at(session, community.id, SystemClock().now())
    pack = CityPack.open(find_pack_file(community.city_pack))
    with show_steps(quiet=options["as_json"]) as steps:
        steps.start("Finding the address")
        finder = PlaceFinder.from_pack(
            pack,
            anonymity_k=rules.anonymity_k,
            provider=choose_geocoder(Settings.from_environment(), pack),
        )
        contact = Contact(
            source_key="",
            name=options["name"],
            email=None,
            phone=None,
            address=fields.parse_text("address", options["address"]),
            unit=options["unit"],
            lon_deg=options["lon"],
            lat_deg=options["lat"],
            languages=(),
            consents=(),
        )
        return await asyncio.to_thread(finder.locate, contact)


@request_group.command(name="list")
@_shared
@click.option("--status", "statuses", type=_words(RequestStatus), multiple=True)
@click.option("--after", metavar="ID", help="Continue after this id.")
@click.option("--limit", type=click.IntRange(1, 100), default=100, show_default=True)
def list_command(**options: Any) -> None:
    """List requests by age: kind, state, area and deadline, never names or addresses."""
    after = None if options["after"] is None else parse_id(options["after"])
    if options["after"] is not None and after is None:
        raise InvalidInput("--after must be an id, as --json prints it.")
    statuses = [RequestStatus(word) for word in options["statuses"]] or list(RequestStatus)

    async def load(session: Session, community: Community) -> list[dict[str, Any]]:
        rows = await list_requests(
            session, ACTOR, community.id, statuses=statuses, after=after, limit=options["limit"]
        )
        return [request_json(row) for row in rows]

    rows = _run(options, load)
    if options["as_json"]:
        click.echo(json.dumps(rows))
        return
    print_table(rows, ("reference", "kind", "status", "scope", "created_at", "deadline_at"))


@request_group.command(name="review")
@_shared
@click.option("--approve", metavar="NAME", help="Let this one wait for help.")
@click.option("--decline", metavar="NAME", help="Say no to this one; needs --reason.")
@click.option("--reason", type=_words(DeclineReason))
@click.option("--merge", metavar="NAME", help="Join this one with another; needs --into.")
@click.option("--into", metavar="NAME")
def review(**options: Any) -> None:
    """List what waits for a person, the oldest first, or decide one of them.

    NAME is the short reference of a request, or the id of a standing wish.
    """
    chosen = [name for name in ("approve", "decline", "merge") if options[name]]
    if len(chosen) > 1:
        raise InvalidInput("Give one of --approve, --decline and --merge at a time.")
    if options["decline"] and not options["reason"]:
        raise InvalidInput("--decline needs --reason, so that the resident hears why.")
    if bool(options["merge"]) != bool(options["into"]):
        raise InvalidInput("--merge and --into belong together.")

    async def work(session: Session, community: Community) -> list[ReviewItem]:
        if chosen:
            await _decide(session, community, options)
        return await list_review(session, ACTOR, community.id)

    items = _run(options, work)
    if options["as_json"]:
        click.echo(json.dumps([review_json(item) for item in items]))
        return
    if chosen:
        click.echo(f"Done. {len(items)} wait for review.")
        return
    print_table(
        [review_json(item) for item in items], ("name", "kind", "since", "reasons", "rules")
    )


async def _decide(session: Session, community: Community, options: dict[str, Any]) -> None:
    now = SystemClock().now()
    if options["merge"]:
        drop = await _get_request(session, community, options["merge"])
        keep = await _get_request(session, community, options["into"])
        await merge_requests(session, ACTOR, keep_id=keep.id, drop_id=drop.id, now=now)
        return
    name = options["approve"] or options["decline"]
    standing_id = parse_id(name)
    is_standing = standing_id is not None and (
        await find_request(session, ACTOR, community.id, standing_id) is None
    )
    key = standing_id if is_standing else (await _get_request(session, community, name)).id
    assert key is not None
    if options["approve"]:
        approve = approve_standing if is_standing else approve_request
        await approve(session, ACTOR, key, now=now)
        return
    decline = decline_standing if is_standing else decline_request
    await decline(session, ACTOR, key, reason=DeclineReason(options["reason"]), now=now)


@request_group.command(name="show")
@_shared
@click.argument("name")
@click.option("--language", default="en", show_default=True, help="Of the history: en or es.")
@click.option("--private", is_flag=True, help="Also access notes and who called.")
def show(**options: Any) -> None:
    """Show one request by its short reference: what was agreed, why, and its history."""

    async def load(session: Session, community: Community) -> dict[str, Any]:
        return await _describe(session, community, options)

    found = _run(options, load)
    if options["as_json"]:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    console = Console(highlight=False)
    for key, value in found.items():
        if key != "history" and value not in (None, [], ""):
            shown = ", ".join(value) if isinstance(value, list) else value
            console.print(f"{key.replace('_', ' ')}: {shown}", markup=False)
    for line in found["history"]:
        console.print(f"  {line['at']}  {line['sentence']}", markup=False)


async def _describe(
    session: Session, community: Community, options: dict[str, Any]
) -> dict[str, Any]:
    now, language = SystemClock().now(), options["language"]
    request = await _get_request(session, community, options["name"])
    kinds = (await load_kinds(session, community.id, now)).by_code()
    kind = kinds.get(request.kind)
    details = await intake_repository.find_details(session, request.id)
    found = request_json(request)
    if kind is not None:
        found["scope"] = [kind.scope_label(code, language) for code in request.scope]
    if details is not None:
        rules = await load_eligibility(session, community.id, request.created_at)
        found |= {
            "channel": details.channel.value,
            "caller": None if details.caller is None else details.caller.value,
            "eligibility": details.verdict.value,
            "eligibility_version": details.verdict_version,
            "eligibility_reasons": explain(rules, tuple(details.verdict_reasons), language),
            "review_reasons": list(details.review_reasons),
        }
    if options["private"]:
        access = await intake_repository.find_access(session, request.id)
        caller = await intake_repository.find_caller(session, request.id)
        found["access_notes"] = None if access is None else access.access_notes
        found["contact_choice"] = None if access is None else access.contact_choice.value
        found["caller_name"] = None if caller is None else caller.caller_name
    zone = ZoneInfo(community.time_zone)
    found["history"] = [
        {"at": line.at.astimezone(zone).isoformat(timespec="minutes"), "sentence": line.sentence}
        for line in await list_history(session, ACTOR, request.id, language=language)
    ]
    return found


@request_group.command(name="cancel")
@_shared
@click.argument("name")
def cancel(**options: Any) -> None:
    """Call one request off, because the resident asked for it."""

    async def work(session: Session, community: Community) -> HelpRequest:
        request = await _get_request(session, community, options["name"])
        return await cancel_request(
            session, ACTOR, request.id, now=SystemClock().now(), reason="resident_cancelled"
        )

    request = _run(options, work)
    if options["as_json"]:
        click.echo(json.dumps(request_json(request)))
        return
    click.echo(f"Request {request.reference} is called off.")


def _run(
    options: dict[str, Any], work: Callable[[Session, Community], Awaitable[Answer]]
) -> Answer:
    """Do one piece of work in one transaction."""
    url = options["database_url"] or Settings.from_environment().database_url

    async def run() -> Answer:
        async with open_database(url) as database, database.begin() as session:
            community = await get_community(session, options["community"])
            return await work(session, community)

    return asyncio.run(run())


async def _get_request(session: Session, community: Community, name: str) -> HelpRequest:
    found = await find_request(session, ACTOR, community.id, parse_id(name) or name)
    if found is None:
        raise RequestUnknown(
            f"There is no request {name!r} in {community.slug}; talkoot request list shows them."
        )
    return found
