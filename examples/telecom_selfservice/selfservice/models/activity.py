"""Call records, for the itemised statement."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from selfservice.extensions import db


class CallRecord(db.Model):
    __tablename__ = "call_records"

    id: Mapped[int] = mapped_column(primary_key=True)
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscribers.id"))
    callee_phone: Mapped[str] = mapped_column(String(20))
    opened: Mapped[datetime]
    month: Mapped[str] = mapped_column(String(7))
    minutes: Mapped[int]
    fee: Mapped[int]
