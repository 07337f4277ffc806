"""Subscribers and what they agreed to."""

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from selfservice.extensions import db

if TYPE_CHECKING:
    from selfservice.models.orders import ServiceOrder


class Subscriber(db.Model):
    """A person with a contract. `id_number` and `bank_card_no` hold sealed texts only."""

    __tablename__ = "subscribers"

    id: Mapped[int] = mapped_column(primary_key=True)
    full_name: Mapped[str] = mapped_column(String(80))
    phone: Mapped[str] = mapped_column(String(20), unique=True)
    email: Mapped[str | None] = mapped_column(String(120))
    home_address: Mapped[str | None] = mapped_column(String(200))
    id_number: Mapped[str] = mapped_column(String(256))
    bank_card_no: Mapped[str | None] = mapped_column(String(256))
    password_hash: Mapped[str] = mapped_column(String(128))
    tariff: Mapped[str] = mapped_column(String(20), default="basic")
    sharing_consent: Mapped[bool] = mapped_column(default=False)
    marketing_consent: Mapped[bool] = mapped_column(default=False)
    analytics_consent: Mapped[bool] = mapped_column(default=False)
    closed_on: Mapped[datetime | None]
    orders: Mapped[list["ServiceOrder"]] = relationship(
        back_populates="subscriber", cascade="all, delete-orphan"
    )

    def __repr__(self):
        return f"<Subscriber {self.id}>"

    def to_dict(self):
        """What the account page shows."""
        return {"id": self.id, "full_name": self.full_name, "phone": self.phone, "tariff": self.tariff}

    def to_public(self):
        """What other subscribers of a family plan may see."""
        return {"id": self.id, "tariff": self.tariff}
