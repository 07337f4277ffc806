"""Product analytics and advertising."""

import requests
import sensorsanalytics

from selfservice import settings

_sensors = sensorsanalytics.SensorsAnalytics(sensorsanalytics.DefaultConsumer(settings.SENSORS_URL))


def profile(subscriber):
    _sensors.profile_set(subscriber.id, {"tariff": subscriber.tariff})  # ok: a tariff
    _sensors.profile_set(subscriber.id, {"city": subscriber.home_address})  # expect: PIL092 address
    if subscriber.analytics_consent:
        _sensors.profile_set(subscriber.id, {"city": subscriber.home_address})  # ok: consent to analytics


def audience(subscribers):
    """Upload an audience for advertisements."""
    phones = [each.phone for each in subscribers]
    requests.post(settings.ADS_URL, json={"mobiles": phones}, timeout=30)  # expect: PIL092 phone
    agreed = [each.phone for each in subscribers if each.marketing_consent]
    requests.post(settings.ADS_URL, json={"mobiles": agreed}, timeout=30)  # ok: only of those who agreed
