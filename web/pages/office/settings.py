"""What a programme is set up with: its town, its staff, programs, systems that are told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from core.errors import InvalidInput
from core.i18n import LANGUAGES, Translator
from core.pagination import MAX_PAGE, PageArgs, read_page
from messaging.webhooks import endpoints, policy, replaying
from messaging.webhooks.errors import EndpointDisabled, TooManyEndpoints
from messaging.webhooks.jobs import LOCAL
from messaging.webhooks.kinds import PUBLIC_KINDS, EndpointStatus
from messaging.webhooks.listing_repository import list_endpoints
from messaging.webhooks.models import DESCRIPTION_LENGTH, URL_LENGTH
from people.kinds import Role
from people.memberships_repository import list_staff
from people.repository import read_rules_at
from people.signing_in.errors import TokenUnknown, TooManyTokens
from people.signing_in.kinds import AREAS
from people.signing_in.models import NAME_LENGTH
from people.signing_in.repository import list_tokens
from people.signing_in.tokens import MOST_DAYS, USUAL_DAYS, NewToken, create_token, revoke_token
from web.pages.desk import Answer, Call, Desk
from web.pages.fields import read_choices, read_whole
from web.pages.guards import AnyRequest
from web.pages.refusals import say_refusal

FORM_OF_TOKENS = "office/token_new.html"
HOOK_PAGE = "office/webhook_new.html"


@get("/staff/settings", name="staff_settings")
async def get_settings(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Everything on one page."""
    async with desk.look(request) as call:
        town, speaker = call.staff(), call.reader.translator
        rules = await read_rules_at(call.session, town.id, call.now)
        staff = await list_staff(call.session, call.actor, town.id)
        manages = policy.can_manage_webhooks(call.actor, town.id)
        hooks = await read_page(
            call.session, list_endpoints(call.actor, town.id), PageArgs(MAX_PAGE)
        )
        tokens = await read_page(call.session, list_tokens(call.actor), PageArgs(MAX_PAGE))
        live = [row for row in tokens.items if row.revoked_at is None and row.expires_at > call.now]
        return call.show(
            "office/settings.html",
            {
                "town": town,
                "language": speaker.locale.languages.get(town.locale, town.locale),
                "languages": ", ".join(speaker.locale.languages[code] for code in LANGUAGES),
                "rules": rules,
                "staff": [(row, name_role(speaker, row.role)) for row in staff],
                "manages": manages,
                "hooks": [(row, row.status is EndpointStatus.ACTIVE) for row in hooks.items],
                "tokens": live,
            },
        )


