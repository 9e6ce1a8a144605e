"""What pages of groups say: what a group is about, how one stands with it, what was said. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from campaigns.groups import policy
from campaigns.groups.kinds import (
    GroupRole,
    GroupStatus,
    HideReason,
    Joining,
    MemberStatus,
    PostKind,
)
from campaigns.groups.listing_repository import Author
from campaigns.groups.models import Group, GroupMember, GroupPost
from campaigns.groups.policy import Standing
from core.i18n import Translator
from people.auth import Actor


@dataclass(frozen=True)
class GroupCard:
    """A group in a list."""

    path: str
    name: str
    summary: str
    topic: str
    area: str
    languages: str
    members: str
    tag: str
    """How one stands with it, if one does."""
    why: str = ""
    """Why it is suggested."""


@dataclass(frozen=True)
class GroupView:
    """The head of a group's page, and what the one who looks may do there."""

    id: UUID
    card: GroupCard
    joining: str
    is_archived: bool
    can_join: bool
    can_ask: bool
    is_invited: bool
    has_asked: bool
    is_member: bool
    is_household: bool
    """Whether they belong to it by their household alone."""
    shows_name: bool
    wants_news: bool
    can_read: bool
    can_post: bool
    can_announce: bool
    can_lead: bool
    can_moderate: bool
    can_see_reports: bool


@dataclass(frozen=True)
class PostView:
    """Something that was said."""

    id: UUID
    path: str
    author: str
    role: str
    when: str
    iso: str
    text: str
    is_news: bool
    is_reply: bool
    is_hidden: bool
    hidden_why: str
    replies: str
    is_closed: bool
    report_count: int


@dataclass(frozen=True)
class MemberRow:
    """Somebody who belongs to a group, or waits to."""

    id: UUID
    name: str
    role: str
    role_code: str
    is_banned: bool
    is_me: bool
    can_remove: bool
    can_have_role: bool


def make_path(town_slug: str, group: Group) -> str:
    """Where a group has its page."""
    return f"/groups/{town_slug}/{group.slug}"


def make_card(
    speaker: Translator,
    group: Group,
    town_slug: str,
    *,
    topics: Mapping[str, str],
    languages: str,
    count: int | None,
    standing: Standing,
    why: str = "",
) -> GroupCard:
    """A group in a list. ``count`` is None where it is not told."""
    members = speaker.gettext("Fewer than 5 members, or a new group")
    if count is not None:
        members = speaker.ngettext("%(num)s member", "%(num)s members", count)
    return GroupCard(
        path=make_path(town_slug, group),
        name=group.name,
        summary=group.summary,
        topic=topics.get(group.topic, group.topic.replace("_", " ")),
        area=group.area or speaker.gettext("The whole town"),
        languages=languages,
        members=members,
        tag=_say_standing(speaker, standing),
        why=why,
    )


def make_view(
    speaker: Translator, actor: Actor, group: Group, standing: Standing, card: GroupCard
) -> GroupView:
    """What stands above everything else on a group's page."""
    is_active = group.status is GroupStatus.ACTIVE
    status = _find_status(standing)
    belongs = bool(actor.roles.get(group.community_id))
    free = is_active and belongs and not standing.is_member and not standing.is_banned
    free = free and status not in (MemberStatus.ASKED, MemberStatus.INVITED)
    own = standing.own if standing.own is not None else standing.household
    return GroupView(
        id=group.id,
        card=card,
        joining=_say_joining(speaker, group.joining),
        is_archived=not is_active,
        can_join=free and group.joining is Joining.OPEN,
        can_ask=free and group.joining is Joining.BY_REQUEST,
        is_invited=is_active and not standing.is_member and status is MemberStatus.INVITED,
        has_asked=is_active and not standing.is_member and status is MemberStatus.ASKED,
        is_member=standing.is_member,
        is_household=is_by_household(standing),
        shows_name=own is not None and own.shows_name,
        wants_news=own is not None and own.wants_news,
        can_read=policy.can_read_inside(actor, group, standing),
        can_post=is_active and policy.can_post(actor, group, standing),
        can_announce=is_active and policy.can_announce(actor, group, standing),
        can_lead=policy.can_lead(actor, group, standing),
        can_moderate=is_active and policy.can_moderate(actor, group, standing),
        can_see_reports=policy.can_read_reports(actor, group, standing),
    )


def is_by_household(standing: Standing) -> bool:
    """Whether somebody belongs to a group by their household alone."""
    alone = standing.own is not None and standing.own.status is MemberStatus.MEMBER
    return standing.is_member and not alone


