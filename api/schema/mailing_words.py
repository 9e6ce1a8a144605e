"""The code words of mailings, and texts as callers give them."""

from __future__ import annotations

from collections.abc import Sequence

import strawberry

from api.schema.arguments import InvalidArgument, plain_text
from api.schema.enums import describe_enum
from campaigns.mailings.kinds import Action, MailingStatus, Variant
from campaigns.mailings.texts import BODY_LENGTH, SHORT_LENGTH, SUBJECT_LENGTH, Text

MAX_TEXTS = 4

describe_enum(
    MailingStatus,
    "Where a mailing stands.",
    {
        "DRAFT": "It is being written.",
        "SCHEDULED": "It will begin at its time.",
        "SENDING": "People get it.",
        "PAUSED": "Somebody stopped it; it may go on.",
        "WAITING": "The sample of its comparison is out; the result is not due.",
        "CHOOSING": "No difference was shown; a person chooses what the rest gets.",
        "SENT": "Everybody had their turn.",
        "CANCELLED": "It was called off.",
    },
)
describe_enum(
    Variant,
    "One of the two wordings of a comparison.",
    {"A": "The first; the only one without a comparison.", "B": "The second."},
    name="MailingVariant",
)
describe_enum(
    Action,
    "What somebody did after a mailing, of their own will.",
    {
        "LINK": "Pressed the button behind a link.",
        "REPLY": "Wrote back.",
        "SIGN_UP": "Signed up for something.",
    },
    name="MailingAction",
)


@strawberry.input(
    description="One wording in one language. Paragraphs stand apart by an empty line, `- ` begins "
    "an item of a list, `[words](https://...)` or `[words](/path)` is a link, and `{first_name}`, "
    "`{community}` and `{area}` are filled in."
)
class MailingTextInput:
    language: str = strawberry.field(description="`en` or `es`.")
    subject: str = strawberry.field(description="One line without links.")
    body: str = strawberry.field(description="What the mail says.")
    short: str = strawberry.field(
        default="",
        description="For people who are reached by text message alone; empty leaves them out.",
    )
    variant: Variant = strawberry.field(
        default=Variant.A, description="B for the second wording of a comparison."
    )


def read_input(texts: Sequence[MailingTextInput]) -> dict[Variant, dict[str, Text]]:
    """Texts by variant and language."""
    if len(texts) > MAX_TEXTS:
        raise InvalidArgument(f"texts must have at most {MAX_TEXTS}: two variants, two languages.")
    found: dict[Variant, dict[str, Text]] = {}
    for given in texts:
        row = found.setdefault(given.variant, {})
        if given.language in row:
            raise InvalidArgument(f"texts name variant {given.variant.value} twice in a language.")
        row[given.language] = Text(
            subject=plain_text("subject", given.subject, longest=SUBJECT_LENGTH),
            body=plain_text("body", given.body, longest=BODY_LENGTH),
            short=plain_text("short", given.short, longest=SHORT_LENGTH),
        )
    return found
