"""Promises in a campaign: making one, saying what came of it, taking it back; and badges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from campaigns.programmes import repository as programmes
from campaigns.programmes.errors import CampaignUnknown
from campaigns.programmes.models import Campaign
from campaigns.standings import badges_repository, pledging
from campaigns.standings import pledges_repository as repository
from campaigns.standings.errors import PledgeTemplateUnknown
from campaigns.standings.kinds import PledgeStatus
from campaigns.standings.models import Pledge, PledgeTemplate
from campaigns.standings.showing import show_wall
from core.errors import Conflict, InvalidInput
from core.i18n import SOURCE_LANGUAGE, Translator
from core.pagination import PageArgs, read_page
from web.pages.desk import Answer, Call, Desk
from web.pages.gathering.ground import (
    Slug,
    field_id,
    go_to_town,
    must_find,
    read_number,
    say_refusal,
    show_again,
)
from web.pages.gathering.views_campaigns import make_path
from web.pages.guards import AnyRequest

FORM = "gathering/pledge.html"
MOST: Final = 50
MOST_BADGES: Final = 12


@dataclass(frozen=True)
class Promise:
    """Something that may be promised."""

    id: UUID
    label: str
    unit: str
    suggested: str
    most: str


@dataclass(frozen=True)
class OwnPromise:
    """What one promised oneself."""

    id: UUID
    label: str
    amount: str
    unit: str
    kept: str
    status: str
    tag: str
    is_open: bool
    shows_name: bool


async def read_values(call: Call, row: Campaign) -> dict[str, Any]:
    """What may be promised, what one promised, the wall, and one's badges."""
    speaker = call.reader.translator
    listing = repository.list_templates(call.actor, row.id)
    templates = list((await read_page(call.session, listing, PageArgs(MOST))).items)
    wall = await show_wall(call.session, row) if templates else None
    own = await _list_own(call, row)
    promised = {one.template_id for one in own}
    takes = row.status in pledging.TAKES_PLEDGES
    by_id = {one.id: one for one in templates}
    return {
        "promises": tuple(
            make_promise(speaker, one)
            for one in templates
            if takes and one.closed_at is None and one.id not in promised
        ),
        "own_promises": tuple(
            _make_own(speaker, one, by_id[one.template_id])
            for one in own
            if one.template_id in by_id
        ),
        "wall_names": () if wall is None else wall.first_names,
        "wall_others": None if wall is None else wall.anonymous_count,
        "badges": await _list_badges(call),
    }


@get(
    "/campaigns/{community:str}/{slug:str}/promise/{template_id:uuid}",
    name="make_promise",
)
async def get_promise(
    request: AnyRequest,
    *,
    community: Slug,
    slug: Slug,
    template_id: FromPath[UUID],
    desk: NamedDependency[Desk],
) -> Answer:
    """The form for one promise."""
    async with desk.look(request) as call:
        call.person()
        call = await go_to_town(call, community)
        row = await _find(call, slug)
        promise = await _find_promise(call, row, template_id)
        values = _values(call, row, promise) | {"form": {"amount": promise.suggested}}
        return call.show(FORM, values)


@post(
    "/campaigns/{community:str}/{slug:str}/promise/{template_id:uuid}",
    name="make_promise_post",
    status_code=303,
)
async def post_promise(
    request: AnyRequest,
    *,
    community: Slug,
    slug: Slug,
    template_id: FromPath[UUID],
    desk: NamedDependency[Desk],
) -> Answer:
    """Promise it. The same promise again is one."""
    async with desk.press(request) as call:
        call.person()
        call = await go_to_town(call, community)
        row = await _find(call, slug)
        promise = await _find_promise(call, row, template_id)
        amount = read_number(call.form.get("amount", ""))
        values = _values(call, row, promise) | {"form": call.form}
        wrong = _say_amount(call, promise.most)
        if not amount:
            raise show_again(call, FORM, values, {"amount": wrong})
        command = pledging.MakePledge(
            template_id=template_id,
            amount=amount,
            for_household="for_household" in call.form,
            shows_name="shows_name" in call.form,
        )
        try:
            await pledging.make_pledge(call.session, call.actor, command, now=call.now)
        except (InvalidInput, Conflict) as error:
            words = {"invalid_pledge": wrong} | _refusals(call)
            errors = {"amount": say_refusal(call, error, words)}
            raise show_again(call, FORM, values, errors) from None
        return call.go(f"{make_path(community, row)}#promises", said="promised")


