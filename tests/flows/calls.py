"""Calls: arguments of every form, results, callbacks, decorators, recursion, unknown callees."""

import functools
import logging
from functools import partial, wraps

logger = logging.getLogger(__name__)


# case: the result of a helper
def contact_of(user):
    return user.phone


def key_of(user):
    return user.id


def results(user):
    logger.info("%s", contact_of(user))  # expect: PIL101 phone
    logger.info("%s", key_of(user))  # ok: the id


# case: a helper that logs is reported where it logs
def note(value):
    logger.info("note %s", value)  # expect: PIL101 email,phone


def note_key(value):
    logger.info("note %s", value)  # ok: only ids come here


def noted(user):
    note(user.phone)
    note(user.email)
    note_key(user.id)


# case: one helper with two arguments
def both(first, second):
    logger.info("%s", first)  # expect: PIL101 phone
    logger.info("%s", second)  # ok: always the id


def called_both(user):
    both(user.phone, user.id)
    both(second=user.id, first=user.phone)


# case: the identity keeps callers apart
def same(value):
    return value


def identities(user):
    logger.info("%s", same(user.phone))  # expect: PIL101 phone
    logger.info("%s", same(user.id))  # ok: another call
    logger.info("%s", same("phone"))  # ok: a constant


# case: a default argument
def with_default(user, reveal=None):
    shown = user.id if reveal is None else reveal
    logger.info("%s", shown)  # expect: PIL101 email


def quiet_default(user, value="-"):
    logger.info("%s", value)  # ok: nobody gives it anything else


def defaults(user):
    with_default(user, user.email)
    quiet_default(user)


# case: a mutable default keeps what was put in
def remember(value, seen=[]):  # noqa: B006
    seen.append(value)
    return seen


def forget(value, seen=None):
    seen = []
    seen.append(0)
    return seen


def mutable_defaults(user):
    remember(user.email)
    logger.info("%s", remember("-"))  # expect: PIL101 email
    logger.info("%s", forget(user.email))  # ok: a new list


# case: positional arguments in a star
def starred(*values):
    logger.info("%s", values[0])  # ok: the id
    logger.info("%s", values[1])  # expect: PIL101 phone


def spread(user):
    starred(user.id, user.phone)


# case: keyword arguments in two stars
def keywords(**values):
    logger.info("%s", values["contact"])  # expect: PIL101 email
    logger.info("%s", values["size"])  # ok: a number


def spread_keywords(user):
    keywords(contact=user.email, size=3)


# case: a list and a dictionary spread into a call
def taken(key, contact, mail="-", size=0):
    logger.info("%s", key)  # ok: the id
    logger.info("%s", contact)  # expect: PIL101 phone
    logger.info("%s", mail)  # expect: PIL101 email
    logger.info("%s", size)  # ok: a number


def spread_both(user):
    args = [user.id, user.phone]
    options = {"mail": user.email, "size": 2}
    taken(*args, **options)


# case: everything is handed on
def outer(*args, **kwargs):
    return inner(*args, **kwargs)


def inner(key, contact):
    return {"key": key, "contact": contact}


def handed_on(user):
    row = outer(user.id, contact=user.phone)
    logger.info("%s", row["contact"])  # expect: PIL101 phone
    logger.info("%s", row["key"])  # ok: the id


# case: several results in a tuple
def parts(user):
    return user.id, user.email


def taken_apart(user):
    key, mail = parts(user)
    logger.info("%s", mail)  # expect: PIL101 email
    logger.info("%s", key)  # ok: the id


# case: a helper writes into its argument
def fill(row, user):
    row["mail"] = user.email


def touch(row, user):
    row["n"] = user.id


def filled(user):
    row, other = {}, {}
    fill(row, user)
    touch(other, user)
    logger.info("%s", row)  # expect: PIL101 email
    logger.info("%s", other)  # ok: the id


# case: a helper cleans its argument
def scrub(row):
    row["mail"] = "***"
    row.pop("phone", None)


def scrubbed(user):
    row = {"mail": user.email, "phone": user.phone}
    logger.info("%s", row)  # expect: PIL101 email,phone
    scrub(row)
    logger.info("%s", row)  # ok: scrubbed


# case: a function in a variable
def in_variable(user):
    show = contact_of
    logger.info("%s", show(user))  # expect: PIL101 phone
    show = key_of
    logger.info("%s", show(user))  # ok: another function


# case: a callback gets the value
def each(users, action):
    for user in users:
        action(user)


def loud(user):
    logger.info("%s", user.phone)  # expect: PIL101 phone


def quiet(user):
    logger.info("%s", user.id)  # ok: the id


def callbacks(users):
    each(users, loud)
    each(users, quiet)


# case: a callback with a value of the caller
def apply(action, value):
    return action(value)


def applied(user):
    logger.info("%s", apply(lambda value: value, user.email))  # expect: PIL101 email
    logger.info("%s", apply(lambda value: value is None, user.email))  # ok: yes or no
    logger.info("%s", apply(len, user.email))  # ok: a length


# case: partial application
def describe(label, value):
    return f"{label}={value}"


def partially(user):
    mail = partial(describe, "mail", user.email)
    plain = partial(describe, "key")
    logger.info(mail())  # expect: PIL101 email
    logger.info(plain(user.id))  # ok: the id
    logger.info(plain(user.phone))  # expect: PIL101 phone


