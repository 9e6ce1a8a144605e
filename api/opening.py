"""The one place where the product opens its database, with everybody who follows its events."""

from __future__ import annotations

from campaigns.personal import ROOMS
from core.db import Database
from core.live import Announcer, Hub
from core.settings import Settings
from messaging.webhooks.announcing import announce_events
from people.forgetting import carry_rooms

ANNOUNCERS: tuple[Announcer, ...] = (announce_events,)
"""Each writes what follows from the events of a transaction, in that same transaction."""

CARRIED = carry_rooms(ROOMS)
"""What every session carries: the rooms that take part when a person is erased or exported."""


def open_database(where: Settings | str, *, live: Hub | None = None) -> Database:
    """The database of an installation, or at an address.

    A worker that shares the process of a server shares its hub too (``live``): on SQLite changes
    are told within one process.
    """
    url = where if isinstance(where, str) else where.database_url
    return Database(url, announcers=ANNOUNCERS, live=live, info=CARRIED)
