import pytest

from wagtail_flows.lib.visitors import client_address, origin


@pytest.mark.parametrize(
    ("remote", "forwarded", "proxies", "address"),
    [
        ("192.0.2.1", "", 0, "192.0.2.1"),
        ("192.0.2.1", "203.0.113.9", 0, "192.0.2.1"),
        ("10.0.0.1", "203.0.113.9", 1, "203.0.113.9"),
        # The visitor wrote the first; the proxy added the second.
        ("10.0.0.1", "198.51.100.1, 203.0.113.9", 1, "203.0.113.9"),
        ("10.0.0.1", "198.51.100.1, 203.0.113.9, 10.0.0.2", 2, "203.0.113.9"),
        ("10.0.0.1", "203.0.113.9", 2, "203.0.113.9"),
        ("10.0.0.1", "", 1, "10.0.0.1"),
        ("10.0.0.1", "unknown", 1, "10.0.0.1"),
        ("10.0.0.1", "[2001:db8::7]:443", 1, "2001:db8::7"),
        ("10.0.0.1", "203.0.113.9:5123", 1, "203.0.113.9"),
        ("::ffff:192.0.2.1", "", 0, "192.0.2.1"),
        ("fe80::1%eth0", "", 0, "fe80::1"),
        ("", "", 0, None),
        ("unix:", "", 0, None),
    ],
)
def test_only_our_own_proxies_are_believed(remote, forwarded, proxies, address):
    assert client_address({"REMOTE_ADDR": remote, "HTTP_X_FORWARDED_FOR": forwarded}, proxies) == address


def test_one_network_of_ipv6_is_one_origin():
    assert origin("2001:db8:1:2::7") == origin("2001:db8:1:2:ffff::1") == "2001:db8:1:2::/64"
    assert origin("192.0.2.1") == "192.0.2.1"
    assert origin(None) == ""
