"""Charging bank cards."""

import requests

from selfservice import settings
from selfservice.extensions import celery
from selfservice.privacy import unseal


def _charge(subscriber_id, card):
    body = {"subscriber": subscriber_id, "card": card}
    requests.post(f"{settings.BILLING_URL}/charges", json=body, timeout=30)  # ok: the company's own host


@celery.task
def charge(subscriber_id, bank_card_no):
    _charge(subscriber_id, bank_card_no)


@celery.task
def charge_sealed(subscriber_id, sealed):
    _charge(subscriber_id, unseal(sealed))
