"""Definition of the companies of the demo market. All companies, products and numbers are fictional."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from ...domain.ids import Symbol


class Sector(StrEnum):
    """Sector of a company; the returns of a sector share a factor."""

    TECHNOLOGY = "Technology"
    HEALTH = "Health"
    ENERGY = "Energy"
    INDUSTRIALS = "Industrials"
    CONSUMER = "Consumer"
    FUND = "Fund"


@dataclass(frozen=True, slots=True)
class Listing:
    """Public name and sector of a ticker."""

    ticker: Symbol
    name: str
    sector: str


@dataclass(frozen=True, slots=True)
class ShareSplit:
    """A split of `old` shares into `new` shares, effective from `ex_date`, announced in the session `announced`."""

    announced: date
    ex_date: date
    new: int
    old: int

    @property
    def ratio(self) -> Decimal:
        """Return the number of new shares per old share."""
        return Decimal(self.new) / Decimal(self.old)


@dataclass(frozen=True, slots=True)
class Delisting:
    """A delisting: session of the announcement, last trading session, and log return on the announcement."""

    announced: date
    last_session: date
    log_return: float


@dataclass(frozen=True, slots=True)
class Company:
    """Parameters of one ticker.

    Attributes:
        beta: exposure to the market factor.
        idiosyncratic: annual idiosyncratic volatility.
        price: first price, in dollars.
        turnover: typical turnover of a session, in millions of dollars.
        shares: shares at the start, in millions.
        earnings_multiple: price over annual earnings at the start.
        growth: annual growth of earnings.
        earnings_noise: standard deviation of the seasonal difference of quarterly earnings per share, as a fraction of
            their level.
        margin: net income over revenues.
        gross_margin: gross profit over revenues.
        leverage: long-term debt over equity.
        dividend_yield: annual dividend yield; 0 for none.
        year_end: month in which the fiscal year ends.
        sector_beta: exposure to the sector factor.
        products: products named in the news.
        listed: first trading session.
    """

    ticker: Symbol
    name: str
    sector: Sector
    beta: float
    idiosyncratic: float
    price: float
    turnover: float
    shares: float = 0.0
    earnings_multiple: float = 18.0
    growth: float = 0.04
    earnings_noise: float = 0.10
    margin: float = 0.12
    gross_margin: float = 0.42
    leverage: float = 0.5
    dividend_yield: float = 0.0
    year_end: int = 12
    sector_beta: float = 1.0
    products: tuple[str, ...] = ()
    listed: date = date(2016, 1, 4)
    splits: tuple[ShareSplit, ...] = ()
    collapse: Delisting | None = None

    @property
    def is_fund(self) -> bool:
        """Return whether it is the broad market fund, which files no statements."""
        return self.sector is Sector.FUND

    @property
    def listing(self) -> Listing:
        """Return the public name and sector."""
        return Listing(ticker=self.ticker, name=self.name, sector=self.sector.value)


FUND = Company(
    ticker=Symbol("OPENX"), name="Open Outcry Broad Market Fund", sector=Sector.FUND, beta=1.0, idiosyncratic=0.008,
    price=110.0, turnover=2400.0, sector_beta=0.0, dividend_yield=0.015, products=("broad market index",),
)  # fmt: skip

T, H, E, I, C = Sector.TECHNOLOGY, Sector.HEALTH, Sector.ENERGY, Sector.INDUSTRIALS, Sector.CONSUMER  # noqa: E741

# fmt: off
# ticker, name, sector, beta, idiosyncratic volatility, price, turnover $m, shares m, price/earnings
COMPANIES: tuple[Company, ...] = (
    Company(Symbol("CALDR"), "Calderwick Robotics", T, 1.15, .23, 92.0, 950, 1450, 17.0, growth=.015,
            earnings_noise=.07,
             margin=.19, gross_margin=.55, leverage=.25, dividend_yield=.006,
             products=("warehouse robots", "welding arms", "motion controllers", "fleet software"),
             splits=(ShareSplit(date(2021, 7, 12), date(2021, 8, 2), 3, 1),)),
    Company(Symbol("VEXIL"), "Vexilune Software", T, 1.20, .21, 24.0, 320, 1100, 27.0, growth=.10, earnings_noise=.13,
             margin=.21, gross_margin=.72, leverage=.15, year_end=1,
             products=("payroll suites", "design tools", "subscription plans")),
    Company(Symbol("QUORB"), "Quorbane Networks", T, 1.10, .14, 48.0, 210, 520, 17.0, growth=.05, dividend_yield=.02,
             margin=.16, gross_margin=.58, year_end=9,
             products=("routers", "optical switches", "campus networks")),
    Company(Symbol("NIMBK"), "Nimbrack Cloudworks", T, 1.25, .26, 31.0, 180, 330, 32.0, growth=.12, earnings_noise=.16,
             margin=.11, gross_margin=.66, leverage=.2, listed=date(2020, 9, 15),
             products=("storage clusters", "backup services", "edge servers")),
    Company(Symbol("HALDM"), "Haldenmoor Therapeutics", H, .85, .25, 57.0, 160, 260, 22.0,
            growth=.07, earnings_noise=.15,
             margin=.18, gross_margin=.78, leverage=.4,
             products=("asthma inhalers", "a migraine injection", "insulin pens")),
    Company(Symbol("OSTRV"), "Ostrevia Diagnostics", H, .80, .21, 71.0, 130, 210, 20.0, growth=.015,
            earnings_noise=.08, dividend_yield=.011,
             margin=.15, gross_margin=.61, year_end=9,
             products=("blood analysers", "imaging scanners", "test cartridges")),
    Company(Symbol("MYRRL"), "Myrrelo Devices", H, .75, .12, 86.0, 120, 190, 19.0, growth=.05, dividend_yield=.016,
             margin=.17, gross_margin=.64,
             products=("hip implants", "infusion pumps", "surgical lasers")),
    Company(Symbol("PALVN"), "Palvonne Biologics", H, .90, .28, 34.0, 110, 310, 25.0, growth=.06, earnings_noise=.16,
             margin=.14, gross_margin=.74, leverage=.3,
             products=("vaccine doses", "enzyme therapies", "cell cultures")),
    Company(Symbol("DRUMT"), "Drummoth Petroleum", E, 1.00, .22, 31.0, 140, 410, 13.0, growth=.03, earnings_noise=.18,
             margin=.10, gross_margin=.35, leverage=.8, dividend_yield=.03,
             products=("offshore fields", "refined fuels", "drilling rigs")),
    Company(Symbol("SOLVK"), "Solvekka Renewables", E, 1.15, .27, 27.0, 115, 350, 26.0, growth=.08, earnings_noise=.17,
             margin=.09, gross_margin=.30, leverage=1.0,
             products=("solar parks", "wind turbines", "battery farms")),
    Company(Symbol("KESTR"), "Kestrahl Pipelines", E, .80, .20, 39.0, 95, 420, 15.0, growth=.03, dividend_yield=.045,
             margin=.13, gross_margin=.48, leverage=1.2,
             products=("gas pipelines", "storage caverns", "export terminals")),
    Company(Symbol("BRAXH"), "Braxenholm Energy Services", E, 1.20, .32, 16.5, 75, 410, 14.0,
            growth=.01, earnings_noise=.2,
             margin=.06, gross_margin=.24, leverage=1.4,
             products=("well services", "pumping crews", "drill bits"),
             splits=(ShareSplit(date(2021, 6, 28), date(2021, 7, 19), 1, 3),),
             collapse=Delisting(date(2023, 4, 3), date(2023, 5, 12), -.62)),
    Company(Symbol("FERKD"), "Ferrakond Machinery", I, 1.05, .13, 78.0, 150, 300, 16.0, growth=.05, dividend_yield=.021,
             margin=.11, gross_margin=.37, year_end=10,
             products=("excavators", "hydraulic presses", "harvesters")),
    Company(Symbol("GRUND"), "Grundelow Freight", I, 1.00, .20, 53.0, 125, 260, 18.0, growth=.06, dividend_yield=.01,
             margin=.08, gross_margin=.31, leverage=.7,
             products=("truck lanes", "container depots", "parcel hubs")),
    Company(Symbol("TORVD"), "Torvalund Aerospace", I, 1.05, .22, 118.0, 260, 340, 19.0,
            growth=.015,
            earnings_noise=.08, dividend_yield=.014,
             margin=.09, gross_margin=.26, leverage=.9,
             products=("turbine blades", "cabin systems", "survey drones")),
    Company(Symbol("WINDH"), "Windhaspe Rail", I, .85, .19, 97.0, 140, 280, 18.0, growth=.05, dividend_yield=.02,
             margin=.18, gross_margin=.45, leverage=.8,
             products=("freight wagons", "signalling", "grain trains")),
    Company(Symbol("LUMVN"), "Lumivane Brands", C, .70, .12, 62.0, 135, 430, 20.0, growth=.04, dividend_yield=.027,
             margin=.13, gross_margin=.52,
             products=("detergents", "skin creams", "paper towels")),
    Company(Symbol("PERDL"), "Perdelle Apparel", C, 1.05, .23, 46.0, 105, 290, 17.0, growth=.015,
            earnings_noise=.08, dividend_yield=.012,
             margin=.09, gross_margin=.47, year_end=1,
             products=("running shoes", "winter coats", "denim lines")),
    Company(Symbol("ZESTV"), "Zestovar Foods", C, .65, .18, 58.0, 100, 310, 19.0, growth=.04, dividend_yield=.022,
             margin=.10, gross_margin=.39, leverage=.7,
             products=("frozen meals", "oat drinks", "spice blends")),
    Company(Symbol("MARRW"), "Marrowick Stores", C, .90, .23, 69.0, 170, 360, 18.0, growth=.06, dividend_yield=.015,
             margin=.05, gross_margin=.28, year_end=1,
             products=("grocery aisles", "home delivery", "store brands")),
    Company(Symbol("TILDB"), "Tildenbrook Home", C, 1.10, .26, 36.0, 85, 240, 16.0, growth=.05, earnings_noise=.15,
             margin=.07, gross_margin=.36, year_end=10,
             products=("kitchen fittings", "garden tools", "paint ranges")),
)
# fmt: on

ALL_LISTINGS: tuple[Company, ...] = (*COMPANIES, FUND)


def demo_listing() -> tuple[Listing, ...]:
    """Return every ticker of the demo market with its name and sector, sorted by ticker."""
    return tuple(sorted((company.listing for company in ALL_LISTINGS), key=lambda listing: listing.ticker))
