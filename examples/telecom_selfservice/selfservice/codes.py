"""One-time codes for signing in, and the limit on wrong ones, in Redis."""

import secrets

from selfservice.extensions import store
from selfservice.privacy import pseudonym

LIFETIME = 300


class CodeBook:
    def issue(self, subscriber):
        otp_code = f"{secrets.randbelow(10**6):06d}"
        store.setex(f"code:{subscriber.phone}", LIFETIME, otp_code)  # expect: PIL105 phone
        store.delete(f"wrong:{pseudonym(subscriber.phone)}")  # ok: a keyed hash
        return otp_code

    def matches(self, subscriber, otp_code):
        known = store.get(f"code:{subscriber.phone}")  # expect: PIL105 phone
        if known is None or known.decode() != otp_code:
            store.incr(f"wrong:{subscriber.id}")  # ok: an id
            return False
        return True


book = CodeBook()
