"""How much may stay of a value: slices, formats and patterns, by the usual length of the category."""

import logging
import re

logger = logging.getLogger(__name__)


# case: a phone number
def phones(user):
    p = user.phone
    logger.info("%s", p[:3] + "****" + p[7:])  # ok: four of eleven are hidden
    logger.info("%s", p[:3] + "****" + p[-4:])  # ok: four of eleven are hidden
    logger.info("%s", p[:7] + "****")  # ok: four of eleven are hidden
    logger.info("%s", p[:8] + "***")  # expect: PIL101 phone
    logger.info("%s", p[:-1] + "*")  # expect: PIL101 phone
    logger.info("%s", p[-4:])  # ok: the last four
    logger.info("%s", p[-5:])  # ok: more than a third is hidden


# case: the number of an ID card
def cards(user):
    n = user.id_card_no
    logger.info("%s", n[:6] + "********" + n[-4:])  # ok: the birth date is hidden
    logger.info("%s", n[:1] + "*" * 16 + n[-1:])  # ok: two of eighteen
    logger.info("%s", n[:14] + "****")  # expect: PIL101 id_number
    logger.info("%s", n[:10])  # expect: PIL101 id_number


# case: a bank card
def bank_cards(user):
    n = user.bank_card_no
    logger.info("%s", "**** **** **** " + n[-4:])  # ok: the last four
    logger.info("%s", n[:6] + "******" + n[-4:])  # ok: first six, last four
    logger.info("%s", n[:12] + "****")  # expect: PIL101 financial


# case: a name keeps its first character only
def names(user):
    logger.info("%s", user.real_name[0] + "**")  # ok: the first character
    logger.info("%s", user.real_name[:1] + "*")  # ok: the first character
    logger.info("%s", "*" + user.real_name[1:])  # expect: PIL101 name
    logger.info("%s", user.real_name[:2] + "*")  # expect: PIL101 name


# case: an address of mail
def mails(user):
    local, domain = user.email.split("@")
    logger.info("%s", local[:1] + "***@" + domain)  # ok: the local part is hidden
    logger.info("%s", local[:-1] + "*@" + domain)  # expect: PIL101 email


# case: a password keeps at most four characters
def passwords(user):
    logger.info("%s", user.password[:2] + "***")  # ok: two characters
    logger.info("%s", user.password[:8] + "****")  # expect: PIL101 password


# case: two parts of one number
def overlapping(user):
    p = user.phone
    logger.info("%s %s", p[:4], p[-4:])  # expect: PIL101 phone
    logger.info("%s%s", p[:6], p[5:])  # expect: PIL101 phone
    logger.info("%s %s", p[:4], p[4:])  # expect: PIL101 phone
    logger.info("%s %s", p[:3], p[-4:])  # ok: four of eleven are hidden


# case: patterns
def patterns(user):
    logger.info("%s", re.sub(r"\d(?=\d{4})", "*", user.phone))  # ok: all but the last four
    logger.info("%s", re.sub(r"\d", "*", user.phone))  # ok: every digit
    logger.info("%s", re.sub(r"\s", "", user.phone))  # expect: PIL101 phone
    logger.info("%s", re.sub(r"\d$", "*", user.phone))  # expect: PIL101 phone


# case: formats
def formats(user):
    p = user.phone
    logger.info("{}****{}".format(p[:3], p[-4:]))  # noqa: UP032  # ok: the middle is hidden
    logger.info("%s****%s", p[:3], p[-4:])  # ok: the middle is hidden
    logger.info("{:.4}".format(p))  # noqa: UP032  # ok: four characters
    logger.info(f"{p:.4}")  # ok: four characters
    logger.info(f"{p:.10}")  # expect: PIL101 phone


# case: slices with names
KEPT = 3


def named_slices(user):
    p = user.phone
    hidden = p[:KEPT] + "*" * (len(p) - 7) + p[-4:]
    logger.info("%s", hidden)  # ok: the middle is hidden
    shown = p[:KEPT] + "-" + p[KEPT:7] + "-" + p[7:]
    logger.info("%s", shown)  # expect: PIL101 phone


# case: coordinates by decimals
def coordinates(user):
    logger.info("%s", round(user.latitude, 1))  # ok: ten kilometres
    logger.info("%s", round(user.latitude, 5))  # expect: PIL101 usage


# case: a list of characters
def characters(user):
    chars = list(user.phone)
    logger.info("%s", "".join(chars))  # expect: PIL101 phone
    chars[3:7] = "****"
    logger.info("%s", "".join(chars))  # todo-ok: the middle is hidden


# case: year and month of a birth date
def births(user):
    logger.info("%s", user.birth_date.year)  # ok: a year alone
    logger.info("%s", user.birth_date.strftime("%Y"))  # ok: a year alone
    logger.info("%s", user.birth_date.isoformat())  # expect: PIL101 birth_date
