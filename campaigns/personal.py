"""Every room of campaigns that keeps something about people: they are asked at each erasure."""

from __future__ import annotations

from campaigns.biking import personal as biking
from campaigns.groups import personal as groups
from campaigns.programmes import personal as programmes
from people.forgetting import Room

ROOMS: tuple[Room, ...] = (groups, programmes, biking)
