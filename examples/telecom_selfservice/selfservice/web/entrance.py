"""Registering and signing in."""

import logging

from flask import Blueprint, jsonify, redirect, request, session, url_for

from selfservice.services import login, registration

bp = Blueprint("entrance", __name__)
logger = logging.getLogger(__name__)


@bp.post("/subscribers")
def register():
    try:
        subscriber = registration.register(request.form)
    except registration.RegistrationError as error:
        logger.warning("registration refused: %s", error)  # expect: PIL101 phone
        return jsonify(error="the registration was refused"), 400
    session["subscriber_id"] = subscriber.id  # ok: an id
    logger.info("registered %r", subscriber)  # ok: the repr shows the id
    return jsonify(subscriber.to_public()), 201  # ok: id and tariff


@bp.post("/login")
def start_login():
    known = login.start(request.form["phone"])
    return jsonify(sent=known)  # ok: a boolean


@bp.post("/login/code")
def finish_login():
    subscriber = login.finish(request.form["phone"], request.form["otp_code"], request.remote_addr)
    if subscriber is None:
        return redirect(f"/login?phone={request.form['phone']}")  # expect: PIL105 phone
    session["subscriber_id"] = subscriber.id  # ok: an id
    return redirect(url_for("account.me"))  # ok: a fixed page
