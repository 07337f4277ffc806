"""Monthly statements as text files."""

from selfservice import settings
from selfservice.models import CallRecord
from selfservice.privacy import middle_hidden


def _records(subscriber, month):
    return CallRecord.query.filter_by(subscriber_id=subscriber.id, month=month).all()


def write_total(subscriber, month):
    total = sum(record.fee for record in _records(subscriber, month))
    path = f"{settings.STATEMENT_FOLDER}/{subscriber.phone}-{month}.txt"
    with open(path, "w") as handle:  # expect: PIL105 phone
        handle.write(f"{month}: {total}\n")  # ok: an amount
    return total


def write_items(subscriber, month, full):
    path = f"{settings.STATEMENT_FOLDER}/{subscriber.id}-{month}-items.txt"
    with open(path, "w") as handle:  # ok: an id
        for record in _records(subscriber, month):
            if full:
                handle.write(f"{record.callee_phone} {record.minutes}\n")  # expect: PIL131 phone
            else:
                handle.write(f"{middle_hidden(record.callee_phone)} {record.minutes}\n")  # ok: masked by the body
    return path
