"""Taking a number to or from another carrier."""

from selfservice.events import record_event
from selfservice.partners.porting import exchange
from selfservice.privacy import demand_sharing_consent


def port_in(subscriber, donor):
    demand_sharing_consent(subscriber)
    ticket = exchange.request(subscriber, donor).json()["ticket"]
    record_event("port in", subscriber=subscriber.id, ticket=ticket)
    return ticket


def port_back(subscriber, donor):
    if not subscriber.sharing_consent:
        return None
    return exchange.request(subscriber, donor).json()["ticket"]
