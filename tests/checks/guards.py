"""Consent and review: shapes of a check that must have held, and those that only look like one."""

import csv
import functools

import requests
from flask import abort, g

API = "https://api.partner-insights.com/v1/people"
PROMO = "https://api.mailchimp.com/3.0/lists/1/members"


# case: an if around the call
def positive(user):
    if user.has_consented:
        requests.post(API, json={"mail": user.email}, timeout=5)  # ok: agreed
    requests.post(API, json={"mail": user.email}, timeout=5)  # expect: PIL091 email


# case: the negation
def negated(user):
    if not user.has_consented:
        requests.post(API, json={"mail": user.email}, timeout=5)  # expect: PIL091 email
    else:
        requests.post(API, json={"mail": user.email}, timeout=5)  # ok: agreed


# case: an early exit
def early(user):
    if not user.has_consented:
        return
    requests.post(API, json={"mail": user.email}, timeout=5)  # ok: agreed


def early_of_the_wrong_side(user):
    if user.has_consented:
        return
    requests.post(API, json={"mail": user.email}, timeout=5)  # expect: PIL091 email


# case: the consent of another person
def other_person(user, friend):
    if user.has_consented:
        requests.post(API, json={"mail": user.email}, timeout=5)  # ok: the same person
        requests.post(API, json={"mail": friend.email}, timeout=5)  # expect: PIL091 email


# case: the person is replaced after the check
def replaced(user, other):
    if user.has_consented:
        requests.post(API, json={"mail": user.email}, timeout=5)  # ok: still the same person
        user = other
        requests.post(API, json={"mail": user.email}, timeout=5)  # expect: PIL091 email


# case: the check comes too late
def late(user):
    requests.post(API, json={"mail": user.email}, timeout=5)  # expect: PIL091 email
    if not user.has_consented:
        return
    requests.post(API, json={"mail": user.email}, timeout=5)  # ok: after the check


# case: the result is thrown away
def has_consent(user):
    return user.consent_given


def thrown_away(user):
    has_consent(user)
    requests.post(API, json={"mail": user.email}, timeout=5)  # expect: PIL091 email


def used(user):
    if has_consent(user):
        requests.post(API, json={"mail": user.email}, timeout=5)  # ok: tested


# case: one path only
def one_path(user, urgent):
    if not urgent:
        if not user.has_consented:
            return
    requests.post(API, json={"mail": user.email}, timeout=5)  # expect: PIL091 email


def both_paths(user, urgent):
    if urgent:
        if not user.has_consented:
            return
    elif not user.has_consented:
        raise ValueError("no consent")
    requests.post(API, json={"mail": user.email}, timeout=5)  # ok: on both ways


# case: and, or
def conjunction(user, enabled):
    if enabled and user.has_consented:
        requests.post(API, json={"mail": user.email}, timeout=5)  # ok: both hold
    if enabled or user.has_consented:
        requests.post(API, json={"mail": user.email}, timeout=5)  # expect: PIL091 email


# case: or of negations as an exit
def disjunction(user, enabled):
    if not enabled or not user.has_consented:
        return
    requests.post(API, json={"mail": user.email}, timeout=5)  # ok: neither is missing


def conjunction_of_negations(user, enabled):
    if not enabled and not user.has_consented:
        return
    requests.post(API, json={"mail": user.email}, timeout=5)  # expect: PIL091 email


# case: assert
def asserted(user):
    assert user.has_consented
    requests.post(API, json={"mail": user.email}, timeout=5)  # ok: asserted


def asserted_other(user):
    assert user.is_active
    requests.post(API, json={"mail": user.email}, timeout=5)  # expect: PIL091 email


# case: a conditional expression chooses the value
def ternary(user):
    mail = user.email if user.has_consented else None
    requests.post(API, json={"mail": mail}, timeout=5)  # ok: only where agreed
    mail = None if user.has_consented else user.email
    requests.post(API, json={"mail": mail}, timeout=5)  # expect: PIL091 email


