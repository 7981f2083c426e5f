"""Why something could not be done: what happened, and what to do next."""

from flask_babel import gettext, ngettext

from mutualaid.aid.lifecycle.table import Refused, WrongState
from mutualaid.aid.words.states import state_words


def refusal_words(refused: Refused) -> str:
    if isinstance(refused, WrongState):
        return gettext(
            "Somebody was quicker, or it has changed. It now stands at: %(state)s. Nothing was changed by you.",
            state=state_words(refused.facts["state"]),
        )
    facts = refused.facts
    return {
        "does_not_fit": lambda: gettext("These two do not fit any more. Nothing was changed."),
        "not_enough": lambda: gettext(
            "Not so much is left: %(left)s. Please choose again.", left=facts["left"]
        ),
        "new_helper": lambda: gettext(
            "A new helper has at most %(limit)s promises at once, until the first one came. Nothing was changed.",
            limit=facts["limit"],
        ),
        "promised_more": lambda: ngettext(
            "%(num)s is promised already. Let go of that first, or ask for more.",
            "%(num)s are promised already. Let go of those first, or ask for more.",
            facts["promised"],
        ),
        "contact_closed": lambda: gettext(
            "How to reach each other is shown only after both said yes, until it is over or one of you ends it."
        ),
        "taken": lambda: gettext("Somebody was quicker, or it has changed. Nothing was changed by you."),
        "claims_a_day": lambda: gettext(
            "You took on %(limit)s today, which is as many as one person may. Please try again tomorrow.",
            limit=facts["limit"],
        ),
        "messages_closed": lambda: gettext("Nothing can be written here any more. It was not sent."),
        "messages_a_day": lambda: gettext(
            "You wrote %(limit)s messages here since yesterday. It was not sent. Please try again tomorrow.",
            limit=facts["limit"],
        ),
        "written_to_a_day": lambda: gettext(
            "You wrote to %(limit)s people since yesterday, which is as many as one person may. It was not sent."
            " Please try again tomorrow.",
            limit=facts["limit"],
        ),
        "never_a_day": lambda: gettext(
            "You added to this list %(limit)s times since yesterday, which is as often as one may. This was not kept."
            " Please try again tomorrow, or ask a coordinator: they can do it for you today.",
            limit=facts["limit"],
        ),
        "never_for_others": lambda: gettext(
            "You noted this for others %(limit)s times since yesterday, as often as one may. This was not kept."
            " Please ask another coordinator: they can do it today.",
            limit=facts["limit"],
        ),
        "decided_already": lambda: gettext(
            "Somebody was quicker, or it is gone: there is nothing to decide here any more."
        ),
        "looked_enough": lambda: gettext(
            "You have looked at how to reach people %(most)s times within a day. That is as often as one may."
            " Later you can look again; if it cannot wait, ask somebody else who coordinates.",
            most=facts["most"],
        ),
        "lease_holds": lambda: gettext("There is still time to answer. Nothing was changed."),
        "no_such_reason": lambda: gettext("Please choose one of the reasons."),
        "no_such_end": lambda: gettext("Please say whether it came or not."),
        "given_range": lambda: gettext("Please write a number from 1 to %(most)s.", most=facts["most"]),
        "not_a_duplicate": lambda: gettext("Please choose another post of the same kind."),
        "fulfilled_already": lambda: gettext(
            "All of it came already. You can post it again as something new."
        ),
        "erased": lambda: gettext(
            "This person has deleted everything about themselves. It cannot be opened again."
        ),
        "emptied": lambda: gettext(
            "This is over for so long that its words are deleted. Please post it again as something new."
        ),
        "met_before": lambda: gettext(
            "You were asked about this one before. A coordinator can bring you together. Nothing was changed."
        ),
        "sensitive": lambda: gettext("This goes through a coordinator. Nothing was changed."),
    }[refused.reason]()


def release_reason_words(reason: str) -> str:
    return {
        "cannot_come": gettext("I cannot come after all"),
        "ill": gettext("Someone is ill"),
        "no_answer": gettext("Nobody answered me"),
        "not_right": gettext("It is not the right thing"),
        "other": gettext("Something else"),
    }[reason]
