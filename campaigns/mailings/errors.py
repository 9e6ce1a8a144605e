"""What can go wrong with mailings."""

from __future__ import annotations

from core.errors import Conflict, InvalidInput, NotFound


class MailingUnknown(NotFound):
    """No such mailing, or not for this actor."""

    code = "mailing_unknown"


class InvalidMailing(InvalidInput):
    """Words or figures of a mailing that cannot be used."""

    code = "invalid_mailing"


class LanguageMissing(Conflict):
    """People of the audience prefer a language that the mailing does not have."""

    code = "language_missing"


class SampleTooLarge(InvalidInput):
    """The audience has not enough people for the sample of the comparison."""

    code = "sample_too_large"


class AlreadySent(Conflict):
    """The same words went, or go, to the same people within a day."""

    code = "already_sent"


class MailingStands(Conflict):
    """The mailing is not in a state in which this can be done."""

    code = "mailing_stands"


class ResultNotDue(Conflict):
    """The comparison is not over: nobody looks at it before."""

    code = "result_not_due"


class TooManyTests(Conflict):
    """So many test mails to oneself were sent in an hour that another one waits."""

    code = "too_many_tests"