def make_post(
    speaker: Translator,
    post: GroupPost,
    author: Author | None,
    group_path: str,
    *,
    me: UUID | None,
    sees_hidden: bool,
    report_count: int = 0,
) -> PostView:
    """A post, with its words where they may be read."""
    is_hidden = post.hidden_at is not None
    reason = post.hidden_reason
    return PostView(
        id=post.id,
        path=f"{group_path}/posts/{post.parent_id or post.id}",
        author=_say_author(speaker, post, author, me),
        role=_name_role(speaker, None if author is None else author.role),
        when=speaker.say_moment(post.posted_at),
        iso=post.posted_at.isoformat(timespec="milliseconds"),
        text=post.text if not is_hidden or sees_hidden else "",
        is_news=post.kind is PostKind.ANNOUNCEMENT,
        is_reply=post.kind is PostKind.REPLY,
        is_hidden=is_hidden,
        hidden_why=name_reasons(speaker)[reason] if reason is not None else "",
        replies=speaker.ngettext("%(num)s reply", "%(num)s replies", post.reply_count)
        if post.reply_count
        else speaker.gettext("No reply yet"),
        is_closed=post.closed_at is not None,
        report_count=report_count,
    )


def make_member(
    speaker: Translator,
    row: GroupMember,
    first_name: str | None,
    *,
    actor: Actor,
    group: Group,
    standing: Standing,
) -> MemberRow:
    """Somebody who belongs to a group or waits to, by first name where they agreed."""
    _, is_me = speaker.gettext, row.person_id is not None and row.person_id == actor.person_id
    is_member = row.status is MemberStatus.MEMBER
    name = first_name or (_("A household") if row.household_id is not None else _("A member"))
    if not is_member and not first_name:
        name = _("Somebody from this town")
    return MemberRow(
        id=row.id,
        name=_("You") if is_me else name,
        role=_name_role(speaker, row.role) if is_member else "",
        role_code=row.role.value,
        is_banned=row.banned_at is not None,
        is_me=is_me,
        can_remove=is_member
        and not is_me
        and policy.can_remove_member(actor, group, standing, row),
        can_have_role=is_member
        and row.person_id is not None
        and policy.can_lead(actor, group, standing),
    )


def name_reasons(speaker: Translator) -> dict[HideReason, str]:
    """Why a post should not stand there."""
    _ = speaker.gettext
    return {
        HideReason.SPAM: _("It sells or advertises something"),
        HideReason.UNKIND: _("It hurts somebody"),
        HideReason.PRIVATE_FACTS: _("It tells something private about somebody"),
        HideReason.UNSAFE: _("It could do harm"),
        HideReason.OFF_TOPIC: _("It does not belong in this group"),
    }


def name_joinings(speaker: Translator) -> dict[Joining, tuple[str, str]]:
    """How one becomes a member, and what that means."""
    _ = speaker.gettext
    return {
        Joining.OPEN: (_("Everybody can join"), _("Everybody can find the group.")),
        Joining.BY_REQUEST: (
            _("People ask, and you let them in"),
            _("People of this town can find the group."),
        ),
        Joining.BY_INVITATION: (
            _("Only who is invited"),
            _("Nobody else can find the group."),
        ),
    }


def name_roles(speaker: Translator) -> dict[GroupRole, str]:
    """What somebody does in a group."""
    _ = speaker.gettext
    return {
        GroupRole.ORGANIZER: _("Organizer"),
        GroupRole.MODERATOR: _("Moderator"),
        GroupRole.MEMBER: _("Member"),
    }


def _find_status(standing: Standing) -> MemberStatus | None:
    statuses = [row.status for row in (standing.own, standing.household) if row is not None]
    order = (MemberStatus.MEMBER, MemberStatus.INVITED, MemberStatus.ASKED)
    return next((status for status in order if status in statuses), None)


def _say_standing(speaker: Translator, standing: Standing) -> str:
    if standing.is_banned:
        return ""
    _, status = speaker.gettext, _find_status(standing)
    if status is MemberStatus.MEMBER:
        return {
            GroupRole.ORGANIZER: _("You organize it"),
            GroupRole.MODERATOR: _("You moderate it"),
        }.get(standing.role or GroupRole.MEMBER, _("You belong to it"))
    if status is MemberStatus.ASKED:
        return _("You asked to join")
    return _("You are invited") if status is MemberStatus.INVITED else ""


def _say_joining(speaker: Translator, joining: Joining) -> str:
    _ = speaker.gettext
    return {
        Joining.OPEN: _("Everybody of this town can join."),
        Joining.BY_REQUEST: _("You ask to join, and the organizers let you in."),
        Joining.BY_INVITATION: _("The organizers invite people."),
    }[joining]


def _say_author(
    speaker: Translator, post: GroupPost, author: Author | None, me: UUID | None
) -> str:
    _ = speaker.gettext
    if me is not None and post.author_id == me:
        return _("You")
    if author is None or author.has_left:
        return _("Somebody who left")
    return author.first_name or _("A member")


def _name_role(speaker: Translator, role: GroupRole | None) -> str:
    if role is None or role is GroupRole.MEMBER:
        return ""
    return name_roles(speaker)[role]
