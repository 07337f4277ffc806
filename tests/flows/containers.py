"""Lists, tuples, dictionaries, sets and what the standard library makes of them."""

import logging
from collections import ChainMap, OrderedDict, defaultdict, deque, namedtuple

logger = logging.getLogger(__name__)


# case: one key of a dictionary holds the number, another does not
def key(user):
    row = {"id": user.id, "contact": user.phone}
    logger.info("row %s", row["contact"])  # expect: PIL101 phone
    logger.info("row %s", row["id"])  # ok: the key


# case: a whole dictionary shows all its values
def whole(user):
    full = {"id": user.id, "reach": {"by": user.email}}
    short = {"id": user.id, "level": user.level}
    logger.info("row %s", full)  # expect: PIL101 email
    logger.info("row %s", short)  # ok: nothing in it


# case: a key that is overwritten is clean
def overwritten_key(user):
    row = {"to": user.phone}
    logger.info("before %s", row)  # expect: PIL101 phone
    row["to"] = "hidden"
    logger.info("after %s", row)  # ok: overwritten


# case: a key that is popped leaves the dictionary
def popped(user):
    row = {"to": user.phone, "text": "hi"}
    taken = row.pop("to")
    logger.info("rest %s", row)  # ok: taken out
    logger.info("taken %s", taken)  # expect: PIL101 phone


# case: a deleted key is gone
def deleted(user):
    row = {"to": user.phone, "mail": user.email}
    del row["to"]
    logger.info("rest %s", row)  # expect: PIL101 email
    del row["mail"]
    logger.info("rest %s", row)  # ok: nothing left


# case: get with a default
def with_default(user):
    row = {"to": user.phone}
    logger.info("%s", row.get("to", "-"))  # expect: PIL101 phone
    logger.info("%s", row.get("other", "-"))  # ok: there is no such key


# case: setdefault fills a missing key
def filled(user):
    row = {}
    row.setdefault("to", user.phone)
    logger.info("%s", row["to"])  # expect: PIL101 phone
    logger.info("%s", row.setdefault("n", 0))  # ok: another key


# case: update brings in the keys of another dictionary
def updated(user):
    row = {"id": user.id}
    row.update({"mail": user.email}, level=user.level)
    logger.info("%s", row["mail"])  # expect: PIL101 email
    logger.info("%s %s", row["id"], row["level"])  # ok: the other keys


# case: a display with two stars merges
def merged(user):
    base = {"mail": user.email, "id": user.id}
    both = {**base, "page": 1}
    masked = {**base, "mail": "***"}
    logger.info("%s", both)  # expect: PIL101 email
    logger.info("%s", masked)  # ok: the later key wins


# case: the union operator of dictionaries
def union(user):
    base = {"mail": user.email}
    logger.info("%s", base | {"page": 1})  # expect: PIL101 email
    logger.info("%s", base | {"mail": None})  # ok: the right side wins


# case: values, items and keys
def views(user):
    row = {"a": user.phone}
    for value in row.values():
        logger.info("%s", value)  # expect: PIL101 phone
    for label in row:
        logger.info("%s", label)  # ok: constant keys
    for label, value in row.items():
        logger.info("%s", label)  # ok: still the key
        logger.info("%s", value)  # expect: PIL101 phone


# case: nested dictionaries by path
def nested(user):
    body = {"data": {"attributes": {"mail": user.email, "kind": "person"}}}
    logger.info("%s", body["data"]["attributes"]["mail"])  # expect: PIL101 email
    logger.info("%s", body["data"]["attributes"]["kind"])  # ok: a constant


# case: a position of a list
def position(user):
    parts = [user.id, user.phone]
    logger.info("%s", parts[1])  # expect: PIL101 phone
    logger.info("%s", parts[-1])  # expect: PIL101 phone
    logger.info("%s", parts[0])  # ok: the id
    logger.info("%s", parts[-2])  # ok: the id from the end


# case: what is appended is in the list
def appended(user):
    lines = []
    logger.info("%s", lines)  # ok: nothing in it yet
    lines.append(user.email)
    logger.info("%s", lines)  # expect: PIL101 email


# case: extend, insert and plus
def extended(user):
    one, two, three = ["a"], ["a"], ["a"]
    one.extend([user.email])
    two.insert(0, user.phone)
    three += [user.id]
    logger.info("%s", one)  # expect: PIL101 email
    logger.info("%s", two)  # expect: PIL101 phone
    logger.info("%s", three)  # ok: the id


# case: clear empties
def cleared(user):
    lines = [user.email]
    logger.info("%s", lines)  # expect: PIL101 email
    lines.clear()
    logger.info("%s", lines)  # ok: emptied


# case: a slice of a list
def sliced(user):
    row = ["v1", user.level, user.phone, user.email]
    logger.info("%s", row[2:])  # expect: PIL101 email,phone
    logger.info("%s", row[:2])  # ok: the first two only


# case: unpacking with a star
def starred(user):
    head, *rest = [user.id, user.phone, user.email]
    logger.info("%s", rest)  # expect: PIL101 email,phone
    logger.info("%s", head)  # ok: the first


# case: nested unpacking
def unpacked(user):
    (mail, level), number = (user.email, user.level), user.phone
    logger.info("%s", mail)  # expect: PIL101 email
    logger.info("%s", level)  # ok: the second of the pair
    logger.info("%s", number)  # expect: PIL101 phone


