"""The words of the example site's e-mails, in each of its languages."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Letter:
    """One e-mail in one language. `text` is rich text with Liquid in it."""

    subject: str
    preheader: str
    heading: str
    text: str
    button: str = ""
    review: str = ""


WELCOME = {
    "Welcome 1: hello": {
        "en": Letter(
            "Welcome to the oven",
            "Good that you are here.",
            "Good that you are here{% if contact.first_name != blank %}, {{ contact.first_name }}{% endif %}",
            "<p>We bake each night, slowly. From now on you read first what comes out of the oven.</p>",
            "See what we bake",
        ),
        "fr": Letter(
            "Bienvenue au fournil",
            "Quel plaisir de vous compter parmi nous.",
            "Quel plaisir de vous compter parmi nous{% if contact.first_name != blank %}, {{ contact.first_name }}{% endif %}",
            "<p>Nous cuisons chaque nuit, sans hâte. Vous lirez désormais en premier ce qui sort du four.</p>",
            "Voir nos pains",
        ),
    },
    "Welcome 2: the sourdough": {
        "en": Letter(
            "Thirty hours, and nothing else",
            "How our sourdough is made.",
            "Flour, water, salt, time",
            "<p>Our sourdough has been fed every day since 1987. It has a name: Zosia.</p>",
        ),
        "fr": Letter(
            "Trente heures, et rien d’autre",
            "Comment naît notre levain.",
            "Farine, eau, sel, temps",
            "<p>Notre levain est nourri chaque jour depuis 1987. Il a un nom\u00a0: Zosia.</p>",
        ),
    },
    "Welcome 3: at your table": {
        "en": Letter(
            "How to keep a loaf for a week",
            "Three words: linen, cool, cut side down.",
            "Keep it well",
            "<p>Wrap it in linen, keep it cool, put it on its cut side. And on day seven: toast.</p>",
            "Order bread",
        ),
        "fr": Letter(
            "Garder un pain toute une semaine",
            "Du lin, du frais, la mie contre la planche.",
            "Bien le garder",
            "<p>Enveloppez-le dans du lin, gardez-le au frais, posé sur sa tranche. Et le septième jour\u00a0: grillé.</p>",
            "Commander du pain",
        ),
    },
}
REVIEW = {
    "en": Letter(
        "How was the bread{% if contact.first_name != blank %}, {{ contact.first_name }}{% endif %}?",
        "One minute, and it helps us a lot.",
        "How was it?",
        "<p>Your order {{ order.number }} has arrived. Would you tell others how it tasted?</p>",
        review="Write a review",
    ),
    "fr": Letter(
        "Comment était le pain{% if contact.first_name != blank %}, {{ contact.first_name }}{% endif %}\u202f?",
        "Une minute, et cela nous aide beaucoup.",
        "Alors, ce pain\u202f?",
        "<p>Votre commande {{ order.number }} est arrivée. Direz-vous aux autres ce que vous en avez pensé\u202f?</p>",
        review="Donner mon avis",
    ),
}
