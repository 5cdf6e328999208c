"""The commented settings file that `openoutcry init` writes. Every line that sets something is a comment."""

TEMPLATE = """\
# Settings of OpenOutcry. Environment variables OPENOUTCRY_* and flags override this file.
# Every setting is shown with its default; remove "# " to change it. `openoutcry config show` prints what applies.
# Keys are not stored here: set OPENAI_API_KEY, or name a file with the key.

# home = "~/.local/share/openoutcry"     # state folder: runs, accounts, memory, archive
# market = "demo"                        # demo, live, or a folder with your data
# desk = "debate"                        # a name of `desks list`, or a YAML file
# account = "mine"                       # paper account to decide for; unset: a flat account with `cash`
# cash = 100000                          # starting cash when no account is used
# margin = true                          # whether that account may borrow and sell short
# currency = "EUR"                       # its currency, an ISO 4217 code; unset: the currency of the ticker
# remember = true                        # recall and record memories as the desk file says
# prompts = "my-prompts"                 # folder with prompts that replace built-in ones
# seed = 7                               # seed for models that accept one
# demo_seed = 7                          # seed of the demo market
# ledger = "sqlite:///book.db"           # database of the paper accounts; or postgresql+psycopg://...
# submit = false                         # send the allowed orders to the account, as --submit does
# attempt = 1                            # 2 makes a second decision for the same session, and so on
# contact = "you@example.org"            # address that the SEC requires with each request

# The model. Without a model and without a key, rules answer.
# model = "openai:gpt-5-mini"            # rules, or openai:NAME
# deep_model = "openai:gpt-5"            # the model of judging roles; unset: same as `model`
# base_url = "http://localhost:8000/v1"  # an OpenAI-compatible endpoint; unset: OPENAI_BASE_URL
# api_key_file = "key.txt"               # file with the key, if OPENAI_API_KEY is not set
# fallback = []                          # models called while the first is unavailable: openai:NAME@URL
# prices = "prices.csv"                  # table of model prices, for costs
# attempts = 4                           # attempts for a call that fails temporarily
# timeout_s = 180.0                      # seconds for one call
# decision_timeout_s = 600.0             # seconds for one decision; unset: no limit
# max_parallel = 64                      # calls at the same time
# max_calls = 50                         # calls of one decision; unset: no limit
# max_tokens = 200000                    # tokens of one decision; unset: no limit
# max_cost_usd = 0.50                    # US dollars of one decision; unset: no limit
# max_answer_tokens = 4000               # tokens of one answer; unset: no limit
# recording = "off"                      # off, record, or auto: answer requests that were recorded
# replay = "20250303-GRUND-1a2b"         # recorded run, or file, that answers all calls; unset: the model
# requests_per_minute = 60               # unset: no limit
# tokens_per_minute = 100000             # unset: no limit
# telemetry = false                      # send OpenTelemetry spans of model calls

# Hard limits. Shares of equity unless said otherwise.
# [limits]
# target_volatility = "0.10"             # annual volatility that one position may add at a conviction of 1
# max_position = "0.20"                  # one position
# max_gross = "1.50"                     # gross exposure
# max_net = "1.00"                       # net exposure in either direction
# max_order_notional = "1000000"         # value of one order, in currency
# max_loss = "0.02"                      # loss of one position between its entry and its stop
# price_collar = "0.20"                  # distance of any price from the last close, as a share of it
# max_volume_share = "0.05"              # one order, as a share of the average daily volume
# min_price = "1"                        # smallest last close, in currency
# min_daily_notional = "1000000"         # smallest average daily turnover, in currency
# restricted = []                        # symbols that may not be opened

# Limits of a whole account, for all orders of a session together. Shares of equity unless said otherwise.
# [portfolio]
# max_gross = "1.50"                     # sum of the sizes of all positions
# max_net = "1.00"                       # longs less shorts, in either direction
# max_name = "0.20"                      # one position
# max_sector = "0.50"                    # all positions of one sector
# max_cluster = "0.50"                   # all positions whose returns are correlated
# cluster_correlation = "0.80"           # correlation of daily returns from which two symbols are in one cluster
# cluster_sessions = 60                  # number of daily returns that the correlation is computed from
# max_turnover = "1.00"                  # value of all orders of one session
# max_new_names = 20                     # symbols that one session may open
# scaling = "pro_rata"                   # pro_rata: all orders shrink alike; in_order: by conviction

# Budgets of other spans than one decision. Unset: no limit.
# [budgets.call]
# max_calls = 4                          # attempts of one model call
# max_tokens = 50000                     # tokens of one model call
# max_cost_usd = 0.10                    # US dollars of one model call

# [budgets.session]
# max_calls = 500                        # calls for one trading session
# max_tokens = 2000000                   # tokens for one trading session
# max_cost_usd = 5.00                    # US dollars for one trading session

# [budgets.account]
# max_calls = 5000                       # calls of one account, ever
# max_tokens = 20000000                  # tokens of one account, ever
# max_cost_usd = 50.00                   # US dollars of one account, ever

# When an account is halted, or set to reducing, without a person. Shares of equity; unset: no trigger.
# [safety]
# max_daily_loss = "0.05"                # loss of one session
# max_drawdown = "0.20"                  # fall from the peak of equity
# max_failed_sessions = 5                # sessions in a row in which data or models failed for every ticker
# verify = "week"                        # verify the account every session, week or never; a breach halts it
# action = "halt"                        # halt or reduce

# Accounts that trade every session: one such table for each. `openoutcry paper serve` runs them.
# [[paper]]
# account = "mine"
# watchlist = ["AAPL", "MSFT"]           # or "@FILE"; "AAPL: single_agent" uses another desk for that ticker
# desk = "debate"                        # these four: as the settings above, for this account
# model = "openai:gpt-5-mini"
# deep_model = "openai:gpt-5"
# market = "live"
# when = "after-close"                   # after-close or before-open
# approve = "none"                       # orders that wait for a person: none, all, "above 5000" ...
# on_missed = "decide-latest"            # record, or decide-latest: at the start of a scheduler
# concurrency = 16                       # decisions at the same time

# [memory]
# embedder = "hashing"                   # hashing, minilm (an extra), or openai:NAME
# preset = "default"                     # default, finmem, investor-bench or fincon
# index = "http://localhost:8000"        # folder or server of the index; unset: beside the journal
# max_tokens = 1000000                   # tokens sent to an embedding endpoint; unset: no limit

# Messages about each session.
# [notifications]
# attempts = 20                          # attempts to send one message; then `doctor` reports it
# budget_s = 60.0                        # seconds for all messages of one session

# [[notifications.channels]]
# name = "desk"                          # any name
# kind = "webhook"                       # webhook, or apprise: e-mail and chat services (extra `notify`)
# url_variable = "DESK_WEBHOOK"          # variable with the address; or url_file, or url. The address is a secret
# format = "slack"                       # body of a webhook: json or slack
# timeout_s = 10.0                       # seconds for one message
# allow_http = false                     # whether a webhook may use unencrypted HTTP

# Public sources of --market live.
# [live]
# archive = "archive.db"                 # the archive file; unset: in the state folder
# timeout_s = 20.0                       # seconds for one request
# attempts = 3                           # attempts for a request that fails temporarily
# per_second = 2.0                       # requests per second to one host
# proxy = "http://proxy:8080"            # unset: none
# chains = {}                            # vendors by kind of data: {prices_daily = ["yfinance", "tiingo"]}
# base_urls = {}                         # address by vendor
# feeds = {}                             # address by name of news feeds, with {ticker}; unset: the built-in feeds
# key_files = {}                         # file with the key, by vendor
# ciks = {}                              # SEC filer number by ticker
"""
