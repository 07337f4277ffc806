"""Encryption of fields, and stand-ins for values that must still be compared."""

import hashlib
import hmac

from cryptography.fernet import Fernet

from selfservice import settings

_fernet = Fernet(settings.FIELD_KEY)


def seal(text):
    return _fernet.encrypt(text.encode()).decode()


def unseal(sealed):
    return _fernet.decrypt(sealed.encode()).decode()


def pseudonym(text):
    """The same stand-in for the same text, which only holders of the key can compute."""
    return hmac.new(settings.PSEUDONYM_KEY, text.encode(), hashlib.sha256).hexdigest()


def fingerprint(text):
    """The form of matching that partners ask for. Anybody can compute it for every number there is."""
    return hashlib.md5(text.encode()).hexdigest()
