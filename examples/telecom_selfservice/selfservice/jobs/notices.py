"""Short messages to many subscribers."""

from selfservice.events import record_figure
from selfservice.extensions import celery
from selfservice.models import Subscriber
from selfservice.partners.sms import bulk_sms

TEXT = "Maintenance tonight from 1 to 3: calls may fail."


@celery.task
def maintenance():
    sent = 0
    for subscriber in Subscriber.query.all():
        bulk_sms.announce(subscriber.phone, TEXT)
        sent += 1
    record_figure("notices", sent)


@celery.task
def maintenance_to_consenting():
    for subscriber in Subscriber.query.filter_by(sharing_consent=True):
        bulk_sms.announce_to_consenting(subscriber.phone, TEXT)
