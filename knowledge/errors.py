"""Errors that any layer may meet. The lowest package holds them, so that every store and handler can name them.

Exception
└── Unavailable    the database does not answer: try again later
"""


class Unavailable(Exception):  # noqa: N818  says what is wrong
    """The database does not answer. Nothing is known to have taken effect; the same work may be tried again."""
