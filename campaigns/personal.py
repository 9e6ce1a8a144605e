"""Every room of campaigns that keeps something about people: they are asked at each erasure."""

from __future__ import annotations

from campaigns.audiences import personal as audiences
from campaigns.biking import personal as biking
from campaigns.events import personal as events
from campaigns.groups import personal as groups
from campaigns.mailings import personal as mailings
from campaigns.programmes import personal as programmes
from campaigns.pulse import personal as pulse
from campaigns.recruiting import personal as recruiting
from campaigns.recycling import personal as recycling
from campaigns.standings import personal as standings
from people.forgetting import Room
from people.interests import personal as interests

ROOMS: tuple[Room, ...] = (
    groups,
    programmes,
    biking,
    interests,
    audiences,
    pulse,
    recruiting,
    recycling,
    events,
    standings,
    mailings,
)
