"""The one door to the settings of wagtail_flows.

`from wagtail_flows.conf import conf`, then `conf.BATCH_SIZE` reads `FLOWS_BATCH_SIZE` of the site's settings at that
moment, or else the default written here. The reference in the documentation and the system checks are made from this
class.
"""

from typing import Generic, TypeVar, overload

from django.conf import settings as django_settings


PREFIX = "FLOWS_"
T = TypeVar("T")


class Setting(Generic[T]):
    """One setting: its default, what it means, and what a value must be like.

    `kinds` are the types allowed (default: the type of the default); `least` and `most` bound numbers, both included.
    """

    name = ""

    def __init__(
        self,
        default: T,
        help_text: str,
        *,
        kinds: tuple[type, ...] = (),
        least: int | None = None,
        most: int | None = None,
    ) -> None:
        self.default = default
        self.help_text = help_text
        self.kinds = kinds or (type(default),)
        self.least = least
        self.most = most

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = PREFIX + name

    @overload
    def __get__(self, instance: None, owner: type) -> "Setting[T]": ...
    @overload
    def __get__(self, instance: object, owner: type) -> T: ...
    def __get__(self, instance: object | None, owner: type) -> "Setting[T] | T":
        if instance is None:
            return self
        value: T = getattr(django_settings, self.name, self.default)
        return value

    def problem(self, value: object) -> str | None:
        """Say what is wrong with a value, in English for a developer; None when nothing is."""
        # type() and not isinstance(): True is an int to Python, but not a number of seconds.
        if type(value) not in self.kinds:
            return f"must be {self.kind_names()}, not {value!r}"
        if isinstance(value, int) and self.least is not None and value < self.least:
            return f"must be at least {self.least}, not {value}"
        if isinstance(value, int) and self.most is not None and value > self.most:
            return f"must be at most {self.most}, not {value}"
        return None

    def kind_names(self) -> str:
        """The allowed types, as the documentation and the checks name them: `str or None`."""
        return " or ".join("None" if kind is type(None) else kind.__name__ for kind in self.kinds)


OPTIONAL_TEXT = (str, type(None))
OPTIONAL_NUMBER = (int, type(None))


