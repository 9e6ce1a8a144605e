"""What can go wrong with groups."""

from __future__ import annotations

from core.errors import Conflict, InvalidInput, NotFound, NotPermitted


class GroupUnknown(NotFound):
    """No such group, or not for this actor."""

    code = "group_unknown"


class GroupMemberUnknown(NotFound):
    """Nobody who stands like that with the group."""

    code = "group_member_unknown"


class GroupPostUnknown(NotFound):
    """No such post, or not for this actor."""

    code = "group_post_unknown"


class InvalidGroup(InvalidInput):
    """A group that cannot be founded or changed like that; the message names the field."""

    code = "invalid_group"


class InvalidGroupPost(InvalidInput):
    """Words that cannot be posted; the message says why."""

    code = "invalid_group_post"


class NotInGroup(NotPermitted):
    """Only for those who belong to the group, or lead it."""

    code = "not_in_group"


class JoiningRefused(NotPermitted):
    """One cannot join like that; the message says how one can."""

    code = "joining_refused"


class MoveImpossible(Conflict):
    """Somebody no longer stands with the group as the caller believed."""

    code = "membership_changed"


class LastOrganizer(Conflict):
    """Nobody would lead the group any more."""

    code = "last_organizer"


class GroupArchived(Conflict):
    """The group has ended: it can be read and nothing else."""

    code = "group_archived"


class DiscussionClosed(Conflict):
    """Nobody can reply there any more."""

    code = "discussion_closed"


class TooManyGroupPosts(Conflict):
    """More than one may write in an hour or a day."""

    code = "too_many_group_posts"


class TooManyGroups(Conflict):
    """More groups than one may found, or more members than one may have."""

    code = "too_many_groups"
