"""What can go wrong with segments and audiences."""

from __future__ import annotations

from core.errors import Conflict, InvalidInput, NotFound, NotPermitted


class InvalidSegment(InvalidInput):
    """A description of people that cannot be used; the message names the place."""

    code = "invalid_segment"


class SegmentUnknown(NotFound):
    """No such segment, or not for this actor."""

    code = "segment_unknown"


class SegmentNameTaken(Conflict):
    """Another segment of the community has this name."""

    code = "segment_name_taken"


class SegmentChanged(Conflict):
    """Somebody changed the segment meanwhile."""

    code = "segment_changed"


class AudienceNotForYou(NotPermitted):
    """Only managers choose whom to reach."""

    code = "audience_not_for_you"


class PurposeNotForAudiences(InvalidInput):
    """Audiences are reached with campaigns and programmes, for nothing else."""

    code = "purpose_not_for_audiences"


class AudienceEmpty(Conflict):
    """Nobody, or fewer than five people, would be reached."""

    code = "audience_empty"


class AudienceIsEverybody(Conflict):
    """Nearly everybody would be reached, and that was not confirmed."""

    code = "audience_is_everybody"


class TooManyLooks(Conflict):
    """Previews were asked for too often."""

    code = "too_many_looks"