# case: two variables are swapped
def swapped(user):
    first, second = user.phone, "none"
    first, second = second, first
    logger.info("%s", second)  # expect: PIL101 phone
    logger.info("%s", first)  # ok: the other one


# case: an alias of a list sees what is appended
def aliased(user):
    lines = []
    alias, other = lines, list(lines)
    alias.append(user.email)
    logger.info("%s", lines)  # expect: PIL101 email
    logger.info("%s", other)  # ok: a copy made before


# case: a list comprehension takes or leaves fields
def comprehended(users):
    logger.info("%s", [user.phone for user in users])  # expect: PIL101 phone
    logger.info("%s", [user.id for user in users])  # ok: ids


# case: a dictionary comprehension that drops keys
def dropped(user):
    row = {"id": user.id, "mail": user.email}
    hidden = {"mail", "phone"}
    logger.info("%s", {k: v for k, v in row.items()})  # noqa: C416  # expect: PIL101 email
    logger.info("%s", {k: v for k, v in row.items() if k not in hidden})  # ok: only what is not hidden


# case: a set and a membership test
def in_set(user):
    seen = {user.email}
    logger.info("%s", seen)  # expect: PIL101 email
    logger.info("%s", user.email in seen)  # ok: yes or no


# case: sorted, reversed and list keep what is in it
def copies(users):
    mails = [user.email for user in users]
    logger.info("%s", sorted(mails))  # expect: PIL101 email
    logger.info("%s", list(reversed(mails)))  # expect: PIL101 email
    logger.info("%s", len(sorted(mails)))  # ok: a count


# case: zip and enumerate keep positions
def zipped(users):
    ids = [user.id for user in users]
    mails = [user.email for user in users]
    for key_, mail in zip(ids, mails, strict=True):
        logger.info("%s", mail)  # expect: PIL101 email
        logger.info("%s", key_)  # ok: the id
    for number, mail in enumerate(mails):
        logger.info("%s", mail)  # expect: PIL101 email
        logger.info("%s", number)  # ok: the position


# case: map and filter with a function
def mapped(users):
    logger.info("%s", list(map(lambda user: user.email, users)))  # noqa: C417  # expect: PIL101 email
    logger.info("%s", list(map(lambda user: user.id, users)))  # noqa: C417  # ok: ids
    logger.info("%s", list(filter(None, [user.phone for user in users])))  # expect: PIL101 phone


# case: a defaultdict collects by key
def collected(users):
    by_city = defaultdict(list)
    sizes = defaultdict(int)
    for user in users:
        by_city[user.level].append(user.phone)
        sizes[user.level] += 1
    logger.info("%s", dict(by_city))  # expect: PIL101 phone
    logger.info("%s", dict(sizes))  # ok: counts


# case: a deque gives back what was put in
def queued(user):
    waiting, jobs = deque(), deque()
    waiting.append(user.phone)
    jobs.append(user.id)
    logger.info("%s", waiting.popleft())  # expect: PIL101 phone
    logger.info("%s", jobs.popleft())  # ok: the id


# case: a named tuple by field and by position
Contact = namedtuple("Contact", "key mail")


def named(user):
    contact = Contact(user.id, user.email)
    logger.info("%s", contact.mail)  # expect: PIL101 email
    logger.info("%s", contact[1])  # expect: PIL101 email
    logger.info("%s", contact.key)  # ok: the id


# case: a named tuple with one field replaced
def replaced(user):
    contact = Contact(user.id, user.email)
    logger.info("%s", contact._asdict())  # expect: PIL101 email
    logger.info("%s", contact._replace(mail="***"))  # ok: replaced


# case: dict of pairs and of keywords
def built(user):
    row = dict([("mail", user.email), ("id", user.id)])  # noqa: C406
    other = dict(phone_hint=user.phone, n=1)  # noqa: C408
    logger.info("%s", row["mail"])  # expect: PIL101 email
    logger.info("%s", row["id"])  # ok: the id
    logger.info("%s", other["n"])  # ok: a number
    logger.info("%s", other["phone_hint"])  # expect: PIL101 phone


# case: ordered and chained mappings
def chained(user):
    row = OrderedDict(mail=user.email, n=1)
    both = ChainMap({"n": 2}, row)
    logger.info("%s", both["mail"])  # expect: PIL101 email
    logger.info("%s", both["n"])  # ok: a number


# case: a copy does not follow later writes
def copied(user):
    row = {"id": user.id}
    before = row.copy()
    row["mail"] = user.email
    logger.info("%s", row)  # expect: PIL101 email
    logger.info("%s", before)  # ok: copied before


# case: a table of rows loses a column
def column(users):
    rows = [{"id": user.id, "mail": user.email} for user in users]
    logger.info("%s", rows)  # expect: PIL101 email
    for row in rows:
        row.pop("mail")
    logger.info("%s", rows)  # todo-ok: every row has lost the column


# case: a key that is computed from constants
def computed(user):
    name = "contact" + "_" + "mail"
    row = {name: user.email, "n": 1}
    logger.info("%s", row["contact_mail"])  # expect: PIL101 email
    logger.info("%s", row["n"])  # ok: another key


# case: any and sum over values
def reduced(users):
    ages = [user.balance for user in users]
    logger.info("%s", any(user.phone for user in users))  # ok: yes or no
    logger.info("%s", sum(ages))  # ok: a total
    logger.info("%s", max(user.phone for user in users))  # expect: PIL101 phone
