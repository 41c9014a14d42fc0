"""The types of what clients send. Their patterns stand in the description too, so that clients can check beforehand."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import ConfigDict, Field, StringConstraints, create_model, model_validator

from bot.web.api.operations import Body
from knowledge.model import MAX_SUMMARY, MAX_TITLE

# No control characters, no zero-width or direction-changing ones, no halves of surrogate pairs.
_FORBIDDEN = r"\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff"
_LINE = rf"^[^\t\n{_FORBIDDEN}]*$"
_BLANK_ENDS = rf"^[^\s{_FORBIDDEN}]([^\t\n{_FORBIDDEN}]*[^\s{_FORBIDDEN}])?$"

Word = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=_BLANK_ENDS)]
Title = Annotated[str, StringConstraints(min_length=1, max_length=MAX_TITLE, pattern=_BLANK_ENDS)]
Summary = Annotated[str, StringConstraints(min_length=1, max_length=MAX_SUMMARY, pattern=_BLANK_ENDS)]
Line = Annotated[str, StringConstraints(max_length=500, pattern=_LINE)]
Text = Annotated[str, StringConstraints(max_length=20_000, pattern=rf"^[^{_FORBIDDEN}]*$")]
Words = Annotated[tuple[Word, ...], Field(max_length=300)]
WebAddress = Annotated[str, StringConstraints(max_length=2000, pattern=r"^https?://[^\s/?#@\\]+([/?#][!-~]*)?$")]
Slug = Annotated[str, StringConstraints(max_length=60, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
MeasureId = Annotated[
    str, StringConstraints(max_length=80, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*/[0-9]{1,4}\.[1-9][0-9]{0,3}$")
]


class Fields(Body):
    """The fields of an entry. What is shown but cannot be set may come along: it is passed over."""

    model_config = ConfigDict(extra="allow", json_schema_extra={"additionalProperties": False})

    @classmethod
    def read_only(cls) -> frozenset[str]:
        """What answers show beside the fields."""
        return frozenset()

    @model_validator(mode="after")
    def _known(self) -> Fields:
        unknown = sorted((self.model_extra or {}).keys() - self.read_only())
        if unknown:
            raise ValueError(f"unknown fields: {', '.join(unknown)[:200]}")
        return self

    def given(self) -> dict[str, Any]:
        """The fields that were sent, as JSON values."""
        names = type(self).model_fields.keys() & self.model_fields_set
        return self.model_dump(mode="json", include=set(names))

    def all(self) -> dict[str, Any]:
        """All fields, those that were not sent with their defaults."""
        return self.model_dump(mode="json", include=set(type(self).model_fields))


def optional(fields: type[Fields], name: str) -> type[Fields]:
    """The same fields for PATCH: what is not sent stays, null puts the default (RFC 7396)."""
    changes: dict[str, Any] = {
        field: (each.rebuild_annotation() | None, None) for field, each in fields.model_fields.items()
    }
    made = create_model(name, __base__=Fields, __doc__=f"What PATCH takes: see {fields.__name__}.", **changes)
    made.read_only = fields.read_only  # type: ignore[method-assign]
    return made
