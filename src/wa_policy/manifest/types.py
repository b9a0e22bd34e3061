# Generated from schemas/workspace.schema.json. Do not edit: change the schema, then run `make types`.
"""The shape of a manifest that satisfies the schema."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict


class Metadata(TypedDict):
    name: str
    environment: Literal['draft', 'test', 'live']
    description: NotRequired[str]
    legal_entity: NotRequired[str]
    owners: NotRequired[list[str]]


class MoEngageAttributes(TypedDict):
    mobile_number: NotRequired[str]
    opt_in: NotRequired[str]


class StaticIps(TypedDict):
    enabled: NotRequired[bool]
    enabled_on: NotRequired[str]
    ticket: NotRequired[str]


AllowedSources = TypedDict(
    'AllowedSources',
    {
        'from': NotRequired[Literal['meta', 'bsp']],
        'entries': NotRequired[list[str]],
    },
)


class BspAccount(TypedDict):
    id: NotRequired[str]
    status: NotRequired[Literal['active', 'pending', 'suspended', 'closed']]
    international: NotRequired[bool]
    home_country: NotRequired[str]
    proof: NotRequired[str]


class SecretReference(TypedDict):
    env: NotRequired[str]
    vault: NotRequired[str]
    aws_secrets_manager: NotRequired[str]
    gcp_secret_manager: NotRequired[str]
    azure_key_vault: NotRequired[str]
    file: NotRequired[str]


class IpAllowlist(TypedDict):
    requirement: NotRequired[Literal['required', 'optional', 'none', 'unknown']]
    confirmed_on: NotRequired[str]
    entries: NotRequired[list[str]]


class HealthStatus(TypedDict):
    can_send_message: NotRequired[str]


class OwnerBusinessInfo(TypedDict):
    id: NotRequired[str]
    name: NotRequired[str]


class RestrictionInfo(TypedDict):
    restriction_type: NotRequired[str]
    expiration: NotRequired[str]


class ViolationInfo(TypedDict):
    violation_type: NotRequired[str]


class Waba(TypedDict):
    id: str
    name: NotRequired[str]
    status: NotRequired[str]
    account_review_status: NotRequired[str]
    business_verification_status: NotRequired[str]
    ownership_type: NotRequired[str]
    country: NotRequired[str]
    currency: NotRequired[str]
    timezone_id: NotRequired[str]
    primary_funding_id: NotRequired[str]
    owner_business_info: NotRequired[OwnerBusinessInfo]
    message_template_namespace: NotRequired[str]
    whatsapp_business_manager_messaging_limit: NotRequired[str]
    message_template_count: NotRequired[int]
    message_template_limit: NotRequired[int]
    max_phone_numbers_per_business: NotRequired[int]
    health_status: NotRequired[HealthStatus]
    restriction_info: NotRequired[list[RestrictionInfo]]
    waba_ban_state: NotRequired[str]
    violation_info: NotRequired[ViolationInfo]
    disable_marketing_messages_on_cloud_api: NotRequired[bool]


class Ownership(TypedDict):
    owner: NotRequired[str]
    proof: NotRequired[str]
    verified_on: NotRequired[str]


class CanReceive(TypedDict):
    voice: NotRequired[bool]
    sms: NotRequired[bool]
    behind_ivr: NotRequired[bool]
    ivr_hands_to_person: NotRequired[bool]


class Throughput(TypedDict):
    level: NotRequired[str]


class QualityScore(TypedDict):
    score: NotRequired[str]
    date: NotRequired[int]


class PhoneNumber(TypedDict):
    number: str
    id: NotRequired[str]
    verified_name: NotRequired[str]
    name_status: NotRequired[str]
    new_name_status: NotRequired[str]
    ownership: NotRequired[Ownership]
    can_receive: NotRequired[CanReceive]
    messenger_account: NotRequired[Literal['none', 'deleted', 'active']]
    code_verification_status: NotRequired[str]
    status: NotRequired[str]
    quality_rating: NotRequired[str]
    quality_score: NotRequired[QualityScore]
    account_mode: NotRequired[str]
    platform_type: NotRequired[str]
    throughput: NotRequired[Throughput]
    is_pin_enabled: NotRequired[bool]
    is_official_business_account: NotRequired[bool]
    whatsapp_business_manager_messaging_limit: NotRequired[str]
    messaging_limit_tier: NotRequired[str]


class NamedParam(TypedDict):
    param_name: NotRequired[str]
    example: NotRequired[str]


class LimitedTimeOffer(TypedDict):
    text: NotRequired[str]
    has_expiration: NotRequired[bool]


class SupportedApp(TypedDict):
    package_name: NotRequired[str]
    signature_hash: NotRequired[str]


class Consent(TypedDict):
    text: NotRequired[str]
    methods: NotRequired[list[Literal['website', 'in_store', 'sms', 'ivr', 'whatsapp', 'app', 'paper', 'other']]]
    collected_in: NotRequired[list[str]]
    url: NotRequired[str]


class HeaderValue(TypedDict):
    kind: Literal['text', 'image', 'video', 'document', 'location']
    value: NotRequired[str]


class ButtonValue(TypedDict):
    kind: Literal['url', 'copy_code']
    index: NotRequired[int]
    value: NotRequired[str]


class Audience(TypedDict):
    size: NotRequired[int]
    countries: NotRequired[list[str]]
    area_codes: NotRequired[list[str]]
    segment: NotRequired[str]


class ProviderEvidence(TypedDict):
    templates: NotRequired[str]
    observed_at: NotRequired[str]


class GraphEvidence(TypedDict):
    waba: NotRequired[str]
    phone_numbers: NotRequired[str]
    templates: NotRequired[str]
    observed_at: NotRequired[str]


class Callbacks(TypedDict):
    delivery: NotRequired[str]
    inbound: NotRequired[str]
    allowed_sources: NotRequired[AllowedSources]


class Bsp(TypedDict):
    provider: str
    integration: NotRequired[Literal['native', 'generic', 'connector']]
    account: NotRequired[BspAccount]
    sender_name: NotRequired[str]
    sender_number: NotRequired[str]
    token_kind: NotRequired[Literal['temporary', 'system_user']]
    sender_fields: NotRequired[dict[str, str]]
    credentials: NotRequired[dict[str, SecretReference]]
    ip_allowlist: NotRequired[IpAllowlist]


class ComponentExample(TypedDict):
    header_text: NotRequired[list[str]]
    header_handle: NotRequired[list[str]]
    header_url: NotRequired[list[str]]
    header_text_named_params: NotRequired[list[NamedParam]]
    body_text: NotRequired[str | list[str | list[str]]]
    body_text_named_params: NotRequired[list[NamedParam]]


class Button(TypedDict):
    type: Literal['QUICK_REPLY', 'URL', 'PHONE_NUMBER', 'COPY_CODE', 'OTP', 'FLOW', 'CATALOG', 'MPM', 'SPM', 'VOICE_CALL', 'EXTENSION', 'ORDER_DETAILS', 'POSTBACK', 'REMINDER', 'SEND_LOCATION']
    text: NotRequired[str]
    url: NotRequired[str]
    phone_number: NotRequired[str]
    example: NotRequired[str | list[str]]
    otp_type: NotRequired[Literal['COPY_CODE', 'ONE_TAP', 'ZERO_TAP']]
    autofill_text: NotRequired[str]
    supported_apps: NotRequired[list[SupportedApp]]
    package_name: NotRequired[str]
    signature_hash: NotRequired[str]
    zero_tap_terms_accepted: NotRequired[bool]
    flow_id: NotRequired[str]
    flow_name: NotRequired[str]
    flow_json: NotRequired[str]
    flow_action: NotRequired[str]
    navigate_screen: NotRequired[str]


class OptIn(TypedDict):
    consent: NotRequired[Consent]
    synced_to: NotRequired[list[Literal['moengage', 'bsp']]]
    synced_on: NotRequired[str]
    blank_users: NotRequired[Literal['suppress', 'send']]
    resubscribe_path: NotRequired[str]
    audit: NotRequired[str]


class CampaignTemplate(TypedDict):
    name: NotRequired[str]
    language: NotRequired[str]
    parameters: NotRequired[list[str]]
    named_parameters: NotRequired[dict[str, str]]
    header: NotRequired[HeaderValue]
    buttons: NotRequired[list[ButtonValue]]


class Evidence(TypedDict):
    graph: NotRequired[GraphEvidence]
    provider: NotRequired[ProviderEvidence]


class MoEngage(TypedDict):
    workspace_id: str
    data_center: str
    attributes: NotRequired[MoEngageAttributes]
    static_ips: NotRequired[StaticIps]
    callbacks: NotRequired[Callbacks]


class Campaign(TypedDict):
    name: str
    sender: NotRequired[str]
    template: NotRequired[CampaignTemplate]
    audience: NotRequired[Audience]
    ignore_opt_in: NotRequired[bool]
    delivery_type: NotRequired[Literal['one_time', 'periodic', 'event_triggered', 'flow']]
    request_limit_per_minute: NotRequired[int]
    expected_longest_text: NotRequired[int]


class Workspace(TypedDict):
    apiVersion: Literal['wa-policy/v1']
    kind: Literal['Workspace']
    metadata: Metadata
    moengage: MoEngage
    bsp: Bsp
    waba: Waba
    phone_numbers: list[PhoneNumber]
    templates: NotRequired[list[Template]]
    opt_in: NotRequired[OptIn]
    campaigns: NotRequired[list[Campaign]]
    evidence: NotRequired[Evidence]


class Template(TypedDict):
    name: str
    id: NotRequired[str]
    language: str
    category: str
    previous_category: NotRequired[str]
    correct_category: NotRequired[str]
    sub_category: NotRequired[str]
    status: NotRequired[str]
    rejected_reason: NotRequired[str]
    quality_score: NotRequired[QualityScore]
    parameter_format: NotRequired[str]
    message_send_ttl_seconds: NotRequired[int]
    display_format: NotRequired[str]
    cta_url_link_tracking_opted_out: NotRequired[bool]
    allow_category_change: NotRequired[bool]
    in_moengage: NotRequired[InMoEngage]
    components: NotRequired[list[Component]]


class InMoEngage(TypedDict):
    status: NotRequired[str]
    sender_profiles: NotRequired[list[str]]
    name: NotRequired[str]
    language: NotRequired[str]
    category: NotRequired[str]
    template_type: NotRequired[str]
    components: NotRequired[list[Component]]


class Component(TypedDict):
    type: Literal['HEADER', 'BODY', 'FOOTER', 'BUTTONS', 'CAROUSEL', 'LIMITED_TIME_OFFER', 'CALL_PERMISSION_REQUEST']
    format: NotRequired[Literal['TEXT', 'IMAGE', 'VIDEO', 'DOCUMENT', 'LOCATION', 'PRODUCT', 'GIF']]
    text: NotRequired[str]
    example: NotRequired[ComponentExample]
    add_security_recommendation: NotRequired[bool]
    code_expiration_minutes: NotRequired[int]
    buttons: NotRequired[list[Button]]
    cards: NotRequired[list[Card]]
    limited_time_offer: NotRequired[LimitedTimeOffer]


class Card(TypedDict):
    components: NotRequired[list[Component]]
