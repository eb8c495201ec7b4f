"""Queries are taken apart alike, whether they are known or not."""

from urllib.parse import parse_qsl

from hypothesis import given
from hypothesis import strategies as st

from fleet.simulator.queries import LONGEST_REMEMBERED, MOST_QUERIES, Queries


@given(texts=st.lists(st.text("ab=&%+2 ", max_size=12), max_size=6))
def test_a_query_reads_the_same_each_time(texts):
    queries = Queries()
    for text in [*texts, *texts]:
        assert queries.pairs(text) == tuple(parse_qsl(text, keep_blank_values=True))


def test_neither_many_queries_nor_long_ones_fill_the_memory():
    queries = Queries()
    for number in range(2 * MOST_QUERIES):
        queries.pairs(f"page={number}")
    long = "x" * (LONGEST_REMEMBERED + 1)
    assert queries.pairs(long) == ((long, ""),)
    assert len(queries._known) <= MOST_QUERIES
    assert long not in queries._known
