"""Which rates hold for a stream: what the owner set, else what the installation says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from wagtail_flows.conf import conf
from wagtail_flows.messages.channels import port
from wagtail_flows.messages.delivery_models import EMAIL, Stream
from wagtail_flows.messages.providers import provider_of
from wagtail_flows.messages.rates.bucket import Rate
from wagtail_flows.messages.rates.models import SendingRates
from wagtail_flows.messages.rates.warming import WarmUp


# In FLOWS_PROVIDER_RATES: every provider that isn't named.
ANY = "*"


@dataclass(frozen=True, slots=True)
class Rates:
    """`shared`: buckets that every mail of the stream takes from, by key. `providers`: rates by the name of the
    provider; `any_provider` is that of the others. None, or nothing: as fast as the mail server takes them.
    """

    stream: str
    shared: Mapping[str, Rate] = field(default_factory=dict)
    providers: Mapping[str, Rate] = field(default_factory=dict)
    any_provider: Rate | None = None
    warm_up: WarmUp | None = None

    def __bool__(self) -> bool:
        return bool(self.shared or self.providers or self.any_provider or self.warm_up)

    @property
    def is_pacing(self) -> bool:
        """Whether mail may have to wait for a token. (What the warm-up holds back isn't due before the next day.)"""
        return bool(self.shared or self.providers or self.any_provider)

    def of_provider(self, name: str) -> Rate | None:
        return self.providers.get(name, self.any_provider)


def rates_of(channel: str, stream: str) -> Rates:
    """The rates of a stream of e-mails, in one query; one more where single providers have their own. Other channels
    have that of whoever takes what they hand over, without a query.
    """
    shared = _of_transport(port.transport(channel, stream))
    if channel != EMAIL:
        return Rates(stream, shared)
    row = SendingRates.objects.first()
    is_commercial = stream == Stream.COMMERCIAL
    providers = {provider_of(name).name: Rate(most) for name, most in conf.PROVIDER_RATES.items() if name != ANY}
    others = conf.PROVIDER_RATES.get(ANY)
    if row is None:
        return Rates(stream, shared, providers, Rate(others) if others else None)
    if is_commercial and row.commercial_a_minute:
        shared[f"stream:{stream}"] = Rate(row.commercial_a_minute)
    for one in row.provider_rates.all():
        providers[provider_of(one.domain).name] = Rate(one.a_minute)
    others = row.provider_a_minute or others
    warm_up = row.warm_up() if is_commercial else None
    return Rates(stream, shared, providers, Rate(others) if others else None, warm_up)


def _of_transport(name: str | None) -> dict[str, Rate]:
    """The bucket that all channels and streams take from which go by this transport, if the installation limits it."""
    most = conf.TRANSPORT_RATES.get(name) if name is not None else None
    return {f"transport:{name}": Rate(most)} if most is not None else {}
