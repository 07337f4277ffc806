"""The national exchange for moving a number from one carrier to another. Its gateway knows no TLS."""

import requests

from selfservice import settings


class PortingExchange:
    def __init__(self, url):
        self.url = url

    def request(self, subscriber, donor):
        """Both callers make sure that the subscriber has agreed; that does not make the line secret."""
        body = {"number": subscriber.phone, "holder": subscriber.full_name, "donor": donor}
        return requests.post(self.url, json=body, timeout=20)  # expect: PIL107 name,phone

    def state(self, ticket):
        return requests.get(f"{self.url}/{ticket}", timeout=20)  # ok: the number of a request


exchange = PortingExchange(settings.PORTING_URL)
