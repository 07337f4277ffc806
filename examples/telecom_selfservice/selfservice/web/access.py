"""Who may open which page."""

import functools

from flask import abort, g


def subscriber_required(view):
    @functools.wraps(view)
    def wrapper(*args, **kwargs):
        if g.subscriber is None:
            abort(401)
        return view(*args, **kwargs)

    return wrapper


def desk_login_required(view):
    """Signed in at the desk of a shop."""

    @functools.wraps(view)
    def wrapper(*args, **kwargs):
        if g.staff is None:
            abort(401)
        return view(*args, **kwargs)

    return wrapper
