"""What became of a message, and why it did not arrive, in words."""

from __future__ import annotations

from web.pages.casework.words import Say, Tag


def say_sent(say: Say, code: str) -> Tag:
    """How far a message has come."""
    _ = say
    return {
        "queued": (_("Waits for its time"), "sent"),
        "sending": (_("Is being sent"), "wait"),
        "sent": (_("Sent"), "go"),
        "delivered": (_("Arrived"), "ok"),
        "failed": (_("Could not be sent"), "stop"),
        "bounced": (_("Came back"), "stop"),
        "suppressed": (_("Was not sent"), "sent"),
    }[code]


def say_why_not(say: Say, code: str | None) -> str:
    """Why a message was not sent, or came back; and what helps."""
    _ = say
    if not code:
        return ""
    known = {
        "budget_spent": _("They have heard enough from us for now."),
        "call_by_phone": _("They have a phone only for calls. Please ring."),
        "contact_bounced": _("Nothing arrives at this address or number. Ask for a new one."),
        "contact_unverified": _("They have not confirmed the address or number. Please ring."),
        "in_digest": _("It is part of one longer message."),
        "no_consent": _("They have not agreed to such messages."),
        "no_contact": _("There is no address and no number for it."),
        "no_longer_true": _("It was not true any more."),
        "person_erased": _("They asked to be forgotten."),
        "stopped": _("They answered STOP. We write nothing more."),
        "too_late": _("It was too late for it."),
        "unconfirmed": _("We do not know whether it was sent."),
        "quiet_hours": _("It is night there."),
    }
    if code in known:
        return known[code]
    if code.startswith(("gateway_", "http_")):
        return _("The telephone company did not take it. Is the number right?")
    if code.startswith(("smtp_", "dsn_", "server_", "sign_in_refused")):
        return _("The mail service of the address did not take it. Is it spelled right?")
    return _("It did not arrive. Please ring.")


def say_message_kind(say: Say, code: str) -> str:
    """What a message is about."""
    _ = say
    known = {
        "agreed_resident": _("A neighbor said yes"),
        "agreed_volunteer": _("Thank you, and where it is"),
        "cancelled_by_resident": _("The visit is off"),
        "cancelled_by_volunteer": _("The neighbor cannot come"),
        "check_in": _("Are you on the way?"),
        "confirm_contact": _("Is this your address?"),
        "conversation": _("Words about a visit"),
        "digest_staff": _("What staff should know"),
        "done_resident_confirm": _("Was it done?"),
        "event_cancelled": _("An event is off"),
        "event_changed": _("An event has changed"),
        "event_helper": _("Help at an event"),
        "event_lapsed": _("A place at an event is given on"),
        "event_let_go": _("They need not help at an event"),
        "event_left": _("They do not come to an event"),
        "event_offered": _("A place at an event is free"),
        "event_seated": _("A place at an event"),
        "event_waiting": _("They wait for a place at an event"),
        "group_approved": _("They belong to a group"),
        "group_invited": _("An invitation to a group"),
        "group_news": _("News of a group"),
        "mail_reply": _("An answer to a mail"),
        "mailing": _("News of a campaign"),
        "mailing_test": _("A trial of a mailing"),
        "not_done_volunteer": _("The home says it was not done"),
        "not_served": _("We have found nobody"),
        "offer": _("Can you help?"),
        "on_the_way": _("The neighbor is on the way"),
        "pause_over": _("The pause is over"),
        "pledge_reminder": _("A word about a promise"),
        "request_approved": _("The request goes on"),
        "request_cancelled": _("The request is called off"),
        "request_declined": _("We cannot help with this"),
        "request_in_review": _("A person looks at the request"),
        "request_received": _("We have the request"),
        "sign_in": _("A link to sign in"),
        "standing_declined": _("We cannot help with this regularly"),
        "standing_received": _("We have the regular request"),
        "storm_notice_resident": _("Snow is coming"),
        "storm_notice_volunteer": _("Snow is coming: have you time?"),
        "survey_invite": _("A few questions"),
        "survey_reminder": _("The questions once more"),
        "substitute_offered": _("Another home instead"),
        "taken_already": _("Somebody else said yes first"),
        "thanks_storm": _("Thank you after the storm"),
        "thanks_volunteer": _("Thank you"),
        "vetting_expires": _("A check ends soon"),
        "visit_reminder": _("A visit is near"),
        "weather_silent": _("The weather service is silent"),
        "webhook_disabled": _("A webhook was turned off"),
        "welcome_volunteer": _("Welcome"),
    }
    return known.get(code, code.replace("_", " ").replace(".", ": "))
