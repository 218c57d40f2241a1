"""Calls of each client are counted for itself."""

import pytest

from stellar_grpc import rates
from stellar_grpc.rates import Rates, client_of


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


def test_client_has_two_seconds_worth_at_once_and_then_the_rate():
    clock = Clock()
    limited = Rates(5, clock)
    assert [limited.take("a") for _ in range(10)] == [0] * 10
    assert limited.take("a") == pytest.approx(0.2)
    clock.now += 0.2
    assert limited.take("a") == 0
    assert limited.take("a") == pytest.approx(0.2)


def test_clients_do_not_pay_for_each_other():
    limited = Rates(0.1, Clock())
    assert limited.take("a") == 0
    assert limited.take("a") > 0
    assert limited.take("b") == 0


def test_few_clients_are_remembered(monkeypatch):
    monkeypatch.setattr(rates, "MOST_CLIENTS", 2)
    limited = Rates(0.1, Clock())
    assert [limited.take(client) for client in ("a", "b", "c")] == [0, 0, 0]
    assert limited.take("c") > 0
    assert limited.take("a") == 0


@pytest.mark.parametrize(
    ("peer", "client"),
    [("ipv4:10.1.2.3:5000", "10.1.2.3"), ("ipv6:%5B::1%5D:5000", "[::1]"), ("unix:/tmp/socket", "unix:/tmp/socket")],
)
def test_client_is_the_address_without_the_port(peer, client):
    assert client_of(peer) == client