@post("/campaigns/{community:str}/{slug:str}/promised", name="change_promise", status_code=303)
async def post_promised(
    request: AnyRequest, *, community: Slug, slug: Slug, desk: NamedDependency[Desk]
) -> Answer:
    """Say what came of one's promise, show or hide one's name, or take it back."""
    async with desk.press(request) as call:
        call.person()
        call = await go_to_town(call, community)
        row = await _find(call, slug)
        key, do = field_id(call.form, "pledge"), call.form.get("do", "")
        session, actor, now = call.session, call.actor, call.now
        if do == "kept":
            mine = await repository.load_pledges(session, actor, [key])
            amount = mine[key].amount if key in mine else 0.0
            await pledging.settle_pledge(session, actor, key, amount, now=now)
        elif do == "partly":
            amount = read_number(call.form.get("kept", "")) or 0.0
            await pledging.settle_pledge(session, actor, key, amount, now=now)
        elif do == "withdraw":
            await pledging.withdraw_pledge(session, actor, key, now=now)
        elif do in ("show_name", "hide_name"):
            shows = do == "show_name"
            await pledging.show_name(session, actor, key, shows_name=shows, now=now)
        else:
            raise InvalidInput("This button is not known. Open the page again.")
        return call.go(f"{make_path(community, row)}#promises", said="promise_changed")


def make_promise(speaker: Translator, row: PledgeTemplate) -> Promise:
    """What may be promised, in the reader's language."""
    return Promise(
        row.id,
        _label(speaker, row),
        row.unit.replace("_", " "),
        f"{row.suggested_amount:g}",
        f"{row.max_amount:g}",
    )


def _make_own(speaker: Translator, row: Pledge, template: PledgeTemplate) -> OwnPromise:
    _ = speaker.gettext
    status, tag = {
        PledgeStatus.MADE: (_("Promised"), "sent"),
        PledgeStatus.KEPT: (_("Kept"), "ok"),
        PledgeStatus.PARTLY: (_("Kept in part"), "go"),
        PledgeStatus.WITHDRAWN: (_("Taken back"), "sent"),
    }[row.status]
    return OwnPromise(
        row.id,
        _label(speaker, template),
        speaker.say_number(row.amount),
        template.unit.replace("_", " "),
        "" if row.kept_amount is None else speaker.say_number(row.kept_amount),
        status,
        tag,
        row.status is PledgeStatus.MADE,
        row.shows_name,
    )


def _label(speaker: Translator, row: PledgeTemplate) -> str:
    return str(row.labels.get(speaker.language) or row.labels[SOURCE_LANGUAGE])


async def _list_own(call: Call, row: Campaign) -> list[Pledge]:
    if call.actor.person_id is None:
        return []
    page = await read_page(call.session, repository.list_my_pledges(call.actor), PageArgs(MOST))
    return [
        one
        for one in page.items
        if one.campaign_id == row.id and one.status is not PledgeStatus.WITHDRAWN
    ]


async def _list_badges(call: Call) -> tuple[str, ...]:
    """One's own badges here, by their names. Nobody else sees them."""
    if call.actor.person_id is None:
        return ()
    listing = badges_repository.list_my_badges(call.actor)
    rows = (await read_page(call.session, listing, PageArgs(MOST_BADGES))).items
    rules = await badges_repository.load_rules(
        call.session, call.actor, [row.rule_id for row in rows]
    )
    language = call.reader.language
    return tuple(
        str(rule.labels.get(language) or rule.labels[SOURCE_LANGUAGE])
        for rule in (rules[row.rule_id] for row in rows)
        if rule.community_id == call.town.id
    )


async def _find(call: Call, slug: str) -> Campaign:
    found = await programmes.find_campaign(call.session, call.actor, call.town.id, slug)
    row: Campaign = must_find(found, CampaignUnknown, "campaign")
    return row


async def _find_promise(call: Call, row: Campaign, template_id: UUID) -> Promise:
    found = await repository.load_templates(call.session, call.actor, [template_id])
    template = found.get(template_id)
    if template is None or template.campaign_id != row.id:
        raise PledgeTemplateUnknown("There is no such pledge to make, or it is not for you.")
    return make_promise(call.reader.translator, template)


def _values(call: Call, row: Campaign, promise: Promise) -> dict[str, Any]:
    return {
        "path": make_path(call.town.slug, row),
        "title": row.title,
        "promise": promise,
        "errors": {},
    }


def _say_amount(call: Call, most: str) -> str:
    return call.reader.translator.gettext(
        "Write how many, more than 0 and at most %(most)s.", most=most
    )


def _refusals(call: Call) -> dict[str, str]:
    _ = call.reader.translator.gettext
    return {
        "already_pledged": _("You have promised this already. Take that promise back first."),
        "pledges_closed": _("This cannot be promised any more."),
    }
