"""Masks for display, and one formatter that masks nothing."""


def middle_hidden(number):
    return number[:3] + "****" + number[-4:]


def surname_only(full_name):
    return full_name[0] + "*" * (len(full_name) - 1)


def last_four(number):
    return number[-4:]


def compact(number):
    """Bring a number into the form that gateways want."""
    return number.replace(" ", "").replace("-", "")
