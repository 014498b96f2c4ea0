"""The example site's inbox: what the mail server keeps is shown, to this machine only, and can't do harm."""

from email.message import EmailMessage

import pytest

from example_site.inbox.mailbox import Mailbox


@pytest.fixture
def mailbox(settings, tmp_path):
    settings.INBOX_DIR, settings.DEBUG, settings.ROOT_URLCONF = tmp_path / "inbox", True, "example_site.urls"
    return Mailbox(settings.INBOX_DIR)


def mail(subject="Dzień dobry", html="<p>Hello <script>alert(1)</script></p>", **headers):
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = subject, "shop@example.org", "alice@example.org"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content("Hello")
    message.add_alternative(html, subtype="html")
    return message.as_bytes()


def test_an_empty_inbox_says_how_to_fill_it(client, db, mailbox):
    assert "No mail yet" in client.get("/inbox/").content.decode()


def test_the_newest_mail_stands_first(client, db, mailbox):
    for subject in ("Bread", "Butter"):
        mailbox.keep("shop@example.org", ["alice@example.org"], mail(subject))
    page = client.get("/inbox/").content.decode()
    assert page.index("Butter") < page.index("Bread")


def test_a_mail_shows_text_headers_and_a_frame_that_runs_nothing(client, db, mailbox):
    name = mailbox.keep("shop@example.org", ["alice@example.org"], mail(X_Odd="<b>odd</b>"))
    page = client.get(f"/inbox/{name}/").content.decode()
    assert "Dzień dobry" in page
    assert "&lt;b&gt;odd&lt;/b&gt;" in page
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page
    framed = client.get(f"/inbox/{name}/html/")
    assert framed["Content-Security-Policy"].startswith("sandbox allow-popups")
    assert "default-src 'none'" in framed["Content-Security-Policy"]


def test_one_click_unsubscribing_is_offered_where_the_mail_offers_it(client, db, mailbox):
    name = mailbox.keep(
        "shop@example.org",
        ["alice@example.org"],
        mail(
            List_Unsubscribe="<mailto:leave@example.org>, <https://example.org/leave/1>",
            List_Unsubscribe_Post="List-Unsubscribe=One-Click",
        ),
    )
    assert 'action="https://example.org/leave/1"' in client.get(f"/inbox/{name}/").content.decode()


@pytest.mark.parametrize("name", ["nothing", "00000000000000000000-00000000", "..%2Fsecret_key", "secret_key"])
def test_only_kept_mails_can_be_opened(client, db, mailbox, name):
    mailbox.keep("shop@example.org", ["alice@example.org"], mail())
    (mailbox.folder / "secret_key.eml").write_text("secret")
    assert client.get(f"/inbox/{name}/").status_code == 404


@pytest.mark.parametrize("path", ["/inbox/", "/inbox/{name}/", "/inbox/{name}/html/"])
def test_nobody_else_may_look(client, db, mailbox, settings, path):
    address = path.format(name=mailbox.keep("shop@example.org", ["alice@example.org"], mail()))
    assert client.get(address).status_code == 200
    assert client.get(address, REMOTE_ADDR="192.0.2.7").status_code == 404
    assert client.get(address, HTTP_X_FORWARDED_FOR="127.0.0.1").status_code == 404
    settings.DEBUG = False
    assert client.get(address).status_code == 404
