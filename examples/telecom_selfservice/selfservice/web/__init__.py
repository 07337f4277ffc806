"""The web application."""

import sentry_sdk
from flask import Flask, g, session

from selfservice import settings
from selfservice.extensions import db
from selfservice.models import Staff, Subscriber

from . import account, desk, entrance, service


def load_people():
    g.subscriber = db.session.get(Subscriber, session["subscriber_id"]) if "subscriber_id" in session else None
    g.staff = db.session.get(Staff, session["staff_id"]) if "staff_id" in session else None
    if g.subscriber is not None:
        sentry_sdk.set_user({"id": g.subscriber.id})  # ok: an id
        sentry_sdk.set_tag("number", g.subscriber.phone)  # expect: PIL104 phone


def create_app():
    app = Flask("selfservice")
    app.secret_key = settings.SECRET_KEY
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.DATABASE_URL
    db.init_app(app)
    app.before_request(load_people)
    for module in (entrance, account, service, desk):
        app.register_blueprint(module.bp)
    return app
