"""Work in the background. Importing this package registers the tasks."""

from . import billing, deliveries, exports, insight, notices

__all__ = ["billing", "deliveries", "exports", "insight", "notices"]
