"""Everything that makes personal information safe to handle, in one place."""

from .consent import ConsentMissing, demand_sharing_consent, export_approved, sharing_consent_required
from .masking import compact, last_four, middle_hidden, surname_only
from .sealing import fingerprint, pseudonym, seal, unseal

__all__ = [
    "ConsentMissing",
    "compact",
    "demand_sharing_consent",
    "export_approved",
    "fingerprint",
    "last_four",
    "middle_hidden",
    "pseudonym",
    "seal",
    "sharing_consent_required",
    "surname_only",
    "unseal",
]
