"""Branches, loops, exceptions, context managers, match: which paths can be taken and what they leave behind."""

import contextlib
import logging
import sys
from contextlib import contextmanager

logger = logging.getLogger(__name__)
DEBUG = False


# case: either branch may have run
def either(user, flag):
    value = "-"
    if flag:
        value = user.phone
    logger.info("%s", value)  # expect: PIL101 phone
    if flag:
        value = "-"
    else:
        value = ""
    logger.info("%s", value)  # ok: overwritten on both ways


# case: a branch that cannot run
def dead(user):
    if DEBUG:
        logger.info("%s", user.phone)  # ok: never runs
    if not DEBUG:
        logger.info("%s", user.phone)  # expect: PIL101 phone


# case: nothing after a return
def after_return(user):
    if user.active:
        logger.info("%s", user.phone)  # expect: PIL101 phone
        return
        logger.info("%s", user.email)  # ok: never reached


# case: an early return takes the value with it
def early(user, flag):
    value = user.email
    if flag:
        value = "-"
    else:
        return
    logger.info("%s", value)  # ok: only the other way gets here
    logger.info("%s", user.email)  # expect: PIL101 email


# case: a conditional expression
def ternary(user, flag):
    logger.info("%s", user.phone if flag else "-")  # expect: PIL101 phone
    logger.info("%s", "yes" if user.phone else "no")  # ok: only tested


# case: and, or
def booleans(user):
    logger.info("%s", user.phone or "none")  # expect: PIL101 phone
    logger.info("%s", user.phone and "known")  # ok: the text or an empty value
    logger.info("%s", bool(user.phone) or "none")  # ok: yes or no


# case: a loop carries a value to its next round
def carried(users):
    previous = None
    for user in users:
        logger.info("%s", previous)  # expect: PIL101 phone
        previous = user.phone
    size = 0
    for user in users:
        logger.info("%s", size)  # ok: a length
        size = len(user.phone)


# case: break and else
def searched(users, key):
    for user in users:
        if user.id == key:
            found = user.email
            break
    else:
        found = None
        logger.info("%s", found)  # ok: nothing found
    logger.info("%s", found)  # expect: PIL101 email


# case: continue skips the rest
def skipped(users):
    for user in users:
        value = user.phone
        if value:
            value = "set"
        else:
            continue
        logger.info("%s", value)  # ok: replaced or skipped
        logger.info("%s", user.phone)  # expect: PIL101 phone


# case: a while loop that accumulates
def accumulated(users):
    text, total = "", 0
    while users:
        user = users.pop()
        text += user.email + ","
        total += 1
    logger.info("%s", text)  # expect: PIL101 email
    logger.info("%s", total)  # ok: a count


# case: try, except, else and finally
def tried(user, load):
    value = "-"
    try:
        value = user.email
        load()
    except ValueError:
        logger.info("%s", value)  # expect: PIL101 email
        value = "-"
    else:
        value = "done"
    finally:
        logger.info("finally")  # ok: a constant
    logger.info("%s", value)  # ok: overwritten on both ways


# case: an exception carries its text to the handler
def raised(user):
    try:
        raise ValueError(f"bad mail {user.email}")  # expect: PIL103 email
    except ValueError as error:
        logger.info("failed: %s", error)  # expect: PIL101 email
    try:
        raise ValueError("bad mail")
    except ValueError as error:
        logger.info("failed: %s", error)  # ok: a constant text


# case: an exception through a call
class Rejected(Exception):
    def __init__(self, text, number=None):
        super().__init__(text)
        self.number = number


def reject(user):
    raise Rejected(f"not allowed: {user.phone}")  # expect: PIL103 phone


def reject_quietly(user):
    raise Rejected("not allowed", user.phone)  # ok: kept in an attribute only


def handled(user):
    try:
        reject(user)
    except Rejected as error:
        logger.warning("%s", error)  # expect: PIL101 phone
    try:
        reject_quietly(user)
    except Rejected as error:
        logger.warning("%s", error)  # ok: not in the text


# case: an attribute of an exception
def attribute(user):
    try:
        reject_quietly(user)
    except Rejected as error:
        logger.warning("%s", error.number)  # expect: PIL101 phone
        logger.warning("%s", type(error).__name__)  # ok: the type


# case: a handler of another type does not get it
def other_type(user):
    try:
        raise KeyError(user.phone)  # expect: PIL103 phone
    except ValueError as error:
        logger.warning("%s", error)  # ok: cannot catch it
    except KeyError as error:
        logger.warning("%s", error)  # expect: PIL101 phone


