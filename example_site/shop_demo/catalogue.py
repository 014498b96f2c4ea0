"""What the demo shop sells."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Product:
    """One bread: its slug in addresses, its name in each language of the site, its price in euro."""

    slug: str
    names: dict[str, str]
    price: Decimal

    def name(self, language: str) -> str:
        return self.names.get(language, self.names["en"])


PRODUCTS = (
    Product("rye-loaf", {"en": "Rye loaf", "fr": "Miche de seigle"}, Decimal("7.50")),
    Product("poppy-seed-roll", {"en": "Poppy seed roll", "fr": "Roulé au pavot"}, Decimal("12.00")),
    Product("honey-gingerbread", {"en": "Honey gingerbread", "fr": "Pain d’épices au miel"}, Decimal("9.90")),
)
BY_SLUG = {product.slug: product for product in PRODUCTS}
