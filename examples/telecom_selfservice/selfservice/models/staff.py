"""The people in the shops and what they may do."""

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from selfservice.extensions import db


class Staff(db.Model):
    __tablename__ = "staff"

    id: Mapped[int] = mapped_column(primary_key=True)
    role: Mapped[str] = mapped_column(String(20))
    approved_exports: Mapped[list[str]] = mapped_column(JSON, default=list)
