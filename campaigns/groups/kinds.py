"""The code words of groups, as they stand in the database."""

from __future__ import annotations

from enum import StrEnum


class Joining(StrEnum):
    """How one becomes a member."""

    OPEN = "open"
    BY_REQUEST = "by_request"
    BY_INVITATION = "by_invitation"


class GroupStatus(StrEnum):
    """Whether a group goes on."""

    ACTIVE = "active"
    ARCHIVED = "archived"


class GroupRole(StrEnum):
    """What a member does in the group."""

    ORGANIZER = "organizer"
    MODERATOR = "moderator"
    MEMBER = "member"


class MemberStatus(StrEnum):
    """How far somebody is with a group."""

    ASKED = "asked"
    INVITED = "invited"
    MEMBER = "member"
    LEFT = "left"
    REMOVED = "removed"


class PostKind(StrEnum):
    """What a post is for."""

    ANNOUNCEMENT = "announcement"
    DISCUSSION = "discussion"
    REPLY = "reply"


class HideReason(StrEnum):
    """Why a post is out of sight, and why somebody reported it."""

    SPAM = "spam"
    UNKIND = "unkind"
    PRIVATE_FACTS = "private_facts"
    UNSAFE = "unsafe"
    OFF_TOPIC = "off_topic"


class ReportOutcome(StrEnum):
    """What came of a report."""

    HIDDEN = "hidden"
    KEPT = "kept"
