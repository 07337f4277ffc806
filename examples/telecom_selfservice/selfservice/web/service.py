"""Orders, instalments and questions."""

from flask import Blueprint, current_app, g, jsonify, request

from selfservice.extensions import db
from selfservice.jobs import deliveries, insight
from selfservice.models import ServiceOrder
from selfservice.services import support
from selfservice.web.access import subscriber_required

bp = Blueprint("service", __name__, url_prefix="/service")


@bp.post("/orders")
@subscriber_required
def order():
    body = request.get_json()
    placed = ServiceOrder(
        subscriber_id=g.subscriber.id,
        article=body["article"],
        contact_phone=body["contact_phone"],
        delivery_address=body["delivery_address"],
    )
    db.session.add(placed)  # expect[strict]: PIL132 phone,address
    db.session.commit()
    current_app.logger.info("order %s: %s", placed.id, body["article"])  # ok: an id and an article
    current_app.logger.info("order %s: %s", placed.id, body)  # expect: PIL101 phone,address
    deliveries.deliver.delay(placed.id)  # ok: an id
    insight.refresh_profile.delay(g.subscriber.id)  # ok: an id
    return jsonify(waybill=placed.waybill), 201  # ok: a waybill


@bp.post("/instalments")
@subscriber_required
def instalments():
    granted = support.may_pay_in_instalments(g.subscriber, early="early" in request.args)
    return jsonify(granted=granted)  # ok: a boolean


@bp.post("/questions")
@subscriber_required
def question():
    topic = request.form["topic"]
    text = support.answer(g.subscriber, topic, plain=request.form.get("plain") == "yes")
    return jsonify(topic=topic, answered=bool(text))  # ok: a topic and a boolean
