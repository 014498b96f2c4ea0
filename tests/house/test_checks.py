"""Each system check, once quiet and once speaking."""

import django
import pytest

from wagtail_flows import checks
from wagtail_flows.messages.feedback import checks as feedback_checks
from wagtail_flows.messages.sms import checks as sms_checks


Q2 = {"default": {"BACKEND": "wagtail_flows.contrib.django_q2.backend.DjangoQ2Backend"}}
SMTP = "django.core.mail.backends.smtp.EmailBackend"
CONSOLE = "django.core.mail.backends.console.EmailBackend"


def ids(messages):
    return [message.id.removeprefix("wagtail_flows.") for message in messages]


def use_mail_backend(settings, backend):
    if django.VERSION >= (6, 1):
        settings.MAILERS = {"default": {"BACKEND": backend}}
    else:
        settings.EMAIL_BACKEND = backend


def test_well_formed_settings_are_quiet():
    assert checks.settings_are_well_formed() == []


def test_a_wrong_value_is_an_error_that_names_the_setting(settings):
    settings.FLOWS_TICK_SECONDS = 90
    (error,) = checks.settings_are_well_formed()
    assert ids([error]) == ["E001"]
    assert error.msg == "FLOWS_TICK_SECONDS must be at most 60, not 90."


def test_a_misspelt_setting_is_noticed(settings):
    settings.FLOWS_TIK_SECONDS = 9
    assert ids(checks.settings_are_well_formed()) == ["W001"]


@pytest.mark.parametrize(
    ("lease", "timeout", "found"),
    [(300, 30, []), (59, 30, ["E002"]), (60, 30, ["W010"]), (179, 30, ["W010"]), (180, 30, []), ("x", 30, [])],
)
def test_a_lease_must_outlast_the_mail_server(settings, lease, timeout, found):
    settings.FLOWS_LEASE_SECONDS, settings.FLOWS_EMAIL_TIMEOUT = lease, timeout
    assert ids(checks.a_lease_outlasts_the_mail_server()) == found


def test_a_lease_must_outlast_the_receivers_of_webhooks_too(settings):
    settings.FLOWS_LEASE_SECONDS, settings.FLOWS_EMAIL_TIMEOUT, settings.FLOWS_CALL_TIMEOUT = 60, 10, 31
    assert ids(checks.a_lease_outlasts_the_mail_server()) == ["E002"]


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({}, []),
        ({"SMS_SENDER": "Atelier"}, ["W012"]),
        ({"SMS_SENDER": "Atelier", "DEBUG": True}, []),
        ({"SMS_PROVIDER": "nowhere.Provider"}, ["E006"]),
        ({"SMS_PROVIDER": 7}, ["E006"]),
        ({"SMS_PROVIDER": sms_checks.MAILJET}, ["E006"]),
        ({"SMS_PROVIDER": sms_checks.MAILJET, "MAILJET_SMS_TOKEN": "x", "SMS_SENDER": "Atelier"}, []),
    ],
)
def test_sms_have_somebody_who_takes_them(settings, values, found):
    for name, value in values.items():
        setattr(settings, name if name == "DEBUG" else f"FLOWS_{name}", value)
    assert ids(sms_checks.sms_have_a_provider()) == found


@pytest.mark.parametrize(
    ("kept", "found"),
    [({}, []), ({"page.viewed": 30}, []), ({"order.placed": 30}, ["W011"]), ({"x": "1"}, ["E005"]), ([], ["E005"])],
)
def test_events_that_must_stay_are_not_pruned(settings, kept, found):
    settings.FLOWS_KEEP_EVENTS_DAYS = kept
    assert ids(checks.events_that_must_stay()) == found


