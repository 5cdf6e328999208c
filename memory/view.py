"""All that an agent ever holds of memory: what was known and learned at one moment."""

from collections.abc import Sequence
from datetime import datetime

from ..domain.ids import Symbol
from .choosing import choose
from .embedding.port import Embedder
from .fading import Fading
from .journal import Journal
from .lens import Lens, check_visible
from .library import Library
from .moments import FOREVER, micros
from .port import Query, Recall
from .preset import Preset
from .record import Change, Layer, Record, Source
from .scoring import POOL, Candidate, best

_REFLECTIONS = (Source.PRICE_REFLECTION, Source.TRADE_REFLECTION)


class View:
    """A MemoryView over the journal as it stood when the view was made."""

    def __init__(
        self,
        library: Library,
        journal: Journal,
        embedder: Embedder,
        preset: Preset,
        fading: Fading,
        lenses: Sequence[Lens],
        as_of: datetime,
        head: int,
    ) -> None:
        self._library, self._journal, self._embedder = library, journal, embedder
        self._preset, self._fading = preset, fading
        self._lenses, self._head = tuple(lenses), head
        self._as_of, self._at = as_of, micros(as_of)

    @property
    def as_of(self) -> datetime:
        return self._as_of

    @property
    def seq(self) -> int:
        """Return the number of the last row, of a record or an event, that this view can see."""
        rows = [0]
        for space, limit in self._lenses:
            rows += self._journal.rows(
                "SELECT max(coalesce((SELECT max(seq) FROM records WHERE space = ?1 AND seq <= ?2 AND "
                "available_at <= ?3 AND learned_at <= ?3), 0), coalesce((SELECT max(seq) FROM events WHERE "
                "space = ?1 AND seq <= ?2 AND effective_at <= ?3), 0))",
                (space, limit, self._at),
            )[0]
        return max(rows)

    def recall(self, query: Query) -> tuple[Recall, ...]:
        """Return what comes to mind, best first, within the query's budget; empty where there is nothing."""
        pool = self.candidates(query)
        layers = [self._layers(candidate) for candidate in pool]
        chosen = choose(
            pool,
            layers,
            lambda candidate: self._library.record(candidate.seq).text,
            most=query.most,
            tokens=query.tokens,
            diversity=self._preset.diversity,
            quotas=self._preset.quotas,
        )
        told = (
            Recall(self._library.record(c.candidate.seq), c.layer, c.candidate.score, c.candidate.parts, c.excerpt)
            for c in chosen
        )
        return tuple(self._checked(recall) for recall in told)

    def candidates(self, query: Query) -> list[Candidate]:
        """Return the best by score alone, best first: at least POOL and four times what is asked for, where there are.

        A question about one ticker also finds what is about none in particular.
        """
        asked = self._embedder.embed(query.texts)
        found: list[Candidate] = []
        for lens in self._lenses:
            for symbol in self._symbols(lens, query.symbol):
                shelf = self._library.shelf(lens, symbol, self._lenses, self._head)
                if len(shelf.partition):
                    found += best(shelf, self._fading, self._preset.weights, query, asked, self._at)
        found.sort(key=lambda candidate: (-candidate.score, candidate.id))
        return found[: max(POOL, 4 * query.most)]

    def records(self, symbol: Symbol | None = None, *, sources: Sequence[Source] = tuple(Source)) -> tuple[Record, ...]:
        """Return every visible record about `symbol` (None: about any) from `sources`, oldest first."""
        found: list[Record] = []
        marks = ", ".join("?" * len(sources))
        kinds = [source.value for source in sources]
        for space, limit in self._lenses:
            where = f"space = ? AND seq <= ? AND available_at <= ? AND learned_at <= ? AND source IN ({marks})"
            given: list[object] = [space, limit, self._at, self._at, *kinds]
            if symbol is not None:
                where, given = f"{where} AND symbol = ?", [*given, symbol]
            found += self._journal.records(where, given)
        ended = self._ended()
        kept = [record for record in found if record.id not in ended]
        for record in kept:
            check_visible(record, FOREVER, self._at)
        return tuple(sorted(kept, key=lambda record: (record.available_at, record.id)))

    def due(self, symbol: Symbol) -> tuple[Record, ...]:
        """Return the theses on `symbol` whose outcome should be known by now and that no reflection tells of yet."""
        told = {link for record in self.records(symbol, sources=_REFLECTIONS) for link in record.sources}
        theses = self.records(symbol, sources=(Source.THESIS,))
        return tuple(t for t in theses if t.due_at is not None and t.due_at <= self._as_of and t.id not in told)

    def _symbols(self, lens: Lens, symbol: Symbol | None) -> tuple[str, ...]:
        return self._library.symbols(lens, self._head) if symbol is None else (symbol, "")

    def _layers(self, candidate: Candidate) -> Layer:
        return self._fading.layers(candidate.shelf, (candidate.place,), self._at)[0]

    def _ended(self) -> set[str]:
        """Return the ids of what was replaced or forgotten by now."""
        ended: set[str] = set()
        for space, limit in self._lenses:
            rows = self._journal.rows(
                "SELECT r.id FROM events e JOIN records r ON r.seq = e.record "
                "WHERE e.space = ? AND e.seq <= ? AND e.effective_at <= ? AND e.change != ?",
                (space, limit, self._at, Change.FEEDBACK.value),
            )
            ended |= {row[0] for row in rows}
        return ended

    def _checked(self, recall: Recall) -> Recall:
        check_visible(recall.record, self._known_until(recall.record), self._at)
        return recall

    def _known_until(self, record: Record) -> int:
        """Return when a record is replaced or forgotten, from the journal and not from what the search was made on."""
        rows = self._journal.rows(
            "SELECT e.effective_at, e.space, e.seq FROM events e JOIN records r ON r.seq = e.record "
            "WHERE r.id = ? AND e.change != ?",
            (record.id, Change.FEEDBACK.value),
        )
        limits = dict(self._lenses)
        return min((at for at, space, seq in rows if seq <= limits.get(space, -1)), default=FOREVER)
