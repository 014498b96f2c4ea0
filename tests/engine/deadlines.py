"""A deadline that passes at a known moment, however fast the machine is."""

from __future__ import annotations


class SoonOver(float):
    """It has passed when it is looked at for the second time."""

    looks = 0

    def __le__(self, now: float) -> bool:
        self.looks += 1
        return self.looks > 1
