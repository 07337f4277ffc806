"""Settings. Whatever is secret comes from the environment."""

import os

DATABASE_URL = os.environ["DATABASE_URL"]
REDIS_URL = os.environ["REDIS_URL"]
BROKER_URL = os.environ["BROKER_URL"]
SECRET_KEY = os.environ["SECRET_KEY"]
FIELD_KEY = os.environ["FIELD_KEY"].encode()
PSEUDONYM_KEY = os.environ["PSEUDONYM_KEY"].encode()
SENSORS_URL = os.environ["SENSORS_URL"]
PARTNER_API_KEY = os.environ["PARTNER_TOKEN"]

BILLING_URL = "https://billing.haoyun.example/v1"
CODE_SMS_URL = "https://sms.haoyun-cloud.example/v2/send"
BULK_SMS_URL = "https://api.bulk-sms.example/v1/messages"
CREDIT_URL = "https://api.credit-bureau.example/v3/score"
COURIER_URL = "https://open.express-courier.example/orders"
LOYALTY_URL = "https://members.airmiles-club.example/match"
PORTING_URL = "http://gateway.number-porting.example/requests"
ADS_URL = "https://ad.oceanengine.com/open_api/2/dmp/upload/"

EXPORT_FOLDER = "/srv/selfservice/exports"
STATEMENT_FOLDER = "/srv/selfservice/statements"
TRACE_PARTNER_BODIES = False
