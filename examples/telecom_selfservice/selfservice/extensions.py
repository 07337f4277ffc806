"""Objects that the whole application shares."""

import redis
from celery import Celery
from flask_sqlalchemy import SQLAlchemy

from selfservice import settings

db = SQLAlchemy()
store = redis.Redis.from_url(settings.REDIS_URL)
celery = Celery("selfservice", broker=settings.BROKER_URL)