@get("/staff/settings/tokens/new", name="staff_token_new")
async def get_token(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """What a program may do, and for how long."""
    async with desk.look(request) as call:
        call.staff()
        return call.show(FORM_OF_TOKENS, _token_values(call, {"days": str(USUAL_DAYS)}, [], {}))


@post("/staff/settings/tokens/new", name="staff_token_make", status_code=200)
async def post_token(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Make a token of one's own; its secret is shown this once."""
    async with desk.press(request) as call:
        call.staff()
        speaker, form, errors = call.reader.translator, call.form, {}
        scopes = await read_choices(request, "scopes")
        name, days = form.get("name", "").strip(), read_whole(form.get("days", ""))
        if not 1 <= len(name) <= NAME_LENGTH or not name.isprintable():
            errors["name"] = speaker.gettext("Write what it is for, for example Snow map")
        if not scopes:
            errors["scopes"] = speaker.gettext("Choose at least one thing that it may do")
        if days is None or not 1 <= days <= MOST_DAYS:
            errors["days"] = speaker.gettext("Write days from 1 to 365")
        mine = await read_page(call.session, list_tokens(call.actor), PageArgs(MAX_PAGE))
        if any(row.name == name and row.revoked_at is None for row in mine.items):
            errors["name"] = speaker.gettext("You have a token of this name already")
        if not errors:
            try:
                new = NewToken(name=name, scopes=scopes, days=days or USUAL_DAYS)
                made = await create_token(
                    call.session, call.actor, call.person(), new, now=call.now
                )
                values = {"secret": made.secret, "name": name, "is_token": True}
                return call.show("office/secret.html", values)
            except (InvalidInput, TooManyTokens) as error:
                errors["name"] = say_refusal(speaker, error)
        raise call.show_again(FORM_OF_TOKENS, _token_values(call, form, scopes, errors))


@post("/staff/settings/tokens/{token_id:uuid}/end", name="staff_token_end", status_code=303)
async def post_token_end(
    request: AnyRequest, token_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """End a token of one's own. Twice is fine."""
    async with desk.press(request) as call:
        call.staff()
        try:
            await revoke_token(call.session, call.actor, call.person(), token_id, now=call.now)
        except TokenUnknown:
            return call.go("/staff/settings")
        return call.go("/staff/settings", said="token_ended")


@get("/staff/settings/webhooks/new", name="staff_webhook_new")
async def get_webhook(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Where another system is told what happens."""
    async with desk.look(request) as call:
        call.manager()
        return call.show(HOOK_PAGE, _hook_values({}, [], {}))


@post("/staff/settings/webhooks/new", name="staff_webhook_make", status_code=200)
async def post_webhook(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Add one; its secret is shown this once."""
    async with desk.press(request) as call:
        town = call.manager()
        speaker, form, errors = call.reader.translator, call.form, {}
        kinds = await read_choices(request, "kinds")
        url = form.get("url", "").strip()
        known = await read_page(
            call.session, list_endpoints(call.actor, town.id), PageArgs(MAX_PAGE)
        )
        if not url or len(url) > URL_LENGTH:
            errors["url"] = speaker.gettext("Write the address, beginning with https://")
        elif any(row.url == url for row in known.items):
            errors["url"] = speaker.gettext("This address is told already")
        if not kinds:
            errors["kinds"] = speaker.gettext("Choose what it is told")
        if not errors:
            command = endpoints.CreateEndpoint(
                community_id=town.id,
                url=url,
                kinds=kinds,
                description=form.get("description", "").strip()[:DESCRIPTION_LENGTH],
                local=call.settings.webhook_hosts == LOCAL,
            )
            try:
                row = await endpoints.create_endpoint(
                    call.session, call.actor, command, now=call.now
                )
                values = {"secret": row.secret, "name": url, "is_token": False}
                return call.show("office/secret.html", values)
            except (InvalidInput, TooManyEndpoints) as error:
                errors["url"] = say_refusal(speaker, error)
        raise call.show_again(HOOK_PAGE, _hook_values(form, kinds, errors))


@post(
    "/staff/settings/webhooks/{hook_id:uuid}/{doing:str}", name="staff_webhook_do", status_code=303
)
async def post_webhook_do(
    request: AnyRequest,
    hook_id: FromPath[UUID],
    doing: FromPath[str],
    desk: NamedDependency[Desk],
) -> Answer:
    """Send a test, or switch it off or on."""
    async with desk.press(request) as call:
        call.manager()
        session, actor, now = call.session, call.actor, call.now
        if doing == "test":
            try:
                await replaying.send_test(session, actor, hook_id, now=now)
            except EndpointDisabled:
                return call.go("/staff/settings", said="hook_off")
        elif doing == "on":
            await endpoints.enable_endpoint(session, actor, hook_id, now=now)
        else:
            await endpoints.disable_endpoint(session, actor, hook_id, now=now)
        return call.go(
            "/staff/settings", said={"test": "hook_tested", "on": "hook_on"}.get(doing, "hook_off")
        )


def name_role(speaker: Translator, role: Role) -> str:
    """What somebody is for a programme."""
    _ = speaker.gettext
    return _("Manager") if role is Role.MANAGER else _("Coordinator")


def _token_values(
    call: Call, form: Mapping[str, str], scopes: list[str], errors: dict[str, str]
) -> dict[str, Any]:
    _ = call.reader.translator.gettext
    names = {"read": _("read"), "write": _("change")}
    choices = [
        (f"{area}:{verb}", f"{area}: {names[verb]}", "")
        for area in AREAS
        for verb in ("read", "write")
    ]
    return {"form": form, "scopes": scopes, "choices": choices, "errors": errors}


def _hook_values(
    form: Mapping[str, str], kinds: list[str], errors: dict[str, str]
) -> dict[str, Any]:
    choices = [(kind.name, kind.name, kind.description) for kind in PUBLIC_KINDS.values()]
    return {"form": form, "kinds": kinds, "choices": choices, "errors": errors}
