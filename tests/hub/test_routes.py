"""Which link leads to which MN: age by link number, over workers, in any order of news."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hj212d.hub.routes import Routes, Superseded


def test_newer_link_on_another_worker_is_the_route() -> None:
    """The newest link wins at once and the older one's worker is told."""
    routes = Routes()
    assert routes.identified(0, "A", 10) == []
    assert routes.identified(1, "A", 20) == [Superseded(0, "A", 10)]
    route = routes.route("A")
    assert route is not None
    assert (route.slot, route.link) == (1, 20)
    assert routes.doubled() == 1


def test_news_that_comes_late_supersedes_itself() -> None:
    """A worker that reconnects and repeats an old identity hears that it is the older one."""
    routes = Routes()
    routes.identified(1, "A", 20)
    assert routes.identified(0, "A", 10) == [Superseded(0, "A", 10)]
    route = routes.route("A")
    assert route is not None
    assert route.link == 20


def test_same_worker_needs_no_message() -> None:
    """Within one worker the worker sees it itself."""
    routes = Routes()
    routes.identified(0, "A", 10)
    assert routes.identified(0, "A", 20) == []


def test_the_older_link_is_the_route_again() -> None:
    """When the newest link leaves, what is still there leads to the MN."""
    routes = Routes()
    routes.identified(0, "A", 10)
    routes.identified(1, "A", 20)
    routes.left(1, "A", 20)
    route = routes.route("A")
    assert route is not None
    assert route.link == 10
    routes.left(0, "A", 10)
    assert routes.route("A") is None
    assert len(routes) == 0


def test_a_worker_that_is_gone_takes_its_links_along() -> None:
    """Only the links of the others stay."""
    routes = Routes()
    for number in range(10):
        routes.identified(number % 2, f"MN{number}", number)
    routes.identified(1, "MN0", 100)
    routes.forget_worker(0)
    assert {mn: [route.slot for route in routes.links_of(mn)] for mn in routes.mns()} == {
        "MN0": [1],
        **{f"MN{number}": [1] for number in (1, 3, 5, 7, 9)},
    }


def test_unknown_departures_do_nothing() -> None:
    """A link that was never told of may leave."""
    routes = Routes()
    routes.left(0, "A", 1)
    routes.identified(0, "A", 1)
    routes.left(0, "A", 2)
    routes.left(1, "A", 1)
    assert len(routes) == 1


def test_memory_is_bounded() -> None:
    """Above the limit nothing is kept, and that is counted; room comes back."""
    routes = Routes(max_entries=2)
    routes.identified(0, "A", 1)
    routes.identified(0, "B", 2)
    assert routes.identified(0, "C", 3) == []
    assert (len(routes), routes.refused, routes.route("C")) == (2, 1, None)
    routes.identified(0, "A", 1)
    routes.left(0, "A", 1)
    routes.identified(0, "C", 3)
    assert (len(routes), routes.refused) == (2, 1)


_NEWS = st.lists(
    st.tuples(st.sampled_from("il"), st.integers(0, 2), st.sampled_from("AB"), st.integers(1, 6))
)


@given(_NEWS)
def test_any_order_of_news(news: list[tuple[str, int, str, int]]) -> None:
    """The route is always the largest link that is there, whatever came before."""
    routes = Routes()
    alive: dict[str, dict[int, int]] = {"A": {}, "B": {}}
    for what, slot, mn, link in news:
        if what == "i":
            told = routes.identified(slot, mn, link)
            alive[mn][link] = slot
            assert all(message.link != max(alive[mn]) for message in told)
        else:
            routes.left(slot, mn, link)
            if alive[mn].get(link) == slot:
                del alive[mn][link]
        for name, links in alive.items():
            route = routes.route(name)
            assert (route.link if route else None) == (max(links) if links else None)
    assert routes.doubled() == sum(1 for links in alive.values() if len(links) > 1)
