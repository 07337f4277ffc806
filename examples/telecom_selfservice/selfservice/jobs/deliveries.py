"""Handing orders to the courier."""

from celery.utils.log import get_task_logger

from selfservice.extensions import celery, db
from selfservice.models import ServiceOrder
from selfservice.partners import courier

logger = get_task_logger(__name__)


@celery.task(bind=True, max_retries=3)
def deliver(self, order_id):
    order = db.session.get(ServiceOrder, order_id)
    logger.info("handing over %r", order)  # expect: PIL101 address
    logger.info("handing over an order of %r", order.subscriber)  # ok: the repr shows the id
    try:
        courier.hand_over(order)
    except courier.CourierDown as down:
        logger.warning("the courier is down: %s", down)  # ok: the text is a waybill
        raise self.retry(exc=down) from down
    order.state = "sent"
    db.session.commit()


@celery.task
def recall(order_id):
    courier.recall(db.session.get(ServiceOrder, order_id))
