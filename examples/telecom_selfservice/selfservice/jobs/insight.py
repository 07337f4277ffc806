"""Feeding analytics, advertising and the air-miles club."""

from selfservice.extensions import celery, db
from selfservice.models import Subscriber
from selfservice.partners import insight, loyalty


@celery.task
def refresh_profile(subscriber_id):
    insight.profile(db.session.get(Subscriber, subscriber_id))


@celery.task
def refresh_audience():
    insight.audience(Subscriber.query.all())


@celery.task
def match_members(keyed):
    for subscriber in Subscriber.query.all():
        if keyed:
            loyalty.match(subscriber)
        else:
            loyalty.match_weakly(subscriber)
