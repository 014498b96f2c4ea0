"""Keys pinned per shop, read anew over real HTTP when they may have changed."""

import json
import threading

from datetime import timedelta

import jwt
import pytest

from cryptography.hazmat.primitives.asymmetric import rsa
from django.db import connections
from django.test import Client

from tests.shop.conftest import make_shop, send_webhook
from tests.shop.recordings import JWKS, recording
from wagtail_flows.lib import clock
from wagtail_flows.shop import signing_keys
from wagtail_flows.shop.adapters.registry import get
from wagtail_flows.shop.adapters.saleor.signature import judge, thumbprint
from wagtail_flows.shop.checking import check_connection
from wagtail_flows.shop.models import ReceivedWebhook


JWS = recording("0055")
KEYS = [rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2)]


def jwks(key: rsa.RSAPrivateKey, kid: str) -> dict:
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
    return {"keys": [public | {"kid": kid, "use": "sig", "alg": "RS256"}]}


def sign(body: bytes, key: rsa.RSAPrivateKey, kid: str, **header) -> dict[str, str]:
    """As Saleor signs: https://github.com/saleor/saleor/blob/main/saleor/core/jwt_manager.py"""
    headers = {"kid": kid, "crit": ["b64"], **header}
    token = jwt.api_jws.encode(body, key, algorithm="RS256", headers=headers, is_payload_detached=True)
    return {"Saleor-Signature": token, "X-Saleor-Signature": token}


@pytest.fixture
def new_shop(wagtail_site, key_server):
    """A shop of which no key was ever read."""
    return make_shop(url=key_server.url, jwks=None, jwks_fetched_at=None)


def test_keys_are_read_at_the_first_request_and_pinned(new_shop, key_server, post):
    assert post(new_shop, JWS).status_code == 200
    assert post(new_shop, recording("0040")).status_code == 200
    assert key_server.asked == 1
    new_shop.refresh_from_db()
    assert new_shop.jwks == JWKS
    assert new_shop.keys_claimed_at is None


def test_the_address_in_a_header_is_never_asked(wagtail_site, key_server, post):
    shop = make_shop(url="http://127.0.0.1:9/", jwks=None, jwks_fetched_at=None)
    host = key_server.url.removeprefix("http://")
    answer = post(shop, JWS, **{"Saleor-Api-Url": key_server.url, "Saleor-Domain": host, "Host": host.rstrip("/")})
    assert answer.status_code == 503
    assert key_server.asked == 0


def test_keys_that_cannot_be_read_are_503_and_nothing_is_counted_as_refused(new_shop, key_server, post):
    key_server.status = 500
    assert post(new_shop, JWS).status_code == 503
    assert not ReceivedWebhook.objects.exists()
    key_server.status = 200
    assert post(new_shop, JWS).status_code == 200


@pytest.mark.parametrize(
    "document", [b"", b"[]", b'{"keys": []}', b'{"keys": [{"kty": "oct", "k": "AA"}]}', b'{"keys": 3}']
)
def test_a_document_without_a_usable_key_leaves_the_old_ones(new_shop, key_server, post, document):
    assert post(new_shop, JWS).status_code == 200
    key_server.document = document
    assert post(new_shop, JWS, **sign(JWS.body, KEYS[0], "other")).status_code == 503
    assert post(new_shop, recording("0040")).status_code == 200


def test_an_unknown_key_is_looked_up_once_and_then_it_is_401(new_shop, key_server, post):
    post(new_shop, JWS)
    assert post(new_shop, JWS, **sign(JWS.body, KEYS[0], "other")).status_code == 401
    assert key_server.asked == 2


def test_a_rotated_key_is_found(new_shop, key_server, post):
    key_server.publish(jwks(KEYS[0], "first"))
    assert post(new_shop, JWS, **sign(JWS.body, KEYS[0], "first")).status_code == 200
    key_server.publish(jwks(KEYS[1], "second"))
    body = JWS.body + b" "
    assert post(new_shop, JWS, body=body, **sign(body, KEYS[1], "second")).status_code == 200
    assert post(new_shop, JWS, body=body, **sign(body, KEYS[0], "first")).status_code == 401


def test_a_rotated_key_of_an_older_saleor_that_calls_every_key_1_is_found(new_shop, key_server, post):
    key_server.publish(jwks(KEYS[0], "1"))
    assert post(new_shop, JWS, **sign(JWS.body, KEYS[0], "1")).status_code == 200
    key_server.publish(jwks(KEYS[1], "1"))
    body = JWS.body + b" "
    assert post(new_shop, JWS, body=body, **sign(body, KEYS[1], "1")).status_code == 200
    assert key_server.asked == 2


def test_a_bad_signature_by_a_key_that_its_name_identifies_is_final(new_shop, key_server, post):
    post(new_shop, JWS)
    for _time in range(5):
        assert post(new_shop, JWS, body=b"{}").status_code == 401
    assert key_server.asked == 1


def test_keys_are_read_a_few_times_a_minute_only(new_shop, key_server, post, settings):
    settings.FLOWS_KEY_FETCHES_PER_MINUTE = 2
    now = clock.real_now()
    answers = [post(new_shop, JWS, **sign(JWS.body, KEYS[0], f"other-{n}")).status_code for n in range(6)]
    if clock.real_now().minute == now.minute:
        assert answers == [401, 401, 503, 503, 503, 503]
        assert key_server.asked == 2


