"""One mail over an open SMTP connection, in as few turns as the server bears.

A server that offers PIPELINING (RFC 2920) is told sender, recipient and DATA at once, and answers one after the other;
any other is asked step by step. Either way its answers mean the same, and errors are those of `smtplib`.
"""

from __future__ import annotations

import smtplib


END = b".\r\n"
SERVICE_ENDS, GO_ON = 421, 354


def say(smtp: smtplib.SMTP, sender: str, recipient: str, content: bytes) -> None:
    """Hand over one mail to one recipient. Raises what `smtplib.SMTP.sendmail` raises."""
    if smtp.has_extn("pipelining"):
        _say_at_once(smtp, sender, recipient, content)
    else:
        smtp.sendmail(sender, [recipient], content)


def _say_at_once(smtp: smtplib.SMTP, sender: str, recipient: str, content: bytes) -> None:
    size = f" size={len(content)}" if smtp.has_extn("size") else ""
    smtp.send(f"MAIL FROM:<{sender}>{size}\r\nRCPT TO:<{recipient}>\r\nDATA\r\n")
    mail = _reply(smtp)
    if mail[0] == SERVICE_ENDS:
        raise smtplib.SMTPSenderRefused(*mail, sender)
    rcpt = _reply(smtp)
    if rcpt[0] == SERVICE_ENDS and mail[0] == 250:
        raise smtplib.SMTPRecipientsRefused({recipient: rcpt})
    data = _reply(smtp)
    if mail[0] != 250 or rcpt[0] not in (250, 251):
        _take_back(smtp, data[0])
        raise (
            smtplib.SMTPSenderRefused(*mail, sender)
            if mail[0] != 250
            else smtplib.SMTPRecipientsRefused({recipient: rcpt})
        )
    if data[0] != GO_ON:
        raise smtplib.SMTPDataError(*data)
    _end(smtp, content)


def _reply(smtp: smtplib.SMTP) -> tuple[int, bytes]:
    reply = smtp.getreply()
    if reply[0] == SERVICE_ENDS:
        smtp.close()
    return reply


def _take_back(smtp: smtplib.SMTP, data_code: int) -> None:
    """RFC 2920 §3.1: whoever was let into DATA without a recipient ends it without a word."""
    if data_code == GO_ON:
        smtp.send(END)
        smtp.getreply()


def _end(smtp: smtplib.SMTP, content: bytes) -> None:
    ended = content if content.endswith(b"\r\n") else content + b"\r\n"
    smtp.send(_with_dots(ended) + END)
    reply = _reply(smtp)
    if reply[0] != 250:
        raise smtplib.SMTPDataError(*reply)


def _with_dots(content: bytes) -> bytes:
    """RFC 5321 §4.5.2: a line that begins with a dot gets another one."""
    doubled = content.replace(b"\n.", b"\n..")
    return b"." + doubled if doubled.startswith(b".") else doubled
