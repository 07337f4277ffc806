"""Every default code beside its silent twin."""

import base64
import hashlib
import json
import logging
import pickle
import smtplib
import sys
import warnings

import pandas as pd
import redis
import requests
import sentry_sdk
from flask import jsonify, make_response, redirect
from openpyxl import Workbook

logger = logging.getLogger(__name__)
cache = redis.Redis()


# case: PIL091 to an outside service and to an inside host
def third_party(user):
    requests.post("https://api.courier.example.com/v1", json={"to": user.phone}, timeout=5)  # expect: PIL091 phone
    requests.post("http://orders.svc.cluster.local/v1", json={"to": user.phone}, timeout=5)  # ok: inside


# case: PIL092 to a marketing vendor
def marketing(user):
    url = "https://us1.api.mailchimp.com/3.0/lists/7/members"
    requests.post(url, json={"mail": user.email}, timeout=5)  # expect: PIL092 email
    requests.post(url, json={"level": user.level}, timeout=5)  # ok: no personal field


# case: PIL101 in messages, arguments and extras
def logged(user):
    logger.warning("user %s", user.phone)  # expect: PIL101 phone
    logger.error("user", extra={"mail": user.email})  # expect: PIL101 email
    logger.error("user", extra={"key": user.id})  # ok: the id


# case: PIL101 of an adapter with bound values
def adapted(user):
    bound = logging.LoggerAdapter(logger, {"phone": user.phone})
    free = logging.LoggerAdapter(logger, {"key": user.id})
    bound.info("hello")  # expect: PIL101 phone
    free.info("hello")  # ok: the id


# case: PIL102 on the console
def printed(user):
    print("user", user.email)  # expect: PIL102 email
    print("user", file=sys.stderr)  # ok: a constant
    sys.stderr.write(user.phone)  # expect: PIL102 phone
    sys.stdout.write(str(user.id))  # ok: the id


# case: PIL102 on exit
def exited(user, bad):
    if bad:
        sys.exit(f"no such mail {user.email}")  # expect: PIL102 email
    sys.exit(2)  # ok: a status


# case: PIL103 in exceptions, assertions and warnings
def raised(user, bad):
    warnings.warn(f"old number {user.phone}", stacklevel=2)  # expect: PIL103 phone
    warnings.warn("old number", stacklevel=2)  # ok: a constant
    assert bad, user.email  # expect: PIL103 email
    if bad:
        raise ValueError("no such user", user.id)  # ok: the id
    raise ValueError("no such user", user.phone)  # expect: PIL103 phone


# case: PIL104 in error tracking
def tracked(user):
    sentry_sdk.set_user({"id": user.id, "email": user.email})  # expect: PIL104 email
    sentry_sdk.set_user({"id": user.id})  # ok: the id
    sentry_sdk.set_tag("phone", user.phone)  # expect: PIL104 phone


# case: PIL105 in keys, names of files and addresses
def identified(user):
    cache.get(f"user:{user.phone}")  # expect: PIL105 phone
    cache.get(f"user:{user.id}")  # ok: the id
    open(f"/data/{user.id_card_no}.pdf", "rb").close()  # expect: PIL105 id_number
    open(f"/data/{user.id}.pdf", "rb").close()  # ok: the id


# case: PIL105 in a redirect and a cookie
def redirected(user):
    response = make_response("ok")
    response.set_cookie("mail", user.email)  # expect: PIL105 email
    response.set_cookie("theme", "dark")  # ok: a constant
    if user.new:
        return redirect(f"/welcome?mail={user.email}")  # expect: PIL105 email
    return redirect(f"/welcome?id={user.id}")  # ok: the id


# case: PIL106 of high fields
def responded(user):
    if user.new:
        return jsonify({"id_card": user.id_card_no})  # expect: PIL106 id_number
    return jsonify({"id": user.id})  # ok: the id


# case: PIL106 of other fields in the strict profile
def responded_strictly(user):
    if user.new:
        return jsonify({"phone": user.phone})  # expect[strict]: PIL106 phone
    return jsonify({"level": user.level})  # ok: a level


# case: PIL107 without TLS
def insecure(user):
    url = "http://api.courier-partner.com/v1"
    requests.post(url, json={"to": user.phone}, timeout=5)  # expect: PIL091 phone; PIL107 phone
    requests.post(url, json={"n": 1}, timeout=5)  # ok: nothing personal


# case: PIL107 with checks of the certificate off
def unverified(user):
    url = "https://api.courier-partner.com/v1"
    requests.post(url, json={"to": user.phone}, timeout=5, verify=False)  # expect: PIL091 phone; PIL107 phone
    requests.post(url, json={"id": user.id}, timeout=5, verify=False)  # ok: the id


# case: PIL107 of mail without TLS
def mailed(user, text):
    with smtplib.SMTP("mail.operator.example.com") as plain:
        plain.sendmail("noreply@operator.example.com", [user.email], text)  # expect: PIL107 email
    with smtplib.SMTP("mail.operator.example.com") as secured:
        secured.starttls()
        secured.sendmail("noreply@operator.example.com", [user.email], text)  # ok: TLS, and his own mail


# case: PIL131 in files
def exported(users, path):
    with open(path, "w") as file:
        json.dump([user.phone for user in users], file)  # expect: PIL131 phone
        json.dump([user.id for user in users], file)  # ok: ids
    with open(path, "wb") as file:
        pickle.dump({"mail": [user.email for user in users]}, file)  # expect: PIL131 email


# case: PIL131 in a spreadsheet
def spreadsheet(users):
    book, other = Workbook(), Workbook()
    for user in users:
        book.active.append([user.id, user.phone])
        other.active.append([user.id, user.level])
    book.save("members.xlsx")  # expect: PIL131 phone
    other.save("levels.xlsx")  # ok: no personal column


# case: PIL131 of a data frame
def framed(users):
    frame = pd.DataFrame([{"id": user.id, "phone": user.phone} for user in users])
    frame.to_csv("all.csv")  # expect: PIL131 phone
    frame[["id"]].to_csv("ids.csv")  # ok: one column
    frame.drop(columns=["phone"]).to_csv("rest.csv")  # ok: dropped


# case: PIL132 of high fields
def kept(user):
    cache.set(f"card:{user.id}", user.id_card_no)  # expect: PIL132 id_number
    cache.set(f"level:{user.id}", user.level)  # ok: a level


# case: PIL132 of other fields in the strict profile
def kept_strictly(user):
    cache.set(f"contact:{user.id}", user.phone)  # expect[strict]: PIL132 phone
    cache.set(f"size:{user.id}", len(user.phone))  # ok: a length


# case: PIL132 in SQL
def inserted(cursor, user):
    insert = "INSERT INTO people (id, id_card_no) VALUES (%s, %s)"
    cursor.execute(insert, (user.id, user.id_card_no))  # expect: PIL132 id_number
    cursor.execute("INSERT INTO people (id, level) VALUES (%s, %s)", (user.id, user.level))  # ok: no personal column


# case: PIL133 in place of the finding it hides
def weakly(user):
    logger.info("%s", hashlib.md5(user.phone.encode()).hexdigest())  # expect: PIL133 phone
    print(base64.b64encode(user.email.encode()))  # expect: PIL133 email
    print(hashlib.md5(b"constant").hexdigest())  # ok: a constant


# case: PIL133 keeps the profile of what it replaces
def weakly_kept(user):
    cache.set(f"p:{user.id}", hashlib.md5(user.phone.encode()).hexdigest())  # expect[strict]: PIL133 phone
    cache.set(f"n:{user.id}", "1")  # ok: a constant
