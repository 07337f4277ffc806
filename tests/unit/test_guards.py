"""Names and values of checks: consent, permission, review, audit record."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from pi_lint.knowledge.guards import GuardWords

GUARDS = Path(__file__).parents[2] / "rules" / "guards.yaml"


@pytest.fixture(scope="module")
def guards() -> GuardWords:
    return GuardWords.build(yaml.safe_load(GUARDS.read_text(encoding="utf-8")))


# Space-separated names; what each must be is the key: sign and kind, then the purposes.
NAMES = {
    "consent": """
        has_consented consent user.consent consents granted_consents has_consent consent_given consented_at
        agreed_at agreed is_agree consent_service.is_granted ensure_consent require_consent check_consent tongyi
        同意 已同意 is_tongyi data_consent contact_consent sms_consent email_consent consent_status opted_in opt_in
        gdpr_consent can_contact sms_opt_in consent_date require_user_consent hasConsent ConsentRequired
        consent_required user_has_consented parental_consent
    """,
    "consent privacy": """
        privacy_policy_accepted agree_privacy_policy accept_privacy accepted_privacy_policy_at 同意隐私政策
        privacy_agreed agreed_to_privacy_policy
    """,
    "consent marketing": """
        marketing_opt_in marketing_consent accepts_marketing newsletter_opt_in newsletter_subscribed
        subscribed_to_newsletter wants_newsletter allow_marketing promo_consent consent_marketing
        can_send_marketing marketing_allowed 同意营销 marketing_sms_consent
    """,
    "consent advertising": """
        ads_consent advertising_consent allow_ads ad_consent
    """,
    "consent analytics": """
        analytics_consent allow_tracking tracking_allowed analytics_opt_in
    """,
    "consent profiling": """
        profiling_consent consent_to_profiling
    """,
    "consent terms": """
        terms_accepted accepted_terms agree_terms tos_accepted accept_tos
    """,
    "consent terms,privacy": """
        accept_terms_and_privacy
    """,
    "consent other": """
        shipping_consent screening_consent location_consent ai_processing_consent payment_data_consent
        credit_check_consent referral_consent sharing_consent sharing_opt_in
    """,
    "-consent": """
        opted_out opt_out unsubscribed revoked consent_revoked consent_withdrawn declined refused consent_refused
        sms_opt_out is_unsubscribed do_not_contact not_consented 拒绝 disagreed
    """,
    "permission": """
        has_perm has_permission permission_required permission_classes is_staff is_superuser IsAdminUser role
        roles user.roles roles_required user_passes_test staff_member_required may_call can_export can_view_phone
        has_role require_role check_permission require_admin is_admin request.user.has_perm 权限 有权限 permitted
        permissions admin_required PermissionRequiredMixin
    """,
    "review": """
        approved approval export_approved approved_by require_export_approval destruction_approved
        approved_exports is_approved reviewed_by approval_status ExportApproval 审批通过 已审批 check_approval
        ticket.approved export_review
    """,
    "-review": """
        unapproved approval_rejected
    """,
    "audit": """
        AuditEntry record_audit audit_log OperationLog write_audit AuditLog 审计 操作日志 audit log_operation
        audit_trail caozuo_rizhi create_audit_record AuditEvent
    """,
    "none": """
        consent_requested_at consent_dialog_shown consent_service consent_service.ask consent_version
        terms_version consent_text consent_url consent_template consent_log consent_prompt_sent consent_id
        ask_consent request_consent login_required is_authenticated is_active active user name email logger info
        is_verified enabled blocked suppressed cancelled locked is_deleted review_count rating audit_logger
        approval_requested has_phone subscription is_subscribed plan newsletter marketing_email agreement_url
        permission_denied PermissionError analytics note_consent privacy_policy_url approve_url terms url filter
        granted
    """,
}


@pytest.mark.parametrize(("name", "expected"), [(n, key) for key, text in NAMES.items() for n in text.split()])
def test_of_name(guards: GuardWords, name: str, expected: str) -> None:
    match = guards.of_name(name)
    if expected == "none":
        assert match is None
        return
    assert match is not None
    sign_and_kind, _, purposes = expected.partition(" ")
    assert match.kind == sign_and_kind.lstrip("-")
    assert match.positive is not sign_and_kind.startswith("-")
    if match.positive:
        assert match.purposes == frozenset(purposes.split(",") if purposes else ())


@pytest.mark.parametrize(
    ("value", "expected"),
    [("granted", True), ("yes", True), ("on", True), ("Accepted", True), ("opted-in", True), ("staff", True),
     ("approved", True), ("1", True), ("同意", True), ("0", False), ("refused", False), ("revoked", False),
     ("pending", False),
     ("no", False), ("opted_out", False), ("拒绝", False), ("gold", None), ("", None), ("sms", None)],
)  # fmt: skip
def test_of_value(guards: GuardWords, value: str, expected: bool | None) -> None:
    assert guards.of_value(value) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("marketing", {"marketing"}), ("newsletter", {"marketing"}), ("sms", set()), ("email marketing", {"marketing"}),
     ("delivery", {"other"}), ("kyc", {"other"}), ("analytics", {"analytics"}), ("ads", {"advertising"}), ("", set())],
)  # fmt: skip
def test_purposes_of(guards: GuardWords, text: str, expected: set[str]) -> None:
    assert guards.purposes_of(text) == expected


def test_a_switch_needs_a_purpose(guards: GuardWords) -> None:
    match = guards.of_switch("analytics_enabled")
    assert match is not None
    assert match.purposes == {"analytics"}
    assert guards.of_switch("cache_enabled") is None
    assert guards.of_name("analytics_enabled") is None


def test_a_refused_consent_keeps_its_sign(guards: GuardWords) -> None:
    match = guards.of_name("marketing_opt_out")
    assert match is not None
    assert not match.positive
    assert match.purposes == {"marketing"}
