"""A thousand of what there are many of, with the long names that French people and their streets have."""

from datetime import timedelta
from decimal import Decimal

from tests.admin.world import World
from wagtail_flows.contacts.address import key_hash
from wagtail_flows.contacts.models import Contact, MailingList, Subscription
from wagtail_flows.lib import clock
from wagtail_flows.messages.models import Delivery
from wagtail_flows.shop.models import Order


FIRST = ("Marie-Antoinette", "Jean-Christophe", "Bérengère", "Anne-Sophie", "Théophile", "Gwénaëlle")
LAST = ("de La Rochefoucauld-Montmorency", "Vandenbroucke", "Le Goff", "Saint-Exupéry d’Aubigné", "Ng")
LISTS = (
    "Lettre d’information mensuelle des abonnés de la région Auvergne-Rhône-Alpes",
    "Offres réservées aux clients fidèles",
    "Actualités",
)


def make_crowd(world: World, count: int = 1000) -> None:
    now = clock.now()
    contacts = Contact.objects.bulk_create(contact(number, now) for number in range(count))
    lists = [MailingList.objects.create(name=name, public_name=name) for name in LISTS]
    Subscription.objects.bulk_create(
        Subscription(contact=one, mailing_list=lists[index % 3], status=status, requested_at=now, confirmed_at=now)
        for index, one in enumerate(contacts)
        for status in [list(Subscription.Status)[index % 3]]
    )
    Delivery.objects.bulk_create(delivery(index, one, now) for index, one in enumerate(contacts))
    Order.objects.bulk_create(order(index, one, world, now) for index, one in enumerate(contacts))


def contact(number, now) -> Contact:
    first, last = FIRST[number % len(FIRST)], LAST[number % len(LAST)]
    address = f"{first}.{last}.{number}@exemple-de-domaine-plutot-long.fr".lower().replace(" ", "-").replace("’", "-")
    created = now - timedelta(hours=number)
    return Contact(
        address=address,
        key=address,
        key_hash=key_hash(address),
        first_name=first,
        last_name=last,
        locale="fr",
        created_at=created,
    )


def delivery(index, one, now) -> Delivery:
    status = list(Delivery.Status)[index % 6]
    reason = {"skipped": "never_ask_for_review", "failed": "address_refused", "uncertain": "no_answer"}.get(status, "")
    return Delivery(
        contact=one,
        address=one.address,
        stream="commercial",
        basis="existing_customer",
        rendered_subject="Votre avis nous aiderait beaucoup : que pensez-vous de votre commande n° 2026-00042 ?",
        status=status,
        reason=reason,
        queued_at=now - timedelta(minutes=index),
        due_at=now,
        ended_at=now if status in {"sent", "failed"} else None,
    )


def order(index, one, world, now) -> Order:
    return Order(
        shop=world.shop,
        external_id=str(index),
        number=f"2026-{index:05}",
        contact=one,
        address=one.address,
        currency="EUR",
        total=Decimal(index) * Decimal("3.99"),
        placed_at=now - timedelta(days=index),
    )
