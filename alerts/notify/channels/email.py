"""E-mail by SMTP: one message a connection, encrypted unless the settings say otherwise.

Each step is taken by itself, so that it is known which one failed: 4xx is tried again, 5xx about a
person or a message is final. A refused sender or login and a certificate that is not trusted are
the configuration's fault, which somebody can mend, and are tried again. A connection that breaks
after the message was sent leaves it open whether it was taken: it goes out again, with the same
Message-ID. Tests: tests/alerts/notify/test_email_channel.py.
"""

from __future__ import annotations

import smtplib
import socket
import ssl
from email.errors import MessageError
from email.header import Header
from email.headerregistry import Address, HeaderRegistry, UniqueUnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime, localtime

from alerts.notify.channels.deadline import Deadline, deadline
from alerts.notify.channels.reaching import connect, in_words, trust
from alerts.notify.channels.scrubbing import scrubbed
from alerts.notify.parcel import NotNow, Parcel, Receipt, Refused
from alerts.notify.plain import lines, plain
from alerts.notify.settings import NotifySettings

_PRIORITY = {"critical": "1", "severe": "2"}


class _Subject(UniqueUnstructuredHeader):
    """Folded by the older class: the newer one loses blanks between encoded words."""

    def fold(self, *, policy: Policy) -> str:
        """With its name, and line ends of the policy."""
        said = Header(str(self), header_name="Subject").encode(linesep=policy.linesep)
        return f"Subject: {said}{policy.linesep}"


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("subject", _Subject)  # type: ignore[arg-type] # a mixin, as theirs
_LETTER = SMTP.clone(header_factory=_HEADERS)


class Email:
    """Messages through the mail server of the settings."""

    def __init__(self, settings: NotifySettings) -> None:
        self._settings = settings

    def send(self, parcel: Parcel) -> Receipt:
        """Refused, NotNow."""
        if not self._settings.smtp_host:
            raise NotNow("notify.smtp_host is not set")
        try:
            letter = written(parcel, self._settings)
        except (ValueError, LookupError, MessageError):  # email's parser falls over some
            raise Refused("the address is none that an e-mail can go to") from None
        with deadline(self._settings.timeout_s) as until:
            try:
                with _Connection(self._settings, until) as server:
                    return self._handed(server, letter, parcel)
            except smtplib.SMTPResponseException as said:
                raise NotNow(_said(said.smtp_code, said.smtp_error, parcel)) from None
            except smtplib.SMTPNotSupportedError:
                raise NotNow("the mail server offers no login, or none that we know") from None
            except (smtplib.SMTPException, OSError, ValueError) as fault:
                raise NotNow(in_words(_plain_fault(fault), until)) from None

    def _handed(self, server: smtplib.SMTP, letter: EmailMessage, parcel: Parcel) -> Receipt:
        settings = self._settings
        if settings.smtp_user and settings.smtp_password:
            server.login(settings.smtp_user, settings.smtp_password)
        body = letter.as_bytes()
        options = [f"size={len(body)}"] if server.has_extn("size") else []
        code, said = server.mail(sender(settings), options)
        if code != 250:
            raise NotNow(f"the mail server refuses the sender: {_said(code, said, parcel)}")
        code, said = server.rcpt(parcel.address)
        if code not in (250, 251):
            _judge(code, said, parcel)
        try:
            code, said = server.data(body)
        except smtplib.SMTPDataError as answer:  # it did not want to hear the message
            code, said = answer.smtp_code, _bytes(answer.smtp_error)
        if code != 250:
            _judge(code, said, parcel)
        return Receipt(_said(code, said, parcel))


class _Connection:
    """A connection to the mail server, closed without more ado at the end."""

    def __init__(self, settings: NotifySettings, until: Deadline) -> None:
        self._settings = settings
        self._until = until
        self._server: _Server | None = None

    def __enter__(self) -> smtplib.SMTP:
        settings = self._settings
        context = None if settings.smtp_security == "none" else trust(settings.ca_file)
        sealed = context if settings.smtp_security == "tls" else None
        server = _Server(settings.smtp_host, self._until, sealed)
        self._server = server
        try:
            code, said = server.connect(settings.smtp_host, settings.smtp_at)
            if code != 220:
                raise smtplib.SMTPConnectError(code, said)
            server.ehlo_or_helo_if_needed()
            if settings.smtp_security == "starttls":
                if not server.has_extn("starttls"):
                    raise NotNow("the mail server offers no STARTTLS; nothing was sent")
                server.starttls(context=context)
                server.ehlo_or_helo_if_needed()
        except BaseException:
            server.close()
            raise
        return server

    def __exit__(self, *_: object) -> None:
        server = self._server
        if server is None:
            return
        try:
            server.quit()
        except (smtplib.SMTPException, OSError, ValueError):
            pass  # what was to be said is said
        finally:
            server.close()


class _Server(smtplib.SMTP):
    """smtplib's, with connections that end in time; ``sealed``: TLS from the first byte."""

    def __init__(self, host: str, until: Deadline, sealed: ssl.SSLContext | None) -> None:
        super().__init__(timeout=until.seconds, local_hostname=_own_name())
        self._host = host  # for the certificate
        self._until = until
        self._sealed = sealed

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        del timeout
        plain_socket = connect(host, port, self._until)
        if self._sealed is None:
            return plain_socket
        try:
            return self._sealed.wrap_socket(plain_socket, server_hostname=host)
        except BaseException:
            plain_socket.close()
            raise


def written(parcel: Parcel, settings: NotifySettings) -> EmailMessage:
    """The message as it goes out; nothing in it can begin a header of its own."""
    domain = sender(settings).rpartition("@")[2] or "localhost"
    letter = EmailMessage(policy=_LETTER)
    letter["Subject"] = plain(parcel.subject, 200)
    letter["From"] = Address(plain(settings.smtp_from_name, 60), addr_spec=sender(settings))
    letter["To"] = Address(plain(parcel.name, 60), addr_spec=parcel.address)
    letter["Date"] = format_datetime(localtime(parcel.created_at))
    letter["Message-ID"] = f"<{parcel.token}@{domain}>"
    if parcel.about.startswith("incident:"):
        # All messages of an incident are one thread.
        letter["References"] = f"<{plain(parcel.about).replace(':', '-')}@{domain}>"
    letter["Auto-Submitted"] = "auto-generated"  # no out-of-office answers (RFC 3834)
    if parcel.severity in _PRIORITY:
        letter["X-Priority"] = _PRIORITY[parcel.severity]
    letter.set_content(lines(parcel.text) + "\n", cte="base64")
    return letter


def sender(settings: NotifySettings) -> str:
    """The sender's address."""
    return settings.smtp_from or settings.smtp_user


def _judge(code: int, said: bytes, parcel: Parcel) -> None:
    why = _said(code, said, parcel)
    if code >= 500:
        raise Refused(why)
    raise NotNow(why)


def _said(code: int, said: bytes | str, parcel: Parcel) -> str:
    return scrubbed(f"{code} {_bytes(said).decode('utf-8', 'replace')}", parcel)


def _bytes(said: bytes | str) -> bytes:
    return said if isinstance(said, bytes) else said.encode()


def _plain_fault(fault: Exception) -> Exception:
    """What lies behind smtplib's own."""
    if isinstance(fault, smtplib.SMTPServerDisconnected):
        inner = fault.__cause__ or fault.__context__
        return inner if isinstance(inner, OSError) else ConnectionError()
    return fault


def _own_name() -> str:
    """For EHLO: never asks the network."""
    name = socket.gethostname()
    return name if "." in name else "[127.0.0.1]"
