"""Closures, lambdas, nonlocal and global variables, module state."""

import logging
import threading
from contextvars import ContextVar

logger = logging.getLogger(__name__)


# case: a closure keeps the variable of its maker
def notifier(user):
    target, key = user.phone, user.id

    def notify():
        logger.info("to %s", target)  # expect: PIL101 phone
        logger.info("key %s", key)  # ok: the id

    return notify


# case: the last assignment before the call counts
def late(user):
    value = "-"

    def show():
        return value

    logger.info("%s", show())  # ok: not yet assigned
    value = user.email
    logger.info("%s", show())  # expect: PIL101 email


# case: nonlocal writes into the maker
def remembered(user):
    last = None

    def keep():
        nonlocal last
        last = user.email

    logger.info("%s", last)  # ok: not called yet
    keep()
    logger.info("%s", last)  # expect: PIL101 email


# case: an inner variable of the same name is another one
def shadowed(user):
    value = user.phone

    def inner():
        value = "-"
        return value

    logger.info("%s", inner())  # ok: the inner one
    logger.info("%s", value)  # expect: PIL101 phone


# case: a lambda closes over a value
def lambdas(user):
    mail = user.email
    loud = lambda: f"mail {mail}"  # noqa: E731
    quiet = lambda: f"length {len(mail)}"  # noqa: E731
    logger.info(loud())  # expect: PIL101 email
    logger.info(quiet())  # ok: a length


# case: a default argument freezes the value
def frozen(user):
    value = user.phone
    show = lambda value=value: value  # noqa: E731
    value = "-"
    logger.info("%s", show())  # expect: PIL101 phone
    logger.info("%s", value)  # ok: overwritten


# case: a factory of functions keeps its arguments apart
def prefixed(prefix):
    def show(value):
        return prefix + value

    return show


def factories(user):
    loud, quiet = prefixed(user.email), prefixed("n=")
    logger.info(loud("!"))  # expect: PIL101 email
    logger.info(quiet("1"))  # ok: constants


# case: a dictionary of closures
def table(user):
    actions = {"mail": lambda: user.email, "key": lambda: user.id}
    logger.info("%s", actions["mail"]())  # expect: PIL101 email
    logger.info("%s", actions["key"]())  # ok: the id


# case: a closure called by another function
def run(action):
    return action()


def passed(user):
    logger.info("%s", run(lambda: user.phone))  # expect: PIL101 phone
    logger.info("%s", run(lambda: user.id))  # ok: the id


# case: a global variable
_last_seen = None
_last_key = None


def store(user):
    global _last_seen, _last_key
    _last_seen = user.email
    _last_key = user.id


def report():
    logger.info("%s", _last_seen)  # expect: PIL101 email
    logger.info("%s", _last_key)  # ok: the id


# case: a module dictionary used as a cache
_cache = {}
_sizes = {}


def cache(user):
    _cache[user.id] = user.phone
    _sizes[user.id] = len(user.phone)


def dump():
    logger.info("%s", _cache)  # expect: PIL101 phone
    logger.info("%s", _sizes)  # ok: lengths


# case: state of a class shared by its instances
class Registry:
    entries = []
    count = 0

    def add(self, user):
        Registry.entries.append(user.email)
        Registry.count += 1


def listed():
    logger.info("%s", Registry.entries)  # expect: PIL101 email
    logger.info("%s", Registry.count)  # ok: a count


# case: thread-local state
_local = threading.local()


def enter(user):
    _local.contact = user.phone
    _local.depth = 1


def inside():
    logger.info("%s", _local.contact)  # expect: PIL101 phone
    logger.info("%s", _local.depth)  # ok: a number


# case: a context variable
current_mail = ContextVar("current_mail", default="")
current_size = ContextVar("current_size", default=0)


def begin(user):
    current_mail.set(user.email)
    current_size.set(3)


def during():
    logger.info("%s", current_mail.get())  # expect: PIL101 email
    logger.info("%s", current_size.get())  # ok: a number


# case: a thread gets its arguments
def worker(contact, key):
    logger.info("%s", contact)  # expect: PIL101 phone
    logger.info("%s", key)  # ok: the id


def started(user):
    threading.Thread(target=worker, args=(user.phone, user.id)).start()


# case: a loop variable after the loop
def after_loop(users):
    mail = size = None
    for user in users:
        mail = user.email
        size = len(mail)
    logger.info("%s", mail)  # expect: PIL101 email
    logger.info("%s", size)  # ok: a length


# case: a walrus in a condition
def walrus(user):
    if (mail := user.email) and (size := len(mail)):
        logger.info("%s", mail)  # expect: PIL101 email
        logger.info("%s", size)  # ok: a length


# case: a counter in a closure
def counting(users):
    count, seen = 0, []

    def visit(user):
        nonlocal count
        count += 1
        seen.append(user.phone)

    for user in users:
        visit(user)
    logger.info("%s", count)  # ok: a count
    logger.info("%s", seen)  # expect: PIL101 phone
