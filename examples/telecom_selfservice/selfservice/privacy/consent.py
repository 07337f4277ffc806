"""Consent of subscribers and approval of exports."""

import functools

from flask import abort, g


class ConsentMissing(Exception):
    """The subscriber has not agreed; the text names the record and not the person."""


def demand_sharing_consent(subscriber):
    if not subscriber.sharing_consent:
        raise ConsentMissing(f"subscriber {subscriber.id}")


def sharing_consent_required(view):
    @functools.wraps(view)
    def wrapper(*args, **kwargs):
        if not g.subscriber.sharing_consent:
            abort(403)
        return view(*args, **kwargs)

    return wrapper


def export_approved(staff, dataset):
    return dataset in staff.approved_exports
