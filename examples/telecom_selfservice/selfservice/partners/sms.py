"""Two SMS providers: a supervised processor for codes, and a cheap one for everything else."""

import requests

from selfservice import settings
from selfservice.privacy import compact


class SmsProvider:
    """Sends short messages. Subclasses name the address."""

    address = ""

    def headers(self):
        return {"X-Api-Key": settings.PARTNER_API_KEY}


class CodeSms(SmsProvider):
    """The provider under contract, named in pi-lint.toml."""

    address = settings.CODE_SMS_URL

    def send_code(self, number, text):
        message = {"to": number, "text": text}
        requests.post(self.address, json=message, headers=self.headers(), timeout=5)  # ok: a supervised processor


class BulkSms(SmsProvider):
    address = settings.BULK_SMS_URL

    def announce(self, number, text):
        message = {"to": compact(number), "text": text}
        requests.post(self.address, json=message, headers=self.headers(), timeout=5)  # expect: PIL091 phone

    def announce_to_consenting(self, number, text):
        message = {"to": compact(number), "text": text}
        requests.post(self.address, json=message, headers=self.headers(), timeout=5)  # ok: every caller checks consent


code_sms = CodeSms()
bulk_sms = BulkSms()
