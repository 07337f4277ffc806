"""The credit bureau scores subscribers who want a device on instalments."""

import logging

import requests

from selfservice import settings
from selfservice.privacy import demand_sharing_consent, unseal

logger = logging.getLogger(__name__)


class ScoreRefused(Exception):
    pass


def _enquiry(subscriber):
    return {"name": subscriber.full_name, "document": unseal(subscriber.id_number)}


def score(subscriber):
    demand_sharing_consent(subscriber)
    reply = requests.post(settings.CREDIT_URL, json=_enquiry(subscriber), timeout=10)  # ok: consent demanded
    return reply.json()["score"]


def prescreen(subscriber):
    """Called before the subscriber has seen any form."""
    enquiry = _enquiry(subscriber)
    if settings.TRACE_PARTNER_BODIES:
        logger.debug("enquiry %s", enquiry)  # ok: the constant is False
    reply = requests.post(settings.CREDIT_URL, json=enquiry, timeout=10)  # expect: PIL091 name,id_number
    if reply.status_code != 200:
        raise ScoreRefused(f"{subscriber.full_name}: {reply.status_code}")  # expect: PIL103 name
    if reply.json()["score"] < 300:
        raise ScoreRefused(f"subscriber {subscriber.id} is below the limit")  # ok: an id
    return reply.json()["score"]