@pytest.mark.parametrize(
    ("tasks", "alias", "found"),
    [
        (Q2, "default", []),
        (Q2, "flows", ["E003"]),
        # django-q2 is installed here, and stands in for an immediate backend.
        ({}, "default", []),
        ({"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}, "default", []),
        ({"default": {"BACKEND": "django.tasks.backends.dummy.DummyBackend"}}, "default", ["W002"]),
    ],
)
def test_somebody_must_ring_the_bell(settings, tasks, alias, found):
    settings.TASKS, settings.FLOWS_TASK_BACKEND = tasks, alias
    assert ids(checks.the_bell_can_ring()) == found


@pytest.mark.parametrize(
    ("cluster", "found"),
    [
        ({"timeout": 300, "retry": 1800}, []),
        ({"timeout": 300, "retry": 300}, ["W003"]),
        ({"timeout": 60, "retry": 1800}, ["W004"]),
        ({}, []),
        ({"retry": 50}, ["W003"]),
    ],
)
def test_django_q2_must_be_patient(settings, cluster, found):
    settings.TASKS, settings.FLOWS_TASK_BACKEND, settings.Q_CLUSTER = Q2, "default", cluster
    assert ids(checks.django_q2_is_patient()) == found


def test_another_queue_is_not_judged_by_django_q2s_settings(settings):
    settings.TASKS, settings.Q_CLUSTER = {"flows": {"BACKEND": "somewhere.else.Backend"}}, {"retry": 1}
    assert checks.django_q2_is_patient() == []


def test_a_real_transport_is_quiet(settings):
    use_mail_backend(settings, SMTP)
    assert checks.mail_has_a_transport() == []


def test_mail_that_goes_nowhere_is_noticed_in_production_only(settings):
    use_mail_backend(settings, CONSOLE)
    assert ids(checks.mail_has_a_transport()) == ["W005"]
    settings.DEBUG = True
    assert checks.mail_has_a_transport() == []


def test_a_sender_must_be_named(settings):
    use_mail_backend(settings, SMTP)
    settings.DEFAULT_FROM_EMAIL = "webmaster@localhost"
    assert ids(checks.mail_has_a_transport()) == ["W006"]
    settings.FLOWS_FROM_EMAIL = "Atelier <hello@example.org>"
    assert checks.mail_has_a_transport() == []


def test_a_stream_cannot_use_a_mailer_that_is_not_there(settings):
    use_mail_backend(settings, SMTP)
    settings.FLOWS_MAILERS = {"commercial": "bulk"}
    assert ids(checks.mail_has_a_transport()) == ["E004"]


def test_sqlite_must_be_able_to_wait(settings, monkeypatch):
    good = {"transaction_mode": "immediate", "init_command": "PRAGMA journal_mode = WAL"}
    for engine, options, found in [
        ("django.db.backends.sqlite3", good, []),
        ("django.db.backends.sqlite3", {}, ["W007"]),
        ("django.db.backends.sqlite3", {**good, "init_command": ""}, ["W007"]),
        ("django.db.backends.postgresql", {}, []),
    ]:
        monkeypatch.setitem(settings.DATABASES, "default", {"ENGINE": engine, "OPTIONS": options})
        assert ids(checks.sqlite_can_wait()) == found


@pytest.mark.urls("tests.house.urls_without_flows")
def test_public_pages_without_an_address_are_noticed():
    assert ids(checks.public_pages_have_an_address()) == ["W008"]


def test_public_pages_with_an_address_are_quiet():
    assert checks.public_pages_have_an_address() == []


def test_without_wagtails_settings_the_sender_has_no_form(monkeypatch):
    assert checks.the_sender_can_be_edited() == []
    monkeypatch.setattr(checks.apps, "is_installed", lambda name: False)
    assert ids(checks.the_sender_can_be_edited()) == ["W009"]


@pytest.mark.parametrize(
    ("backend", "anymail", "found"),
    [
        (SMTP, {}, []),
        ("anymail.backends.mailjet.EmailBackend", {}, ["W013"]),
        ("anymail.backends.mailjet.EmailBackend", {"WEBHOOK_SECRET": "a:b"}, []),
        # Its webhooks are signed.
        ("anymail.backends.mailgun.EmailBackend", {}, []),
        ("anymail.backends.test.EmailBackend", {}, []),
    ],
)
def test_strangers_cannot_report_in_a_providers_name(settings, backend, anymail, found):
    use_mail_backend(settings, backend)
    settings.ANYMAIL = anymail
    assert ids(feedback_checks.providers_can_report()) == found


@pytest.mark.urls("tests.house.urls_without_flows")
def test_a_provider_whose_reports_are_not_heard_is_noticed(settings):
    use_mail_backend(settings, SMTP)
    assert feedback_checks.providers_can_report() == []
    use_mail_backend(settings, "anymail.backends.mailjet.EmailBackend")
    (info,) = feedback_checks.providers_can_report()
    assert ids([info]) == ["I001"]
    assert info.msg == "What mailjet could report isn't heard: bounces, complaints, opens, clicks."


def test_a_provider_is_not_heard_without_anymails_app(settings, monkeypatch):
    use_mail_backend(settings, "anymail.backends.mailjet.EmailBackend")
    monkeypatch.setattr(feedback_checks.apps, "is_installed", lambda name: False)
    assert ids(feedback_checks.providers_can_report()) == ["I001"]