# case: the value enters a payload in the consenting branch
def entered(user):
    payload = {"id": user.id}
    if user.has_consented:
        payload["mail"] = user.email
    requests.post(API, json=payload, timeout=5)  # ok: enters only where agreed
    payload["phone"] = user.phone
    requests.post(API, json=payload, timeout=5)  # expect: PIL091 phone


# case: match on the state of consent
def matched(user):
    match user.consent_status:
        case "granted":
            requests.post(API, json={"mail": user.email}, timeout=5)  # ok: granted
        case "withdrawn":
            requests.post(API, json={"mail": user.email}, timeout=5)  # expect: PIL091 email
        case _:
            requests.post(API, json={"mail": user.email}, timeout=5)  # expect: PIL091 email


# case: comparison with a value
def compared(user):
    if user.consent_status == "granted":
        requests.post(API, json={"mail": user.email}, timeout=5)  # ok: granted
    if user.consent_status != "granted":
        requests.post(API, json={"mail": user.email}, timeout=5)  # expect: PIL091 email


# case: a comprehension's if
def comprehended(users):
    agreed = [user.email for user in users if user.has_consented]
    requests.post(API, json=agreed, timeout=5)  # ok: only of those who agreed
    others = [user.email for user in users if not user.has_consented]
    requests.post(API, json=others, timeout=5)  # expect: PIL091 email


# case: continue in a loop
def looped(users):
    for user in users:
        if not user.has_consented:
            continue
        requests.post(API, json={"mail": user.email}, timeout=5)  # ok: agreed
    for user in users:
        if not user.has_consented:
            print("skipped")
        requests.post(API, json={"mail": user.email}, timeout=5)  # expect: PIL091 email


# case: one person's consent in a loop over others
def one_for_all(owner, users):
    if not owner.has_consented:
        return
    for user in users:
        requests.post(API, json={"mail": user.email}, timeout=5)  # expect: PIL091 email
    requests.post(API, json={"mail": owner.email}, timeout=5)  # ok: the owner agreed


# case: a helper that raises
def ensure_consent(user):
    if not user.has_consented:
        raise PermissionError("no consent")


def warn_of_consent(user):
    if not user.has_consented:
        print("no consent")


def ensured(user):
    ensure_consent(user)
    requests.post(API, json={"mail": user.email}, timeout=5)  # ok: raises without


def warned(user):
    warn_of_consent(user)
    requests.post(API, json={"mail": user.email}, timeout=5)  # expect: PIL091 email


# case: a helper for another person
def ensured_of_another(user, friend):
    ensure_consent(friend)
    requests.post(API, json={"mail": user.email}, timeout=5)  # expect: PIL091 email
    requests.post(API, json={"mail": friend.email}, timeout=5)  # ok: the friend agreed


# case: a raising helper whose exception is swallowed
def swallowed(user):
    try:
        ensure_consent(user)
    except PermissionError:
        pass
    requests.post(API, json={"mail": user.email}, timeout=5)  # expect: PIL091 email


def not_swallowed(user):
    try:
        ensure_consent(user)
    except PermissionError:
        return
    requests.post(API, json={"mail": user.email}, timeout=5)  # ok: returns without


# case: a check in every caller
def push(user):
    requests.post(API, json={"mail": user.email}, timeout=5)  # ok: both callers check


def push_unchecked(user):
    requests.post(API, json={"mail": user.email}, timeout=5)  # expect: PIL091 email


def caller_one(user):
    if user.has_consented:
        push(user)
        push_unchecked(user)


def caller_two(user):
    if not user.has_consented:
        return
    push(user)


def caller_three(user):
    push_unchecked(user)


# case: the check is kept in a variable
def variable(user):
    allowed = user.has_consented
    if allowed:
        requests.post(API, json={"mail": user.email}, timeout=5)  # ok: agreed
    allowed = True
    if allowed:
        requests.post(API, json={"mail": user.email}, timeout=5)  # expect: PIL091 email


# case: a decorator that demands consent
def require_consent(function):
    @functools.wraps(function)
    def wrapper(user):
        if not user.has_consented:
            raise PermissionError("no consent")
        return function(user)

    return wrapper


def count_calls(function):
    @functools.wraps(function)
    def wrapper(user):
        wrapper.calls += 1
        return function(user)

    wrapper.calls = 0
    return wrapper


