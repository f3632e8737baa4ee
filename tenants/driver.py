"""What the database driver is spared: work that it does anew for each statement and that the program asks for once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from psycopg import Cursor, _queries
from psycopg._cursor_base import BaseCursor
from psycopg._preparing import PrepareManager

#: The driver remembers how a statement's text is taken apart only up to 4,096 letters and 50 values, because long ones
#: are usually put together each time. Ours are the same few; a page of a matter asks for more columns than that.
_queries.MAX_CACHED_STATEMENT_LENGTH = 32_768
_queries.MAX_CACHED_STATEMENT_PARAMS = 200


class KeptPlans(PrepareManager):
    """Prepared statements that outlive a ROLLBACK.

    The driver forgets them all then, because whoever may create tables might have undone one. Every page that only
    reads ends with a ROLLBACK, so nothing would ever stay prepared, and planning under row-level security costs more
    than running (tenancy.md, rule 3). The program's logins own nothing and can neither create nor alter anything.
    """

    prepared_max = 150

    def clear(self) -> bool:
        """Keep everything."""
        return False


class Columns(Sequence[Any]):
    """The columns of a result, described when somebody looks: SQLAlchemy asks for them with every statement and looks
    only the first time, which cost a tenth of a page's work.
    """

    def __init__(self, cursor: BaseCursor[Any, Any], number: int) -> None:
        self._cursor = cursor
        self._number = number

    def __len__(self) -> int:
        return self._number

    def __getitem__(self, index: Any) -> Any:
        return self._described()[index]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._described())

    def _described(self) -> list[Any]:
        return BaseCursor.description.fget(self._cursor) or []  # type: ignore[attr-defined]


class LeanCursor(Cursor[Any]):
    """A cursor that describes its columns only to who asks for one."""

    @property
    def description(self) -> Any:
        """As in DB-API: None where a statement gave no rows."""
        result = self.pgresult
        # A SELECT without columns is rare enough to be left to the driver.
        return Columns(self, result.nfields) if result and result.nfields else super().description


def make_lean(connection: Any) -> None:
    """Set a new connection of the program's own logins up."""
    connection._prepared = KeptPlans()
    connection.cursor_factory = LeanCursor
