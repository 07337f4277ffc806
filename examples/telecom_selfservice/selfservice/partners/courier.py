"""The courier who brings SIM cards."""

import requests
import sentry_sdk

from selfservice import settings


class CourierDown(Exception):
    pass


def hand_over(order):
    reply = requests.post(settings.COURIER_URL, json=order.consignment, timeout=8)  # expect: PIL091 address,phone
    if not reply.ok:
        sentry_sdk.set_context("order", {"waybill": order.waybill, "state": order.state})  # ok: no field of a person
        sentry_sdk.set_context("order", order.consignment)  # expect: PIL104 address,phone
        raise CourierDown(order.waybill)  # ok: a waybill
    return reply.json()["slot"]


def recall(order):
    requests.delete(f"{settings.COURIER_URL}/{order.waybill}", timeout=8)  # ok: a waybill
