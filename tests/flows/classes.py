"""Classes: inheritance, super, class methods, descriptors, protocols, dynamic dispatch, declared fields."""

import abc
import enum
import functools
import logging
from dataclasses import dataclass
from typing import Protocol

logger = logging.getLogger(__name__)


# case: an inherited method reads a field of the subclass
class Base:
    def describe(self):
        return f"<{self.value}>"


class WithMail(Base):
    def __init__(self, user):
        self.value = user.email


class WithKey(Base):
    def __init__(self, user):
        self.value = user.id


def inherited(user):
    logger.info(WithMail(user).describe())  # expect: PIL101 email
    logger.info(WithKey(user).describe())  # ok: the id


# case: super calls the base
class Person:
    def __init__(self, user):
        self.contact = user.phone

    def text(self):
        return self.contact


class Guest(Person):
    def __init__(self, user):
        super().__init__(user)
        self.level = 1

    def text(self):
        return "guest " + super().text()


class Ghost(Person):
    def __init__(self, user):
        self.contact = "-"


def supers(user):
    logger.info(Guest(user).text())  # expect: PIL101 phone
    logger.info(Ghost(user).text())  # ok: the base is not set up


# case: an override replaces the base
class Loud:
    def show(self, user):
        return user.phone


class Quiet(Loud):
    def show(self, user):
        return user.id


def overridden(user):
    logger.info("%s", Loud().show(user))  # expect: PIL101 phone
    logger.info("%s", Quiet().show(user))  # ok: overridden


# case: the template method calls the override
class Job(abc.ABC):
    def run(self, user):
        return {"result": self.step(user)}

    @abc.abstractmethod
    def step(self, user): ...


class MailJob(Job):
    def step(self, user):
        return user.email


class CountJob(Job):
    def step(self, user):
        return len(user.email)


def template_method(user):
    logger.info("%s", MailJob().run(user))  # expect: PIL101 email
    logger.info("%s", CountJob().run(user))  # ok: a length


# case: class methods and static methods
class Contact:
    def __init__(self, value):
        self.value = value

    @classmethod
    def of(cls, user):
        return cls(user.phone)

    @classmethod
    def anonymous(cls):
        return cls("-")

    @staticmethod
    def clean(user):
        return user.id


def class_methods(user):
    logger.info("%s", Contact.of(user).value)  # expect: PIL101 phone
    logger.info("%s", Contact.anonymous().value)  # ok: a constant
    logger.info("%s", Contact.clean(user))  # ok: the id


# case: a descriptor of the project
class Stored:
    def __set_name__(self, owner, name):
        self.name = "_" + name

    def __get__(self, instance, owner=None):
        return getattr(instance, self.name)

    def __set__(self, instance, value):
        setattr(instance, self.name, value)


class Form:
    contact = Stored()
    size = Stored()


def descriptors(user):
    form = Form()
    form.contact = user.email
    form.size = 3
    logger.info("%s", form.contact)  # expect: PIL101 email
    logger.info("%s", form.size)  # ok: a number


# case: a cached property
class Profile:
    def __init__(self, user):
        self.user = user

    @functools.cached_property
    def contact(self):
        return self.user.email

    @functools.cached_property
    def rank(self):
        return self.user.level


def cached_properties(user):
    logger.info("%s", Profile(user).contact)  # expect: PIL101 email
    logger.info("%s", Profile(user).rank)  # ok: the level


# case: missing attributes are handed on
class Proxy:
    def __init__(self, inner):
        self._inner = inner
        self.size = 1

    def __getattr__(self, name):
        return getattr(self._inner, name)


def proxied(user):
    proxy = Proxy(user)
    logger.info("%s", proxy.phone)  # expect: PIL101 phone
    logger.info("%s", proxy.size)  # ok: its own


# case: the parameter's declared class decides who is called
class Sender(Protocol):
    def send(self, value: str) -> None: ...


class LogSender:
    def send(self, value: str) -> None:
        logger.info("sent %s", value)  # expect: PIL101 phone


class NullSender:
    def send(self, value: str) -> None:
        logger.info("sent %s characters", len(value))  # ok: a length


def notify(sender: Sender, user):
    sender.send(user.phone)


# case: the parameter's base class stands for its subclasses
class Outlet:
    def deliver(self, value):
        raise NotImplementedError


class LogOutlet(Outlet):
    def deliver(self, value):
        logger.info("deliver %s", value)  # expect: PIL101 email


class NullOutlet(Outlet):
    def deliver(self, value):
        logger.info("deliver %s", bool(value))  # ok: yes or no


def deliver_all(channel: Outlet, user):
    channel.deliver(user.email)


