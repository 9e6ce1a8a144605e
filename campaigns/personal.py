"""Every room of campaigns that keeps something about people: they are asked at each erasure."""

from __future__ import annotations

from campaigns.groups import personal as groups
from people.forgetting import Room

ROOMS: tuple[Room, ...] = (groups,)
