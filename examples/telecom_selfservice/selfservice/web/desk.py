"""What the staff of a shop sees."""

import csv
import io

from flask import Blueprint, Response, abort, g, jsonify

from selfservice.models import ServiceOrder, Subscriber
from selfservice.privacy import export_approved, middle_hidden, surname_only
from selfservice.web.access import desk_login_required

bp = Blueprint("desk", __name__, url_prefix="/desk")


def _table(rows):
    buffer = io.StringIO()
    csv.writer(buffer).writerows(rows)  # ok: in memory, reported where it leaves
    return buffer.getvalue()


@bp.get("/subscribers/<int:subscriber_id>")
@desk_login_required
def card(subscriber_id):
    subscriber = Subscriber.query.get_or_404(subscriber_id)
    if subscriber.closed_on is not None:
        raise LookupError(f"{subscriber.full_name} has left")  # expect: PIL103 name
    return jsonify(  # ok: masked by the bodies
        name=surname_only(subscriber.full_name), number=middle_hidden(subscriber.phone)
    )


@bp.get("/parcels.csv")
def parcels():
    text = _table([order.waybill, order.delivery_address] for order in ServiceOrder.query.all())
    return Response(text, mimetype="text/csv")  # expect: PIL131 address


@bp.get("/approved-parcels.csv")
@desk_login_required
def approved_parcels():
    if not export_approved(g.staff, "parcels"):
        abort(403)
    text = _table([order.waybill, order.delivery_address] for order in ServiceOrder.query.all())
    return Response(text, mimetype="text/csv")  # ok: the export was approved


@bp.get("/states.csv")
@desk_login_required
def states():
    text = _table([order.waybill, order.state] for order in ServiceOrder.query.all())
    return Response(text, mimetype="text/csv")  # ok: waybill and state
