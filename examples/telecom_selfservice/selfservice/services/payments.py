"""Bank cards for the monthly bill."""

import requests

from selfservice import settings
from selfservice.extensions import db
from selfservice.jobs import billing
from selfservice.privacy import last_four, seal


def save_card(subscriber, bank_card_no):
    """Keep a card and charge the first month."""
    sealed = seal(bank_card_no)
    subscriber.bank_card_no = sealed
    db.session.commit()  # ok: sealed before it is kept
    requests.post(f"{settings.BILLING_URL}/cards", json={"card": bank_card_no}, timeout=5)  # ok: the company's own host
    billing.charge.delay(subscriber.id, bank_card_no)  # expect: PIL132 financial
    billing.charge_sealed.delay(subscriber.id, sealed)  # ok: sealed
    return last_four(bank_card_no)
