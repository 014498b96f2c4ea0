"""Why a step may write to people: the legal bases, as deliveries store them, for steps that send no e-mail. Pure."""

from __future__ import annotations

from enum import StrEnum


class Why(StrEnum):
    """`transaction`: it is part of something the contact asked for, and carries no advertisement."""

    TRANSACTION = "transaction"
    SUBSCRIPTION = "subscription"
    EXISTING_CUSTOMER = "existing_customer"