# case: a chain of exceptions
def chained(user, parse):
    try:
        parse()
    except ValueError as error:
        raise RuntimeError("cannot parse") from error  # ok: a constant
    try:
        parse()
    except KeyError:
        raise RuntimeError(f"cannot parse {user.email}") from None  # expect: PIL103 email


# case: assertions
def asserted(user):
    assert user.age > 18, f"too young: {user.phone}"  # expect: PIL103 phone
    assert user.email, "no mail"  # ok: a constant text


# case: a context manager yields the value
@contextmanager
def session(user):
    yield user.phone


@contextmanager
def session_key(user):
    yield user.id


def managed(user):
    with session(user) as value, session_key(user) as key:
        logger.info("%s", value)  # expect: PIL101 phone
        logger.info("%s", key)  # ok: the id


# case: a class with __enter__ and __exit__
class Span:
    def __init__(self, user):
        self.user = user

    def __enter__(self):
        return self.user.email

    def __exit__(self, *error):
        logger.info("leaving %s", self.user.phone)  # expect: PIL101 phone
        logger.info("leaving %s", self.user.id)  # ok: the id


def spanned(user):
    with Span(user) as mail:
        logger.info("%s", mail)  # expect: PIL101 email


# case: suppressed exceptions leave both states
def suppressed(user, load):
    value = user.phone
    with contextlib.suppress(OSError):
        load()
        value = "-"
    logger.info("%s", value)  # expect: PIL101 phone
    value = "-"
    logger.info("%s", value)  # ok: overwritten


# case: match on a mapping
def matched_mapping(user):
    event = {"kind": "call", "to": user.phone, "n": 3}
    match event:
        case {"kind": "call", "to": target, "n": size}:
            logger.info("%s", target)  # expect: PIL101 phone
            logger.info("%s", size)  # ok: a number
        case {"kind": "mail", "to": target}:
            logger.info("%s", target)  # ok: another kind


# case: match on a sequence
def matched_sequence(user):
    match [user.id, user.email, user.phone]:
        case [key, mail, *rest]:
            logger.info("%s", mail)  # expect: PIL101 email
            logger.info("%s", rest)  # expect: PIL101 phone
            logger.info("%s", key)  # ok: the id


# case: match on a class
class Sms:
    __match_args__ = ("to", "size")

    def __init__(self, to, size):
        self.to = to
        self.size = size


def matched_class(user):
    match Sms(user.phone, 2):
        case Sms(to, size):
            logger.info("%s", to)  # expect: PIL101 phone
            logger.info("%s", size)  # ok: a number
    match Sms(user.phone, 2):
        case Sms(size=size, to=to):
            logger.info("%s", to)  # expect: PIL101 phone
            logger.info("%s", size)  # ok: a number


# case: match with a guard and a capture
def matched_guard(user, value):
    match user.email:
        case None:
            logger.info("%s", value)  # ok: nothing known of it
        case str() as mail if mail.endswith(".com"):
            logger.info("%s", mail)  # expect: PIL101 email
        case _:
            logger.info("other")  # ok: a constant


# case: the value is None on this branch
def narrowed(user):
    mail = user.email
    if mail is None:
        logger.info("mail is %s", mail)  # ok: None
    else:
        logger.info("mail is %s", mail)  # expect: PIL101 email


# case: a type test parts what the project made
def parted(user, flag):
    value = 3 if flag else user.phone + ""
    if isinstance(value, int):
        logger.info("%s", value)  # todo-ok: only the number
    else:
        logger.info("%s", value)  # expect: PIL101 phone


# case: a constant flag goes with the value
def flagged(user):
    for reveal in (False,):
        logger.info("%s", user.email if reveal else "-")  # ok: never true
    for reveal in (True, False):
        logger.info("%s", user.email if reveal else "-")  # expect: PIL101 email


# case: exit ends the path
def exits(user):
    if user.active:
        sys.exit(1)
        logger.info("%s", user.phone)  # ok: never reached
    logger.info("%s", user.email)  # expect: PIL101 email


# case: a deleted variable
def removed(user):
    value = user.phone
    logger.info("%s", value)  # expect: PIL101 phone
    del value
    value = "-"
    logger.info("%s", value)  # ok: a new value


# case: an infinite loop ends only by break
def forever(user, wait):
    value = user.phone
    while True:
        if wait():
            value = "-"
            break
    logger.info("%s", value)  # ok: overwritten before the break
    logger.info("%s", user.phone)  # expect: PIL101 phone


# case: chained comparison and assignment in a condition
def chained_comparison(user):
    older = 18 < user.age < 60
    logger.info("%s", older)  # ok: yes or no
    first = second = user.email
    logger.info("%s", second)  # expect: PIL101 email
    logger.info("%s", first is second)  # ok: yes or no
