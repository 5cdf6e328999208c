"""Many records: the best of one ticker are found, and those of other tickers cost it nothing."""

from datetime import timedelta
from random import Random

from openoutcry.domain.ids import Symbol
from openoutcry.memory.port import Query

from tests.bench import memory as bench

from ..random_memories import (
    CALDR,
    RUN,
    day,
    news,
)


def test_the_ten_best_are_those_of_brute_force(open_store, tmp_path):
    chance = Random(5)
    bench._fill(tmp_path / "store", 6_000, 2, chance)
    memory = open_store()
    brute = bench._Brute(memory, memory.at(bench.START + timedelta(days=3_000), bench.SPACE))
    for number in range(60):
        at = bench.START + timedelta(days=chance.uniform(10, 365 * bench.YEARS + 30))
        text = " ".join(chance.choices(bench.WORDS, k=20))
        query = Query((text,), Symbol(f"T{number % 2}"), bench.ASPECTS, limit=10)
        view = memory.at(at, bench.SPACE)
        assert view.candidates(query).names[:10] == brute.ranked(view, query)


def test_what_is_known_of_one_ticker_costs_the_same_beside_many_others(open_store):
    """Counted in steps of SQLite's machine, which are the same on every machine."""
    memory = open_store()
    memory.write([news(f"orders rise {number}", number, learned=number) for number in range(20)])

    def steps():
        memory.at(day(30), RUN)  # looks once at what was written since
        taken = []
        memory.journal.connection.set_progress_handler(lambda: taken.append(1), 1)
        view = memory.at(day(30), RUN)
        assert len(view.records(CALDR)) == 20
        assert view.due_theses(CALDR) == ()
        memory.journal.connection.set_progress_handler(None, 0)
        return len(taken)

    alone = steps()
    memory.write([news(f"debt {number}", number / 100, symbol=Symbol(f"T{number % 9}")) for number in range(2_000)])
    assert steps() < 1.5 * alone
