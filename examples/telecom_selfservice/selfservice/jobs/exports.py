"""Nightly files for other departments."""

import csv

import pandas

from selfservice import settings
from selfservice.extensions import celery, db
from selfservice.models import Staff, Subscriber
from selfservice.privacy import export_approved, pseudonym


@celery.task
def directory():
    with open(f"{settings.EXPORT_FOLDER}/directory.csv", "w", newline="") as handle:
        writer = csv.DictWriter(handle, ["id", "full_name", "phone", "tariff"])
        writer.writeheader()
        for subscriber in Subscriber.query.all():
            writer.writerow(subscriber.to_dict())  # expect: PIL131 name,phone


@celery.task
def approved_directory(staff_id):
    staff = db.session.get(Staff, staff_id)
    if not export_approved(staff, "directory"):
        return
    with open(f"{settings.EXPORT_FOLDER}/directory-{staff_id}.csv", "w", newline="") as handle:
        writer = csv.writer(handle)
        for subscriber in Subscriber.query.all():
            writer.writerow([subscriber.id, subscriber.full_name, subscriber.phone])  # ok: the export was approved


@celery.task
def tariffs():
    with open(f"{settings.EXPORT_FOLDER}/tariffs.csv", "w", newline="") as handle:
        writer = csv.DictWriter(handle, ["id", "tariff"])
        for subscriber in Subscriber.query.all():
            writer.writerow(subscriber.to_public())  # ok: id and tariff


@celery.task
def calls():
    frame = pandas.read_sql("SELECT subscriber_id, callee_phone, minutes FROM call_records", db.engine)
    frame.to_csv(f"{settings.EXPORT_FOLDER}/calls.csv")  # expect: PIL131 phone
    frame[["subscriber_id", "minutes"]].to_csv(f"{settings.EXPORT_FOLDER}/minutes.csv")  # ok: no field of a person


@celery.task
def contacts():
    rows = [(pseudonym(each.phone), each.tariff) for each in Subscriber.query.all()]
    with open(f"{settings.EXPORT_FOLDER}/contacts.csv", "w", newline="") as handle:
        csv.writer(handle).writerows(rows)  # ok: keyed hashes
