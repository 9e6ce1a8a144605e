from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP

import pytest

from messaging.bounces import read_mail
from messaging.mail_replies import pick_words

TO = f"help+r-{'0' * 32}@city.example"
QUOTED = "> Can you help? YES K7 or NO K7\n> YES M4\n"


def read(text: str, subtype: str = "plain") -> str:
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"] = "ana@mail.example", TO
    mail.set_content(text, subtype=subtype)
    return pick_words(read_mail(mail.as_bytes()).text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Yes K7", "Yes K7"),
        ("Hi,\n\nSí K7\n\nGracias,\nAna", "Sí K7"),
        ("Yes K7\nNo M4\nThanks, Ana", "Yes K7 No M4"),
        ("yes k7\n-- \nAna M4 Street\n", "yes k7"),
        ("YES K7\n\nSent from my phone\n", "YES K7"),
        ("TO K7 I am here,\nat the door\n", "TO K7 I am here,\nat the door"),
        (
            "TO K7 Hello\n\nOn Thu, Jan 15, 2026 at 5 PM A B <help@city.example>\nwrote:\n> YES",
            "TO K7 Hello",
        ),
        ("PARA K7 Hola\n\nEl jue, 15 ene 2026, T (<h@c.example>) escribió:\n", "PARA K7 Hola"),
        ("No K7\n\nFrom: Talkoot <help@city.example>\nSent: Thursday\nYES M4\n", "No K7"),
        ("1", "1"),
        ("K7", "K7"),
        ("", ""),
        # A letter is no answer, whatever word it begins with.
        (
            "Going to the store today was hard, so I wanted to ask whether you could send the form",
            "",
        ),
    ],
)  # fmt: skip
def test_the_answer_is_found_among_the_rest(text: str, words: str) -> None:
    quoted = f"{text}\n\nOn Thu, 15 Jan 2026, Talkoot wrote:\n{QUOTED}"
    assert read(text) == words
    assert read(quoted) == words


@pytest.mark.parametrize(
    "html",
    [
        "<div>Yes K7</div><div class='gmail_quote'>YES M4</div>",
        "<style>p{color:red}</style><p>Yes&nbsp;K7</p><blockquote>YES M4</blockquote>",
        "<p>Hello,</p><p>Yes K7<br>Ana</p><hr><div id=divRplyFwdMsg>From: x</div><p>NO M4</p>",
    ],
)
def test_html_alone_is_read_up_to_what_it_quotes(html: str) -> None:
    assert read(html, "html") == "Yes K7"
