"""The addresses of this room: asking for help, one question a page."""

from __future__ import annotations

from typing import Any

from web.pages.asking import calling, persons, places, sending, work

ROUTES: list[Any] = [
    work.get_what,
    work.post_what,
    work.get_parts,
    work.post_parts,
    work.get_when,
    work.post_when,
    places.get_place,
    places.post_place,
    places.get_pin,
    places.post_pin,
    places.post_places,
    persons.get_who,
    persons.post_who,
    persons.get_contact,
    persons.post_contact,
    sending.get_check,
    sending.post_check,
    sending.post_again,
    calling.get_call_me,
    calling.post_call_me,
]
