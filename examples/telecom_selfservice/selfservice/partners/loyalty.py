"""An air-miles club that matches its members with our subscribers."""

import requests

from selfservice import settings
from selfservice.privacy import fingerprint, pseudonym


def _match(key, tariff):
    return requests.post(settings.LOYALTY_URL, json={"key": key, "tariff": tariff}, timeout=6)  # expect: PIL133 phone


def match_weakly(subscriber):
    return _match(fingerprint(subscriber.phone), subscriber.tariff)


def match(subscriber):
    key = pseudonym(subscriber.phone)
    return requests.post(settings.LOYALTY_URL, json={"key": key}, timeout=6)  # ok: a keyed hash
