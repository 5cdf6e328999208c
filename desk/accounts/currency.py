"""The currency of an account: a symbol that is quoted in another currency is refused."""

from collections.abc import Mapping
from datetime import datetime

from ...domain.errors import ConfigError, NoData
from ...domain.ids import Symbol
from ...market.quotation import DOLLAR, HUNDREDTHS, quotation
from ...market.source import MarketSource
from ...market.view import MarketView
from ...market.whole_currency import quoted_unit

# ISO 4217, list one: the currencies in use, by the digits of their minor units.
_NO_DIGITS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_TWO_DIGITS = (
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY "
    "COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR "
    "ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK "
    "MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP "
    "SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD YER ZAR "
    "ZMW ZWG"
)
_THREE_DIGITS = "BHD IQD JOD KWD LYD OMR TND"
CURRENCIES: Mapping[int, frozenset[str]] = {
    0: frozenset(_NO_DIGITS.split()),
    2: frozenset(_TWO_DIGITS.split()),
    3: frozenset(_THREE_DIGITS.split()),
}
LEDGER_DIGITS = 2


def account_currency(text: str) -> str:
    """Return the ISO 4217 code of an account's currency.

    Raises ConfigError for an unknown code, and for a currency whose minor unit is not a hundredth: the ledger counts in
    hundredths.
    """
    code = text.strip().upper()
    if text.strip() in HUNDREDTHS:
        whole = HUNDREDTHS[text.strip()]
        raise ConfigError(f"--currency {text}: a unit of prices, not a currency; open the account in {whole}")
    digits = next((number for number, codes in CURRENCIES.items() if code in codes), None)
    if digits is None:
        raise ConfigError(f"--currency {text}: not an ISO 4217 currency; use a code such as USD, EUR, GBP or HKD")
    if digits != LEDGER_DIGITS:
        raise ConfigError(
            f"--currency {code}: the minor unit of {code} has {digits} digits, and the ledger keeps amounts with "
            f"{LEDGER_DIGITS}; accounts in {code} are not supported"
        )
    return code


def currency_of(source: MarketSource, symbol: Symbol, as_of: datetime) -> str:
    """Return the currency of a symbol's prices; dollars if its exchange is unknown."""
    try:
        return quotation(MarketView(source, as_of), symbol).currency
    except NoData:
        return DOLLAR


def check_currency(source: MarketSource, symbol: Symbol, currency: str, as_of: datetime) -> None:
    """Raise ConfigError unless prices of `symbol` are quoted in `currency`; an unknown symbol passes.

    Prices in a hundredth of the currency need a source that converts them. Raises SourceUnavailable if the currency is
    unknown in an outage; for an account in dollars, a ticker without a foreign suffix passes then.
    """
    try:
        quoted = quotation(MarketView(source, as_of), symbol, certain=currency != DOLLAR)
    except NoData:
        return
    if quoted.currency != currency:
        raise ConfigError(
            f"{symbol} is quoted in {quoted} and the account is in {currency}; amounts are not converted, so use an "
            f"account in {quoted.currency}"
        )
    if quoted.unit != 1 and quoted_unit(source, symbol, as_of) != quoted.unit:
        raise ConfigError(f"{symbol} is quoted in {quoted}, which this market does not convert to whole {currency}")
