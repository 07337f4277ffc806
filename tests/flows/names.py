"""Which names make a value personal information, and which do not."""

import logging
import logging as log_module
from logging import getLogger
from logging import info as say

logger = logging.getLogger(__name__)


# case: the head of a compound decides
def heads(user, email_template, email_sent, has_phone):
    logger.info("%s", user.backup_email)  # expect: PIL101 email
    logger.info("%s %s %s", email_template, email_sent, has_phone)  # ok: a template and flags


# case: camel case and initial capitals
def camel(user):
    logger.info("%s", user.userMobile)  # expect: PIL101 phone
    logger.info("%s", user.emailCount)  # ok: a count


# case: pinyin and Chinese names
def chinese(user):
    logger.info("%s", user.shouji_hao)  # expect: PIL101 phone
    logger.info("%s", user["身份证号"])  # expect: PIL101 id_number
    logger.info("%s", user["订单号"])  # ok: the number of an order


# case: a name belongs to a person or to a thing
def owners(user, product, file):
    logger.info("%s", user.name)  # expect: PIL101 name
    logger.info("%s %s", product.name, file.name)  # ok: things


# case: an ambiguous key of a record of a person
def records(patient, device_model):
    logger.info("%s", patient["name"])  # expect: PIL101 name
    logger.info("%s", device_model["name"])  # ok: a thing


# case: a parameter that nobody calls
def parameter(phone_number, phone_regex):
    logger.info("%s", phone_number)  # expect: PIL101 phone
    logger.info("%s", phone_regex)  # ok: a pattern


# case: a variable that is assigned a known value is what that is
def assigned(user):
    phone = "none"
    logger.info("%s", phone)  # ok: a constant
    contact = user.phone
    logger.info("%s", contact)  # expect: PIL101 phone


# case: a parameter whose callers are all known
def shown(email):
    logger.info("%s", email)  # ok: every caller gives a constant


def shown_value(value):
    logger.info("%s", value)  # expect: PIL101 email


def callers(user):
    shown("support")
    shown_value(user.email)


# case: loop variables
def loops(emails, codes):
    for email in emails:
        logger.info("%s", email)  # expect: PIL101 email
    for code in codes:
        logger.info("%s", code)  # ok: nothing known of it


# case: annotations that cannot hold the category
def annotated(email: bool, phone: str):
    logger.info("%s", email)  # ok: a flag
    logger.info("%s", phone)  # expect: PIL101 phone


# case: secrets of users and of the system
def secrets(user, settings):
    logger.info("%s", user.password)  # expect: PIL101 password
    logger.info("%s", settings.API_KEY)  # ok: a credential of the system


# case: times of use and times of records
def times(user):
    logger.info("%s", user.last_login_ip)  # expect: PIL101 usage
    logger.info("%s", user.created_at)  # ok: no time of use


# case: the nearest modifier owns the head
def modifiers(member):
    logger.info("%s", member.last_order_number)  # ok: the number of an order
    logger.info("%s", member.bank_card_number)  # expect: PIL101 financial


# case: an import under another name
def aliases(user):
    log_module.info("%s", user.phone)  # expect: PIL101 phone
    say("%s", user.phone)  # expect: PIL101 phone
    say("%s", user.id)  # ok: the id


# case: a logger under another name
audit_trail = getLogger("trail")
journal = []


def other_logger(user):
    audit_trail.info("%s", user.email)  # expect: PIL101 email
    journal.append(user.email)  # ok: a list


# case: a function that hides a library's name
def hidden(user):
    def print(text):
        return len(text)

    print(user.phone)  # ok: its own function


def not_hidden(user):
    print(user.phone)  # expect: PIL102 phone


# case: demographic data beside another category
def demographic(user):
    logger.info("%s", user.gender)  # ok: alone it is none
    logger.info("%s %s", user.gender, user.phone)  # expect: PIL101 demographic,phone


# case: the key of a dictionary whose value is unknown
def keyed(load):
    row = load()
    logger.info("%s", row["mobile"])  # expect: PIL101 phone
    logger.info("%s", row["mobile_verified"])  # ok: a flag


# case: a personal value under an innocent name
def innocent(user):
    x = user.id_card_no
    logger.info("%s", x)  # expect: PIL101 id_number
    x = user.pk
    logger.info("%s", x)  # ok: the key


# case: organisations have no personal number
def organisations(shop, customer):
    logger.info("%s", shop.phone)  # ok: of a shop
    logger.info("%s", customer.phone)  # expect: PIL101 phone
