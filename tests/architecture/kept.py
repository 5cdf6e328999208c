"""Names that no code of the package uses and that stay, by reason: the whitelist of `vulture` (see `make lint`)."""

# Read from outside Python: JSON output by field name, a report template, a library's callback or setting.
looked_at, says, mid, reflection, margin_call, fingerprint  # noqa: B018, F821
distance_from_last, handle_data, hide_exceptions, retries, tiles, sparklines  # noqa: B018, F821
stop_distance, bucket, state_reason, calibration, portfolio, uncited, at_market  # noqa: B018, F821
reward_risk, value_share, loss_share, headline, requested  # noqa: B018, F821
partly_stopped, partly_targeted  # noqa: B018, F821
metadata, include, n_results, query_embeddings  # noqa: B018, F821
# A slot of a dataclass.
_rung  # noqa: B018, F821
# The public interface of the package, covered by contract or unit tests: accounts, strategies and figures of backtests.
StoredAccount, Cash, EqualWeight, longest  # noqa: B018, F821
sortino_ratio, calmar_ratio, simple_returns, expected_shortfall, hit_rate, profit_factor  # noqa: B018, F821
# What desks of every decision kind call: corrections of proposals, overlays from roles.
weighted_risk, certainty, guide_strength  # noqa: B018, F821
# Consumers of journal events read the outbox; branches of a memory; the schema of the decision document.
unpublished, confirm, fork, schema_text  # noqa: B018, F821
# Seams of the model port: faults for tests, repairs of answers, a probe for `doctor`, users' tables of cut-offs.
FaultyTransport, share_of_keys, AnswerRepaired, repair, load_cutoffs, FINAL, MAX_COMPLETION_TOKENS  # noqa: B018, F821
# The scripted model that ships for tests of users' desks; a column of the table of vendors.
ScriptedModel, needs_key  # noqa: B018, F821
# A column of `desks list`, an attribute of the templates of reports, a channel of the state, a field of an answer.
topology, numeric, counters, fair_value  # noqa: B018, F821
# Columns of the account statement.
ambiguous_fills, stale_sessions, waiting_for_approval, band, last_status, last_note, heartbeat_age_s  # noqa: B018, F821
# A field of stored events, and values of settings and desk files that are compared by their names only.
uncertainty, MEAN_VARIANCE, RECORD, REDUCE, SESSION, IN_ORDER, updated_at  # noqa: B018, F821
# A field of an answer that models fill in, for people who read the recording.
features_used  # noqa: B018, F821
# The result of sending notifications; fields of a member of a tar archive.
given_up, uid, gid, uname, gname  # noqa: B018, F821
# Formulas of published systems, for topologies and learning kinds.
LLM_SCORE  # noqa: B018, F821
classify_outcome, updated_budgets, equal_budgets  # noqa: B018, F821
mean_1, mean_3, mean_5, std_3, std_5, reward_features, predicted_sharpe  # noqa: B018, F821
contest_weights, judge_score, consensus_score, signal_reward  # noqa: B018, F821
tilted_softmax, route_by_scores, route_by_weights, mix_positions, ONE_HOT, LLM_SCORE  # noqa: B018, F821
vote_certainty, guide_strength, classify_outcome, updated_budgets, equal_budgets  # noqa: B018, F821
mean_1, mean_3, mean_5, std_3, std_5, reward_features  # noqa: B018, F821
contest_weights, signal_reward  # noqa: B018, F821
label_scores, fit_cuts, label_ratings, decision_reward, recent_labels, daily_rewards  # noqa: B018, F821
action_overlap, edit_size, recent_lessons, learned_budgets, bet_facts, settled_bets  # noqa: B018, F821
# Figures and statistics of experiments: functions that a user's own evaluation calls, and fields that metrics name.
compare_with, compare_all, proven_order, worse, adjusted_p_value, sessions_needed, seeds_needed  # noqa: B018, F821
deflated_sharpe, figure_difference, CIRCULAR, overfitting_probability, median_rank  # noqa: B018, F821
superior_ability, model_confidence_set, TrialLog, sharpes  # noqa: B018, F821
brier_score, expected_calibration_error, abstention_rate, flip_rate, disagreement_return  # noqa: B018, F821
role_agreement, analyst_influence, moved_together, cases, disagreements  # noqa: B018, F821
oracle_share, regret, investorbench_figures, cumulative_return, annual_volatility  # noqa: B018, F821
track_figures, ruined, sharpe_not_annualised, sortino_losses, sortino_stockbench, calmar  # noqa: B018, F821
gross_return, return_after_tokens, sharpe_after_tokens, shortfall, net_exposure  # noqa: B018, F821
# Formulas of published systems, for topologies and learning kinds.
tilted_softmax, route_by_scores, route_by_weights, mix_positions, ONE_HOT, LLM_SCORE  # noqa: B018, F821
vote_certainty, guide_strength, classify_outcome, updated_budgets, equal_budgets  # noqa: B018, F821
mean_1, mean_3, mean_5, std_3, std_5, reward_features, predicted_sharpe  # noqa: B018, F821
contest_weights, judge_score, consensus_score, signal_reward  # noqa: B018, F821
label_scores, fit_cuts, label_ratings, decision_reward, recent_labels, daily_rewards  # noqa: B018, F821
action_overlap, edit_size, recent_lessons, learned_budgets, bet_facts, settled_bets  # noqa: B018, F821
# Read by the template of the report of experiments; values that are chosen by their text.
basis, intervals, calibration_error, LOCAL, MINIMUM_VARIANCE, best, worst, prompt_changes, by_year  # noqa: B018, F821
# Stored with an optimization and its judgement; methods that the package `gepa` calls.
incumbent_shadow_score, begun_at, make_reflective_dataset, propose_new_texts  # noqa: B018, F821
# Methods of a template cache that Jinja calls.
load_bytecode, dump_bytecode  # noqa: B018, F821
# Methods that LangGraph calls; attributes that sqlite3 and openai read.
aget_tuple, alist, aput, aput_writes, aget_delta_channel_history, isolation_level, _platform  # noqa: B018, F821
