"""Who may do what in a group. Pure: no database, no clock."""

from __future__ import annotations

from dataclasses import dataclass

from campaigns.groups.kinds import GroupRole, GroupStatus, Joining, MemberStatus
from campaigns.groups.models import Group, GroupMember, GroupPost
from people.auth import Actor
from people.kinds import Role


@dataclass(frozen=True)
class Standing:
    """How the one who asks stands with a group."""

    own: GroupMember | None = None
    household: GroupMember | None = None
    """Of the household where the person lives, when the person is an adult."""

    @property
    def is_banned(self) -> bool:
        """Whether the moderators keep this person out, whatever the household is."""
        return self.own is not None and self.own.banned_at is not None

    @property
    def is_member(self) -> bool:
        """Whether the person belongs to the group, alone or by the household."""
        rows = (self.own, self.household)
        return not self.is_banned and any(
            row is not None and row.status is MemberStatus.MEMBER for row in rows
        )

    @property
    def role(self) -> GroupRole | None:
        """What the person does there; None for who is no member."""
        if not self.is_member:
            return None
        if self.own is not None and self.own.status is MemberStatus.MEMBER:
            return self.own.role
        return GroupRole.MEMBER


def can_found_group(actor: Actor, community_id: object) -> bool:
    """People of the community bring others together."""
    return actor.is_system or any(key == community_id and actor.roles[key] for key in actor.roles)


def can_see_group(actor: Actor, group: Group, standing: Standing) -> bool:
    """Open groups are for everybody; those by request for the community; others for members.

    The same as `repository.visible_to`.
    """
    if actor.is_staff(group.community_id):
        return True
    if standing.is_banned:
        return False
    rows = (standing.own, standing.household)
    live = (MemberStatus.MEMBER, MemberStatus.ASKED, MemberStatus.INVITED)
    if any(row is not None and row.status in live for row in rows):
        return True
    if group.status is not GroupStatus.ACTIVE:
        return False
    belongs = bool(actor.roles.get(group.community_id))
    return group.joining is Joining.OPEN or (group.joining is Joining.BY_REQUEST and belongs)


def can_read_inside(actor: Actor, group: Group, standing: Standing) -> bool:
    """What is said in a group, and who belongs to it, is for members and for staff."""
    return actor.is_staff(group.community_id) or standing.is_member


def can_lead(actor: Actor, group: Group, standing: Standing) -> bool:
    """Organizers decide about their group; managers of the community where they must."""
    is_organizer = standing.role is GroupRole.ORGANIZER
    return is_organizer or actor.is_system or actor.has_role(group.community_id, Role.MANAGER)


def can_moderate(actor: Actor, group: Group, standing: Standing) -> bool:
    """Moderators and organizers hide, close and remove; managers of the community too."""
    return standing.role is GroupRole.MODERATOR or can_lead(actor, group, standing)


def can_read_reports(actor: Actor, group: Group, standing: Standing) -> bool:
    """Whoever moderates, and staff."""
    return actor.is_staff(group.community_id) or can_moderate(actor, group, standing)


def can_announce(actor: Actor, group: Group, standing: Standing) -> bool:
    """Announcements go out by mail: they are for organizers and managers."""
    return can_lead(actor, group, standing)


def can_post(actor: Actor, group: Group, standing: Standing) -> bool:
    """Members talk; managers of the community may answer."""
    return standing.is_member or can_lead(actor, group, standing)


def can_remove_member(actor: Actor, group: Group, standing: Standing, member: GroupMember) -> bool:
    """Moderators remove members; who leads removes everybody else."""
    if member.role is GroupRole.MEMBER:
        return can_moderate(actor, group, standing)
    return can_lead(actor, group, standing)


def can_take_over(actor: Actor, group: Group) -> bool:
    """Managers give a group an organizer."""
    return actor.is_system or actor.has_role(group.community_id, Role.MANAGER)


def can_read_text(actor: Actor, group: Group, standing: Standing, post: GroupPost) -> bool:
    """Hidden words remain for those who moderate, and for staff."""
    return post.hidden_at is None or can_read_reports(actor, group, standing)
