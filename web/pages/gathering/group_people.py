"""Who belongs to a group; and for those who lead it: requests, invitations, roles."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency

from campaigns.groups import listing_repository as listing
from campaigns.groups import members, posts_repository, repository
from campaigns.groups.errors import GroupMemberUnknown, LastOrganizer, NotInGroup
from campaigns.groups.kinds import GroupRole, MemberStatus
from campaigns.groups.models import Group, GroupMember
from campaigns.groups.policy import Standing
from core.errors import InvalidInput
from core.pagination import PageArgs, read_page
from web.pages.desk import Answer, Call, Desk
from web.pages.gathering import groups, views_groups
from web.pages.gathering.ground import Slug, field_id, go_to_town, show_again
from web.pages.gathering.views_groups import GroupView, MemberRow, PostView
from web.pages.guards import AnyRequest
from web.pages.paging import list_page

PAGE = "gathering/group_people.html"
MOST: Final = 50
MOST_REPORTS: Final = 20


@get("/groups/{community:str}/{slug:str}/people", name="group_people")
async def get_people(
    request: AnyRequest, *, community: Slug, slug: Slug, desk: NamedDependency[Desk]
) -> Answer:
    """Members by first name where they agreed; who waits, for those who let people in."""
    async with desk.look(request) as call:
        call.person()
        call = await go_to_town(call, community)
        group, standing = await groups.find(call, slug)
        return call.show(PAGE, await _read_values(call, group, standing))


@post("/groups/{community:str}/{slug:str}/people", name="group_people_post", status_code=303)
async def post_people(
    request: AnyRequest, *, community: Slug, slug: Slug, desk: NamedDependency[Desk]
) -> Answer:
    """Let somebody in or not, give a role, take somebody out, let somebody come back."""
    async with desk.press(request) as call:
        call.person()
        call = await go_to_town(call, community)
        group, standing = await groups.find(call, slug)
        key, do = field_id(call.form, "member"), call.form.get("do", "")
        row = await repository.find_member_by_id(call.session, key)
        if row is None or row.group_id != group.id:
            raise GroupMemberUnknown("There is no such member, or it is not for you.")
        try:
            await _act(call, key, do)
        except LastOrganizer:
            words = call.reader.translator.gettext(
                "Nobody else leads this group. Make another member an organizer first."
            )
            values = await _read_values(call, group, standing)
            raise show_again(call, PAGE, values, {"mb": words}) from None
        return call.go(f"{views_groups.make_path(community, group)}/people", said=do)


@post("/groups/{community:str}/{slug:str}/invite", name="group_invite", status_code=303)
async def post_invite(
    request: AnyRequest, *, community: Slug, slug: Slug, desk: NamedDependency[Desk]
) -> Answer:
    """Invite somebody by e-mail. The answer never tells whether anybody has that address."""
    async with desk.press(request) as call:
        call.person()
        call = await go_to_town(call, community)
        group, standing = await groups.find(call, slug)
        email = call.form.get("email", "")
        try:
            await members.invite_by_email(call.session, call.actor, group.id, email, now=call.now)
        except InvalidInput:
            words = call.reader.translator.gettext(
                "Write an e-mail address, for example ada@example.org."
            )
            values = await _read_values(call, group, standing)
            raise show_again(call, PAGE, values, {"email": words}) from None
        return call.go(f"{views_groups.make_path(community, group)}/people", said="invited")


async def _act(call: Call, key: UUID, do: str) -> None:
    session, actor, now = call.session, call.actor, call.now
    if do in ("let_in", "not_in"):
        approve = do == "let_in"
        await members.answer_request(session, actor, key, approve=approve, now=now)
    elif do in ("remove", "ban"):
        command = members.RemoveMember(member_id=key, ban=do == "ban")
        await members.remove_member(session, actor, command, now=now)
    elif do == "allow_back":
        await members.allow_back(session, actor, key, now=now)
    elif do == "role" and call.form.get("role") in list(GroupRole):
        await members.set_role(session, actor, key, GroupRole(call.form["role"]), now=now)
    else:
        raise InvalidInput("This button is not known. Open the page again.")


async def _read_values(call: Call, group: Group, standing: Standing) -> dict[str, Any]:
    view = await groups.make_view(call, group, standing)
    if not view.can_read:
        raise NotInGroup("Who belongs to a group is for its members.")
    page, after = await list_page(
        call, repository.list_members(group.id, (MemberStatus.MEMBER,)), MOST
    )
    path = f"{view.card.path}/people"
    waiting: list[GroupMember] = []
    gone: list[GroupMember] = []
    reports: tuple[PostView, ...] = ()
    if view.can_see_reports:
        waiting = await _list(call, group, MemberStatus.ASKED)
        gone = [row for row in await _list(call, group, MemberStatus.REMOVED) if row.banned_at]
        reports = await _list_reports(call, group, view)
    rows = [*page.items, *waiting, *gone]
    names = await listing.load_member_names(call.session, call.actor, [row.id for row in rows])

    def show(chosen: list[GroupMember]) -> tuple[MemberRow, ...]:
        return tuple(
            views_groups.make_member(
                call.reader.translator,
                row,
                names.get(row.id),
                actor=call.actor,
                group=group,
                standing=standing,
            )
            for row in chosen
        )

    return {
        "group": view,
        "members": show(list(page.items)),
        "waiting": show(waiting),
        "gone": show(gone),
        "reports": reports,
        "roles": [
            (code.value, words)
            for code, words in views_groups.name_roles(call.reader.translator).items()
        ],
        "next": f"{path}?{urlencode({'after': after})}" if after else "",
        "errors": {},
        "form": call.form,
    }


async def _list(call: Call, group: Group, status: MemberStatus) -> list[GroupMember]:
    rows = repository.list_members(group.id, (status,))
    return list((await read_page(call.session, rows, PageArgs(MOST))).items)


async def _list_reports(call: Call, group: Group, view: GroupView) -> tuple[PostView, ...]:
    """Posts that were reported and not decided, each once."""
    listed = posts_repository.list_reports(group.id, settled=False)
    rows = (await read_page(call.session, listed, PageArgs(MOST_REPORTS))).items
    keys = list(dict.fromkeys(row.post_id for row in rows))
    found = await listing.load_posts(call.session, call.actor, keys)
    shown = [found[key] for key in keys if key in found]
    return await groups.make_posts(call, shown, view.card.path, sees_hidden=True)
