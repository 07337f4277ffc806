"""The tables. The rest of the application imports them from here."""

from .activity import CallRecord
from .orders import ServiceOrder
from .staff import Staff
from .subscriber import Subscriber

__all__ = ["CallRecord", "ServiceOrder", "Staff", "Subscriber"]
