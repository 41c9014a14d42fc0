"""Whether a measure is in force on a day, by its own dates."""

from __future__ import annotations

from datetime import date

from knowledge.model import Measure

NOT_YET = "这条措施自 {day} 起才生效"
NO_LONGER = "这条措施已于 {day} 失效，现行规定请核实"


def validity_note(measure: Measure, today: date) -> str | None:
    """What people must be told of a measure that is not in force; None where it is. Both dates are days in force."""
    if measure.valid_to and today > measure.valid_to:
        return NO_LONGER.format(day=measure.valid_to)
    if measure.valid_from and today < measure.valid_from:
        return NOT_YET.format(day=measure.valid_from)
    return None
