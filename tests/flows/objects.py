"""Attributes of objects: fields of instances, strong updates, reflection, what printing an object shows."""

import copy
import dataclasses
import logging
from dataclasses import asdict, dataclass, field
from types import SimpleNamespace
from typing import NamedTuple, TypedDict

logger = logging.getLogger(__name__)


# case: a field of an instance
class Job:
    def __init__(self, user):
        self.target = user.phone
        self.key = user.id


def fields(user):
    job = Job(user)
    logger.info("%s", job.target)  # expect: PIL101 phone
    logger.info("%s", job.key)  # ok: the id


# case: a field that is overwritten from outside
def overwritten(user):
    job = Job(user)
    logger.info("%s", job.target)  # expect: PIL101 phone
    job.target = None
    logger.info("%s", job.target)  # ok: overwritten


# case: two instances of one class are apart
def apart(user):
    filled, empty = Job(user), Job(SimpleNamespace(phone="-", id=0))
    logger.info("%s", filled.target)  # expect: PIL101 phone
    logger.info("%s", empty.target)  # ok: made of constants


# case: an alias writes to the same object
def aliased(user):
    box = SimpleNamespace(note="", other="")
    alias = box
    alias.note = user.email
    logger.info("%s", box.note)  # expect: PIL101 email
    logger.info("%s", box.other)  # ok: another field


# case: a method writes a field, another one reads it
class Draft:
    def __init__(self):
        self.reply_to = ""
        self.subject = ""

    def address(self, user):
        self.reply_to = user.email

    def describe(self):
        return f"to {self.reply_to}"

    def title(self):
        return f"about {self.subject}"


def drafted(user):
    draft = Draft()
    logger.info(draft.describe())  # ok: nothing written yet
    draft.address(user)
    logger.info(draft.describe())  # expect: PIL101 email
    logger.info(draft.title())  # ok: another field


# case: a fluent chain returns self
class Message:
    def __init__(self):
        self.to = ""
        self.text = ""

    def with_to(self, to):
        self.to = to
        return self

    def with_text(self, text):
        self.text = text
        return self


def fluent(user):
    message = Message().with_to(user.phone).with_text("hello")
    logger.info("%s", message.to)  # expect: PIL101 phone
    logger.info("%s", message.text)  # ok: the text


# case: getattr and setattr with known names
def reflected(user):
    box = SimpleNamespace()
    setattr(box, "contact", getattr(user, "email"))  # noqa: B009, B010
    setattr(box, "size", 1)  # noqa: B010
    logger.info("%s", box.contact)  # expect: PIL101 email
    logger.info("%s", getattr(box, "size"))  # noqa: B009  # ok: the size


# case: names in a loop
def looped(user):
    for name in ("phone", "email"):
        logger.info("%s", getattr(user, name))  # expect: PIL101 email,phone
    for name in ("id", "level"):
        logger.info("%s", getattr(user, name))  # ok: no personal field


# case: the fields of an object as a dictionary
def shown_fields(user):
    job = Job(user)
    logger.info("%s", job.__dict__)  # expect: PIL101 phone
    logger.info("%s", vars(job))  # expect: PIL101 phone
    logger.info("%s", sorted(vars(job)))  # ok: names of fields only


# case: a plain object prints its address only
def plain_repr(user):
    job = Job(user)
    logger.info("%s", job)  # ok: <Job object at 0x...>
    logger.info("%s", vars(job)["target"])  # expect: PIL101 phone


# case: __str__ decides what is printed
class Loud:
    def __init__(self, user):
        self.user = user

    def __str__(self):
        return f"Loud({self.user.email})"


class Quiet:
    def __init__(self, user):
        self.user = user

    def __str__(self):
        return f"Quiet({self.user.id})"


def printed(user):
    logger.info("%s", Loud(user))  # expect: PIL101 email
    logger.info("%s", Quiet(user))  # ok: the id
    logger.info(f"{Loud(user)}")  # expect: PIL101 email


# case: __repr__ is used by containers and %r
class Pair:
    def __init__(self, user):
        self.user = user

    def __str__(self):
        return "pair"

    def __repr__(self):
        return f"<Pair {self.user.phone}>"


def representations(user):
    pair = Pair(user)
    logger.info("%r", pair)  # expect: PIL101 phone
    logger.info("%s", [pair])  # expect: PIL101 phone
    logger.info("%s", pair)  # ok: the text is a constant


# case: the generated repr of a data class
@dataclass
class Contact:
    key: int
    email: str


@dataclass
class Sealed:
    key: int
    email: str = field(repr=False)


