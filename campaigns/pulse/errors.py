"""What can go wrong with surveys."""

from __future__ import annotations

from core.errors import Conflict, InvalidInput, NotFound, NotPermitted


class InvalidSurvey(InvalidInput):
    """Questions or words of a survey that cannot be used."""

    code = "invalid_survey"


class InvalidAnswer(InvalidInput):
    """An answer that does not fit its question."""

    code = "invalid_answer"


class SurveyUnknown(NotFound):
    """No such survey, or not for this actor."""

    code = "survey_unknown"


class SurveyNotForYou(NotPermitted):
    """Only managers ask people."""

    code = "survey_not_for_you"


class SurveyWrongState(Conflict):
    """The survey is not in a state in which this can be done."""

    code = "survey_wrong_state"


class SurveyClosed(Conflict):
    """The survey takes no answers any more, or not yet."""

    code = "survey_closed"
