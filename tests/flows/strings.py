"""Texts: what keeps a value in them, what only says something about it."""

import json
import logging
import re
import string
import textwrap

logger = logging.getLogger(__name__)


# case: formatted strings
def formatted(user):
    logger.info(f"user {user.phone}")  # expect: PIL101 phone
    logger.info(f"user {user.id} of {len(user.phone)} digits")  # ok: a length
    logger.info(f"user {user.phone!r:>20}")  # expect: PIL101 phone


# case: the debugging form of a formatted string
def debugging(user):
    logger.info(f"{user.email=}")  # expect: PIL101 email
    logger.info(f"{user.id=}")  # ok: the id


# case: percent formatting by position and by name
def percent(user):
    logger.info("%s %s" % (user.id, user.phone))  # noqa: UP031  # expect: PIL101 phone
    logger.info("%(k)s" % {"k": user.id, "mail": user.email})  # noqa: UP031, F504  # ok: only k is used
    logger.info("%(mail)s" % {"k": user.id, "mail": user.email})  # noqa: UP031, F504  # expect: PIL101 email


# case: format by position and by name
def formats(user):
    logger.info("{} {}".format(user.id, user.email))  # noqa: UP032  # expect: PIL101 email
    logger.info("{0}".format(user.id, user.email))  # noqa: UP030, UP032, F523  # ok: only the first is used
    logger.info("{u.phone}".format(u=user))  # noqa: UP032  # expect: PIL101 phone
    logger.info("{u.id}".format(u=user))  # noqa: UP032  # ok: the id


# case: format with a mapping
def mapped(user):
    values = {"mail": user.email, "key": user.id}
    logger.info("{mail}".format(**values))  # expect: PIL101 email
    logger.info("{key}".format(**values))  # ok: the id
    logger.info("{mail}".format_map(values))  # expect: PIL101 email


# case: joining
def joined(user):
    logger.info(" ".join([user.name, user.email]))  # expect: PIL101 email,name
    logger.info(",".join(["id", "mail"]))  # ok: constants


# case: concatenation and repetition
def added(user):
    text = "to "
    text += user.phone
    logger.info(text)  # expect: PIL101 phone
    logger.info("*" * len(user.phone))  # ok: stars
    logger.info(user.phone * 2)  # expect: PIL101 phone


# case: changing case and stripping keep the value
def normalised(user):
    logger.info("%s", user.email.strip().lower())  # expect: PIL101 email
    logger.info("%s", user.email.isupper())  # ok: yes or no
    logger.info("%s", user.email.count("."))  # ok: a count


# case: a replaced part
def replaced(user):
    logger.info("%s", user.phone.replace("-", ""))  # expect: PIL101 phone
    logger.info("%s", "code".replace("c", "k"))  # ok: constants


# case: parts of a split text
def split(user):
    local, domain = user.email.split("@")
    logger.info("%s", local)  # expect: PIL101 email
    logger.info("%s", domain)  # ok: the domain alone
    logger.info("%s", user.email.partition("@")[0])  # expect: PIL101 email
    logger.info("%s", user.email.rsplit("@", 1)[-1])  # ok: the domain alone


# case: parts of a number and of a name
def pieces(user):
    text = user.phone + ""
    logger.info("%s", text.split("-")[0])  # expect: PIL101 phone
    logger.info("%s", user.phone.split("-")[0])  # expect: PIL101 phone
    for piece in user.full_name.split():
        logger.info("%s", piece)  # expect: PIL101 name
    logger.info("%s", len(user.full_name.split()))  # ok: a count


# case: slices that keep little
def sliced(user):
    logger.info("%s", user.phone[-4:])  # ok: the last four
    logger.info("%s", user.phone[:10])  # expect: PIL101 phone
    logger.info("%s", user.phone[1:])  # expect: PIL101 phone


# case: a masked number
def masked(user):
    phone = user.phone
    logger.info("%s", phone[:3] + "****" + phone[-4:])  # ok: the middle is hidden
    logger.info("%s", phone[:3] + " " + phone[3:])  # expect: PIL101 phone


# case: a masked number in a formatted string
def masked_format(user):
    logger.info(f"{user.phone[:3]}****{user.phone[-4:]}")  # ok: the middle is hidden
    logger.info(f"{user.phone[:3]}****{user.phone[3:]}")  # expect: PIL101 phone


# case: a pattern that hides the middle
def substituted(user):
    logger.info("%s", re.sub(r"(\d{3})\d{4}(\d{4})", r"\1****\2", user.phone))  # ok: the middle is hidden
    logger.info("%s", re.sub(r"[- ]", "", user.phone))  # expect: PIL101 phone


# case: a pattern that finds
def found(user):
    match = re.match(r"(\w+)@(\w+)", user.email)
    logger.info("%s", match.group(1))  # expect: PIL101 email
    logger.info("%s", bool(match))  # ok: yes or no
    logger.info("%s", re.match(r"\w+@", user.email) is None)  # ok: yes or no


# case: through JSON and back
def dumped(user):
    text = json.dumps({"mail": user.email, "n": 1})
    logger.info(text)  # expect: PIL101 email
    row = json.loads(text)
    logger.info("%s", row["mail"])  # expect: PIL101 email
    logger.info("%s", row["n"])  # ok: a number


# case: through bytes and back
def encoded(user):
    data = user.email.encode("utf-8")
    logger.info("%s", data)  # expect: PIL101 email
    logger.info("%s", data.decode())  # expect: PIL101 email
    logger.info("%s", len(data))  # ok: a length


# case: numbers and texts
def numbers(user):
    logger.info("%s", int(user.phone))  # expect: PIL101 phone
    logger.info("%s", str(int(user.phone) + 1))  # expect: PIL101 phone
    logger.info("%s", int(user.level))  # ok: a level


# case: templates of the standard library
def templated(user):
    line = string.Template("mail $mail")
    logger.info(line.substitute(mail=user.email))  # expect: PIL101 email
    logger.info(line.substitute(mail="-"))  # ok: a constant


# case: a template built from a module constant
LINE = "user {mail} did {action}"


def constant_template(user):
    logger.info(LINE.format(mail=user.email, action="login"))  # expect: PIL101 email
    logger.info(LINE.format(mail="-", action="login"))  # ok: constants


# case: shortened and wrapped text
def shortened(user):
    logger.info(textwrap.shorten(user.email, 40))  # expect: PIL101 email
    logger.info(textwrap.dedent("  mail"))  # ok: a constant


# case: iterating over characters
def characters(user):
    hidden = "".join("*" for _ in user.phone)
    kept = "".join(c for c in user.phone if c.isdigit())
    logger.info(hidden)  # ok: only stars
    logger.info(kept)  # expect: PIL101 phone


# case: a logging call with a dictionary
def by_name(user):
    logger.info("%(mail)s", {"mail": user.email})  # expect: PIL101 email
    logger.info("%(key)s", {"key": user.id})  # ok: the id


# case: the birth date of an ID card
def birth(user):
    logger.info("%s", user.id_card[6:14])  # todo: PIL101 birth_date
    logger.info("%s", user.id_card[-4:])  # ok: the last four


# case: the first letter of a name
def initial(user):
    logger.info("%s", user.full_name[0])  # ok: a first letter
    logger.info("%s", user.full_name.title())  # expect: PIL101 name


# case: hidden part of an address of mail
def hidden_mail(user):
    local, _, domain = user.email.partition("@")
    logger.info("%s", local[0] + "***@" + domain)  # ok: the local part is hidden
    logger.info("%s", local + "@***")  # expect: PIL101 email