# case: wired in by the constructor
class Service:
    def __init__(self, sink):
        self.sink = sink

    def save(self, user):
        self.sink.write_row(user.email)


class Printer:
    def write_row(self, value):
        logger.info("row %s", value)  # expect: PIL101 email


class Counter:
    def write_row(self, value):
        logger.info("row %s", bool(value))  # ok: yes or no


def wired(user):
    Service(Printer()).save(user)
    Service(Counter()).save(user)


# case: operators of the project's own classes
class Text:
    def __init__(self, value):
        self.value = value

    def __add__(self, other):
        return Text(self.value + other)

    def __len__(self):
        return len(self.value)


def operators(user):
    text = Text("to ") + user.phone
    logger.info("%s", text.value)  # expect: PIL101 phone
    logger.info("%s", len(text))  # ok: a length


# case: attributes of the class and of the instance
class Settings:
    contact = "-"

    def fill(self, user):
        self.contact = user.email


def class_attributes(user):
    filled = Settings()
    filled.fill(user)
    logger.info("%s", filled.contact)  # expect: PIL101 email
    logger.info("%s", Settings.contact)  # ok: the class's own
    logger.info("%s", Settings().contact)  # ok: another instance


# case: several bases in order
class Tagged:
    def label(self):
        return "tag"


class Named:
    def __init__(self, user):
        self.user = user

    def label(self):
        return self.user.email


class First(Tagged, Named):
    pass


class Second(Named, Tagged):
    pass


def order_of_bases(user):
    logger.info("%s", Second(user).label())  # expect: PIL101 email
    logger.info("%s", First(user).label())  # ok: the first base wins


# case: a mixin uses a method of its sibling
class Describing:
    def described(self):
        return f"[{self.detail()}]"


class Client(Describing):
    def __init__(self, user):
        self.user = user

    def detail(self):
        return self.user.phone


class Plan(Describing):
    def detail(self):
        return "plan"


def mixins(user):
    logger.info(Client(user).described())  # expect: PIL101 phone
    logger.info(Plan().described())  # ok: a constant


# case: methods of the same name in unrelated classes
class Alpha:
    def render(self, user):
        return user.phone


class Beta:
    def render(self, user):
        return user.id


def unrelated(user):
    alpha, beta = Alpha(), Beta()
    logger.info("%s", alpha.render(user))  # expect: PIL101 phone
    logger.info("%s", beta.render(user))  # ok: the other class


# case: members of an enumeration
class Channel(enum.Enum):
    MAIL = "mail"
    PHONE = "phone"


def enumerated(user):
    logger.info("%s", Channel.PHONE.value)  # ok: the name of a channel
    logger.info("%s", {Channel.PHONE: user.phone}[Channel.PHONE])  # expect: PIL101 phone


# case: the declared fields of a data class given by annotation
@dataclass
class Applicant:
    key: int
    id_number: str
    referrer: "Applicant | None" = None


def declared(applicant: Applicant):
    logger.info("%s", applicant)  # expect: PIL101 id_number
    logger.info("%s", applicant.key)  # ok: the key
    logger.info("%s", applicant.referrer.id_number)  # expect: PIL101 id_number


# case: a bound method kept in a field
class Button:
    def __init__(self, action):
        self.action = action

    def press(self):
        return self.action()


def bound_methods(user):
    profile = Profile(user)
    logger.info("%s", Button(lambda: profile.contact).press())  # expect: PIL101 email
    logger.info("%s", Button(Plan().detail).press())  # ok: a constant


# case: a method put on a class afterwards
class Late:
    pass


def late_text(self, user):
    return user.phone


def late_key(self, user):
    return user.id


Late.text = late_text
Late.key = late_key


def patched(user):
    logger.info("%s", Late().text(user))  # expect: PIL101 phone
    logger.info("%s", Late().key(user))  # ok: the id


# case: a registry filled by a decorator
REGISTRY = {}


def register(name):
    def keep(function):
        REGISTRY[name] = function
        return function

    return keep


@register("mail")
def registered_mail(user):
    return user.email


@register("key")
def registered_key(user):
    return user.id


def registered(user):
    logger.info("%s", REGISTRY["mail"](user))  # expect: PIL101 email
    logger.info("%s", REGISTRY["key"](user))  # ok: the id


# case: a subclass hook
class Plugin:
    known = []

    def __init_subclass__(cls, **kwargs):
        Plugin.known.append(cls)

    def show(self, user):
        return "-"


class PhonePlugin(Plugin):
    def show(self, user):
        return user.phone


def plugins(user):
    for plugin in Plugin.known:
        logger.info("%s", plugin().show(user))  # expect: PIL101 phone
    logger.info("%s", Plugin().show(user))  # ok: a constant
