"""Commands for operators."""

import click

from selfservice.extensions import db
from selfservice.jobs import exports, notices
from selfservice.models import Subscriber
from selfservice.privacy import middle_hidden
from selfservice.web import create_app


@click.group()
def cli():
    """Operate the self-service."""


@cli.command()
@click.argument("subscriber_id", type=int)
def show(subscriber_id):
    with create_app().app_context():
        subscriber = db.session.get(Subscriber, subscriber_id)
        click.echo(f"{subscriber.full_name}, {subscriber.home_address}")  # expect: PIL102 name,address
        click.echo(f"subscriber {subscriber.id}: {subscriber.tariff}")  # ok: id and tariff
        print("number", middle_hidden(subscriber.phone))  # ok: masked by the body


@cli.command()
def count():
    with create_app().app_context():
        click.echo(f"{Subscriber.query.count()} subscribers")  # ok: a count


@cli.command()
@click.option("--staff-id", type=int, required=True)
def export(staff_id):
    exports.approved_directory.delay(staff_id)  # ok: an id
    exports.tariffs.delay()


@cli.command()
def warn():
    notices.maintenance_to_consenting.delay()
