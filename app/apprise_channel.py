"""Sending of one message to an e-mail or chat service through the package apprise, the extra `notify`."""

from ..domain.errors import ConfigError, SourceUnavailable


def send_apprise(url: str, title: str, text: str) -> None:
    """Send a plain text to the service that `url` names, such as `mailtos://...`.

    Raises ConfigError if apprise is not installed or does not know the address, and SourceUnavailable if the service
    did not accept the message. No error contains the address.
    """
    try:
        import apprise
    except ImportError as error:
        raise ConfigError("the package apprise is not installed; install openoutcry[notify]") from error
    channel = apprise.Apprise()
    if not channel.add(url):
        raise ConfigError("apprise does not know this kind of address, or it is incomplete")
    if not channel.notify(title=title, body=text, body_format=apprise.NotifyFormat.TEXT):
        raise SourceUnavailable("the service did not accept the message, or cannot be reached")
