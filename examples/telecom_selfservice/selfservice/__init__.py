"""Self-service of a mobile carrier: subscribers manage their tariff, orders and consents; shop staff helps them."""
