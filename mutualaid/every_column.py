"""Every table and column in plain words, and how long a row stays. See what_we_hold, which makes a page of it."""

from typing import Any, NamedTuple

from flask_babel import lazy_gettext

from mutualaid.aid import between
from mutualaid.networks import two_people
from mutualaid.people import access, accounts, sessions

POST_OVER = lazy_gettext(
    "Until the post has been closed for as long as the network says: 30 days unless set."
)
NETWORK_STANDS = lazy_gettext("For as long as the network exists.")
COUNTED = lazy_gettext(
    "For as long as the network exists. Once its post is closed for long, with days instead of times."
)


class Held(NamedTuple):
    """A table: what it is, how long a row stays, and its columns in groups, each with its words."""

    what: Any
    stays: Any
    groups: dict[str, Any]


TABLES = {
    "person": Held(
        lazy_gettext("You, in one network"),
        lazy_gettext(
            "Until you delete it, or nothing of yours was open for as long as the network says: 30 days unless set."
        ),
        {
            "name_sealed phone_sealed phone_typed_sealed email_sealed hours_sealed": lazy_gettext(
                "What to call you, your phone, your email, and when we may call"
            ),
            "phone_hash email_hash code_hash": lazy_gettext("Your phone, email and code, to find you again"),
            "reach answered_for language languages per_week digest told_a_day": lazy_gettext(
                "How you want to be reached, your languages, how often you help, what you want to hear of"
            ),
            "created_at kept_until erased_at": lazy_gettext(
                "When you came, until when you asked us to keep your page, and on which day you were erased"
            ),
        },
    ),
    "access_link": Held(
        lazy_gettext("Private links to your page"),
        lazy_gettext("%(days)s days at most.", days=access.LINK_DAYS),
        {
            "token_hash": lazy_gettext("The link"),
            "person_id created_at expires_at": lazy_gettext("Whose it is, and until when it works"),
        },
    ),
    "do_not_match": Held(
        lazy_gettext("Whom somebody never wants to be matched with"),
        lazy_gettext("Until whoever said it is erased."),
        {
            "contact_hash": lazy_gettext("The other's phone or email"),
            "person_id other_id created_at": lazy_gettext("Whose list it is, whom it names, and since when"),
        },
    ),
    "draft": Held(
        lazy_gettext("Answers on their way to a post"),
        lazy_gettext("24 hours."),
        {
            "answers_sealed code_sealed": lazy_gettext("The answers, and the code that was given"),
            "token_hash": lazy_gettext("What finds them again"),
            "kind created_at expires_at sent_at person_id": lazy_gettext("What kind, whose, and when"),
        },
    ),
    "post": Held(
        lazy_gettext("What somebody asks for or offers"),
        lazy_gettext(
            "Until it has been closed for as long as the network says: 30 days unless set. Then only what is counted"
            " stays: kind, category, area, numbers, and days instead of times."
        ),
        {
            "kind category_id area_id quantity uncovered stock stock_left urgency travel state outcome claimed"
            " duplicate_of_id": lazy_gettext("Kind, category, area, how many, how urgent, what came of it"),
            "cell measure_cell reach_km": lazy_gettext(
                "A cell of the map, some streets wide, and how far they go. Never an address"
            ),
            "times from_day until_day languages language_bits interpreter traits trait_bits per_week"
            " choose_for_me": lazy_gettext("When it suits, in which languages, and what it requires"),
            "intake intake_until paused_at closed_at front_at taken_in_at last_sign_at asked_still_at told_at"
            " created_at updated_at erased_at": lazy_gettext("How it stands, and since when"),
            "person_id posted_by_id draft_id source source_row": lazy_gettext(
                "Whose it is, who wrote it down, and where it came from"
            ),
        },
    ),
    "post_details": Held(
        lazy_gettext("Somebody's own words about it"), POST_OVER, {"text_sealed": lazy_gettext("The words")}
    ),
    "match": Held(
        lazy_gettext("Who helps whom"),
        COUNTED,
        {
            "need_id offer_id state promised given proposed_by_id lease_renewed by_silence": lazy_gettext(
                "Which two posts, how much, how it stands, and who proposed it"
            ),
            "proposed_at lease_until need_yes_at offer_yes_at agreed_at due_at delivered_at confirmed_at ended_at"
            " rests_until apart_at": lazy_gettext("Since when, and until when"),
        },
    ),
    "match_details": Held(
        lazy_gettext("Where to come"),
        lazy_gettext("Until the match ends."),
        {"address_sealed": lazy_gettext("The address")},
    ),
    "message": Held(
        lazy_gettext("What two people wrote to each other through us"),
        lazy_gettext(
            "Until %(days)s days after the match ended, at the latest as long as the words of their posts.",
            days=between.AFTER_END.days,
        ),
        {
            "text_sealed": lazy_gettext("The words"),
            "match_id side once signs state created_at decided_at decided_by_id": lazy_gettext(
                "Which side wrote, when, whether it seems to hold a number or a link, and who decided about it"
            ),
        },
    ),
    "event": Held(
        lazy_gettext("History"),
        COUNTED,
        {
            "verb quantity reason actor_role": lazy_gettext(
                "What was done, how much, and a reason from a short list"
            ),
            "actor_id person_id post_id match_id": lazy_gettext(
                "By whom and about what, as numbers. Of whoever is erased nothing but the number is left"
            ),
            "at": lazy_gettext("When"),
        },
    ),
    "event_note": Held(
        lazy_gettext("Words that go with history"), POST_OVER, {"text_sealed": lazy_gettext("The words")}
    ),
    "notice": Held(
        lazy_gettext("Notes that we owe somebody"),
        lazy_gettext("30 days after it was sent."),
        {
            "person_id kind channel post_id match_id numbers": lazy_gettext(
                "To whom, what sort, and about what, as numbers. Never its words"
            ),
            "created_at send_after claimed_until attempts done_at outcome": lazy_gettext(
                "When, how often we tried, and what came of it"
            ),
        },
    ),
    "membership": Held(
        lazy_gettext("Who has which role"),
        lazy_gettext("Until the role has been over for as long as the network says: 30 days unless set."),
        {
            "account_id person_id role area_ids": lazy_gettext("Whose role, which, and for which areas"),
            "starts_at joined_at ends_at recalled_at": lazy_gettext("From when until when"),
        },
    ),
    "asked_mandate": Held(
        lazy_gettext("Roles that wait for a second person's yes"),
        lazy_gettext("Until it is answered, %(days)s days at most.", days=two_people.LASTS.days),
        {
            "email_sealed": lazy_gettext("The email of whoever would get it"),
            "email_hash": lazy_gettext("The same, to find their account"),
            "role area_ids months asked_by_id asked_at": lazy_gettext(
                "Which role, where, for how long, who asked for it and when"
            ),
        },
    ),
    "account": Held(
        lazy_gettext("How members sign in"),
        lazy_gettext("Until they have no role in any network."),
        {
            "email_sealed totp_sealed": lazy_gettext("The email, and the secret of an app that shows codes"),
            "email_hash password_hash": lazy_gettext("The email, to find it again, and the password"),
            "password_changed_at totp_step created_at": lazy_gettext("When"),
        },
    ),
    "passkey": Held(
        lazy_gettext("Passkeys of members"),
        lazy_gettext("Until it is removed, or they have no role in any network."),
        {
            "credential_id public_key": lazy_gettext("The half of the key that opens nothing"),
            "account_id sign_count made_on": lazy_gettext(
                "Whose it is, how often it was used, and since when"
            ),
        },
    ),
    "recovery_code": Held(
        lazy_gettext("Codes that let a member in once"),
        lazy_gettext("Until it is used, or they have no role in any network."),
        {"code_hash": lazy_gettext("The code"), "account_id": lazy_gettext("Whose it is")},
    ),
    "account_session": Held(
        lazy_gettext("Where a member is signed in"),
        lazy_gettext("%(days)s days at most.", days=sessions.HELPER.whole.days),
        {
            "token_hash": lazy_gettext("What their browser keeps"),
            "account_id created_at proven_at used_on": lazy_gettext("Whose it is, and when it was used"),
        },
    ),
    "account_token": Held(
        lazy_gettext("Links to accept a role or to set a password"),
        lazy_gettext("%(days)s days at most.", days=accounts.LASTS["invitation"].days),
        {
            "token_hash": lazy_gettext("The link"),
            "account_id purpose expires_at used_at": lazy_gettext(
                "Whose it is, what for, and until when it works"
            ),
        },
    ),
    "attempt": Held(
        lazy_gettext("How often something was tried"),
        lazy_gettext("An hour or a day."),
        {
            "who": lazy_gettext(
                "A person, an account, an email, or where it came from: never the address itself"
            ),
            "kind at": lazy_gettext("What was tried, and when"),
        },
    ),
    "network": Held(
        lazy_gettext("A network and its settings"),
        NETWORK_STANDS,
        {
            "slug name timezone languages resolution public is_demo emergency_line phone_line welcome lease_hours"
            " urgent_lease_hours retention_days weights second_way_later created_at wiping_at": lazy_gettext(
                "Its name and settings"
            )
        },
    ),
    "area": Held(
        lazy_gettext("Areas"),
        NETWORK_STANDS,
        {"name parent_id outline middle_cell created_at updated_at": lazy_gettext("Their names and borders")},
    ),
    "area_cell": Held(
        lazy_gettext("Which cells of the map an area has"),
        NETWORK_STANDS,
        {"cell area_id": lazy_gettext("The cell, and the area")},
    ),
    "category": Held(
        lazy_gettext("Categories"),
        NETWORK_STANDS,
        {
            "parent_id key names unit remote sensitive position": lazy_gettext(
                "Their names, and how they are counted"
            )
        },
    ),
    "area_count": Held(
        lazy_gettext("How much is open in each area"),
        NETWORK_STANDS,
        {"area_id kind category_id number": lazy_gettext("Numbers alone")},
    ),
    "language_count": Held(
        lazy_gettext("In which languages there is something open"),
        NETWORK_STANDS,
        {"languages number": lazy_gettext("Numbers alone")},
    ),
    "heartbeat": Held(
        lazy_gettext("When the program last did its work"),
        lazy_gettext("Until the next time."),
        {"at believed_at held": lazy_gettext("When, and whether its clock was right")},
    ),
}