def test_a_private_address_is_not_asked(new_shop, key_server, post, settings):
    settings.FLOWS_ALLOW_PRIVATE_ADDRESSES = False
    assert post(new_shop, JWS).status_code == 503
    assert key_server.asked == 0


def test_the_keys_of_another_address_are_forgotten(new_shop, key_server, post):
    post(new_shop, JWS)
    new_shop.refresh_from_db()
    new_shop.url = "https://other.example/"
    new_shop.save(update_fields=["url"])
    new_shop.refresh_from_db()
    assert (new_shop.jwks, new_shop.jwks_fetched_at) == (None, None)
    assert post(new_shop, recording("0040")).status_code == 503


@pytest.mark.django_db(transaction=True)
def test_many_at_once_read_the_keys_once(new_shop, key_server, settings, monkeypatch):
    settings.FLOWS_KEY_FETCHES_PER_MINUTE = 1
    # A busy machine may need longer than a shop may be made to wait.
    monkeypatch.setattr(signing_keys, "FETCH_SECONDS", 30.0)
    monkeypatch.setattr(signing_keys, "CLAIM_LASTS", timedelta(minutes=1))
    answers: list[int] = []

    def work(number: int) -> None:
        try:
            body = JWS.body + b" " * number
            headers = sign(body, KEYS[0], "1")
            answers.append(send_webhook(Client(), new_shop, JWS, body=body, **headers).status_code)
        finally:
            connections.close_all()

    key_server.publish(jwks(KEYS[0], "1"))
    threads = [threading.Thread(target=work, args=(number,)) for number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [200] * 5
    assert key_server.asked == 1


def test_a_reader_that_died_holds_the_others_off_for_a_few_seconds_only(new_shop, post):
    new_shop.keys_claimed_at = clock.real_now() - timedelta(seconds=10)
    new_shop.save()
    assert post(new_shop, JWS).status_code == 200


@pytest.mark.parametrize(
    "header",
    [{"b64": True}, {"crit": []}, {"crit": ["b64", "exp"]}, {"kid": ""}, {"alg": "none"}, {"alg": "HS256"}],
    ids=str,
)
def test_only_detached_unencoded_rs256_is_accepted(header):
    kid = "qS5K3j9_MH8gKfyfy7-uyTi-KCE9zVhLLW44fUfCSkI"
    keys = jwks(KEYS[0], kid)
    protected = {"alg": "RS256", "b64": False, "crit": ["b64"], "kid": kid, "typ": "JWT", **header}
    encoded = jwt.utils.base64url_encode(json.dumps(protected).encode())
    signature = jwt.algorithms.RSAAlgorithm(jwt.algorithms.RSAAlgorithm.SHA256).sign(encoded + b".{}", KEYS[0])
    token = (encoded + b".." + jwt.utils.base64url_encode(signature)).decode()
    assert judge(b"{}", token, jwks=keys, secret="").verdict.name != "GOOD"


def test_an_access_token_of_the_shop_is_no_signature():
    """Saleor signs its users' tokens with the same key: an attached JWS is not one of a webhook."""
    token = jwt.encode({"a": 1}, KEYS[0], algorithm="RS256", headers={"kid": "1"})
    assert judge(b'{"a":1}', token, jwks=jwks(KEYS[0], "1"), secret="").verdict.name == "BAD"


def test_the_recorded_key_is_named_by_its_thumbprint():
    key = jwt.PyJWKSet.from_dict(JWKS).keys[0].key
    assert thumbprint(key) == JWKS["keys"][0]["kid"]


def test_a_weak_key_is_not_usable():
    weak = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505
    token = sign_weak(b"{}", weak)
    assert judge(b"{}", token, jwks=jwks(weak, "1"), secret="").verdict.name == "NEEDS_NEWER_KEYS"


def sign_weak(body: bytes, key: rsa.RSAPrivateKey) -> str:
    encoded = jwt.utils.base64url_encode(
        json.dumps({"alg": "RS256", "b64": False, "crit": ["b64"], "kid": "1"}).encode()
    )
    algorithm = jwt.algorithms.RSAAlgorithm(jwt.algorithms.RSAAlgorithm.SHA256)
    return (encoded + b".." + jwt.utils.base64url_encode(algorithm.sign(encoded + b"." + body, key))).decode()


def test_the_admins_button_reads_the_keys_and_says_what_it_found(new_shop, key_server):
    found = check_connection(new_shop)
    assert found.is_good
    assert JWKS["keys"][0]["kid"] in found.text
    key_server.status = 404
    missing = check_connection(new_shop)
    assert not missing.is_good
    assert "404" in missing.text
    new_shop.refresh_from_db()
    assert new_shop.jwks == JWKS


@pytest.mark.parametrize("url", ["https://s.example", "https://s.example/", "https://s.example/graphql/"])
def test_keys_stand_at_the_root_of_the_host(url):
    assert get("saleor").keys_url(url) == "https://s.example/.well-known/jwks.json"
