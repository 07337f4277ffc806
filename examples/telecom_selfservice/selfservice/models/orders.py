"""Orders of SIM cards and devices."""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from selfservice.extensions import db
from selfservice.models.subscriber import Subscriber


class ServiceOrder(db.Model):
    """Something that a courier takes to a subscriber."""

    __tablename__ = "service_orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscribers.id"))
    article: Mapped[str] = mapped_column(String(40))
    contact_phone: Mapped[str] = mapped_column(String(20))
    delivery_address: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(10), default="open")
    subscriber: Mapped[Subscriber] = relationship(back_populates="orders")

    def __repr__(self):
        return f"<ServiceOrder {self.id} to {self.delivery_address}>"

    @property
    def waybill(self):
        return f"HY{self.id:010d}"

    @property
    def consignment(self):
        """The courier's form of this order."""
        return {"waybill": self.waybill, "to": self.delivery_address, "tel": self.contact_phone}
