"""The words of the example site, in each of its languages."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Texts:
    """The words of one language."""

    home: str
    headline: str
    home_introduction: str
    contact: str
    contact_introduction: str
    contact_thanks: str
    newsletter: str
    newsletter_introduction: str
    newsletter_thanks: str
    name: str
    address: str
    message: str
    opt_in: str
    opt_in_help: str


ENGLISH = Texts(
    home="Home",
    headline="Bread that takes its time",
    home_introduction="<p>Rye, wheat and thirty hours of patience, baked each night in Wrocław and sent all over Europe.</p>",
    contact="Contact",
    contact_introduction="<p>A question about flour, an order, a birthday cake? Write to us: we answer within a day.</p>",
    contact_thanks="<p>Your message has arrived. We answer within a day.</p>",
    newsletter="Newsletter",
    newsletter_introduction="<p>One letter a month: what is in season, what is in the oven, and now and then a recipe.</p>",
    newsletter_thanks="<p>We have sent you a mail. Please open it and confirm your address.</p>",
    name="Your name",
    address="Your e-mail address",
    message="Your message",
    opt_in="Yes, send me the newsletter",
    opt_in_help="About once a month. You confirm by e-mail, and leave with one click.",
)
FRENCH = Texts(
    home="Accueil",
    headline="Le pain qui prend son temps",
    home_introduction="<p>Du seigle, du blé et trente heures de patience, cuits chaque nuit à Wrocław et envoyés dans toute "
    "l’Europe.</p>",
    contact="Contact",
    contact_introduction="<p>Une question sur la farine, une commande, un gâteau d’anniversaire\u202f? Écrivez-nous\u00a0: nous "
    "répondons dans la journée.</p>",
    contact_thanks="<p>Votre message est arrivé. Nous répondons dans la journée.</p>",
    newsletter="Lettre d’information",
    newsletter_introduction="<p>Une lettre par mois\u00a0: ce qui est de saison, ce qui est au four, et parfois une recette.</p>",
    newsletter_thanks="<p>Nous vous avons envoyé un e-mail. Ouvrez-le et confirmez votre adresse.</p>",
    name="Votre nom",
    address="Votre adresse e-mail",
    message="Votre message",
    opt_in="Oui, envoyez-moi la lettre d’information",
    opt_in_help="Environ une fois par mois. Vous confirmez par e-mail et vous vous désabonnez en un clic.",
)