def data_repr(user):
    logger.info("%s", Contact(user.id, user.email))  # expect: PIL101 email
    logger.info("%s", Sealed(user.id, user.email))  # ok: left out of the repr
    logger.info("%s", Sealed(user.id, user.email).email)  # expect: PIL101 email


# case: asdict shows also what repr hides
def as_dict(user):
    logger.info("%s", asdict(Sealed(user.id, user.email)))  # expect: PIL101 email
    logger.info("%s", asdict(Contact(user.id, user.email))["key"])  # ok: one key


# case: replace changes one field of a data class
def replaced(user):
    contact = Contact(user.id, user.email)
    logger.info("%s", dataclasses.replace(contact, key=0))  # expect: PIL101 email
    logger.info("%s", dataclasses.replace(contact, email="-"))  # ok: the field is replaced


# case: a post-init derives a field
@dataclass
class Card:
    first: str
    label: str = ""

    def __post_init__(self):
        self.label = "card of " + self.first


def derived(user):
    logger.info("%s", Card(user.email).label)  # expect: PIL101 email
    logger.info("%s", Card("nobody").label)  # ok: a constant


# case: a typed named tuple
class Entry(NamedTuple):
    key: int
    mobile: str


def typed_tuple(user):
    entry = Entry(user.id, user.phone)
    logger.info("%s", entry)  # expect: PIL101 phone
    key, mobile = entry
    logger.info("%s", key)  # ok: the id


# case: a typed dictionary declares its keys
class Profile(TypedDict):
    key: int
    id_card_no: str


def typed_dict(profile: Profile):
    logger.info("%s", profile["id_card_no"])  # expect: PIL101 id_number
    logger.info("%s", profile["key"])  # ok: the key


# case: a shallow and a deep copy
def copied(user):
    job = Job(user)
    twin = copy.copy(job)
    deep = copy.deepcopy(job)
    job.target = "-"
    logger.info("%s", twin.target)  # expect: PIL101 phone
    logger.info("%s", deep.target)  # expect: PIL101 phone
    logger.info("%s", job.target)  # ok: overwritten


# case: a property computes from a field
class Account:
    def __init__(self, user):
        self._user = user

    @property
    def contact(self):
        return self._user.email

    @property
    def rank(self):
        return self._user.level


def properties(user):
    account = Account(user)
    logger.info("%s", account.contact)  # expect: PIL101 email
    logger.info("%s", account.rank)  # ok: the level


# case: a setter that masks what it is given
class Record:
    def __init__(self):
        self._number = ""
        self._raw = ""

    @property
    def number(self):
        return self._number

    @number.setter
    def number(self, value):
        self._raw = value
        self._number = value[:3] + "****" + value[-4:]

    @property
    def raw(self):
        return self._raw


def setters(user):
    record = Record()
    record.number = user.phone
    logger.info("%s", record.number)  # ok: masked by the setter
    logger.info("%s", record.raw)  # expect: PIL101 phone


# case: a chain of objects
class Node:
    def __init__(self, value, after=None):
        self.value = value
        self.after = after


def linked(user):
    chain = Node(user.id, Node(user.phone))
    logger.info("%s", chain.after.value)  # expect: PIL101 phone
    logger.info("%s", chain.value)  # ok: the first


# case: a field of an unknown object is judged by its name
def unknown(client, key):
    user = client.fetch_user(key)
    logger.info("%s", user.id_number)  # expect: PIL101 id_number
    logger.info("%s", user.status)  # ok: no personal field


# case: a field of an unknown object that is overwritten
def masked_in_place(user):
    logger.info("%s", user.email)  # expect: PIL101 email
    user.email = "removed"
    logger.info("%s", user.email)  # ok: overwritten


# case: an object with __getitem__
class Row:
    def __init__(self, values):
        self._values = values

    def __getitem__(self, name):
        return self._values[name]


def indexed(user):
    row = Row({"mail": user.email, "n": 1})
    logger.info("%s", row["mail"])  # expect: PIL101 email
    logger.info("%s", row["n"])  # ok: another key


# case: an object that is called
class Formatter:
    def __init__(self, prefix):
        self.prefix = prefix

    def __call__(self, value):
        return f"{self.prefix}: {value}"


def called(user):
    show = Formatter("user")
    logger.info(show(user.phone))  # expect: PIL101 phone
    logger.info(show(user.id))  # ok: the id


# case: truth and equality of an object say nothing
def compared(user, other):
    logger.info("%s", user.email == other.email)  # ok: yes or no
    logger.info("%s", user.email or "-")  # expect: PIL101 email
    logger.info("%s", bool(user.email))  # ok: yes or no
    logger.info("%s", not user.email)  # ok: yes or no
