from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from messaging.errors import TemplateMissing, TextTooLong
from messaging.templates import render

FILES = {
    "subject.txt": "{{ _('Snow') }}:\n {{ name }}",
    "body.txt": "{% if urgent %}\nUrgent.\n{% endif %}\n\n\n\n"
    "{{ starts_at|moment }}, {{ 700|distance }}\n",
    "body.html": '{% extends "layout.html" %}{% block content %}<p>{{ name }}</p>{% endblock %}',
    "short.txt": "{{ name }}\n {{ starts_at|time }}",
}
VALUES = {
    "name": "<b>Ana & Co</b>",
    "urgent": True,
    "starts_at": datetime(2026, 1, 15, 21, tzinfo=UTC),
}


def make_folder(root: Path, **changes: str | None) -> Path:
    folder = root / "emails" / "offer"
    folder.mkdir(parents=True)
    for name, text in FILES.items():
        content = changes.get(name.replace(".", "_"), text)
        if content is not None:
            (folder / name).write_text(content, encoding="utf-8")
    return folder


def test_words_of_a_kind(tmp_path: Path) -> None:
    words = render(make_folder(tmp_path), "en", VALUES, time_zone="America/New_York")

    assert words.subject == "Snow: <b>Ana & Co</b>"
    assert words.text == "Urgent.\n\nThursday, January 15, 4:00 PM, 0.4 mi"
    assert "<p>&lt;b&gt;Ana &amp; Co&lt;/b&gt;</p>" in words.html
    assert words.html.startswith("<!DOCTYPE html>")
    assert words.short == "<b>Ana & Co</b> 4:00 PM"


def test_a_kind_may_go_one_way_only(tmp_path: Path) -> None:
    by_text = make_folder(tmp_path / "a", subject_txt=None, body_txt=None, body_html=None)
    by_mail = make_folder(tmp_path / "b", short_txt=None)
    assert render(by_text, "en", VALUES).text == ""
    assert render(by_mail, "en", VALUES).short == ""


def test_a_text_that_costs_too_much_is_refused(tmp_path: Path) -> None:
    folder = make_folder(tmp_path)
    with pytest.raises(TextTooLong, match=r"'offer' takes 4 segments \(gsm7, 46\d characters\)"):
        render(folder, "en", VALUES | {"name": "a" * 458})


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"body_html": None}, "lack the template 'body.html'"),
        ({"body_txt": "{{ nobody }}"}, "'nobody' is undefined"),
        ({"body_html": '{% extends "none.html" %}'}, "none.html"),
        ({"subject_txt": None, "short_txt": None}, "have no templates"),
    ],
)
def test_what_is_missing_is_named(
    tmp_path: Path, changes: dict[str, str | None], match: str
) -> None:
    folder = make_folder(tmp_path, **changes)
    with pytest.raises(TemplateMissing, match=match):
        render(folder, "en", VALUES)
