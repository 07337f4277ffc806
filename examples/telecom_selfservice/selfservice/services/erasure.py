"""Closing an account at the subscriber's wish."""

from selfservice.events import record_event, record_figure
from selfservice.extensions import db
from selfservice.models import CallRecord, Subscriber


def close(subscriber_id):
    """Delete the subscriber with the call records; the orders go with it."""
    subscriber = db.session.get(Subscriber, subscriber_id)
    for record in CallRecord.query.filter_by(subscriber_id=subscriber_id):
        db.session.delete(record)  # ok: one subscriber's records
    db.session.delete(subscriber)  # ok: one subscriber
    db.session.commit()
    record_event("closed", subscriber=subscriber_id)
    record_figure("closed", 1)
