"""The gates of this room: suppression, subscription or basis, a confirmation still wanted, "never ask for a review"."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.db.models import Exists, F, OuterRef, Q

from wagtail_flows.contacts.address import InvalidAddress, key_hash, normalise
from wagtail_flows.contacts.models import Contact, Subscription, Suppression, suppressing_scopes
from wagtail_flows.contacts.suppressions import suppressed_ids
from wagtail_flows.messages import reasons
from wagtail_flows.messages.channels.port import reaches_contact
from wagtail_flows.messages.delivery_models import Basis, Delivery, Stream
from wagtail_flows.messages.gates import Skip


def suppression_gate(deliveries: Sequence[Delivery]) -> Mapping[int, Skip]:
    """Skip whom we must never write to, by any channel that reaches them: by the contact's address of today, and by the
    one that the delivery carries."""
    found: dict[int, Skip] = {}
    for stream in Stream.values:
        mine = [one for one in deliveries if one.stream == stream and reaches_contact(one.channel)]
        people = suppressed_ids([one.contact_id for one in mine], stream) if mine else set()
        hashes = _suppressed_hashes(mine, stream)
        for one in mine:
            if one.contact_id in people or _hash_of(one) in hashes:
                found[one.pk] = Skip(reasons.SUPPRESSED)
    return found


def may_be_suppressed() -> Q:
    """Any suppression of the contact's address, and any delivery that carries another one."""
    known = Suppression.objects.filter(key_hash=OuterRef("contact__key_hash"))
    return ~Q(address=F("contact__address")) | Q(Exists(known))


def _suppressed_hashes(deliveries: Iterable[Delivery], stream: str) -> set[str]:
    wanted = {_hash_of(one) for one in deliveries}
    found = Suppression.objects.filter(key_hash__in=wanted, scope__in=suppressing_scopes(stream))
    return set(found.values_list("key_hash", flat=True)) if wanted else set()


def _hash_of(delivery: Delivery) -> str:
    try:
        return key_hash(normalise(delivery.address))
    except InvalidAddress:
        return ""  # nothing can be suppressed under it; the envelope refuses it in its own words


def basis_gate(deliveries: Sequence[Delivery]) -> Mapping[int, Skip]:
    """Skip commercial mail without its basis: no confirmed subscription, or left the very list that it names."""
    commercial = [one for one in deliveries if one.stream == Stream.COMMERCIAL]
    statuses = _statuses(commercial)
    verdicts = ((one.pk, _reason_against(one, statuses)) for one in commercial)
    return {pk: Skip(reason) for pk, reason in verdicts if reason}


def may_lack_its_basis() -> Q:
    """Commercial mail to a customer who left the list, or on any other basis to nobody who is subscribed to it."""
    here = Subscription.objects.filter(contact=OuterRef("contact"), mailing_list=OuterRef("mailing_list"))
    has_left = Exists(here.filter(status=Subscription.Status.UNSUBSCRIBED))
    is_in = Exists(here.filter(status=Subscription.Status.SUBSCRIBED))
    is_customer = Q(basis=Basis.EXISTING_CUSTOMER)
    return Q(stream=Stream.COMMERCIAL) & ((is_customer & Q(has_left)) | (~is_customer & ~Q(is_in)))


def _reason_against(delivery: Delivery, statuses: Mapping[tuple[int, int | None], str]) -> str:
    status = statuses.get((delivery.contact_id, delivery.mailing_list_id))
    if status == Subscription.Status.UNSUBSCRIBED:
        return reasons.LEFT_LIST
    if delivery.basis == Basis.EXISTING_CUSTOMER:
        return ""
    if delivery.basis != Basis.SUBSCRIPTION:
        return reasons.NO_BASIS
    if delivery.mailing_list_id is None:
        return reasons.NO_LIST
    return "" if status == Subscription.Status.SUBSCRIBED else reasons.NOT_SUBSCRIBED


def _statuses(deliveries: Sequence[Delivery]) -> dict[tuple[int, int | None], str]:
    lists = {one.mailing_list_id for one in deliveries if one.mailing_list_id}
    if not lists:
        return {}
    found = Subscription.objects.filter(
        contact__in={one.contact_id for one in deliveries}, mailing_list__in=lists
    ).values_list("contact_id", "mailing_list_id", "status")
    return {(contact, mailing_list): status for contact, mailing_list, status in found}


def confirmation_gate(deliveries: Sequence[Delivery]) -> Mapping[int, Skip]:
    """Skip a confirmation request that waits for nothing: confirmed, left, or asked for anew since (another round)."""
    requests = [one for one in deliveries if one.kind == Delivery.Kind.CONFIRMATION]
    wanted = {one.context.get("subscription", "") for one in requests}
    if not wanted:
        return {}
    pending = {
        (str(public_id), asked)
        for public_id, asked in Subscription.objects.filter(
            public_id__in=wanted, status=Subscription.Status.PENDING
        ).values_list("public_id", "round")
    }
    return {
        one.pk: Skip(reasons.NOT_PENDING)
        for one in requests
        if (one.context.get("subscription"), one.context.get("round")) not in pending
    }


def is_a_confirmation() -> Q:
    """Each of them: there are few."""
    return Q(kind=Delivery.Kind.CONFIRMATION)


def review_gate(deliveries: Sequence[Delivery]) -> Mapping[int, Skip]:
    """Skip a review request to who is marked "never ask for a review"."""
    requests = [one for one in deliveries if one.asks_for_review]
    if not requests:
        return {}
    spared = set(
        Contact.objects.filter(pk__in={one.contact_id for one in requests}, is_never_asked_for_review=True).values_list(
            "pk", flat=True
        )
    )
    return {one.pk: Skip(reasons.NEVER_ASK_FOR_REVIEW) for one in requests if one.contact_id in spared}


def may_never_be_asked() -> Q:
    return Q(asks_for_review=True, contact__is_never_asked_for_review=True)
