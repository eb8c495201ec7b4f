"""The closed sets of words that the API uses."""

from __future__ import annotations

from typing import Annotated

from fleet.protocol.wire.base import Words

NavStatus = Annotated[str, Words("DOCKED", "IN_ORBIT", "IN_TRANSIT")]
FlightMode = Annotated[str, Words("DRIFT", "STEALTH", "CRUISE", "BURN")]
Supply = Annotated[str, Words("SCARCE", "LIMITED", "MODERATE", "HIGH", "ABUNDANT")]
Activity = Annotated[str, Words("", "WEAK", "GROWING", "STRONG", "RESTRICTED")]
"""Empty where the server tells none."""

GoodType = Annotated[str, Words("EXPORT", "IMPORT", "EXCHANGE")]
TransactionType = Annotated[str, Words("PURCHASE", "SELL")]
ContractType = Annotated[str, Words("PROCUREMENT", "TRANSPORT", "SHUTTLE")]
SurveySize = Annotated[str, Words("SMALL", "MODERATE", "LARGE")]
Rotation = Annotated[str, Words("", "STRICT", "RELAXED")]
Component = Annotated[str, Words("FRAME", "REACTOR", "ENGINE")]

Role = Annotated[
    str,
    Words(
        "FABRICATOR",
        "HARVESTER",
        "HAULER",
        "INTERCEPTOR",
        "EXCAVATOR",
        "TRANSPORT",
        "REPAIR",
        "SURVEYOR",
        "COMMAND",
        "CARRIER",
        "PATROL",
        "SATELLITE",
        "EXPLORER",
        "REFINERY",
    ),
]
WaypointType = Annotated[
    str,
    Words(
        "PLANET",
        "GAS_GIANT",
        "MOON",
        "ORBITAL_STATION",
        "JUMP_GATE",
        "ASTEROID_FIELD",
        "ASTEROID",
        "ENGINEERED_ASTEROID",
        "ASTEROID_BASE",
        "NEBULA",
        "DEBRIS_FIELD",
        "GRAVITY_WELL",
        "ARTIFICIAL_GRAVITY_WELL",
        "FUEL_STATION",
    ),
]
