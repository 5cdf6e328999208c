"""The embedded demo market: fictional companies, made-up prices, planted signals of known strength."""
