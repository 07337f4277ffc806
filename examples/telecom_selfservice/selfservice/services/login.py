"""Signing in with a one-time code."""

import logging

from selfservice.codes import book
from selfservice.events import record_figure
from selfservice.models import Subscriber
from selfservice.partners.sms import code_sms
from selfservice.privacy import middle_hidden

logger = logging.getLogger(__name__)


def find(phone):
    return Subscriber.query.filter_by(phone=phone).one_or_none()


def start(phone):
    """Send a code; tells whether there is such a subscriber."""
    subscriber = find(phone)
    if subscriber is None:
        logger.info("nobody has the number %s", middle_hidden(phone))  # ok: masked by the body
        return False
    otp_code = book.issue(subscriber)
    logger.debug("code sent to subscriber %s", subscriber.id)  # ok: an id
    code_sms.send_code(subscriber.phone, f"Your code is {otp_code}")
    return True


def finish(phone, otp_code, client_ip):
    """Give the subscriber when the code is right, else None."""
    subscriber = find(phone)
    if subscriber is None:
        logger.warning("nobody has the number %s", phone)  # expect: PIL101 phone
        return None
    if not book.matches(subscriber, otp_code):
        logger.warning("subscriber %s gave the code %s", subscriber.id, otp_code)  # expect: PIL101 password
        return None
    logger.info("subscriber %s signed in", subscriber.id)  # ok: an id
    logger.info("subscriber %s signed in from %s", subscriber.id, client_ip)  # expect: PIL101 usage
    record_figure("logins", 1)
    return subscriber