class Settings:
    """Every setting of wagtail_flows, each declared once."""

    # Addresses and sites
    BASE_URL = Setting[str | None](
        None,
        "Scheme and host for links in e-mails where no Wagtail site fits, such as `https://www.example.org`. "
        "Without it the default site's address is used.",
        kinds=OPTIONAL_TEXT,
    )
    TRUSTED_PROXY_COUNT = Setting(
        0,
        "How many proxies of your own stand before the site. Only that many entries from the right of "
        "`X-Forwarded-For` are believed when a visitor's address is asked for; 0 believes none of them.",
        least=0,
        most=10,
    )

    # Consent
    KEEP_IP_ADDRESSES = Setting(
        False,
        "Keep the visitor's IP address with the evidence of a consent. Off by default: in most countries the evidence "
        "is good without it, and an address that isn't kept can't leak.",
    )
    CONFIRMATION_DAYS = Setting(
        7, "For how many days the link in a confirmation e-mail can be used.", least=1, most=365
    )
    CONFIRMATIONS_PER_ADDRESS = Setting(3, "How many confirmation e-mails one address may be sent in an hour.", least=1)
    CONFIRMATIONS_PER_ORIGIN = Setting(
        20, "How many confirmation e-mails visitors from one IP address may cause in an hour.", least=1
    )

    # E-mail
    FROM_EMAIL = Setting[str | None](
        None,
        "The sender of e-mails that name none themselves. Without it `DEFAULT_FROM_EMAIL` is used.",
        kinds=OPTIONAL_TEXT,
    )
    MESSAGE_ID_DOMAIN = Setting[str | None](
        None,
        "The right side of the Message-ID header. Without it the domain of the sender's address is used.",
        kinds=OPTIONAL_TEXT,
    )
    MAILERS: Setting[dict[str, str]] = Setting(
        {},
        "Which entry of Django's `MAILERS` sends which stream, such as "
        '`{"commercial": "bulk", "transactional": "default"}`. A stream that isn\'t named goes through `default`. '
        "Django 6.1 and later only; before, everything goes through `EMAIL_BACKEND`.",
    )
    EMAIL_TIMEOUT = Setting(
        30,
        "How many seconds the mail server may take for one answer before the connection is given up.",
        least=1,
        most=120,
    )

    # Limits
    FREQUENCY_CAPS: Setting[dict[str, dict[str, int]]] = Setting(
        {},
        "How many e-mails of a stream one contact may get within 24 hours and within seven days, such as "
        '`{"commercial": {"a_day": 2, "a_week": 5}}`. What a site says in the admin goes before it. '
        "Without an entry a stream has no cap.",
    )
    QUIET_HOURS = Setting[str | None](
        None,
        "Between which times, on the contact's clock, no commercial e-mail leaves, such as `21:00-08:00`. What a site "
        "says in the admin goes before it.",
        kinds=OPTIONAL_TEXT,
    )
    HOLD_HOURS = Setting(
        72,
        "For how many hours after it was queued an e-mail may be held back by a frequency cap or by quiet hours; then "
        "it is skipped. A step or a site may say otherwise.",
        least=1,
        most=1000,
    )

    TRANSPORT_RATES: Setting[dict[str, int]] = Setting(
        {},
        'How many e-mails a mail server may be given in a minute, such as `{"default": 600, "sms": 60}`: by entry of '
        "`MAILERS`; `default` where everything goes through `EMAIL_BACKEND`. Notices to the staff count too. `sms` "
        "says it of SMS and their provider. Without an entry as many as it takes.",
    )
    PROVIDER_RATES: Setting[dict[str, int]] = Setting(
        {},
        'How many e-mails a mailbox provider may be sent in a minute, such as `{"gmail.com": 300, "*": 60}`: by any '
        "of its domains, `*` for each of the others. What is set in the admin goes before it.",
    )

    # SMS and webhooks
    SMS_PROVIDER = Setting(
        "wagtail_flows.messages.sms.console.ConsoleProvider",
        "Who takes SMS over: the dotted path of a provider. The default shows them where the process was started and "
        "sends nothing; `wagtail_flows.messages.sms.mailjet.MailjetProvider` sends.",
    )
    SMS_SENDER = Setting(
        "", "Who SMS come from where a step names nobody: at most 11 letters and digits, or a number of yours."
    )
    MAILJET_SMS_TOKEN = Setting("", "The token of Mailjet's SMS API. It isn't the key of their e-mail API.")
    MAILJET_SMS_URL = Setting("https://api.mailjet.com", "Where Mailjet's SMS API is.")
    CALL_TIMEOUT = Setting(
        10,
        "How many seconds the receiver of a webhook, or the SMS provider, may take before it is given up.",
        least=1,
        most=60,
    )

    # Shops
    WEBHOOK_MAX_BYTES = Setting(1_048_576, "The largest body, in bytes, that a shop's webhook may have.", least=1024)
    KEY_FETCHES_PER_MINUTE = Setting(
        3, "How often in a minute the public keys of one shop may be fetched anew.", least=1, most=60
    )
    ALLOW_PRIVATE_ADDRESSES = Setting(
        False,
        "Allow requests to shops and webhooks on loopback and private networks, and webhooks without TLS. For "
        "development only: in production it would let whoever may edit a shop reach your internal services.",
    )

    # API
    API_MAX_BYTES = Setting(262_144, "The largest body, in bytes, that a request to the API may have.", least=1024)
    API_REQUESTS_PER_MINUTE = Setting(600, "How many requests one API key may make in a minute.", least=1)

    # Queue and engine
    TASK_BACKEND = Setting("default", "The alias in Django's `TASKS` whose backend runs our tasks.")
    TASK_QUEUE = Setting("default", "The name of the queue that our tasks are put on.")
    TICK_SECONDS = Setting(
        50,
        "For how many seconds one task may work and wait for what falls due before it hands over to its successor.",
        least=1,
        most=60,
    )
    BATCH_SIZE = Setting(1000, "How many enrollments or events one transaction advances at most.", least=1, most=10_000)
    DELIVERY_BATCH_SIZE = Setting(250, "How many e-mails a worker reserves for itself at a time.", least=1, most=1000)
    LEASE_SECONDS = Setting(
        300,
        "After how many seconds what a worker had reserved, and didn't finish, is free for another. Must be well above "
        "`FLOWS_EMAIL_TIMEOUT`.",
        least=10,
    )
    MAX_ATTEMPTS = Setting(
        8,
        "How often an e-mail that the mail server refused for the moment is tried before it counts as failed.",
        least=1,
        most=50,
    )
    # Pruning
    KEEP_VISITS_DAYS = Setting[int | None](
        None,
        "For how many days after somebody left a scenario it is kept step by step what happened to them, and after "
        "a start by hand what came of it. That they were in is never forgotten. `None`: for ever.",
        kinds=OPTIONAL_NUMBER,
        least=30,
    )
    KEEP_DELIVERIES_DAYS = Setting[int | None](
        None,
        "For how many days it is kept which e-mail was sent to whom. Uncertain ones, and those of people who are still "
        "inside, stay. `None`: for ever.",
        kinds=OPTIONAL_NUMBER,
        least=90,
    )
    KEEP_EVENTS_DAYS: Setting[dict[str, int]] = Setting(
        {},
        'For how many days events of a kind are kept, such as `{"page.viewed": 400}`. Kinds that aren\'t named are '
        "kept for ever. Never name kinds of orders: a shop that tells an old order again would make it happen again.",
    )
    KEEP_WEBHOOKS_DAYS = Setting[int | None](
        365,
        "For how many days the requests of shops are kept as they came. What they told stays. `None`: for ever.",
        kinds=OPTIONAL_NUMBER,
        least=7,
    )
    KEEP_REFUSED_ENTRIES_DAYS = Setting[int | None](
        365,
        "For how many days it is kept who didn't come into a scenario, and why. `None`: for ever.",
        kinds=OPTIONAL_NUMBER,
        least=7,
    )
    HEALTH_TOKEN = Setting[str | None](
        None,
        "What a monitor sends as `Authorization: Bearer …` to `/flows/health/`. Without it only who may open *Needs "
        "attention* in the admin is answered. Make it long and random.",
        kinds=OPTIONAL_TEXT,
    )
    ALLOW_CLOCK = Setting(
        False,
        "Let `flows_tick --now` pretend that it is another time. For tests and demonstrations: on a live site e-mails "
        "would leave too early.",
    )

    @classmethod
    def declared(cls) -> list[Setting[object]]:
        """All settings, in the order in which they are declared."""
        return [value for value in vars(cls).values() if isinstance(value, Setting)]


conf = Settings()
