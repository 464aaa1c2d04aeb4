"""What is done to groups, campuses, people and their rights."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PersonRightsChanged:
    """What somebody may do has changed: whoever keeps it in memory asks anew."""

    person_id: int


@dataclass(frozen=True)
class SignedOutEverywhere:
    """Sign-ins of somebody have ended; `signing_in.still_signed_in` knows which are left."""

    person_id: int
