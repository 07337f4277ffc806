"""New contracts."""

from werkzeug.security import generate_password_hash

from selfservice.events import StepLog, record_event, record_figure
from selfservice.extensions import db
from selfservice.models import Subscriber
from selfservice.privacy import compact, last_four, seal


class RegistrationError(Exception):
    """The text is meant for the log."""


def register(form):
    """Create a subscriber from a form."""
    phone = compact(form["phone"])
    if Subscriber.query.filter_by(phone=phone).count() > 0:
        raise RegistrationError(f"{phone} has a contract already")  # expect: PIL103 phone
    if len(form["password"]) < 10:
        raise RegistrationError("the password is too short")  # ok: constant
    subscriber = Subscriber(
        full_name=form["full_name"],
        phone=phone,
        email=form["email"],
        home_address=form["home_address"],
        id_number=seal(form["id_number"]),
        password_hash=generate_password_hash(form["password"]),
    )
    db.session.add(subscriber)  # expect[strict]: PIL132 name,phone,email,address
    db.session.commit()
    record_event("registered", subscriber=subscriber.id, phone=phone)
    record_figure("registrations", Subscriber.query.count())
    _write_steps(subscriber, form["id_number"])
    return subscriber


def _write_steps(subscriber, document):
    steps = StepLog(f"registration of {subscriber.id}")
    steps.step(f"document ending in {last_four(document)} seen")
    steps.step(f"contract for {subscriber.full_name} printed")
    steps.write()
