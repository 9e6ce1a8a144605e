"""What belongs to a mailing: its texts, how hard they are, its figures, its result."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import strawberry

from campaigns.mailings.composing import check_language
from campaigns.mailings.figures_repository import Figures
from campaigns.mailings.kinds import Action, Variant
from campaigns.mailings.readability import Readability
from campaigns.mailings.texts import Text
from messaging.kinds import MessageStatus


@strawberry.type(description="A word that many do not read with ease.")
class HardWord:
    word: str = strawberry.field(description="The word, or the words.")
    plainer: str | None = strawberry.field(
        description="What to say instead; null when the word is only long."
    )


@strawberry.type(description="How hard one text is to read.")
class MailingReadability:
    variant: Variant = strawberry.field(description="Of which variant.")
    language: str = strawberry.field(description="`en` or `es`.")
    grade: float = strawberry.field(
        description="School years that a reader needs: Flesch-Kincaid in English; in Spanish the "
        "year that belongs to Fernández Huerta's score."
    )
    score: float | None = strawberry.field(
        description="Fernández Huerta's score, 100 is very easy; null in English."
    )
    szigriszt: float | None = strawberry.field(
        description="Szigriszt Pazos's score, 100 is very easy; null in English."
    )
    is_plain: bool = strawberry.field(description="Whether grade 8 or less is enough.")
    is_short: bool = strawberry.field(
        description="Whether the text is too short for a grade to say much."
    )
    word_count: int = strawberry.field(description="Words.")
    sentence_count: int = strawberry.field(description="Sentences, items of lists included.")
    long_sentences: list[str] = strawberry.field(description="Sentences to part; at most 20.")
    hard_words: list[HardWord] = strawberry.field(description="Words to look at; at most 20.")

    @classmethod
    def of(cls, variant: Variant, row: Readability) -> MailingReadability:
        return cls(
            variant=variant,
            language=row.language,
            grade=row.grade,
            score=row.score,
            szigriszt=row.szigriszt,
            is_plain=row.is_plain,
            is_short=row.is_short,
            word_count=row.word_count,
            sentence_count=row.sentence_count,
            long_sentences=list(row.long_sentences),
            hard_words=[HardWord(word=one.word, plainer=one.plainer) for one in row.hard_words],
        )

    @classmethod
    def list_of(cls, texts: Mapping[Variant, Mapping[str, Text]]) -> list[MailingReadability]:
        return [cls.of(variant, row) for (variant, _), row in check_language(texts).items()]


@strawberry.type(description="One wording of a mailing in one language.")
class MailingText:
    variant: Variant = strawberry.field(description="Of which variant.")
    language: str = strawberry.field(description="`en` or `es`.")
    subject: str = strawberry.field(description="The subject, with `{first_name}` and the like.")
    body: str = strawberry.field(description="Paragraphs, lists and links, as they were typed.")
    short: str = strawberry.field(description="The text message; empty when there is none.")


@strawberry.type(description="How many people did something of their own will, first of all.")
class MailingActionCount:
    action: Action = strawberry.field(description="What.")
    count: int = strawberry.field(description="How many people.")


@strawberry.type(description="How many people did not get it for one reason.")
class MailingReasonCount:
    reason: str = strawberry.field(description="A code word, such as `unsubscribed`.")
    count: int = strawberry.field(description="How many people.")


@strawberry.type(description="What became of a mailing, in people.")
class MailingFigures:
    waiting_count: int = strawberry.field(description="Their turn has not come.")
    queued_count: int = strawberry.field(description="Their message waits or is on its way.")
    sent_count: int = strawberry.field(description="The next mail server or carrier has it.")
    unconfirmed_count: int = strawberry.field(
        description="Of these, who may have got it or not: the line broke while it was on its "
        "way. It is not sent twice."
    )
    bounced_count: int = strawberry.field(description="The address is dead.")
    failed_count: int = strawberry.field(description="It was refused or given up.")
    not_sent: list[MailingReasonCount] = strawberry.field(
        description="Who left or was passed over, by reason."
    )
    unsubscribed_count: int = strawberry.field(
        description="Who ended such messages after they got it."
    )
    opened_count: int | None = strawberry.field(
        description="Who opened it; null unless the community counts that. Mail programmes that "
        "load pictures by themselves count too."
    )
    actions: list[MailingActionCount] = strawberry.field(
        description="Who pressed a button behind a link, replied or signed up."
    )

    @classmethod
    def of(cls, row: Figures, *, counts_opens: bool) -> MailingFigures:
        count = row.messages.get
        return cls(
            waiting_count=sum(n for word, n in row.places.items() if word.value == "waiting"),
            queued_count=count(MessageStatus.QUEUED, 0) + count(MessageStatus.SENDING, 0),
            sent_count=row.sent_count,
            unconfirmed_count=row.unconfirmed_count,
            bounced_count=count(MessageStatus.BOUNCED, 0),
            failed_count=count(MessageStatus.FAILED, 0),
            not_sent=[
                MailingReasonCount(reason=word, count=n) for word, n in sorted(row.reasons.items())
            ],
            unsubscribed_count=row.unsubscribed_count,
            opened_count=row.opened_count if counts_opens else None,
            actions=[
                MailingActionCount(action=word, count=row.actions.get(word, 0)) for word in Action
            ],
        )


@strawberry.type(description="A share of the people of one variant.")
class MailingShare:
    variant: Variant = strawberry.field(description="Which variant.")
    acted_count: int = strawberry.field(description="Who did something in time.")
    reached_count: int = strawberry.field(description="Whom a message had left for.")
    estimate: float | None = strawberry.field(description="The share; null when nobody was.")
    low: float | None = strawberry.field(description="Where its 95 % interval begins.")
    high: float | None = strawberry.field(description="Where its 95 % interval ends.")


@strawberry.type(description="What a comparison showed, read once when its time was over.")
class MailingResult:
    read_at: datetime = strawberry.field(description="When it was read.")
    shares: list[MailingShare] = strawberry.field(description="Both variants.")
    difference: float | None = strawberry.field(
        description="Share of A less share of B; null when one reached nobody."
    )
    low: float | None = strawberry.field(description="Where its 95 % interval begins (Newcombe).")
    high: float | None = strawberry.field(description="Where its 95 % interval ends.")
    winner: Variant | None = strawberry.field(
        description="The variant that did better; null when no difference was shown."
    )

    @classmethod
    def of(cls, stored: dict[str, Any]) -> MailingResult:
        difference = stored.get("difference") or {}
        return cls(
            read_at=datetime.fromisoformat(stored["read_at"]),
            shares=[
                MailingShare(
                    variant=variant,
                    acted_count=stored["acted"][variant.value],
                    reached_count=stored["reached"][variant.value],
                    estimate=stored.get(variant.value, {}).get("estimate"),
                    low=stored.get(variant.value, {}).get("low"),
                    high=stored.get(variant.value, {}).get("high"),
                )
                for variant in Variant
            ],
            difference=difference.get("estimate"),
            low=difference.get("low"),
            high=difference.get("high"),
            winner=None if stored["winner"] is None else Variant(stored["winner"]),
        )
