"""What the example site holds at its first start.

Each function looks first and makes only what is missing, so that a second start doubles nothing and keeps what was
changed by hand.
"""

from typing import TypeVar

from django.conf import settings
from django.contrib.auth import get_user_model
from wagtail.models import Locale, Page, Site

from example_site.flow_seeds import seed_flows
from example_site.models import FormField, FormPage, HomePage
from example_site.texts import ENGLISH, FRENCH, Texts
from wagtail_flows.lib.form_choices import OPT_IN
from wagtail_flows.models import MailingList


LOGIN = "demo"
P = TypeVar("P", bound=Page)


def seed() -> None:
    """Everything, in the order in which one thing needs another."""
    seed_login()
    mailing_list = seed_list()
    english = seed_pages(Locale.objects.get_or_create(language_code="en")[0], ENGLISH, mailing_list)
    site = seed_site(english)
    seed_pages(Locale.objects.get_or_create(language_code="fr")[0], FRENCH, mailing_list, translation_of=english)
    seed_flows(site, mailing_list)


def seed_login() -> None:
    users = get_user_model().objects
    if not users.filter(username=LOGIN).exists():
        users.create_superuser(LOGIN, "demo@atelier-luczak.example", LOGIN)


def seed_list() -> MailingList:
    return MailingList.objects.get_or_create(
        name="Newsletter",
        defaults={
            "public_name": "Atelier Łuczak: the newsletter",
            "public_description": "What is in season and in the oven, about once a month.",
        },
    )[0]


def seed_site(home: HomePage) -> Site:
    """The default site, at the port of this start: links in mails must lead here."""
    return Site.objects.update_or_create(
        is_default_site=True,
        defaults={
            "hostname": "localhost",
            "port": settings.PORT,
            "root_page": home,
            "site_name": settings.WAGTAIL_SITE_NAME,
        },
    )[0]


def seed_pages(
    locale: Locale, texts: Texts, mailing_list: MailingList, translation_of: HomePage | None = None
) -> HomePage:
    """One language's tree. The page that Wagtail makes at its installation gives way."""
    there = HomePage.objects.filter(locale=locale).first()
    if there:
        return there
    root = Page.get_first_root_node()
    root.get_children().filter(slug="home").not_type(HomePage).delete()
    home = HomePage(
        title=texts.home,
        slug="home" if translation_of is None else f"home-{locale.language_code}",
        headline=texts.headline,
        introduction=texts.home_introduction,
        locale=locale,
    )
    originals = _originals(translation_of)
    _translates(home, translation_of)
    Page.get_first_root_node().add_child(instance=home)
    home.add_child(instance=_translates(_contact_page(locale, texts, mailing_list), originals.get("contact")))
    home.add_child(instance=_translates(_newsletter_page(locale, texts, mailing_list), originals.get("newsletter")))
    return home


def _originals(home: HomePage | None) -> dict[str, Page]:
    return {page.slug: page for page in home.get_children()} if home else {}


def _translates(page: P, original: Page | None) -> P:
    if original is not None:
        page.translation_key = original.translation_key
    return page


def _contact_page(locale: Locale, texts: Texts, mailing_list: MailingList) -> FormPage:
    page = FormPage(
        title=texts.contact,
        slug="contact",
        introduction=texts.contact_introduction,
        thanks=texts.contact_thanks,
        show_in_menus=True,
        locale=locale,
    )
    page.form_fields = [
        FormField(label=texts.name, field_type="singleline", required=True, flows_maps_to="first_name"),
        FormField(label=texts.address, field_type="email", required=True),
        FormField(label=texts.message, field_type="multiline", required=True),
        _opt_in(texts, mailing_list),
    ]
    return page


def _newsletter_page(locale: Locale, texts: Texts, mailing_list: MailingList) -> FormPage:
    page = FormPage(
        title=texts.newsletter,
        slug="newsletter",
        introduction=texts.newsletter_introduction,
        thanks=texts.newsletter_thanks,
        show_in_menus=True,
        locale=locale,
    )
    page.form_fields = [
        FormField(label=texts.address, field_type="email", required=True),
        _opt_in(texts, mailing_list),
    ]
    return page


def _opt_in(texts: Texts, mailing_list: MailingList) -> FormField:
    return FormField(
        label=texts.opt_in, help_text=texts.opt_in_help, field_type=OPT_IN, required=False, flows_list=mailing_list
    )
