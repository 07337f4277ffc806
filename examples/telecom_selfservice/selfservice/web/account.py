"""What subscribers see and change of their own."""

from flask import Blueprint, g, jsonify, request, session

from selfservice.privacy import last_four, sharing_consent_required, unseal
from selfservice.services import erasure, numbers, payments, statements, support
from selfservice.web.access import subscriber_required

bp = Blueprint("account", __name__, url_prefix="/me")


@bp.get("")
@subscriber_required
def me():
    response = jsonify(g.subscriber.to_dict())  # expect[strict]: PIL106 name,phone
    response.set_cookie("greeting", g.subscriber.full_name)  # expect: PIL105 name
    response.set_cookie("tariff", g.subscriber.tariff)  # ok: a tariff
    return response


@bp.get("/document")
@subscriber_required
def document():
    return jsonify(document=unseal(g.subscriber.id_number))  # expect: PIL106 id_number


@bp.get("/document/end")
@subscriber_required
def document_end():
    return jsonify(document=last_four(unseal(g.subscriber.id_number)))  # ok: masked by the body


@bp.put("/email")
@subscriber_required
def email():
    support.change_email(g.subscriber, request.form["email"])
    return jsonify(changed=True)  # ok: a boolean


@bp.put("/card")
@subscriber_required
def card():
    end = payments.save_card(g.subscriber, request.form["bank_card_no"])
    return jsonify(card=end)  # ok: masked by the body


@bp.post("/porting")
@subscriber_required
@sharing_consent_required
def porting():
    return jsonify(ticket=numbers.port_in(g.subscriber, request.form["carrier"]))  # ok: the number of a request


@bp.delete("/porting")
@subscriber_required
def porting_back():
    return jsonify(ticket=numbers.port_back(g.subscriber, request.form["carrier"]))  # ok: the number of a request


@bp.post("/statements/<month>")
@subscriber_required
def statement(month):
    total = statements.write_total(g.subscriber, month)
    statements.write_items(g.subscriber, month, full="full" in request.args)
    return jsonify(month=month, total=total)  # ok: an amount


@bp.delete("")
@subscriber_required
def close():
    erasure.close(g.subscriber.id)
    session.clear()
    return jsonify(closed=True)  # ok: a boolean
