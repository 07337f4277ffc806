"""What the hotline does for a subscriber."""

import logging

from selfservice.events import record_event
from selfservice.extensions import db
from selfservice.partners import assistant, credit

logger = logging.getLogger(__name__)


def change_email(subscriber, email):
    record_event("email changed", subscriber=subscriber.id, before=subscriber.email)
    subscriber.email = email
    db.session.commit()  # expect[strict]: PIL132 email


def answer(subscriber, topic, plain):
    draft = assistant.draft_plain if plain else assistant.draft
    return draft(subscriber, topic)


def may_pay_in_instalments(subscriber, early):
    """Ask the credit bureau, before or after the subscriber has filled in the form."""
    try:
        points = credit.prescreen(subscriber) if early else credit.score(subscriber)
    except credit.ScoreRefused as refused:
        logger.warning("no instalments: %s", refused)  # expect: PIL101 name
        logger.warning("no instalments for subscriber %s", subscriber.id)  # ok: an id
        return False
    return points >= 500