@require_consent
def demanded(user):
    requests.post(API, json={"mail": user.email}, timeout=5)  # ok: the decorator checks


@count_calls
def counted(user):
    requests.post(API, json={"mail": user.email}, timeout=5)  # expect: PIL091 email


# case: not having opted out is no consent
def opted(user):
    if not user.opted_out:
        requests.post(API, json={"mail": user.email}, timeout=5)  # expect: PIL091 email
    if user.opted_in:
        requests.post(API, json={"mail": user.email}, timeout=5)  # ok: opted in


# case: consent that was asked is not given
def asked(user):
    if user.consent_requested:
        requests.post(API, json={"mail": user.email}, timeout=5)  # expect: PIL091 email
    if user.consent_requested and user.consent_given:
        requests.post(API, json={"mail": user.email}, timeout=5)  # ok: given


# case: the time of an agreement
def timed(user):
    if user.consented_at is not None:
        requests.post(API, json={"mail": user.email}, timeout=5)  # ok: agreed at some time
    if user.consented_at is None:
        requests.post(API, json={"mail": user.email}, timeout=5)  # expect: PIL091 email


# case: the purpose of marketing
def marketing(user):
    if user.delivery_consent:
        requests.post(PROMO, json={"mail": user.email}, timeout=5)  # expect: PIL092 email
    if user.marketing_consent:
        requests.post(PROMO, json={"mail": user.email}, timeout=5)  # ok: for marketing


# case: consent does not clear a log line
def logged(user):
    if user.has_consented:
        print(user.email)  # expect: PIL102 email
        requests.post(API, json={"mail": user.email}, timeout=5)  # ok: but it clears this


# case: a permission for an export
def export(actor, users, path):
    with open(path, "w") as file:
        writer = csv.writer(file)
        for user in users:
            writer.writerow([user.id, user.phone])  # expect: PIL131 phone


def export_permitted(actor, users, path):
    if not actor.has_perm("members.export_phone"):
        abort(403)
    with open(path, "w") as file:
        writer = csv.writer(file)
        for user in users:
            writer.writerow([user.id, user.phone])  # ok: permitted


# case: being logged in is no permission
def export_logged_in(users, path):
    if not g.user.is_authenticated:
        abort(401)
    with open(path, "w") as file:
        for user in users:
            file.write(user.phone)  # expect: PIL131 phone


def export_by_staff(users, path):
    if not g.user.is_staff:
        abort(403)
    with open(path, "w") as file:
        for user in users:
            file.write(user.phone)  # ok: staff only


# case: an approval for an export
def export_approved(request_, users, path):
    if request_.approved_by is None:
        raise PermissionError("not approved")
    with open(path, "w") as file:
        file.write("\n".join(user.phone for user in users))  # ok: approved


def export_unapproved(request_, users, path):
    if request_.approved_by is None:
        print("not approved")
    with open(path, "w") as file:
        file.write("\n".join(user.phone for user in users))  # expect: PIL131 phone


# case: a filter of the data
def filtered(session, Member):
    for member in session.query(Member).filter(Member.consent_given.is_(True)):
        requests.post(API, json={"mail": member.email}, timeout=5)  # todo-ok: only those who agreed
    for member in session.query(Member).filter(Member.active.is_(True)):
        requests.post(API, json={"mail": member.email}, timeout=5)  # expect: PIL091 email


# case: a condition in the query
def queried(cursor):
    cursor.execute("SELECT email FROM members WHERE marketing_opt_in = 1")
    for (mail,) in cursor.fetchall():
        requests.post(API, json={"mail": mail}, timeout=5)  # ok: only those who agreed
    cursor.execute("SELECT email FROM members WHERE active = 1")
    for (mail,) in cursor.fetchall():
        requests.post(API, json={"mail": mail}, timeout=5)  # expect: PIL091 email


# case: a recursive check of a wrapped person
def reached(order):
    if order.customer.has_consented:
        requests.post(API, json={"mail": order.customer.email}, timeout=5)  # ok: the same person
        requests.post(API, json={"mail": order.courier.email}, timeout=5)  # expect: PIL091 email
