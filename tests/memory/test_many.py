"""Many records of one ticker: what is left out beforehand must never have been among the best."""

from datetime import timedelta
from random import Random

from openoutcry.domain.ids import Symbol
from openoutcry.memory.port import Query

from tests.bench import memory as bench


def test_the_ten_best_are_those_of_brute_force(open_store, tmp_path):
    chance = Random(5)
    bench._fill(tmp_path / "store", 6_000, 2, chance)
    memory = open_store()
    brute = bench._Brute(memory, memory.at(bench.START + timedelta(days=3_000), bench.SPACE))
    for number in range(60):
        at = bench.START + timedelta(days=chance.uniform(10, 365 * bench.YEARS + 30))
        text = " ".join(chance.choices(bench.WORDS, k=20))
        query = Query((text,), Symbol(f"T{number % 2}"), bench.ASPECTS, most=10)
        view = memory.at(at, bench.SPACE)
        assert view.candidates(query).names[:10] == brute.ranked(view, query)
