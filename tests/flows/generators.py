"""Generators, coroutines, iterators."""

import asyncio
import itertools
import logging

logger = logging.getLogger(__name__)


# case: what a generator yields
def phones(users):
    for user in users:
        yield user.phone


def keys(users):
    for user in users:
        yield user.id


def consumed(users):
    for phone in phones(users):
        logger.info("%s", phone)  # expect: PIL101 phone
    for key in keys(users):
        logger.info("%s", key)  # ok: the id


# case: next, list and join take from a generator
def taken(users):
    logger.info("%s", next(phones(users)))  # expect: PIL101 phone
    logger.info("%s", list(phones(users)))  # expect: PIL101 phone
    logger.info(",".join(phones(users)))  # expect: PIL101 phone
    logger.info("%s", sum(1 for _ in phones(users)))  # ok: a count


# case: a generator object that is not consumed shows nothing
def unconsumed(users):
    logger.info("%s", phones(users))  # ok: <generator object ...>
    logger.info("%s", [*phones(users)])  # expect: PIL101 phone


# case: a generator expression
def expression(users):
    mails = (user.email for user in users)
    sizes = (len(user.email) for user in users)
    logger.info("%s", list(mails))  # expect: PIL101 email
    logger.info("%s", list(sizes))  # ok: lengths


# case: yield from
def delegated(users):
    yield "header"
    yield from phones(users)


def delegated_keys(users):
    yield from keys(users)


def from_delegate(users):
    for line in delegated(users):
        logger.info("%s", line)  # expect: PIL101 phone
    for line in delegated_keys(users):
        logger.info("%s", line)  # ok: ids


# case: what is sent into a generator
def collector():
    value = None
    while True:
        value = yield value


def sent(user):
    loud, quiet = collector(), collector()
    next(loud)
    next(quiet)
    logger.info("%s", loud.send(user.email))  # todo: PIL101 email
    logger.info("%s", quiet.send(user.id))  # ok: the id


# case: the return value of a generator
def counted(users):
    last = ""
    for user in users:
        yield user.id
        last = user.phone
    return last


def result(users):
    last = yield from counted(users)
    logger.info("%s", last)  # expect: PIL101 phone
    for key in counted(users):
        logger.info("%s", key)  # ok: the ids


# case: pairs from a generator
def pairs(users):
    for user in users:
        yield user.id, user.email


def unpacked(users):
    for key, mail in pairs(users):
        logger.info("%s", mail)  # expect: PIL101 email
        logger.info("%s", key)  # ok: the id
    logger.info("%s", dict(pairs(users)))  # expect: PIL101 email


# case: a pipeline of generators
def strip(values):
    for value in values:
        yield value.strip()


def lengths(values):
    for value in values:
        yield len(value)


def pipeline(users):
    logger.info("%s", list(strip(phones(users))))  # expect: PIL101 phone
    logger.info("%s", list(lengths(phones(users))))  # ok: lengths


# case: itertools
def chained(users):
    logger.info("%s", list(itertools.chain(["a"], phones(users))))  # expect: PIL101 phone
    logger.info("%s", list(itertools.islice(phones(users), 3)))  # expect: PIL101 phone
    logger.info("%s", list(itertools.chain(["a"], keys(users))))  # ok: ids


# case: a class that iterates
class Contacts:
    def __init__(self, users):
        self.users = users

    def __iter__(self):
        for user in self.users:
            yield user.email

    def __len__(self):
        return len(self.users)


def iterated(users):
    contacts = Contacts(users)
    for mail in contacts:
        logger.info("%s", mail)  # expect: PIL101 email
    logger.info("%s", len(contacts))  # ok: a count


# case: a class with __next__
class Cursor:
    def __init__(self, user):
        self.user = user
        self.done = False

    def __iter__(self):
        return self

    def __next__(self):
        if self.done:
            raise StopIteration
        self.done = True
        return self.user.phone


def stepped(user):
    for value in Cursor(user):
        logger.info("%s", value)  # expect: PIL101 phone
    logger.info("%s", Cursor(user).done)  # ok: a flag


# case: awaiting a coroutine
async def fetch(user):
    return {"mail": user.email, "n": 1}


async def awaited(user):
    row = await fetch(user)
    logger.info("%s", row["mail"])  # expect: PIL101 email
    logger.info("%s", row["n"])  # ok: a number


# case: gathered results keep their order
async def mail_of(user):
    return user.email


async def key_of(user):
    return user.id


async def gathered(user):
    mail, key = await asyncio.gather(mail_of(user), key_of(user))
    logger.info("%s", mail)  # expect: PIL101 email
    logger.info("%s", key)  # ok: the id


# case: a task and a timeout
async def tasks(user):
    task = asyncio.create_task(mail_of(user))
    logger.info("%s", await task)  # expect: PIL101 email
    logger.info("%s", await asyncio.wait_for(key_of(user), 3))  # ok: the id
    logger.info("%s", await asyncio.wait_for(mail_of(user), 3))  # expect: PIL101 email


# case: an asynchronous generator
async def stream(users):
    for user in users:
        yield user.phone


async def stream_keys(users):
    for user in users:
        yield user.id


async def streamed(users):
    async for phone in stream(users):
        logger.info("%s", phone)  # expect: PIL101 phone
    logger.info("%s", [key async for key in stream_keys(users)])  # ok: ids


# case: an asynchronous context manager
class Connection:
    def __init__(self, user):
        self.user = user

    async def __aenter__(self):
        return self.user

    async def __aexit__(self, *error):
        return None


async def connected(user):
    async with Connection(user) as peer:
        logger.info("%s", peer.phone)  # expect: PIL101 phone
        logger.info("%s", peer.id)  # ok: the id


# case: a queue in the process
async def queued(user):
    queue, sizes = asyncio.Queue(), asyncio.Queue()
    await queue.put(user.phone)
    await sizes.put(len(user.phone))
    logger.info("%s", await queue.get())  # expect: PIL101 phone
    logger.info("%s", await sizes.get())  # ok: a length


# case: running from ordinary code
def entered(user):
    logger.info("%s", asyncio.run(mail_of(user)))  # expect: PIL101 email
    logger.info("%s", asyncio.run(key_of(user)))  # ok: the id