# case: a bound sink
def bound(user):
    say = logger.info
    keep = [].append
    say("%s", user.phone)  # expect: PIL101 phone
    keep(user.phone)  # ok: a list


# case: a partial of a sink
def partial_sink(user):
    warn = functools.partial(logger.warning, "user %s")
    warn(user.email)  # expect: PIL101 email
    warn(user.id)  # ok: the id


# case: a table of functions
HANDLERS = {"phone": contact_of, "key": key_of}


def dispatched(user, kind):
    logger.info("%s", HANDLERS["phone"](user))  # expect: PIL101 phone
    logger.info("%s", HANDLERS["key"](user))  # ok: the id
    logger.info("%s", HANDLERS[kind](user))  # expect: PIL101 phone


# case: a decorator that keeps the function
def timed(function):
    @wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)

    return wrapper


@timed
def decorated(user):
    return user.email


@timed
def decorated_key(user):
    return user.id


def through_decorator(user):
    logger.info("%s", decorated(user))  # expect: PIL101 email
    logger.info("%s", decorated_key(user))  # ok: the id


# case: a decorator that logs what it is given
def traced(function):
    def wrapper(value):
        logger.debug("call with %s", value)  # expect: PIL101 phone
        return function(value)

    return wrapper


def traced_name(function):
    def wrapper(value):
        logger.debug("call of %s", function.__name__)  # ok: the name of the function
        return function(value)

    return wrapper


@traced
def dial(number):
    return len(number)


@traced_name
def dial_quietly(number):
    return len(number)


def dialled(user):
    dial(user.phone)
    dial_quietly(user.phone)


# case: a decorator that masks the result
def masking(function):
    def wrapper(*args):
        value = function(*args)
        return value[:3] + "****" + value[-4:]

    return wrapper


@masking
def masked_contact(user):
    return user.phone


def through_mask(user):
    logger.info("%s", masked_contact(user))  # ok: masked by its decorator
    logger.info("%s", contact_of(user))  # expect: PIL101 phone


# case: a decorator with arguments
def labelled(label):
    def decorate(function):
        def wrapper(user):
            return {label: function(user), "label": label}

        return wrapper

    return decorate


@labelled("mail")
def mail_of(user):
    return user.email


def through_label(user):
    logger.info("%s", mail_of(user)["mail"])  # expect: PIL101 email
    logger.info("%s", mail_of(user)["label"])  # ok: a constant


# case: recursion over nested data
def flatten(value):
    if isinstance(value, dict):
        return [part for item in value.values() for part in flatten(item)]
    return [value]


def recursed(user):
    logger.info("%s", flatten({"a": {"b": user.email}}))  # expect: PIL101 email
    logger.info("%s", flatten({"a": {"b": user.id}}))  # ok: the id


# case: mutual recursion
def even(value, depth):
    return value if depth == 0 else odd(value, depth - 1)


def odd(value, depth):
    return value if depth == 0 else even(value, depth - 1)


def mutual(user):
    logger.info("%s", even(user.phone, 8))  # expect: PIL101 phone
    logger.info("%s", even(user.id, 8))  # ok: the id


# case: a function that never returns ends the path
def give_up():
    raise SystemExit(3)


def ended(user):
    if user.active:
        logger.info("%s", user.phone)  # expect: PIL101 phone
    else:
        give_up()
        logger.info("%s", user.email)  # ok: never reached


# case: the result of an unknown call keeps its arguments
def unknown(user, codec):
    logger.info("%s", codec.transform(user.email))  # expect: PIL101 email
    logger.info("%s", codec.transform(user.id))  # ok: the id
    logger.info("%s", codec.is_valid(user.email))  # ok: yes or no


# case: a look-up by a personal value gives something else
def looked_up(user, repo):
    found = repo.find_by_email(user.email)
    logger.info("%s", found.id)  # ok: the key of the record
    logger.info("%s", found.phone)  # expect: PIL101 phone


# case: a call with constants decides the branch
def maybe(user, verbose):
    if verbose:
        return user.email
    return user.id


def decided(user):
    logger.info("%s", maybe(user, True))  # expect: PIL101 email
    logger.info("%s", maybe(user, False))  # ok: the other branch


# case: keyword-only and positional-only parameters
def strict_call(first, /, *, second):
    return first, second


def called_strictly(user):
    first, second = strict_call(user.id, second=user.phone)
    logger.info("%s", second)  # expect: PIL101 phone
    logger.info("%s", first)  # ok: the id


# case: reduce joins
def reduced(users):
    joined = functools.reduce(lambda text, user: text + user.email, users, "")
    count = functools.reduce(lambda total, user: total + 1, users, 0)
    logger.info("%s", joined)  # expect: PIL101 email
    logger.info("%s", count)  # ok: a count


# case: a cached function
@functools.lru_cache(maxsize=None)  # noqa: UP033
def cached_contact(user):
    return user.phone


@functools.lru_cache
def cached_key(user):
    return user.id


def cached(user):
    logger.info("%s", cached_contact(user))  # expect: PIL101 phone
    logger.info("%s", cached_key(user))  # ok: the id


# case: a result that is thrown away
def thrown(user):
    mask = contact_of(user)
    contact_of(user)
    mask = "***"
    logger.info("%s", mask)  # ok: overwritten
    logger.info("%s", contact_of(user).strip())  # expect: PIL101 phone
