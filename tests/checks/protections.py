"""What makes a value safe: libraries, bodies of the project's own functions, names; and what undoes it."""

import base64
import binascii
import hashlib
import hmac
import logging
import os
import secrets
import uuid

import bcrypt
from argon2 import PasswordHasher
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from vendorlib import desensitize, normalise_phone, redact

logger = logging.getLogger(__name__)
KEY = os.environ["FIELD_KEY"].encode()
box = Fernet(KEY)


# case: authenticated encryption
def encrypted(user):
    logger.info("%s", box.encrypt(user.phone.encode()))  # ok: encrypted
    logger.info("%s", user.phone.encode())  # expect: PIL101 phone


# case: decryption undoes it
def decrypted(user):
    token = box.encrypt(user.phone.encode())
    logger.info("%s", token)  # ok: encrypted
    logger.info("%s", box.decrypt(token).decode())  # expect: PIL101 phone


# case: a literal key is no key
def literal(user):
    weak = Fernet(b"cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=")
    logger.info("%s", weak.encrypt(user.phone.encode()))  # expect: PIL133 phone
    logger.info("%s", box.encrypt(user.phone.encode()))  # ok: the key comes from the environment


# case: AES-GCM
def gcm(user, key):
    cipher = AESGCM(key)
    nonce = os.urandom(12)
    logger.info("%s", cipher.encrypt(nonce, user.email.encode(), None))  # ok: encrypted
    logger.info("%s", nonce + user.email.encode())  # expect: PIL101 email


# case: a keyed hash
def keyed(user):
    logger.info("%s", hmac.new(KEY, user.phone.encode(), "sha256").hexdigest())  # ok: keyed
    logger.info("%s", hmac.new(b"salt", user.phone.encode(), "sha256").hexdigest())  # expect: PIL133 phone


# case: an unkeyed hash of a guessable value
def hashed(user):
    logger.info("%s", hashlib.sha256(user.phone.encode()).hexdigest())  # expect: PIL133 phone
    logger.info("%s", hashlib.sha256(user.open_id.encode()).hexdigest())  # ok: cannot be guessed


# case: a salted hash is as weak
def salted(user, salt):
    logger.info("%s", hashlib.md5((salt + user.email).encode()).hexdigest())  # expect: PIL133 email
    logger.info("%s", hashlib.md5(str(user.id).encode()).hexdigest())  # ok: no personal value


# case: hash objects that are filled later
def updated(user):
    digest = hashlib.sha1()
    digest.update(user.id_card_no.encode())
    logger.info("%s", digest.hexdigest())  # expect: PIL133 id_number
    other = hashlib.sha1()
    other.update(b"constant")
    logger.info("%s", other.hexdigest())  # ok: a constant


# case: slow hashes of passwords
def slow(user):
    logger.info("%s", bcrypt.hashpw(user.password.encode(), bcrypt.gensalt()))  # ok: slow and salted
    logger.info("%s", PasswordHasher().hash(user.password))  # ok: slow and salted
    logger.info("%s", hashlib.sha256(user.password.encode()).hexdigest())  # expect: PIL133 password


# case: encodings protect nothing
def encoded(user):
    logger.info("%s", base64.b64encode(user.phone.encode()))  # expect: PIL133 phone
    logger.info("%s", binascii.hexlify(user.phone.encode()))  # expect: PIL133 phone
    logger.info("%s", base64.b64encode(b"constant"))  # ok: a constant


# case: an encoding of an encrypted value
def encoded_encrypted(user):
    logger.info("%s", base64.b64encode(box.encrypt(user.phone.encode())))  # ok: encrypted below
    logger.info("%s", box.encrypt(base64.b64encode(user.phone.encode())))  # ok: encrypted above
    logger.info("%s", base64.b64decode(base64.b64encode(user.phone.encode())))  # expect: PIL101 phone


# case: a body that masks
def tail(value):
    return "*" * (len(value) - 4) + value[-4:]


def head(value):
    return value[:-4] + "****"


def by_body(user):
    logger.info("%s", tail(user.bank_card_no))  # ok: the last four
    logger.info("%s", head(user.bank_card_no))  # expect: PIL101 financial


# case: a body that masks on one way only
def sometimes(value, hide):
    if hide:
        return value[:3] + "****" + value[-4:]
    return value


def on_one_way(user, hide):
    logger.info("%s", sometimes(user.phone, hide))  # expect: PIL101 phone
    logger.info("%s", sometimes(user.phone, True))  # ok: hidden here


# case: a name counts where there is no body
def by_name(user):
    logger.info("%s", desensitize(user.phone))  # ok: says so
    logger.info("%s", redact(user.email))  # ok: says so
    logger.info("%s", normalise_phone(user.phone))  # expect: PIL101 phone


# case: a name is not believed against its body
def anonymize(value):
    return value.strip()


def against_body(user):
    logger.info("%s", anonymize(user.phone))  # expect: PIL101 phone
    logger.info("%s", redact(anonymize(user.phone)))  # ok: the outer one is believed


# case: masked and clear side by side
def beside(user):
    logger.info("%s", tail(user.phone))  # ok: masked
    logger.info("%s %s", tail(user.phone), user.phone)  # expect: PIL101 phone


# case: random tokens in place of the value
def tokens(user):
    token = secrets.token_hex(8)
    logger.info("%s", {"ref": token, "n": len(user.phone)})  # ok: random
    logger.info("%s", {"ref": token, "phone": user.phone})  # expect: PIL101 phone


# case: identifiers derived from the value
def derived(user):
    logger.info("%s", uuid.uuid4())  # ok: random
    logger.info("%s", uuid.uuid5(uuid.NAMESPACE_DNS, user.email))  # expect: PIL133 email
    logger.info("%s", hash(user.phone))  # expect: PIL133 phone


# case: a mask that is off in some environment
def in_environment(user):
    hide = os.environ.get("HIDE") == "1"
    logger.info("%s", tail(user.phone) if hide else user.phone)  # expect: PIL101 phone
    logger.info("%s", tail(user.phone) if hide else "-")  # ok: never in clear


# case: protected once, in a field
class Vault:
    def __init__(self, user):
        self.sealed = box.encrypt(user.phone.encode())
        self.clear = user.phone


def stored(user):
    vault = Vault(user)
    logger.info("%s", vault.sealed)  # ok: sealed
    logger.info("%s", vault.clear)  # expect: PIL101 phone


# case: overwritten in the record itself
def in_place(user):
    row = {"phone": user.phone, "mail": user.email}
    row["phone"] = tail(row["phone"])
    logger.info("%s", row)  # expect: PIL101 email
    row["mail"] = redact(row["mail"])
    logger.info("%s", row)  # ok: both are masked


# case: keys of a list are masked in a loop
SENSITIVE = ("phone", "mail")


def in_loop(user):
    row = {"phone": user.phone, "mail": user.email}
    logger.info("%s", row)  # expect: PIL101 email,phone
    for name in SENSITIVE:
        row[name] = "***"
    logger.info("%s", row)  # ok: both are overwritten
