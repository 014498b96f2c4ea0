"""Telling addresses apart: the key under which an address is known, and the address as mail is sent to it.

The key is NFC and casefolded, its domain in ASCII (IDNA 2008, https://www.rfc-editor.org/rfc/rfc5891). Addresses that
merely look alike have different keys. What no mail server would take, or what could smuggle a header, is refused with a
reason.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata

from functools import lru_cache

import idna

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from wagtail_flows.exceptions import FlowsError


# RFC 5321, 4.5.3.1: octets of the local part, and of the path without its angle brackets.
LONGEST_LOCAL_PART = 64
LONGEST_ADDRESS = 254
# RFC 5322, 3.2.3 (atext) and the dot; letters of other scripts are allowed by RFC 6531.
_ATEXT = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.\-\u0080-\U0010FFFF]+")
_DOMAIN_CODEPOINT_LIMIT = 253
# Control, format, surrogate, private, unassigned; separators of lines, paragraphs and words.
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"}


class InvalidAddress(FlowsError, ValueError):
    """This is no e-mail address that mail could be sent to; correct it. `reason` says what is wrong, for people."""

    def __init__(self, reason: str | Promise) -> None:
        self.reason = reason
        super().__init__(str(reason))


def normalise(address: str) -> str:
    """The key of an address: equal for spellings of one mailbox, different for all others. Raises InvalidAddress."""
    local, domain = _parts(as_given(address))
    key = f"{_folded(local)}@{_ascii_domain(domain)}"
    if len(key) > LONGEST_ADDRESS:
        raise InvalidAddress(_("This e-mail address is too long."))
    return key


def as_given(address: str) -> str:
    """The address that mail goes to: as it was given, without blanks around it, composed (NFC)."""
    if not isinstance(address, str):
        raise InvalidAddress(_("An e-mail address is text."))
    # Before the costly work: nothing that long can become short enough.
    if len(address) > 4 * LONGEST_ADDRESS:
        raise InvalidAddress(_("This e-mail address is too long."))
    given = unicodedata.normalize("NFC", address.strip())
    if not given:
        raise InvalidAddress(_("Enter an e-mail address."))
    if len(given) > LONGEST_ADDRESS:
        raise InvalidAddress(_("This e-mail address is too long."))
    return given


def key_hash(key: str) -> str:
    """How a key is remembered after its contact was erased: SHA-256, 64 hexadecimal digits."""
    return hashlib.sha256(key.encode()).hexdigest()


def _parts(address: str) -> tuple[str, str]:
    is_plain = address.isascii() and address.isprintable() and " " not in address
    if not is_plain and any(unicodedata.category(character) in _INVISIBLE for character in address):
        raise InvalidAddress(_("An e-mail address has no blanks and no invisible characters in it."))
    if address.count("@") != 1:
        raise InvalidAddress(_("An e-mail address has exactly one @."))
    local, _at, domain = address.partition("@")
    if not local or not domain:
        raise InvalidAddress(_("An e-mail address has something before and after its @."))
    _check_local_part(local)
    return local, domain


def _check_local_part(local: str) -> None:
    if not _ATEXT.fullmatch(local) or local.startswith(".") or local.endswith(".") or ".." in local:
        raise InvalidAddress(_("The part before the @ has characters that an e-mail address can't have."))
    if len(local.encode()) > LONGEST_LOCAL_PART:
        raise InvalidAddress(_("The part before the @ is too long."))


def _folded(local: str) -> str:
    if local.isascii():
        return local.lower()
    # Folding can undo the composition, and composing can offer more to fold: a second pass makes the key final.
    for _pass in range(2):
        decomposed = unicodedata.normalize("NFD", local)
        local = unicodedata.normalize("NFC", "".join(_folded_character(character) for character in decomposed))
    return local


def _folded_character(character: str) -> str:
    """Casefold, but never a foreign letter into an ASCII one: ſ isn't s and ß isn't ss, those are other mailboxes."""
    folded = character.casefold()
    if character.isascii() or not any(part.isascii() for part in folded):
        return folded
    lowered = character.lower()
    return character if any(part.isascii() for part in lowered) else lowered


# Most addresses are of few domains, and one of them takes as long as all the rest of an address.
@lru_cache(maxsize=1024)
def _ascii_domain(domain: str) -> str:
    try:
        encoded = idna.encode(domain, uts46=True, std3_rules=True).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError) as error:
        raise InvalidAddress(_("The part after the @ is no domain name.")) from error
    labels = encoded.split(".")
    if len(encoded) > _DOMAIN_CODEPOINT_LIMIT or not all(labels) or labels[-1].isdigit():
        raise InvalidAddress(_("The part after the @ is no domain name."))
    # Mail inside one machine, as in development, is the only name without a dot that is worth having.
    if len(labels) == 1 and encoded != "localhost":
        raise InvalidAddress(_("The part after the @ is no domain name."))
    return encoded
