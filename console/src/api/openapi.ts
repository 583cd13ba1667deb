// Generated from openapi.json by `npm run gen`: the operations, by method and path.

export type Problem = { readonly type: string; readonly title: string; readonly status: number; readonly code: string; readonly detail?: string; readonly leg?: number; readonly limit?: string; readonly decision_id?: string; readonly reasons?: readonly string[]; readonly obligations?: Readonly<Record<string, unknown>>; readonly approval?: { readonly subject_kind: string; readonly subject_digest: string; readonly required_checkers: number; readonly instruction: string }; readonly subject_kind?: string; readonly subject_digest?: string; readonly subject?: Readonly<Record<string, unknown>>; readonly core?: string; readonly class?: string; readonly leads_to?: string; readonly core_code?: string; readonly retryable?: boolean; readonly errors?: readonly { readonly pointer: string; readonly detail: string }[] };

export type LoyaltyProgram = { readonly format: 1; readonly name: string; readonly title: string; readonly description: string; readonly unit: string; readonly currency: string; readonly point_value_micros: number; readonly time_zone: string; readonly rules_as_of: "authorization" | "posting"; readonly earn: { readonly rates: { readonly purchase?: { readonly points: number; readonly per: number }; readonly deposit?: { readonly points: number; readonly per: number }; readonly international_payment?: { readonly points: number; readonly per: number }; readonly balance_milestone?: { readonly points: number; readonly per: number } }; readonly rounding: "half_up" | "down" | "up"; readonly stacking: "best" | "add" | "multiply"; readonly exclusions: readonly { readonly id: string; readonly title: string; readonly if: Readonly<Record<string, string>> }[]; readonly rules: readonly ({ readonly id: string; readonly title: string; readonly if?: Readonly<Record<string, string>>; readonly from?: string; readonly until?: string; readonly multiplier?: string; readonly points?: number; readonly times?: { readonly per: "day" | "week" | "month" | "quarter" | "year" | "ever"; readonly count: number }; readonly caps?: readonly ({ readonly per: "transaction" | "day" | "week" | "month" | "quarter" | "year" | "ever"; readonly points: number })[]; readonly campaign?: string })[]; readonly caps?: readonly ({ readonly per: "transaction" | "day" | "week" | "month" | "quarter" | "year" | "ever"; readonly points: number })[]; readonly reward_of_spend_bps_max: number }; readonly pending: "immediate" | { readonly days: number }; readonly expiry: { readonly kind: "never" } | { readonly kind: "rolling"; readonly months: number; readonly from: "earning" | "last_activity" } | { readonly kind: "calendar"; readonly months: number; readonly round_up_to: "day" | "month" | "quarter" | "half_year" | "year"; readonly from: "earning" | "last_activity" }; readonly returns: "only_pending" | "within_balance" | "unlimited"; readonly tiers?: { readonly basis: "earned_points" | "spend"; readonly period: { readonly kind: "calendar_year" } | { readonly kind: "rolling"; readonly months: number }; readonly soft_landing: boolean; readonly grace_months?: number; readonly levels: readonly { readonly id: string; readonly title: string; readonly threshold: number; readonly multiplier?: string; readonly benefits: readonly { readonly id: string; readonly title: string; readonly product?: string }[] }[] }; readonly redemption?: { readonly points_min: number; readonly points_max: number; readonly step: number; readonly value?: { readonly floor_micros: number; readonly ceiling_micros: number }; readonly price_day_max_bps?: number; readonly quote_minutes?: number }; readonly liability?: { readonly policy: "ifrs15" | "ias37"; readonly price_bps?: number; readonly cost_micros?: number; readonly redemption_rate_ppm?: number; readonly life_months?: number; readonly discount_bps?: number; readonly posted?: "daily" | "monthly"; readonly burn?: { readonly expiring_days: number; readonly points_min: number; readonly members_max: number } }; readonly examples: readonly ({ readonly name: string; readonly transaction: { readonly kind: "purchase" | "deposit" | "international_payment" | "balance_milestone"; readonly amount: number; readonly currency?: string; readonly mcc?: string; readonly merchant?: string; readonly partner?: string; readonly channel?: string; readonly country?: string; readonly tier?: string; readonly customer?: string; readonly occurred_at?: string; readonly authorized_at?: string }; readonly expect: { readonly points: number; readonly excluded?: string; readonly campaigns?: Readonly<Record<string, number>> } })[] };

export type Api = {
  /** Open one account, or up to a thousand */
  'POST /v1/accounts': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: { readonly type: "asset" | "liability" | "equity" | "income" | "expense"; readonly currency: string; readonly holder_id?: string; readonly bound?: "none" | "no_overdraft" | "credit_limit"; readonly credit_limit?: number; readonly metadata?: Readonly<Record<string, string>>; readonly idempotency_key?: string } | readonly ({ readonly type: "asset" | "liability" | "equity" | "income" | "expense"; readonly currency: string; readonly holder_id?: string; readonly bound?: "none" | "no_overdraft" | "credit_limit"; readonly credit_limit?: number; readonly metadata?: Readonly<Record<string, string>>; readonly idempotency_key?: string })[];
    answer: { readonly id: string; readonly type: "asset" | "liability" | "equity" | "income" | "expense"; readonly normal_balance: "debit" | "credit"; readonly currency: string; readonly holder_id: string | null; readonly bound: "none" | "no_overdraft" | "credit_limit"; readonly credit_limit: number; readonly status: "open" | "frozen" | "closed"; readonly metadata: Readonly<Record<string, string>> | null; readonly opened_at: string } | { readonly items: readonly ({ readonly status: "posted" | "accepted" | "decided" | "rejected" | "open"; readonly code?: string; readonly replayed?: boolean })[] } | { readonly id: string; readonly type: "asset" | "liability" | "equity" | "income" | "expense"; readonly normal_balance: "debit" | "credit"; readonly currency: string; readonly holder_id: string | null; readonly bound: "none" | "no_overdraft" | "credit_limit"; readonly credit_limit: number; readonly status: "open" | "frozen" | "closed"; readonly metadata: Readonly<Record<string, string>> | null; readonly opened_at: string };
  };
  /** List accounts in the order of their opening */
  'GET /v1/accounts': {
    path: Record<never, never>;
    query: { readonly limit?: number; readonly after?: string; readonly holder_id?: string; readonly type?: "asset" | "liability" | "equity" | "income" | "expense"; readonly currency?: string; readonly status?: "open" | "frozen" | "closed" };
    body: undefined;
    answer: { readonly items: readonly ({ readonly id: string; readonly type: "asset" | "liability" | "equity" | "income" | "expense"; readonly normal_balance: "debit" | "credit"; readonly currency: string; readonly holder_id: string | null; readonly bound: "none" | "no_overdraft" | "credit_limit"; readonly credit_limit: number; readonly status: "open" | "frozen" | "closed"; readonly metadata: Readonly<Record<string, string>> | null; readonly opened_at: string; readonly booked: number; readonly pending: number; readonly available: number })[]; readonly next: string | null };
  };
  /** Read an account */
  'GET /v1/accounts/{id}': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: undefined;
    answer: { readonly id: string; readonly type: "asset" | "liability" | "equity" | "income" | "expense"; readonly normal_balance: "debit" | "credit"; readonly currency: string; readonly holder_id: string | null; readonly bound: "none" | "no_overdraft" | "credit_limit"; readonly credit_limit: number; readonly status: "open" | "frozen" | "closed"; readonly metadata: Readonly<Record<string, string>> | null; readonly opened_at: string };
  };
  /** Freeze, unfreeze or close an account, or change its bound */
  'PATCH /v1/accounts/{id}': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: { readonly status?: "open" | "frozen" | "closed"; readonly bound?: "none" | "no_overdraft" | "credit_limit"; readonly credit_limit?: number };
    answer: { readonly id: string; readonly type: "asset" | "liability" | "equity" | "income" | "expense"; readonly normal_balance: "debit" | "credit"; readonly currency: string; readonly holder_id: string | null; readonly bound: "none" | "no_overdraft" | "credit_limit"; readonly credit_limit: number; readonly status: "open" | "frozen" | "closed"; readonly metadata: Readonly<Record<string, string>> | null; readonly opened_at: string };
  };
  /** Booked, pending and available balance, now or as of any past instant */
  'GET /v1/accounts/{id}/balances': {
    path: { readonly id: string };
    query: { readonly as_of?: string; readonly basis?: "recorded" | "effective" };
    body: undefined;
    answer: { readonly account_id: string; readonly currency: string; readonly as_of: string; readonly basis: string; readonly booked: number; readonly pending: number; readonly available: number; readonly debits_posted: number; readonly credits_posted: number; readonly debits_pending: number; readonly credits_pending: number; readonly version: number };
  };
  /** The sums of all accounts by currency and type */
  'GET /v1/trial-balance': {
    path: Record<never, never>;
    query: { readonly as_of?: string };
    body: undefined;
    answer: { readonly currencies: readonly ({ readonly currency: string; readonly type: "asset" | "liability" | "equity" | "income" | "expense"; readonly accounts: number; readonly debits_posted: number; readonly credits_posted: number; readonly debits_pending: number; readonly credits_pending: number })[]; readonly balanced: boolean };
  };
  /** Post a transfer, a journal of linked legs, or up to a thousand of them */
  'POST /v1/transfers': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: { readonly debit_account_id: string; readonly credit_account_id: string; readonly amount: number; readonly currency: string; readonly metadata?: Readonly<Record<string, string>>; readonly effective_at?: string; readonly payment?: Readonly<Record<string, string | number | boolean | readonly (string | number | boolean)[] | null>>; readonly idempotency_key?: string } | { readonly legs: readonly { readonly debit_account_id: string; readonly credit_account_id: string; readonly amount: number; readonly currency: string; readonly metadata?: Readonly<Record<string, string>> }[]; readonly effective_at?: string; readonly metadata?: Readonly<Record<string, string>>; readonly payment?: Readonly<Record<string, string | number | boolean | readonly (string | number | boolean)[] | null>>; readonly idempotency_key?: string } | readonly ({ readonly debit_account_id: string; readonly credit_account_id: string; readonly amount: number; readonly currency: string; readonly metadata?: Readonly<Record<string, string>>; readonly effective_at?: string; readonly payment?: Readonly<Record<string, string | number | boolean | readonly (string | number | boolean)[] | null>>; readonly idempotency_key?: string } | { readonly legs: readonly { readonly debit_account_id: string; readonly credit_account_id: string; readonly amount: number; readonly currency: string; readonly metadata?: Readonly<Record<string, string>> }[]; readonly effective_at?: string; readonly metadata?: Readonly<Record<string, string>>; readonly payment?: Readonly<Record<string, string | number | boolean | readonly (string | number | boolean)[] | null>>; readonly idempotency_key?: string })[];
    answer: { readonly status: "posted"; readonly transfers: readonly ({ readonly id: string; readonly debit_account_id: string; readonly credit_account_id: string; readonly kind: "post" | "reverse" | "hold" | "increase" | "capture" | "void" | "expire"; readonly amount: number; readonly released: number; readonly currency: string; readonly hold_id: string | null; readonly reverses_id: string | null; readonly effective_at: string; readonly recorded_at: string; readonly metadata: Readonly<Record<string, string>> | null })[] } | { readonly items: readonly ({ readonly status: "posted" | "accepted" | "decided" | "rejected" | "open"; readonly code?: string; readonly replayed?: boolean })[] } | { readonly status: "posted"; readonly transfers: readonly ({ readonly id: string; readonly debit_account_id: string; readonly credit_account_id: string; readonly kind: "post" | "reverse" | "hold" | "increase" | "capture" | "void" | "expire"; readonly amount: number; readonly released: number; readonly currency: string; readonly hold_id: string | null; readonly reverses_id: string | null; readonly effective_at: string; readonly recorded_at: string; readonly metadata: Readonly<Record<string, string>> | null })[] };
  };
  /** The journal: list transfers, newest first */
  'GET /v1/transfers': {
    path: Record<never, never>;
    query: { readonly account_id?: string; readonly command_id?: string; readonly kind?: "post" | "reverse" | "hold" | "increase" | "capture" | "void" | "expire"; readonly currency?: string; readonly from?: string; readonly to?: string; readonly limit?: number; readonly after?: string };
    body: undefined;
    answer: { readonly items: readonly ({ readonly id: string; readonly debit_account_id: string; readonly credit_account_id: string; readonly kind: "post" | "reverse" | "hold" | "increase" | "capture" | "void" | "expire"; readonly amount: number; readonly released: number; readonly currency: string; readonly hold_id: string | null; readonly reverses_id: string | null; readonly effective_at: string; readonly recorded_at: string; readonly metadata: Readonly<Record<string, string>> | null; readonly command_id: string; readonly leg: number; readonly reversed_by_id: string | null; readonly payment_id: string | null })[]; readonly next: string | null };
  };
  /** Read a transfer with what stands around it */
  'GET /v1/transfers/{id}': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: undefined;
    answer: { readonly id: string; readonly debit_account_id: string; readonly credit_account_id: string; readonly kind: "post" | "reverse" | "hold" | "increase" | "capture" | "void" | "expire"; readonly amount: number; readonly released: number; readonly currency: string; readonly hold_id: string | null; readonly reverses_id: string | null; readonly effective_at: string; readonly recorded_at: string; readonly metadata: Readonly<Record<string, string>> | null; readonly command_id: string; readonly leg: number; readonly reversed_by_id: string | null; readonly payment_id: string | null };
  };
  /** Reverse a transfer, once: mirror what is posted, release what is held */
  'POST /v1/transfers/{id}/reversal': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: { readonly effective_at?: string };
    answer: { readonly status: "posted"; readonly transfers: readonly ({ readonly id: string; readonly debit_account_id: string; readonly credit_account_id: string; readonly kind: "post" | "reverse" | "hold" | "increase" | "capture" | "void" | "expire"; readonly amount: number; readonly released: number; readonly currency: string; readonly hold_id: string | null; readonly reverses_id: string | null; readonly effective_at: string; readonly recorded_at: string; readonly metadata: Readonly<Record<string, string>> | null })[]; readonly hold?: { readonly id: string; readonly debit_account_id: string; readonly credit_account_id: string; readonly currency: string; readonly amount: number; readonly captured: number; readonly released: number; readonly status: "open" | "captured" | "voided" | "expired"; readonly expires_at: string | null; readonly created_at: string } };
  };
  /** Reserve an amount on both accounts */
  'POST /v1/holds': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: { readonly debit_account_id: string; readonly credit_account_id: string; readonly amount: number; readonly currency: string; readonly metadata?: Readonly<Record<string, string>>; readonly expires_at?: string; readonly payment?: Readonly<Record<string, string | number | boolean | readonly (string | number | boolean)[] | null>>; readonly effective_at?: string };
    answer: { readonly status: "posted"; readonly transfers: readonly ({ readonly id: string; readonly debit_account_id: string; readonly credit_account_id: string; readonly kind: "post" | "reverse" | "hold" | "increase" | "capture" | "void" | "expire"; readonly amount: number; readonly released: number; readonly currency: string; readonly hold_id: string | null; readonly reverses_id: string | null; readonly effective_at: string; readonly recorded_at: string; readonly metadata: Readonly<Record<string, string>> | null })[]; readonly hold?: { readonly id: string; readonly debit_account_id: string; readonly credit_account_id: string; readonly currency: string; readonly amount: number; readonly captured: number; readonly released: number; readonly status: "open" | "captured" | "voided" | "expired"; readonly expires_at: string | null; readonly created_at: string } };
  };
  /** Post all or a part of a hold; the rest is released unless final is false */
  'POST /v1/holds/{id}/capture': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: { readonly amount?: number; readonly final?: boolean; readonly metadata?: Readonly<Record<string, string>>; readonly effective_at?: string };
    answer: { readonly status: "posted"; readonly transfers: readonly ({ readonly id: string; readonly debit_account_id: string; readonly credit_account_id: string; readonly kind: "post" | "reverse" | "hold" | "increase" | "capture" | "void" | "expire"; readonly amount: number; readonly released: number; readonly currency: string; readonly hold_id: string | null; readonly reverses_id: string | null; readonly effective_at: string; readonly recorded_at: string; readonly metadata: Readonly<Record<string, string>> | null })[]; readonly hold?: { readonly id: string; readonly debit_account_id: string; readonly credit_account_id: string; readonly currency: string; readonly amount: number; readonly captured: number; readonly released: number; readonly status: "open" | "captured" | "voided" | "expired"; readonly expires_at: string | null; readonly created_at: string } };
  };
  /** Add to a hold (incremental authorization) */
  'POST /v1/holds/{id}/increase': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: { readonly amount: number; readonly effective_at?: string };
    answer: { readonly status: "posted"; readonly transfers: readonly ({ readonly id: string; readonly debit_account_id: string; readonly credit_account_id: string; readonly kind: "post" | "reverse" | "hold" | "increase" | "capture" | "void" | "expire"; readonly amount: number; readonly released: number; readonly currency: string; readonly hold_id: string | null; readonly reverses_id: string | null; readonly effective_at: string; readonly recorded_at: string; readonly metadata: Readonly<Record<string, string>> | null })[]; readonly hold?: { readonly id: string; readonly debit_account_id: string; readonly credit_account_id: string; readonly currency: string; readonly amount: number; readonly captured: number; readonly released: number; readonly status: "open" | "captured" | "voided" | "expired"; readonly expires_at: string | null; readonly created_at: string } };
  };
  /** Release what is left of a hold */
  'POST /v1/holds/{id}/void': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: { readonly effective_at?: string };
    answer: { readonly status: "posted"; readonly transfers: readonly ({ readonly id: string; readonly debit_account_id: string; readonly credit_account_id: string; readonly kind: "post" | "reverse" | "hold" | "increase" | "capture" | "void" | "expire"; readonly amount: number; readonly released: number; readonly currency: string; readonly hold_id: string | null; readonly reverses_id: string | null; readonly effective_at: string; readonly recorded_at: string; readonly metadata: Readonly<Record<string, string>> | null })[]; readonly hold?: { readonly id: string; readonly debit_account_id: string; readonly credit_account_id: string; readonly currency: string; readonly amount: number; readonly captured: number; readonly released: number; readonly status: "open" | "captured" | "voided" | "expired"; readonly expires_at: string | null; readonly created_at: string } };
  };
  /** Read a hold as it stands now */
  'GET /v1/holds/{id}': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: undefined;
    answer: { readonly id: string; readonly debit_account_id: string; readonly credit_account_id: string; readonly currency: string; readonly amount: number; readonly captured: number; readonly released: number; readonly status: "open" | "captured" | "voided" | "expired"; readonly expires_at: string | null; readonly created_at: string; readonly payment_id: string | null };
  };
  /** The entries of an account, each with the balances after it */
  'GET /v1/accounts/{id}/entries': {
    path: { readonly id: string };
    query: { readonly order?: "asc" | "desc"; readonly from?: string; readonly to?: string; readonly limit?: number; readonly after?: number };
    body: undefined;
    answer: { readonly items: readonly ({ readonly version: number; readonly side: "debit" | "credit"; readonly transfer_id: string; readonly counter_account_id: string; readonly kind: "post" | "reverse" | "hold" | "increase" | "capture" | "void" | "expire"; readonly amount: number; readonly released: number; readonly currency: string; readonly hold_id: string | null; readonly reverses_id: string | null; readonly effective_at: string; readonly recorded_at: string; readonly metadata: Readonly<Record<string, string>> | null; readonly debits_posted: number; readonly credits_posted: number; readonly debits_pending: number; readonly credits_pending: number })[]; readonly next: string | null };
  };
  /** Opening balance, what was posted, closing balance, and the entries between */
  'GET /v1/accounts/{id}/statement': {
    path: { readonly id: string };
    query: { readonly from: string; readonly to?: string; readonly limit?: number; readonly after?: number };
    body: undefined;
    answer: { readonly account_id: string; readonly currency: string; readonly opening: { readonly as_of: string; readonly booked: number; readonly pending: number; readonly available: number }; readonly closing: { readonly as_of: string; readonly booked: number; readonly pending: number; readonly available: number }; readonly debits: number; readonly credits: number; readonly entries: number; readonly items: readonly ({ readonly version: number; readonly side: "debit" | "credit"; readonly transfer_id: string; readonly counter_account_id: string; readonly kind: "post" | "reverse" | "hold" | "increase" | "capture" | "void" | "expire"; readonly amount: number; readonly released: number; readonly currency: string; readonly hold_id: string | null; readonly reverses_id: string | null; readonly effective_at: string; readonly recorded_at: string; readonly metadata: Readonly<Record<string, string>> | null; readonly debits_posted: number; readonly credits_posted: number; readonly debits_pending: number; readonly credits_pending: number })[]; readonly next: string | null };
  };
  /** The open holds on an account, on either side; what expires first comes first */
  'GET /v1/accounts/{id}/holds': {
    path: { readonly id: string };
    query: { readonly limit?: number; readonly after?: string };
    body: undefined;
    answer: { readonly items: readonly ({ readonly id: string; readonly debit_account_id: string; readonly credit_account_id: string; readonly currency: string; readonly amount: number; readonly captured: number; readonly released: number; readonly status: "open" | "captured" | "voided" | "expired"; readonly expires_at: string | null; readonly created_at: string })[]; readonly next: string | null };
  };
  /** Order a payment: it is scored, decided, and posted or held, in one call */
  'POST /v1/payments': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: { readonly kind?: "transfer" | "bill" | "standing_order" | "cash" | "payroll" | "fee" | "interest"; readonly channel: "mobile" | "web" | "branch" | "atm" | "api" | "batch" | "card_present" | "card_not_present"; readonly debtor_account_id: string; readonly creditor_account_id: string; readonly amount: number; readonly currency: string; readonly effective_at?: string; readonly metadata?: Readonly<Record<string, string>>; readonly facts?: Readonly<Record<string, string | number | boolean | readonly (string | number | boolean)[] | null>>; readonly end_to_end_id?: string; readonly instruction_id?: string; readonly purpose?: string; readonly creditor_country?: string; readonly card?: string; readonly merchant?: string; readonly mcc?: string; readonly debtor?: string; readonly creditor?: string; readonly device?: string; readonly session?: string };
    answer: { readonly id: string; readonly outcome: "allowed" | "denied" | "held" | "review" | "step_up_required"; readonly status: "posted" | "authorized" | "step_up_required" | "held" | "review" | "denied" | "captured" | "partially_captured" | "cancelled" | "expired" | "refunded" | "partially_refunded" | "returned" | "charged_back" | "represented"; readonly reasons: readonly string[]; readonly code: string | null; readonly limit: string | null; readonly amount: number; readonly currency: string; readonly debtor_account_id: string; readonly creditor_account_id: string; readonly end_to_end_id: string | null; readonly decision_id: string; readonly fraud_score: number | null; readonly score_status: string | null; readonly transfer_ids: readonly string[]; readonly hold_ids: readonly string[] };
  };
  /** List payments, newest first */
  'GET /v1/payments': {
    path: Record<never, never>;
    query: { readonly q?: string; readonly account_id?: string; readonly debtor_account_id?: string; readonly customer?: string; readonly status?: string; readonly kind?: string; readonly channel?: string; readonly outcome?: string; readonly currency?: string; readonly amount_min?: number; readonly amount_max?: number; readonly from?: string; readonly to?: string; readonly limit?: number; readonly after?: string };
    body: undefined;
    answer: { readonly items: readonly ({ readonly payment_id: string; readonly kind: string; readonly channel: string; readonly status: string; readonly outcome: string; readonly debtor_account_id: string; readonly creditor_account_id: string; readonly debtor: string | null; readonly creditor: string | null; readonly amount: number; readonly captured: number; readonly returned: number; readonly currency: string; readonly end_to_end_id: string | null; readonly requested_by: string; readonly created_at: string; readonly updated_at: string })[]; readonly next: string | null };
  };
  /** Authorize a card payment: its amount is held until it is cleared */
  'POST /v1/card-authorizations': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: { readonly debtor_account_id: string; readonly creditor_account_id: string; readonly amount: number; readonly currency: string; readonly effective_at?: string; readonly metadata?: Readonly<Record<string, string>>; readonly facts?: Readonly<Record<string, string | number | boolean | readonly (string | number | boolean)[] | null>>; readonly card: string; readonly merchant: { readonly id: string; readonly mcc: string; readonly country?: string }; readonly entry_mode: "chip" | "contactless" | "magnetic_stripe" | "manual" | "ecommerce" | "credential_on_file"; readonly network_reference?: string; readonly expires_at?: string; readonly debtor?: string; readonly creditor?: string; readonly device?: string; readonly session?: string };
    answer: { readonly id: string; readonly outcome: "allowed" | "denied" | "held" | "review" | "step_up_required"; readonly status: "posted" | "authorized" | "step_up_required" | "held" | "review" | "denied" | "captured" | "partially_captured" | "cancelled" | "expired" | "refunded" | "partially_refunded" | "returned" | "charged_back" | "represented"; readonly reasons: readonly string[]; readonly code: string | null; readonly limit: string | null; readonly amount: number; readonly currency: string; readonly debtor_account_id: string; readonly creditor_account_id: string; readonly end_to_end_id: string | null; readonly decision_id: string; readonly fraud_score: number | null; readonly score_status: string | null; readonly transfer_ids: readonly string[]; readonly hold_ids: readonly string[] };
  };
  /** Add to a card authorization: policy looks at what is added */
  'POST /v1/payments/{id}/increment': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: { readonly amount: number; readonly facts?: Readonly<Record<string, string | number | boolean | readonly (string | number | boolean)[] | null>> };
    answer: { readonly payment_id: string; readonly kind: string; readonly channel: string; readonly status: string; readonly outcome: string; readonly debtor_account_id: string; readonly creditor_account_id: string; readonly debtor: string | null; readonly creditor: string | null; readonly amount: number; readonly captured: number; readonly returned: number; readonly currency: string; readonly end_to_end_id: string | null; readonly requested_by: string; readonly created_at: string; readonly updated_at: string };
  };
  /** Take all or a part of a card authorization: a clearing message */
  'POST /v1/payments/{id}/capture': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: { readonly clearing_id: string; readonly amount: number; readonly final?: boolean; readonly effective_at?: string };
    answer: { readonly payment_id: string; readonly kind: string; readonly channel: string; readonly status: string; readonly outcome: string; readonly debtor_account_id: string; readonly creditor_account_id: string; readonly debtor: string | null; readonly creditor: string | null; readonly amount: number; readonly captured: number; readonly returned: number; readonly currency: string; readonly end_to_end_id: string | null; readonly requested_by: string; readonly created_at: string; readonly updated_at: string };
  };
  /** Give back what is held: of a payment that waits, or of an authorization */
  'POST /v1/payments/{id}/cancel': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: { readonly reason?: string };
    answer: { readonly payment_id: string; readonly kind: string; readonly channel: string; readonly status: string; readonly outcome: string; readonly debtor_account_id: string; readonly creditor_account_id: string; readonly debtor: string | null; readonly creditor: string | null; readonly amount: number; readonly captured: number; readonly returned: number; readonly currency: string; readonly end_to_end_id: string | null; readonly requested_by: string; readonly created_at: string; readonly updated_at: string };
  };
  /** Send all or a part back, by the creditor */
  'POST /v1/payments/{id}/refund': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: { readonly amount: number; readonly reason: string; readonly effective_at?: string };
    answer: { readonly payment_id: string; readonly kind: string; readonly channel: string; readonly status: string; readonly outcome: string; readonly debtor_account_id: string; readonly creditor_account_id: string; readonly debtor: string | null; readonly creditor: string | null; readonly amount: number; readonly captured: number; readonly returned: number; readonly currency: string; readonly end_to_end_id: string | null; readonly requested_by: string; readonly created_at: string; readonly updated_at: string };
  };
  /** Send all or a part back, by the rail or the creditor’s bank */
  'POST /v1/payments/{id}/return': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: { readonly amount: number; readonly reason: string; readonly effective_at?: string };
    answer: { readonly payment_id: string; readonly kind: string; readonly channel: string; readonly status: string; readonly outcome: string; readonly debtor_account_id: string; readonly creditor_account_id: string; readonly debtor: string | null; readonly creditor: string | null; readonly amount: number; readonly captured: number; readonly returned: number; readonly currency: string; readonly end_to_end_id: string | null; readonly requested_by: string; readonly created_at: string; readonly updated_at: string };
  };
  /** Take all or a part back from the creditor, by the card network */
  'POST /v1/payments/{id}/chargeback': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: { readonly amount: number; readonly reason: string; readonly effective_at?: string };
    answer: { readonly payment_id: string; readonly kind: string; readonly channel: string; readonly status: string; readonly outcome: string; readonly debtor_account_id: string; readonly creditor_account_id: string; readonly debtor: string | null; readonly creditor: string | null; readonly amount: number; readonly captured: number; readonly returned: number; readonly currency: string; readonly end_to_end_id: string | null; readonly requested_by: string; readonly created_at: string; readonly updated_at: string };
  };
  /** Contest a chargeback: what it has moved is moved again */
  'POST /v1/payments/{id}/represent': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: { readonly transfer_id: string };
    answer: { readonly payment_id: string; readonly kind: string; readonly channel: string; readonly status: string; readonly outcome: string; readonly debtor_account_id: string; readonly creditor_account_id: string; readonly debtor: string | null; readonly creditor: string | null; readonly amount: number; readonly captured: number; readonly returned: number; readonly currency: string; readonly end_to_end_id: string | null; readonly requested_by: string; readonly created_at: string; readonly updated_at: string };
  };
  /** Count payments by status, kind, channel, outcome and currency */
  'GET /v1/payments/facets': {
    path: Record<never, never>;
    query: { readonly q?: string; readonly account_id?: string; readonly debtor_account_id?: string; readonly customer?: string; readonly status?: string; readonly kind?: string; readonly channel?: string; readonly outcome?: string; readonly currency?: string; readonly amount_min?: number; readonly amount_max?: number; readonly from?: string; readonly to?: string };
    body: undefined;
    answer: { readonly status: readonly { readonly value: string; readonly count: number }[]; readonly kind: readonly { readonly value: string; readonly count: number }[]; readonly channel: readonly { readonly value: string; readonly count: number }[]; readonly outcome: readonly { readonly value: string; readonly count: number }[]; readonly currency: readonly { readonly value: string; readonly count: number }[]; readonly total: number; readonly capped: boolean };
  };
  /** A payment with its whole path: facts, score, rules, entries, evidence, history */
  'GET /v1/payments/{id}': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: undefined;
    answer: { readonly payment_id: string; readonly kind: string; readonly channel: string; readonly status: string; readonly outcome: string; readonly debtor_account_id: string; readonly creditor_account_id: string; readonly debtor: string | null; readonly creditor: string | null; readonly amount: number; readonly captured: number; readonly returned: number; readonly currency: string; readonly end_to_end_id: string | null; readonly requested_by: string; readonly created_at: string; readonly updated_at: string; readonly command_id: string; readonly trace_id: string; readonly purpose: string | null; readonly order: Readonly<Record<string, unknown>>; readonly challenge: Readonly<Record<string, unknown>> | null; readonly score: Readonly<Record<string, unknown>> | null; readonly decisions: readonly { readonly decision_id: string; readonly decided_at: string; readonly outcome: string; readonly policy_version: string; readonly bundle: string; readonly reasons: readonly { readonly code: string; readonly text: string }[]; readonly obligations: Readonly<Record<string, unknown>>; readonly facts: Readonly<Record<string, unknown>>; readonly why: readonly string[]; readonly why_not: readonly string[]; readonly receipt: string }[]; readonly transfers: readonly ({ readonly id: string; readonly debit_account_id: string; readonly credit_account_id: string; readonly kind: "post" | "reverse" | "hold" | "increase" | "capture" | "void" | "expire"; readonly amount: number; readonly released: number; readonly currency: string; readonly hold_id: string | null; readonly reverses_id: string | null; readonly effective_at: string; readonly recorded_at: string; readonly metadata: Readonly<Record<string, string>> | null })[]; readonly holds: readonly ({ readonly id: string; readonly debit_account_id: string; readonly credit_account_id: string; readonly currency: string; readonly amount: number; readonly captured: number; readonly released: number; readonly status: "open" | "captured" | "voided" | "expired"; readonly expires_at: string | null; readonly created_at: string })[]; readonly history: readonly { readonly event_id: string; readonly type: string; readonly at: string; readonly payload: Readonly<Record<string, unknown>>; readonly receipt: string }[] };
  };
  /** The sealed events of the tenant, in their order */
  'GET /v1/events': {
    path: Record<never, never>;
    query: { readonly after?: number; readonly limit?: number; readonly order?: "asc" | "desc"; readonly type?: string };
    body: undefined;
    answer: unknown;
  };
  /** That something has happened: how many events of each type, once a second at most */
  'GET /v1/changes': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: unknown;
  };
  /** Read an event: exactly the text that was stored */
  'GET /v1/events/{id}': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: undefined;
    answer: unknown;
  };
  /** Every type of event, what it tells, and where its JSON Schema is */
  'GET /v1/event-types': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: { readonly items: readonly { readonly type: string; readonly summary: string; readonly schema: string }[] };
  };
  /** The JSON Schema of an event type */
  'GET /v1/event-schemas/{type}/{version}': {
    path: { readonly type: string; readonly version: "1" };
    query: Record<never, never>;
    body: undefined;
    answer: unknown;
  };
  /** A receipt that anybody can verify offline */
  'GET /v1/events/{id}/receipt': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: undefined;
    answer: unknown;
  };
  /** The latest signed tree head, as a C2SP checkpoint */
  'GET /v1/checkpoint': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: unknown;
  };
  /** The verifier keys of the log, the current one first */
  'GET /v1/checkpoint/keys': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: { readonly origin: string; readonly keys: readonly string[] };
  };
  /** Proof that the log of one size is the beginning of the log of another */
  'GET /v1/checkpoint/consistency': {
    path: Record<never, never>;
    query: { readonly from: number; readonly to: number };
    body: undefined;
    answer: unknown;
  };
  /** The Merkle tree of the log: its complete subtrees, and how they join to the root */
  'GET /v1/evidence/tree': {
    path: Record<never, never>;
    query: { readonly size?: number };
    body: undefined;
    answer: { readonly size: number; readonly height: number; readonly root: string; readonly subtrees: readonly { readonly level: number; readonly from: number; readonly to: number; readonly hash: string }[]; readonly joins: readonly { readonly from: number; readonly hash: string }[]; readonly checkpoint: { readonly size: number; readonly root: string; readonly signed_at: string; readonly note: string } | null };
  };
  /** List the signed tree heads, newest first */
  'GET /v1/evidence/checkpoints': {
    path: Record<never, never>;
    query: { readonly limit?: number; readonly after?: number };
    body: undefined;
    answer: { readonly items: readonly { readonly size: number; readonly root: string; readonly signed_at: string; readonly note: string }[]; readonly next: string | null };
  };
  /** Verify the whole log in the background: leaves, tree, heads, ledger, decisions */
  'POST /v1/evidence/verifications': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: { readonly repeat_decisions?: boolean };
    answer: { readonly state: "running" | "done" | "failed" | "cut_short"; readonly started_by: string; readonly started_at: string; readonly ended_at: string | null; readonly events: number; readonly events_total: number; readonly repeats_decisions: boolean; readonly size: number | null; readonly signed: number | null; readonly root: string | null; readonly findings: readonly { readonly what: string; readonly event?: string; readonly position?: number; readonly detail: string }[]; readonly omitted: number };
  };
  /** The latest verification that this server has run, or is running */
  'GET /v1/evidence/verifications': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: { readonly verification: { readonly state: "running" | "done" | "failed" | "cut_short"; readonly started_by: string; readonly started_at: string; readonly ended_at: string | null; readonly events: number; readonly events_total: number; readonly repeats_decisions: boolean; readonly size: number | null; readonly signed: number | null; readonly root: string | null; readonly findings: readonly { readonly what: string; readonly event?: string; readonly position?: number; readonly detail: string }[]; readonly omitted: number } | null };
  };
  /** Check a receipt against your log, step by step */
  'POST /v1/receipts/verify': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: { readonly receipt: unknown };
    answer: { readonly ok: boolean; readonly steps: readonly ({ readonly step: "format" | "signature" | "log" | "size" | "inclusion" | "stored"; readonly ok: boolean | null; readonly detail: string })[]; readonly leaf_hash: string | null; readonly position: number | null };
  };
  /** Create a tenant, with a first key for its administrator */
  'POST /v1/tenants': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: { readonly tenant_id: string; readonly name: string; readonly time_zone?: string };
    answer: { readonly id: string; readonly api_key: { readonly id: string; readonly secret: string } };
  };
  /** List the tenants of the installation */
  'GET /v1/tenants': {
    path: Record<never, never>;
    query: { readonly limit?: number; readonly after?: string };
    body: undefined;
    answer: { readonly items: readonly { readonly id: string; readonly name: string; readonly time_zone: string; readonly created_at: string }[]; readonly next: string | null };
  };
  /** Issue an API key to one principal */
  'POST /v1/api-keys': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: { readonly name: string; readonly principal_kind: "user" | "agent" | "partner" | "service"; readonly principal_id: string; readonly scopes: readonly ("ledger:read" | "ledger:write" | "events:read" | "policy:read" | "policy:write" | "policy:approve" | "policy:decide" | "model:read" | "model:write" | "payments:read" | "payments:write" | "authenticators:read" | "authenticators:write" | "register:read" | "register:write" | "reviews:read" | "reviews:write" | "webhooks:write" | "loyalty:read" | "loyalty:write" | "offers:read" | "offers:write" | "tools" | "admin" | "operator")[]; readonly expires_at?: string; readonly secret_digest?: string; readonly approval_id?: string };
    answer: { readonly id: string; readonly secret?: string };
  };
  /** List the API keys of the tenant, without their secrets */
  'GET /v1/api-keys': {
    path: Record<never, never>;
    query: { readonly limit?: number; readonly after?: string };
    body: undefined;
    answer: { readonly items: readonly ({ readonly id: string; readonly name: string; readonly principal: string; readonly scopes: readonly string[]; readonly created_at: string; readonly expires_at: string | null; readonly revoked_at: string | null })[]; readonly next: string | null };
  };
  /** Revoke an API key, at once */
  'DELETE /v1/api-keys/{id}': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: undefined;
    answer: { readonly id: string };
  };
  /** List the agents of the tenant, by id */
  'GET /v1/agents': {
    path: Record<never, never>;
    query: { readonly limit?: number; readonly after?: string };
    body: undefined;
    answer: { readonly items: readonly ({ readonly id: string; readonly principal: string; readonly name: string; readonly owner: string; readonly purposes: readonly ("servicing" | "fraud" | "compliance" | "audit" | "analytics" | "marketing" | "advice")[]; readonly tools: readonly { readonly name: string; readonly calls_per_minute: number }[]; readonly clients: readonly ({ readonly issuer: string; readonly client_id: string; readonly keys: readonly string[]; readonly jwks_uri: string | null; readonly redirect_uris: readonly string[]; readonly requires_dpop: boolean })[]; readonly status: "active" | "suspended"; readonly registered_at: string; readonly changed_at: string })[]; readonly next: string | null };
  };
  /** Register an agent, with the approval of another person */
  'POST /v1/agents': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: { readonly id: string; readonly name: string; readonly owner: string; readonly purposes: readonly ("servicing" | "fraud" | "compliance" | "audit" | "analytics" | "marketing" | "advice")[]; readonly tools: readonly { readonly name: string; readonly calls_per_minute: number }[]; readonly clients: readonly ({ readonly issuer: string; readonly client_id: string; readonly jwks?: { readonly keys: readonly ({ readonly kty: "EC" | "OKP" | "RSA"; readonly crv?: string; readonly x?: string; readonly y?: string; readonly n?: string; readonly e?: string; readonly kid?: string; readonly alg?: string; readonly use?: string })[] }; readonly jwks_uri?: string; readonly redirect_uris?: readonly string[]; readonly requires_dpop?: boolean })[]; readonly approval_id?: string };
    answer: { readonly id: string; readonly principal: string; readonly name: string; readonly owner: string; readonly purposes: readonly ("servicing" | "fraud" | "compliance" | "audit" | "analytics" | "marketing" | "advice")[]; readonly tools: readonly { readonly name: string; readonly calls_per_minute: number }[]; readonly clients: readonly ({ readonly issuer: string; readonly client_id: string; readonly keys: readonly string[]; readonly jwks_uri: string | null; readonly redirect_uris: readonly string[]; readonly requires_dpop: boolean })[]; readonly status: "active" | "suspended"; readonly registered_at: string; readonly changed_at: string };
  };
  /** Read an agent */
  'GET /v1/agents/{id}': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: undefined;
    answer: { readonly id: string; readonly principal: string; readonly name: string; readonly owner: string; readonly purposes: readonly ("servicing" | "fraud" | "compliance" | "audit" | "analytics" | "marketing" | "advice")[]; readonly tools: readonly { readonly name: string; readonly calls_per_minute: number }[]; readonly clients: readonly ({ readonly issuer: string; readonly client_id: string; readonly keys: readonly string[]; readonly jwks_uri: string | null; readonly redirect_uris: readonly string[]; readonly requires_dpop: boolean })[]; readonly status: "active" | "suspended"; readonly registered_at: string; readonly changed_at: string };
  };
  /** Change what an agent may do, and how it proves who it is */
  'PATCH /v1/agents/{id}': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: { readonly name?: string; readonly owner?: string; readonly purposes?: readonly ("servicing" | "fraud" | "compliance" | "audit" | "analytics" | "marketing" | "advice")[]; readonly tools?: readonly { readonly name: string; readonly calls_per_minute: number }[]; readonly clients?: readonly ({ readonly issuer: string; readonly client_id: string; readonly jwks?: { readonly keys: readonly ({ readonly kty: "EC" | "OKP" | "RSA"; readonly crv?: string; readonly x?: string; readonly y?: string; readonly n?: string; readonly e?: string; readonly kid?: string; readonly alg?: string; readonly use?: string })[] }; readonly jwks_uri?: string; readonly redirect_uris?: readonly string[]; readonly requires_dpop?: boolean })[]; readonly approval_id?: string };
    answer: { readonly id: string; readonly principal: string; readonly name: string; readonly owner: string; readonly purposes: readonly ("servicing" | "fraud" | "compliance" | "audit" | "analytics" | "marketing" | "advice")[]; readonly tools: readonly { readonly name: string; readonly calls_per_minute: number }[]; readonly clients: readonly ({ readonly issuer: string; readonly client_id: string; readonly keys: readonly string[]; readonly jwks_uri: string | null; readonly redirect_uris: readonly string[]; readonly requires_dpop: boolean })[]; readonly status: "active" | "suspended"; readonly registered_at: string; readonly changed_at: string };
  };
  /** Suspend an agent, at once */
  'POST /v1/agents/{id}/suspend': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: Readonly<Record<string, unknown>>;
    answer: { readonly id: string; readonly principal: string; readonly name: string; readonly owner: string; readonly purposes: readonly ("servicing" | "fraud" | "compliance" | "audit" | "analytics" | "marketing" | "advice")[]; readonly tools: readonly { readonly name: string; readonly calls_per_minute: number }[]; readonly clients: readonly ({ readonly issuer: string; readonly client_id: string; readonly keys: readonly string[]; readonly jwks_uri: string | null; readonly redirect_uris: readonly string[]; readonly requires_dpop: boolean })[]; readonly status: "active" | "suspended"; readonly registered_at: string; readonly changed_at: string };
  };
  /** Resume an agent, with the approval of another person */
  'POST /v1/agents/{id}/resume': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: { readonly approval_id?: string };
    answer: { readonly id: string; readonly principal: string; readonly name: string; readonly owner: string; readonly purposes: readonly ("servicing" | "fraud" | "compliance" | "audit" | "analytics" | "marketing" | "advice")[]; readonly tools: readonly { readonly name: string; readonly calls_per_minute: number }[]; readonly clients: readonly ({ readonly issuer: string; readonly client_id: string; readonly keys: readonly string[]; readonly jwks_uri: string | null; readonly redirect_uris: readonly string[]; readonly requires_dpop: boolean })[]; readonly status: "active" | "suspended"; readonly registered_at: string; readonly changed_at: string };
  };
  /** Revoke one access token of an agent, at once */
  'POST /v1/agents/{id}/revoke-token': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: { readonly jti: string };
    answer: { readonly id: string; readonly principal: string; readonly name: string; readonly owner: string; readonly purposes: readonly ("servicing" | "fraud" | "compliance" | "audit" | "analytics" | "marketing" | "advice")[]; readonly tools: readonly { readonly name: string; readonly calls_per_minute: number }[]; readonly clients: readonly ({ readonly issuer: string; readonly client_id: string; readonly keys: readonly string[]; readonly jwks_uri: string | null; readonly redirect_uris: readonly string[]; readonly requires_dpop: boolean })[]; readonly status: "active" | "suspended"; readonly registered_at: string; readonly changed_at: string };
  };
  /** List calls of tools, newest first */
  'GET /v1/tool-calls': {
    path: Record<never, never>;
    query: { readonly caller?: string; readonly tool?: string; readonly status?: string; readonly on_behalf_of?: string; readonly limit?: number; readonly after?: string };
    body: undefined;
    answer: { readonly items: readonly ({ readonly call_id: string; readonly caller: string; readonly on_behalf_of: string | null; readonly consent: string | null; readonly purpose: string | null; readonly query: string | null; readonly door: "rest" | "mcp"; readonly tool: string; readonly version: number; readonly effect: string; readonly status: "answered" | "failed" | "passed" | "refused" | "waits"; readonly code: string | null; readonly result_digest: string | null; readonly latency_ms: number; readonly core: string; readonly event_id: string; readonly decision_id: string; readonly called_at: string; readonly policy_version: string; readonly trace_id: string })[]; readonly next: string | null };
  };
  /** Count calls of tools by caller, tool and status */
  'GET /v1/tool-calls/facets': {
    path: Record<never, never>;
    query: { readonly caller?: string; readonly tool?: string; readonly status?: string; readonly on_behalf_of?: string };
    body: undefined;
    answer: { readonly caller: readonly { readonly value: string; readonly count: number }[]; readonly tool: readonly { readonly value: string; readonly count: number }[]; readonly status: readonly { readonly value: string; readonly count: number }[]; readonly total: number; readonly capped: boolean };
  };
  /** Read a call of a tool, with its arguments and its result, masked */
  'GET /v1/tool-calls/{id}': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: undefined;
    answer: { readonly call_id: string; readonly caller: string; readonly on_behalf_of: string | null; readonly consent: string | null; readonly purpose: string | null; readonly query: string | null; readonly door: "rest" | "mcp"; readonly tool: string; readonly version: number; readonly effect: string; readonly status: "answered" | "failed" | "passed" | "refused" | "waits"; readonly code: string | null; readonly result_digest: string | null; readonly latency_ms: number; readonly core: string; readonly event_id: string; readonly decision_id: string; readonly called_at: string; readonly policy_version: string; readonly trace_id: string; readonly arguments: unknown; readonly result: unknown; readonly visible: { readonly query: string | null } };
  };
  /** Ask policy for a decision on facts in hand, or for up to a thousand */
  'POST /v1/decisions': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: { readonly point: string; readonly facts: Readonly<Record<string, string | number | boolean | readonly (string | number | boolean)[] | null>>; readonly about?: { readonly subject?: string; readonly use_case?: string; readonly product?: string; readonly cohort?: string }; readonly model_inputs?: Readonly<Record<string, number | string | null>>; readonly idempotency_key?: string } | readonly ({ readonly point: string; readonly facts: Readonly<Record<string, string | number | boolean | readonly (string | number | boolean)[] | null>>; readonly about?: { readonly subject?: string; readonly use_case?: string; readonly product?: string; readonly cohort?: string }; readonly model_inputs?: Readonly<Record<string, number | string | null>>; readonly idempotency_key?: string })[];
    answer: { readonly decision_id: string; readonly decided_at: string; readonly point: string; readonly outcome: "allow" | "hold" | "review" | "deny"; readonly reasons: readonly { readonly code: string; readonly text: string }[]; readonly obligations: Readonly<Record<string, unknown>>; readonly answers: Readonly<Record<string, unknown>>; readonly policy_version: string } | { readonly items: readonly ({ readonly status: "posted" | "accepted" | "decided" | "rejected" | "open"; readonly code?: string; readonly replayed?: boolean })[] } | { readonly decision_id: string; readonly decided_at: string; readonly point: string; readonly outcome: "allow" | "hold" | "review" | "deny"; readonly reasons: readonly { readonly code: string; readonly text: string }[]; readonly obligations: Readonly<Record<string, unknown>>; readonly answers: Readonly<Record<string, unknown>>; readonly policy_version: string };
  };
  /** List decisions, newest first */
  'GET /v1/decisions': {
    path: Record<never, never>;
    query: { readonly point?: string; readonly outcome?: string; readonly reason?: string; readonly operation?: string; readonly policy_version?: string; readonly bundle?: string; readonly requester?: string; readonly account_id?: string; readonly from?: string; readonly to?: string; readonly limit?: number; readonly after?: string };
    body: undefined;
    answer: { readonly items: readonly ({ readonly decision_id: string; readonly decided_at: string; readonly operation: string; readonly point: string; readonly outcome: "allow" | "hold" | "review" | "deny"; readonly reasons: readonly string[]; readonly policy_version: string; readonly requester: string; readonly purpose: string | null; readonly canary: boolean; readonly command_id: string; readonly account_id: string | null; readonly amount: number | null; readonly currency: string | null; readonly trace_id: string })[]; readonly next: string | null };
  };
  /** Count decisions by point, outcome, reason, operation and version of the policy */
  'GET /v1/decisions/facets': {
    path: Record<never, never>;
    query: { readonly point?: string; readonly outcome?: string; readonly reason?: string; readonly operation?: string; readonly policy_version?: string; readonly bundle?: string; readonly requester?: string; readonly account_id?: string; readonly from?: string; readonly to?: string };
    body: undefined;
    answer: { readonly point: readonly { readonly value: string; readonly count: number }[]; readonly outcome: readonly { readonly value: string; readonly count: number }[]; readonly reason: readonly { readonly value: string; readonly count: number }[]; readonly operation: readonly { readonly value: string; readonly count: number }[]; readonly policy_version: readonly { readonly value: string; readonly count: number }[]; readonly total: number; readonly capped: boolean };
  };
  /** Read a decision with its facts and its trace */
  'GET /v1/decisions/{id}': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: undefined;
    answer: { readonly decision_id: string; readonly decided_at: string; readonly operation: string; readonly point: string; readonly outcome: "allow" | "hold" | "review" | "deny"; readonly reasons: readonly string[]; readonly policy_version: string; readonly requester: string; readonly purpose: string | null; readonly canary: boolean; readonly command_id: string; readonly account_id: string | null; readonly amount: number | null; readonly currency: string | null; readonly trace_id: string; readonly event_id: string; readonly receipt: string; readonly command_digest: string; readonly bundle: string; readonly engine: string; readonly facts: Readonly<Record<string, unknown>>; readonly answers: Readonly<Record<string, unknown>>; readonly obligations: Readonly<Record<string, unknown>>; readonly consume: readonly Readonly<Record<string, unknown>>[]; readonly trace: Readonly<Record<string, unknown>>; readonly shadows: readonly Readonly<Record<string, unknown>>[]; readonly model_score_ref: string | null };
  };
  /** Why a decision came out so, and why not otherwise */
  'GET /v1/decisions/{id}/explanation': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: undefined;
    answer: { readonly decision_id: string; readonly outcome: "allow" | "hold" | "review" | "deny"; readonly reasons: readonly { readonly code: string; readonly text: string }[]; readonly policy_version: string; readonly repeated: boolean; readonly why: readonly string[]; readonly why_not: readonly string[]; readonly rules: readonly ({ readonly rule: string; readonly held: string; readonly decisive: boolean; readonly outcome: "allow" | "hold" | "review" | "deny"; readonly reason: string; readonly note: string | null; readonly conditions: readonly ({ readonly key: string; readonly cell: string; readonly held: string; readonly read: Readonly<Record<string, unknown>>; readonly doubt: string | null })[] })[] };
  };
  /** Export the decisions of a span of time as lines that anybody can verify offline */
  'GET /v1/decisions/export': {
    path: Record<never, never>;
    query: { readonly from: string; readonly to: string };
    body: undefined;
    answer: unknown;
  };
  /** Ask other people to approve one exact thing */
  'POST /v1/approvals': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: { readonly subject_kind: string; readonly subject_digest?: string; readonly subject?: Readonly<Record<string, string | number | boolean | null | readonly (string | number | boolean | null | readonly (string | number | boolean | null | readonly (string | number | boolean | null)[] | Readonly<Record<string, string | number | boolean | null>>)[] | Readonly<Record<string, string | number | boolean | null | readonly (string | number | boolean | null)[] | Readonly<Record<string, string | number | boolean | null>>>>)[] | Readonly<Record<string, string | number | boolean | null | readonly (string | number | boolean | null | readonly (string | number | boolean | null)[] | Readonly<Record<string, string | number | boolean | null>>)[] | Readonly<Record<string, string | number | boolean | null | readonly (string | number | boolean | null)[] | Readonly<Record<string, string | number | boolean | null>>>>>>>>; readonly summary: string; readonly required_checkers?: number; readonly expires_at: string };
    answer: { readonly id: string; readonly status: "pending" | "approved" | "rejected" | "withdrawn" | "used" | "expired"; readonly subject_kind: string; readonly subject_digest: string; readonly summary: string; readonly maker: string; readonly required_checkers: number; readonly requested_at: string; readonly expires_at: string; readonly ended_at: string | null; readonly used_by: string | null; readonly payment_id: string | null; readonly case_id: string | null; readonly verdicts: readonly { readonly checker: string; readonly verdict: string; readonly reason: string; readonly decided_at: string }[]; readonly subject: Readonly<Record<string, unknown>> | null };
  };
  /** List approvals: what waits first, the oldest first; then the rest, newest first */
  'GET /v1/approvals': {
    path: Record<never, never>;
    query: { readonly limit?: number; readonly after?: string; readonly subject_kind?: string; readonly subject_digest?: string; readonly maker?: string; readonly status?: "pending" | "approved" | "rejected" | "withdrawn" | "used" | "expired" };
    body: undefined;
    answer: { readonly items: readonly ({ readonly id: string; readonly status: "pending" | "approved" | "rejected" | "withdrawn" | "used" | "expired"; readonly subject_kind: string; readonly subject_digest: string; readonly summary: string; readonly maker: string; readonly required_checkers: number; readonly requested_at: string; readonly expires_at: string; readonly ended_at: string | null; readonly used_by: string | null; readonly payment_id: string | null; readonly case_id: string | null; readonly verdicts: readonly { readonly checker: string; readonly verdict: string; readonly reason: string; readonly decided_at: string }[] })[]; readonly next: string | null };
  };
  /** Approve or reject what somebody else has asked for */
  'POST /v1/approvals/{id}/decide': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: { readonly verdict: "approve" | "reject"; readonly reason: string };
    answer: { readonly id: string; readonly status: "pending" | "approved" | "rejected" | "withdrawn" | "used" | "expired"; readonly subject_kind: string; readonly subject_digest: string; readonly summary: string; readonly maker: string; readonly required_checkers: number; readonly requested_at: string; readonly expires_at: string; readonly ended_at: string | null; readonly used_by: string | null; readonly payment_id: string | null; readonly case_id: string | null; readonly verdicts: readonly { readonly checker: string; readonly verdict: string; readonly reason: string; readonly decided_at: string }[]; readonly subject: Readonly<Record<string, unknown>> | null };
  };
  /** Withdraw an own request that is not used yet */
  'POST /v1/approvals/{id}/withdraw': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: Readonly<Record<string, unknown>>;
    answer: { readonly id: string; readonly status: "pending" | "approved" | "rejected" | "withdrawn" | "used" | "expired"; readonly subject_kind: string; readonly subject_digest: string; readonly summary: string; readonly maker: string; readonly required_checkers: number; readonly requested_at: string; readonly expires_at: string; readonly ended_at: string | null; readonly used_by: string | null; readonly payment_id: string | null; readonly case_id: string | null; readonly verdicts: readonly { readonly checker: string; readonly verdict: string; readonly reason: string; readonly decided_at: string }[]; readonly subject: Readonly<Record<string, unknown>> | null };
  };
  /** Read an approval, with its subject where that was sent */
  'GET /v1/approvals/{id}': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: undefined;
    answer: { readonly id: string; readonly status: "pending" | "approved" | "rejected" | "withdrawn" | "used" | "expired"; readonly subject_kind: string; readonly subject_digest: string; readonly summary: string; readonly maker: string; readonly required_checkers: number; readonly requested_at: string; readonly expires_at: string; readonly ended_at: string | null; readonly used_by: string | null; readonly payment_id: string | null; readonly case_id: string | null; readonly verdicts: readonly { readonly checker: string; readonly verdict: string; readonly reason: string; readonly decided_at: string }[]; readonly subject: Readonly<Record<string, unknown>> | null };
  };
  /** Record that a person has granted or withdrawn consent */
  'POST /v1/consents': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: { readonly purpose: "marketing"; readonly channel: "email" | "sms" | "push" | "phone" | "post" | "in_app"; readonly person: string; readonly status: "granted" | "withdrawn"; readonly effective_at?: string; readonly expires_at?: string; readonly source: string; readonly text_version: string } | { readonly purpose: "ai_data_use"; readonly person: string; readonly status: "granted" | "withdrawn"; readonly effective_at?: string; readonly expires_at?: string; readonly source: string; readonly text_version: string } | { readonly purpose: "open_banking"; readonly party: string; readonly person: string; readonly status: "granted" | "withdrawn"; readonly effective_at?: string; readonly expires_at?: string; readonly source: string; readonly text_version: string };
    answer: { readonly id: string };
  };
  /** What counts for a person: the latest record of each purpose */
  'GET /v1/consents': {
    path: Record<never, never>;
    query: { readonly person: string; readonly at?: string; readonly limit?: number; readonly after?: string; readonly basis?: "effective" | "recorded" };
    body: undefined;
    answer: { readonly person: string; readonly at: string; readonly items: readonly ({ readonly id: string; readonly purpose: string; readonly channel: string | null; readonly party: string | null; readonly status: "granted" | "withdrawn"; readonly effective_at: string; readonly expires_at: string | null; readonly source: string; readonly text_version: string; readonly recorded_at: string; readonly recorded_by: string; readonly in_effect: boolean })[]; readonly next: string | null };
  };
  /** Every record of a person up to an instant, in the order of recording */
  'GET /v1/consents/history': {
    path: Record<never, never>;
    query: { readonly person: string; readonly at?: string; readonly limit?: number; readonly after?: string };
    body: undefined;
    answer: { readonly person: string; readonly at: string; readonly items: readonly ({ readonly id: string; readonly purpose: string; readonly channel: string | null; readonly party: string | null; readonly status: "granted" | "withdrawn"; readonly effective_at: string; readonly expires_at: string | null; readonly source: string; readonly text_version: string; readonly recorded_at: string; readonly recorded_by: string })[]; readonly next: string | null };
  };
  /** Who the customer is for the bank, and what is on the own accounts */
  'GET /v1/customer': {
    path: Record<never, never>;
    query: { readonly limit?: number; readonly after?: string };
    body: undefined;
    answer: { readonly customer: string; readonly name: string | null; readonly accounts: { readonly items: readonly ({ readonly account_id: string; readonly role: "holder" | "joint_holder"; readonly product: { readonly name: string; readonly kind: string } | null; readonly currency: string; readonly status: "open" | "frozen" | "closed"; readonly booked: number; readonly available: number })[]; readonly next: string | null } };
  };
  /** The transactions of an own account, newest first */
  'GET /v1/customer/accounts/{id}/transactions': {
    path: { readonly id: string };
    query: { readonly limit?: number; readonly after?: string };
    body: undefined;
    answer: { readonly items: readonly ({ readonly id: string; readonly payment_id: string | null; readonly at: string; readonly kind: "card" | "transfer" | "bill" | "standing_order" | "cash" | "salary" | "fee" | "interest" | "refund" | "other"; readonly status: "pending" | "booked" | "declined" | "cancelled"; readonly next: "confirm" | "wait" | null; readonly amount: number; readonly currency: string; readonly counterparty: { readonly account_id: string; readonly name: string | null; readonly shop: string | null }; readonly text: string | null; readonly explanation: string })[]; readonly next: string | null };
  };
  /** Whom the own accounts have paid lately, 50 at most, the latest first */
  'GET /v1/customer/payees': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: { readonly items: readonly ({ readonly account_id: string; readonly name: string | null; readonly paid_at: string })[] };
  };
  /** Pay from an account of one’s own */
  'POST /v1/customer/payments': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: { readonly debtor_account_id: string; readonly creditor_account_id: string; readonly amount: number; readonly currency: string; readonly text?: string; readonly device?: string };
    answer: { readonly id: string; readonly payment_id: string | null; readonly at: string; readonly kind: "card" | "transfer" | "bill" | "standing_order" | "cash" | "salary" | "fee" | "interest" | "refund" | "other"; readonly status: "pending" | "booked" | "declined" | "cancelled"; readonly next: "confirm" | "wait" | null; readonly amount: number; readonly currency: string; readonly counterparty: { readonly account_id: string; readonly name: string | null; readonly shop: string | null }; readonly text: string | null; readonly explanation: string };
  };
  /** How an own payment stands */
  'GET /v1/customer/payments/{id}': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: undefined;
    answer: { readonly id: string; readonly payment_id: string | null; readonly at: string; readonly kind: "card" | "transfer" | "bill" | "standing_order" | "cash" | "salary" | "fee" | "interest" | "refund" | "other"; readonly status: "pending" | "booked" | "declined" | "cancelled"; readonly next: "confirm" | "wait" | null; readonly amount: number; readonly currency: string; readonly counterparty: { readonly account_id: string; readonly name: string | null; readonly shop: string | null }; readonly text: string | null; readonly explanation: string };
  };
  /** By what the customer can prove that it is he */
  'GET /v1/customer/authenticators': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: { readonly items: readonly ({ readonly id: string; readonly kind: "totp" | "signature" })[] };
  };
  /** What there is to agree to, and by which authenticators */
  'GET /v1/customer/payments/{id}/step-up': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: undefined;
    answer: { readonly id: string; readonly payment_id: string; readonly expires_at: string; readonly attempts_max: number; readonly terms: { readonly creditor_account_id: string; readonly creditor: string | null; readonly amount: number; readonly currency: string; readonly end_to_end_id: string | null; readonly order_digest: string }; readonly text_to_sign: string; readonly status: "waiting" | "succeeded" | "locked" | "expired"; readonly attempts_left: number; readonly authenticators: readonly ({ readonly id: string; readonly kind: "totp" | "signature" })[] };
  };
  /** Agree to an own payment, by a code or a signature */
  'POST /v1/customer/payments/{id}/step-up': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: { readonly authenticator_id: string; readonly code?: string; readonly signature?: string };
    answer: { readonly status: "succeeded" | "failed" | "locked" | "expired"; readonly attempts_left: number; readonly payment: { readonly id: string; readonly payment_id: string | null; readonly at: string; readonly kind: "card" | "transfer" | "bill" | "standing_order" | "cash" | "salary" | "fee" | "interest" | "refund" | "other"; readonly status: "pending" | "booked" | "declined" | "cancelled"; readonly next: "confirm" | "wait" | null; readonly amount: number; readonly currency: string; readonly counterparty: { readonly account_id: string; readonly name: string | null; readonly shop: string | null }; readonly text: string | null; readonly explanation: string } };
  };
  /** Cancel an own payment that waits */
  'POST /v1/customer/payments/{id}/cancel': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: Readonly<Record<string, unknown>>;
    answer: { readonly id: string; readonly payment_id: string | null; readonly at: string; readonly kind: "card" | "transfer" | "bill" | "standing_order" | "cash" | "salary" | "fee" | "interest" | "refund" | "other"; readonly status: "pending" | "booked" | "declined" | "cancelled"; readonly next: "confirm" | "wait" | null; readonly amount: number; readonly currency: string; readonly counterparty: { readonly account_id: string; readonly name: string | null; readonly shop: string | null }; readonly text: string | null; readonly explanation: string };
  };
  /** What there is to consent to, in words, and what of it is granted */
  'GET /v1/customer/consents': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: { readonly items: readonly ({ readonly purpose: "marketing" | "ai_data_use" | "open_banking"; readonly channel: "email" | "sms" | "push" | "phone" | "post" | "in_app" | null; readonly party: string | null; readonly title: string; readonly words: string; readonly granted: boolean; readonly since: string | null; readonly expires_at: string | null })[] };
  };
  /** Grant or withdraw consent, at once */
  'POST /v1/customer/consents': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: { readonly purpose: "marketing"; readonly channel: "email" | "sms" | "push" | "phone" | "post" | "in_app"; readonly status: "granted" | "withdrawn" } | { readonly purpose: "ai_data_use"; readonly status: "granted" | "withdrawn" } | { readonly purpose: "open_banking"; readonly party: string; readonly status: "withdrawn" };
    answer: { readonly items: readonly ({ readonly purpose: "marketing" | "ai_data_use" | "open_banking"; readonly channel: "email" | "sms" | "push" | "phone" | "post" | "in_app" | null; readonly party: string | null; readonly title: string; readonly words: string; readonly granted: boolean; readonly since: string | null; readonly expires_at: string | null })[] };
  };
  /** What agents have proposed, the newest first */
  'GET /v1/customer/proposals': {
    path: Record<never, never>;
    query: { readonly limit?: number; readonly after?: string };
    body: undefined;
    answer: { readonly items: readonly ({ readonly id: string; readonly agent: string; readonly tool: string; readonly status: "open" | "agreed" | "rejected" | "withdrawn" | "used" | "expired"; readonly waits_for: "customer" | "officers" | null; readonly terms: string; readonly made_at: string; readonly expires_at: string; readonly agent_name: string; readonly amount: number | null; readonly currency: string | null; readonly debtor_account_id: string | null; readonly creditor_account_id: string | null; readonly text: string | null; readonly personal: Readonly<Record<string, string | null>> })[]; readonly next: string | null };
  };
  /** Agree to exactly these terms; the agent may then carry them out, once */
  'POST /v1/customer/proposals/{id}/confirm': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: Readonly<Record<string, unknown>>;
    answer: { readonly id: string; readonly agent: string; readonly tool: string; readonly status: "open" | "agreed" | "rejected" | "withdrawn" | "used" | "expired"; readonly waits_for: "customer" | "officers" | null; readonly terms: string; readonly made_at: string; readonly expires_at: string; readonly agent_name: string; readonly amount: number | null; readonly currency: string | null; readonly debtor_account_id: string | null; readonly creditor_account_id: string | null; readonly text: string | null; readonly personal: Readonly<Record<string, string | null>> };
  };
  /** Say no, or take an agreement back that was not used yet */
  'POST /v1/customer/proposals/{id}/reject': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: Readonly<Record<string, unknown>>;
    answer: { readonly id: string; readonly agent: string; readonly tool: string; readonly status: "open" | "agreed" | "rejected" | "withdrawn" | "used" | "expired"; readonly waits_for: "customer" | "officers" | null; readonly terms: string; readonly made_at: string; readonly expires_at: string; readonly agent_name: string; readonly amount: number | null; readonly currency: string | null; readonly debtor_account_id: string | null; readonly creditor_account_id: string | null; readonly text: string | null; readonly personal: Readonly<Record<string, string | null>> };
  };
  /** What agents may pay without asking, the newest first */
  'GET /v1/customer/mandates': {
    path: Record<never, never>;
    query: { readonly limit?: number; readonly after?: string };
    body: undefined;
    answer: { readonly items: readonly ({ readonly id: string; readonly agent: string; readonly payment_max: number; readonly daily_max: number; readonly daily_count_max: number; readonly currency: string; readonly payees: readonly string[] | null; readonly given_at: string; readonly valid_until: string; readonly agent_name: string; readonly status: "active" | "ended" | "expired"; readonly ended_at: string | null; readonly used_amount_24h: number; readonly used_count_24h: number })[]; readonly next: string | null };
  };
  /** Let an agent pay within bounds, without asking each time */
  'POST /v1/customer/mandates': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: { readonly agent: string; readonly payment_max: number; readonly daily_max: number; readonly daily_count_max: number; readonly currency: string; readonly payees?: readonly string[]; readonly valid_until: string; readonly proof?: { readonly authenticator_id: string; readonly code?: string; readonly signature?: string } };
    answer: { readonly id: string; readonly agent: string; readonly payment_max: number; readonly daily_max: number; readonly daily_count_max: number; readonly currency: string; readonly payees: readonly string[] | null; readonly given_at: string; readonly valid_until: string; readonly agent_name: string; readonly status: "active" | "ended" | "expired"; readonly ended_at: string | null; readonly used_amount_24h: number; readonly used_count_24h: number };
  };
  /** End a mandate, at once */
  'POST /v1/customer/mandates/{id}/end': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: Readonly<Record<string, unknown>>;
    answer: { readonly id: string; readonly agent: string; readonly payment_max: number; readonly daily_max: number; readonly daily_count_max: number; readonly currency: string; readonly payees: readonly string[] | null; readonly given_at: string; readonly valid_until: string; readonly agent_name: string; readonly status: "active" | "ended" | "expired"; readonly ended_at: string | null; readonly used_amount_24h: number; readonly used_count_24h: number };
  };
  /** What the bank offers me, the newest first, each with why */
  'GET /v1/customer/offers': {
    path: Record<never, never>;
    query: { readonly limit?: number; readonly after?: string };
    body: undefined;
    answer: { readonly items: readonly ({ readonly offer_id: string; readonly product_code: string; readonly message: string; readonly why: string; readonly code: string; readonly amount: number; readonly currency: string; readonly rate_bps: number | null; readonly channel: string; readonly status: "presented" | "viewed" | "accepted" | "declined" | "expired" | "withdrawn" | "booked"; readonly reason: string | null; readonly is_open: boolean; readonly chosen_by_model: boolean; readonly api_endpoint: string | null; readonly presented_at: string; readonly expires_at: string })[]; readonly next: string | null };
  };
  /** I am here: what does the bank offer me now? */
  'POST /v1/customer/offers': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: { readonly page?: string };
    answer: { readonly items: readonly ({ readonly offer_id: string; readonly product_code: string; readonly message: string; readonly why: string; readonly code: string; readonly amount: number; readonly currency: string; readonly rate_bps: number | null; readonly channel: string; readonly status: "presented" | "viewed" | "accepted" | "declined" | "expired" | "withdrawn" | "booked"; readonly reason: string | null; readonly is_open: boolean; readonly chosen_by_model: boolean; readonly api_endpoint: string | null; readonly presented_at: string; readonly expires_at: string })[] };
  };
  /** I have seen it */
  'POST /v1/customer/offers/{id}/view': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: Readonly<Record<string, unknown>>;
    answer: { readonly offer_id: string; readonly product_code: string; readonly message: string; readonly why: string; readonly code: string; readonly amount: number; readonly currency: string; readonly rate_bps: number | null; readonly channel: string; readonly status: "presented" | "viewed" | "accepted" | "declined" | "expired" | "withdrawn" | "booked"; readonly reason: string | null; readonly is_open: boolean; readonly chosen_by_model: boolean; readonly api_endpoint: string | null; readonly presented_at: string; readonly expires_at: string };
  };
  /** I want it */
  'POST /v1/customer/offers/{id}/accept': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: Readonly<Record<string, unknown>>;
    answer: { readonly offer_id: string; readonly product_code: string; readonly message: string; readonly why: string; readonly code: string; readonly amount: number; readonly currency: string; readonly rate_bps: number | null; readonly channel: string; readonly status: "presented" | "viewed" | "accepted" | "declined" | "expired" | "withdrawn" | "booked"; readonly reason: string | null; readonly is_open: boolean; readonly chosen_by_model: boolean; readonly api_endpoint: string | null; readonly presented_at: string; readonly expires_at: string };
  };
  /** I am not interested: it is kept from me from now on */
  'POST /v1/customer/offers/{id}/decline': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: { readonly reason?: "not_interested" | "have_it_elsewhere" | "too_expensive" | "not_now" | "do_not_understand" | "other" };
    answer: { readonly offer_id: string; readonly product_code: string; readonly message: string; readonly why: string; readonly code: string; readonly amount: number; readonly currency: string; readonly rate_bps: number | null; readonly channel: string; readonly status: "presented" | "viewed" | "accepted" | "declined" | "expired" | "withdrawn" | "booked"; readonly reason: string | null; readonly is_open: boolean; readonly chosen_by_model: boolean; readonly api_endpoint: string | null; readonly presented_at: string; readonly expires_at: string };
  };
  /** Points, tier, what runs out when, and what has moved */
  'GET /v1/customer/rewards': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: { readonly items: readonly ({ readonly program: string; readonly title: string; readonly standing: string; readonly unit: string; readonly currency: string; readonly balance: number; readonly spendable: number; readonly pending: number; readonly owed: number; readonly worth: number; readonly tier: { readonly tier: string; readonly title: string; readonly until: string | null; readonly basis: "earned_points" | "spend"; readonly counted: number; readonly next: { readonly tier: string; readonly threshold: number; readonly missing: number } | null; readonly benefits: readonly { readonly id: string; readonly title: string }[] } | null; readonly expiring: readonly { readonly month: string; readonly points: number; readonly first_expires_at: string }[]; readonly entries: readonly ({ readonly transfer_id: string; readonly at: string; readonly points: number; readonly entry: string; readonly words: string; readonly rules: readonly string[]; readonly spend: number | null; readonly expires_at: string | null })[] })[] };
  };
  /** Rewards at this customer’s price */
  'GET /v1/customer/rewards/catalogue': {
    path: Record<never, never>;
    query: { readonly program: string; readonly limit?: number; readonly after?: string };
    body: undefined;
    answer: { readonly items: readonly ({ readonly program: string; readonly reward: string; readonly title: string; readonly description: string; readonly kind: "cashback" | "statement_credit" | "merchandise" | "travel" | "voucher"; readonly worth: number; readonly currency: string; readonly points: number; readonly price: readonly { readonly words: string; readonly points: number }[]; readonly stock_left: number | null; readonly available: boolean; readonly why_not: string | null })[]; readonly next: string | null };
  };
  /** What was redeemed, newest first */
  'GET /v1/customer/rewards/redemptions': {
    path: Record<never, never>;
    query: { readonly limit?: number; readonly after?: string };
    body: undefined;
    answer: { readonly items: readonly ({ readonly redemption_id: string; readonly program: string; readonly customer: string; readonly reward: string; readonly version: number; readonly kind: "cashback" | "statement_credit" | "merchandise" | "travel" | "voucher"; readonly points: number; readonly worth: number; readonly currency: string; readonly account_id: string | null; readonly status: "begun" | "redeemed" | "refused" | "reversing" | "reversed"; readonly failure: string | null; readonly requested_by: string; readonly begun_at: string; readonly changed_at: string })[]; readonly next: string | null };
  };
  /** Redeem points for a reward, at the price of a quote */
  'POST /v1/customer/rewards/redemptions': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: { readonly quote_id: string; readonly account_id?: string; readonly program: string };
    answer: { readonly redemption_id: string; readonly program: string; readonly customer: string; readonly reward: string; readonly version: number; readonly kind: "cashback" | "statement_credit" | "merchandise" | "travel" | "voucher"; readonly points: number; readonly worth: number; readonly currency: string; readonly account_id: string | null; readonly status: "begun" | "redeemed" | "refused" | "reversing" | "reversed"; readonly failure: string | null; readonly requested_by: string; readonly begun_at: string; readonly changed_at: string };
  };
  /** Have a price held for a few minutes */
  'POST /v1/customer/rewards/quotes': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: { readonly program: string; readonly reward: string };
    answer: { readonly quote_id: string; readonly program: string; readonly reward: string; readonly version: number; readonly customer: string; readonly tier: string | null; readonly points: number; readonly reasons: readonly { readonly reason: string; readonly points: number }[]; readonly expires_at: string; readonly quoted_at: string };
  };
  /** What I have said is missing, newest first */
  'GET /v1/customer/rewards/claims': {
    path: Record<never, never>;
    query: { readonly limit?: number; readonly after?: string };
    body: undefined;
    answer: { readonly items: readonly ({ readonly claim_id: string; readonly program: string; readonly customer: string; readonly transfer_id: string; readonly status: "crediting" | "waiting" | "credited" | "refused" | "appealed" | "upheld"; readonly why: "due" | "given" | "excluded" | "earns_nothing" | "sent_back" | "before_programme" | "under_way" | "of_campaign"; readonly explanation: string; readonly points_due: number; readonly points_given: number; readonly approval_id: string | null; readonly made_by: string; readonly made_at: string; readonly decided_by: string | null; readonly changed_at: string })[]; readonly next: string | null };
  };
  /** Say that points are missing for a transaction */
  'POST /v1/customer/rewards/claims': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: { readonly program: string; readonly transfer_id: string };
    answer: { readonly claim_id: string; readonly program: string; readonly customer: string; readonly transfer_id: string; readonly status: "crediting" | "waiting" | "credited" | "refused" | "appealed" | "upheld"; readonly why: "due" | "given" | "excluded" | "earns_nothing" | "sent_back" | "before_programme" | "under_way" | "of_campaign"; readonly explanation: string; readonly points_due: number; readonly points_given: number; readonly approval_id: string | null; readonly made_by: string; readonly made_at: string; readonly decided_by: string | null; readonly changed_at: string };
  };
  /** Have a person look at a claim that was refused */
  'POST /v1/customer/rewards/claims/{id}/appeal': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: undefined;
    answer: { readonly claim_id: string; readonly program: string; readonly customer: string; readonly transfer_id: string; readonly status: "crediting" | "waiting" | "credited" | "refused" | "appealed" | "upheld"; readonly why: "due" | "given" | "excluded" | "earns_nothing" | "sent_back" | "before_programme" | "under_way" | "of_campaign"; readonly explanation: string; readonly points_due: number; readonly points_given: number; readonly approval_id: string | null; readonly made_by: string; readonly made_at: string; readonly decided_by: string | null; readonly changed_at: string };
  };
  /** List the points where something is decided, with the bundles in force */
  'GET /v1/policies': {
    path: Record<never, never>;
    query: { readonly limit?: number; readonly after?: string };
    body: undefined;
    answer: { readonly items: readonly ({ readonly name: string; readonly live: { readonly digest: string; readonly version: string; readonly effective_at: string | null } | null; readonly scheduled: readonly { readonly digest: string; readonly version: string; readonly effective_at: string }[]; readonly shadow: { readonly digest: string; readonly version: string } | null; readonly canary: { readonly digest: string; readonly version: string; readonly share_bps: number; readonly key_fact: string } | null; readonly published: string | null })[]; readonly next: string | null };
  };
  /** Draft a bundle: it is checked, tested and kept, and decides nothing yet */
  'POST /v1/policies': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: { readonly format: 1; readonly name: string; readonly title: string; readonly description: string; readonly facts: Readonly<Record<string, { readonly type: "integer" | "number" | "string" | "boolean" | "integer[]" | "number[]" | "string[]"; readonly description: string; readonly default?: unknown; readonly personal?: string; readonly score?: "value" | "status" }>>; readonly reasons: Readonly<Record<string, string>>; readonly nodes?: Readonly<Record<string, { readonly kind: "table"; readonly type: "integer" | "number" | "string" | "boolean" | "integer[]" | "number[]" | "string[]"; readonly description?: string; readonly hit: "unique" | "any" | "first" | "rule_order" | "collect" | "sum" | "min" | "max"; readonly rules: readonly { readonly id: string; readonly if?: Readonly<Record<string, string>>; readonly value: string; readonly note?: string }[] } | { readonly kind: "formula"; readonly type: "integer" | "number" | "string" | "boolean" | "integer[]" | "number[]" | "string[]"; readonly description?: string; readonly value: string }>>; readonly rules: readonly ({ readonly id: string; readonly if?: Readonly<Record<string, string>>; readonly outcome: "allow" | "hold" | "review" | "deny"; readonly reason: string; readonly obligations?: { readonly step_up?: readonly string[]; readonly review_queue?: string; readonly approvals?: number }; readonly note?: string })[]; readonly limits?: readonly ({ readonly id: string; readonly if?: Readonly<Record<string, string>>; readonly key: string; readonly window: { readonly kind: "sliding"; readonly seconds: number } | { readonly kind: "calendar"; readonly unit: "day" | "week" | "month"; readonly time_zone: string }; readonly measure: "amount" | "count"; readonly amount: string; readonly cap: string; readonly note?: string })[]; readonly answers?: readonly string[]; readonly tests: readonly ({ readonly name: string; readonly facts: Readonly<Record<string, unknown>>; readonly expect: { readonly outcome: "allow" | "hold" | "review" | "deny"; readonly reasons?: readonly string[]; readonly limits?: readonly string[]; readonly answers?: Readonly<Record<string, unknown>> } })[] };
    answer: { readonly digest: string; readonly version: string; readonly name: string; readonly untested: readonly string[] };
  };
  /** List the acts of publication at a point, newest first */
  'GET /v1/policies/{name}': {
    path: { readonly name: string };
    query: { readonly limit?: number; readonly after?: string };
    body: undefined;
    answer: { readonly items: readonly ({ readonly name: string; readonly ordinal: number; readonly kind: string; readonly act: string; readonly digest: string | null; readonly version: string | null; readonly share_bps: number | null; readonly key_fact: string | null; readonly effective_at: string; readonly recorded_at: string; readonly acted_by: string; readonly approval_id: string | null; readonly backtest_id: string | null })[]; readonly next: string | null };
  };
  /** Read a bundle that is on record, whether or not it decides */
  'GET /v1/policy-bundles/{digest}': {
    path: { readonly digest: string };
    query: Record<never, never>;
    body: undefined;
    answer: { readonly digest: string; readonly version: string; readonly name: string; readonly engine: string; readonly created_by: string; readonly created_at: string; readonly bundle: unknown };
  };
  /** Publish a bundle: it decides from now or from an instant on */
  'POST /v1/policies/{name}/publications': {
    path: { readonly name: string };
    query: Record<never, never>;
    body: { readonly digest: string; readonly supersedes: string | null; readonly approval_id: string; readonly backtest_id: string; readonly effective_at?: string };
    answer: { readonly name: string; readonly ordinal: number; readonly kind: string; readonly act: string; readonly digest: string | null; readonly version: string | null; readonly share_bps: number | null; readonly key_fact: string | null; readonly effective_at: string; readonly recorded_at: string; readonly acted_by: string; readonly approval_id: string | null; readonly backtest_id: string | null };
  };
  /** Go back to the bundle before, at once */
  'POST /v1/policies/{name}/rollbacks': {
    path: { readonly name: string };
    query: Record<never, never>;
    body: { readonly supersedes?: string };
    answer: { readonly name: string; readonly ordinal: number; readonly kind: string; readonly act: string; readonly digest: string | null; readonly version: string | null; readonly share_bps: number | null; readonly key_fact: string | null; readonly effective_at: string; readonly recorded_at: string; readonly acted_by: string; readonly approval_id: string | null; readonly backtest_id: string | null };
  };
  /** Let a bundle judge every command beside the one that decides, or end that (null) */
  'POST /v1/policies/{name}/shadow': {
    path: { readonly name: string };
    query: Record<never, never>;
    body: { readonly digest: string | null };
    answer: { readonly name: string; readonly ordinal: number; readonly kind: string; readonly act: string; readonly digest: string | null; readonly version: string | null; readonly share_bps: number | null; readonly key_fact: string | null; readonly effective_at: string; readonly recorded_at: string; readonly acted_by: string; readonly approval_id: string | null; readonly backtest_id: string | null };
  };
  /** How the shadow bundle would have decided otherwise since it began */
  'GET /v1/policies/{name}/shadow': {
    path: { readonly name: string };
    query: Record<never, never>;
    body: undefined;
    answer: { readonly name: string; readonly live: { readonly digest: string; readonly version: string }; readonly shadow: { readonly digest: string; readonly version: string }; readonly since: string; readonly report: { readonly digest: string; readonly version: string; readonly engine: string; readonly from_position: number | null; readonly to_position: number | null; readonly cut_short: boolean; readonly decisions: number; readonly changed: number; readonly altered: number; readonly drift_rate: number; readonly changes: readonly ({ readonly decisions: number; readonly amounts: readonly ({ readonly currency: string; readonly amount: number | string })[]; readonly from: "allow" | "hold" | "review" | "deny"; readonly to: "allow" | "hold" | "review" | "deny" })[]; readonly passing: { readonly new: { readonly decisions: number; readonly amounts: readonly ({ readonly currency: string; readonly amount: number | string })[] }; readonly lost: { readonly decisions: number; readonly amounts: readonly ({ readonly currency: string; readonly amount: number | string })[] }; readonly moved: { readonly decisions: number; readonly amounts: readonly ({ readonly currency: string; readonly amount: number | string })[] } }; readonly reasons: readonly { readonly reason: string; readonly before: number; readonly after: number }[]; readonly segments: readonly { readonly by: string; readonly value: string; readonly decisions: number; readonly changed: number }[]; readonly amounts: readonly ({ readonly currency: string; readonly decisions: number; readonly amount: number | string; readonly changed: number; readonly changed_amount: number | string })[]; readonly facts_missing: readonly { readonly fact: string; readonly decisions: number }[]; readonly examples: readonly ({ readonly decision_id: string; readonly from: { readonly outcome: "allow" | "hold" | "review" | "deny"; readonly reasons: readonly string[] }; readonly to: { readonly outcome: "allow" | "hold" | "review" | "deny"; readonly reasons: readonly string[] }; readonly facts: Readonly<Record<string, unknown>> | null })[] } };
  };
  /** Let a bundle decide for a share of keys, or end that (null) */
  'POST /v1/policies/{name}/canary': {
    path: { readonly name: string };
    query: Record<never, never>;
    body: { readonly digest: string | null; readonly share_bps?: number; readonly key_fact?: string; readonly approval_id?: string };
    answer: { readonly name: string; readonly ordinal: number; readonly kind: string; readonly act: string; readonly digest: string | null; readonly version: string | null; readonly share_bps: number | null; readonly key_fact: string | null; readonly effective_at: string; readonly recorded_at: string; readonly acted_by: string; readonly approval_id: string | null; readonly backtest_id: string | null };
  };
  /** Ask what a bundle would have said to the latest decisions at its point */
  'POST /v1/policy-bundles/{digest}/backtests': {
    path: { readonly digest: string };
    query: Record<never, never>;
    body: { readonly decisions?: number };
    answer: { readonly id: string; readonly digest: string; readonly created_by: string; readonly created_at: string; readonly report: { readonly digest: string; readonly version: string; readonly engine: string; readonly from_position: number | null; readonly to_position: number | null; readonly cut_short: boolean; readonly decisions: number; readonly changed: number; readonly altered: number; readonly drift_rate: number; readonly changes: readonly ({ readonly decisions: number; readonly amounts: readonly ({ readonly currency: string; readonly amount: number | string })[]; readonly from: "allow" | "hold" | "review" | "deny"; readonly to: "allow" | "hold" | "review" | "deny" })[]; readonly passing: { readonly new: { readonly decisions: number; readonly amounts: readonly ({ readonly currency: string; readonly amount: number | string })[] }; readonly lost: { readonly decisions: number; readonly amounts: readonly ({ readonly currency: string; readonly amount: number | string })[] }; readonly moved: { readonly decisions: number; readonly amounts: readonly ({ readonly currency: string; readonly amount: number | string })[] } }; readonly reasons: readonly { readonly reason: string; readonly before: number; readonly after: number }[]; readonly segments: readonly { readonly by: string; readonly value: string; readonly decisions: number; readonly changed: number }[]; readonly amounts: readonly ({ readonly currency: string; readonly decisions: number; readonly amount: number | string; readonly changed: number; readonly changed_amount: number | string })[]; readonly facts_missing: readonly { readonly fact: string; readonly decisions: number }[]; readonly examples: readonly ({ readonly decision_id: string; readonly from: { readonly outcome: "allow" | "hold" | "review" | "deny"; readonly reasons: readonly string[] }; readonly to: { readonly outcome: "allow" | "hold" | "review" | "deny"; readonly reasons: readonly string[] }; readonly facts: Readonly<Record<string, unknown>> | null })[] }; readonly approval: { readonly subject_kind: string; readonly subject: { readonly backtest_id: string; readonly digest: string; readonly effective_at: string | null; readonly name: string; readonly supersedes: string | null }; readonly summary: string; readonly required_checkers: number; readonly expires_at: string } };
  };
  /** List the back-tests of a bundle, newest first */
  'GET /v1/policy-bundles/{digest}/backtests': {
    path: { readonly digest: string };
    query: { readonly limit?: number; readonly after?: string };
    body: undefined;
    answer: { readonly items: readonly { readonly id: string; readonly created_by: string; readonly created_at: string; readonly decisions: number; readonly changed: number; readonly altered: number; readonly cut_short: boolean }[]; readonly next: string | null };
  };
  /** Read a back-test */
  'GET /v1/policy-bundles/{digest}/backtests/{id}': {
    path: { readonly digest: string; readonly id: string };
    query: Record<never, never>;
    body: undefined;
    answer: { readonly id: string; readonly digest: string; readonly created_by: string; readonly created_at: string; readonly report: { readonly digest: string; readonly version: string; readonly engine: string; readonly from_position: number | null; readonly to_position: number | null; readonly cut_short: boolean; readonly decisions: number; readonly changed: number; readonly altered: number; readonly drift_rate: number; readonly changes: readonly ({ readonly decisions: number; readonly amounts: readonly ({ readonly currency: string; readonly amount: number | string })[]; readonly from: "allow" | "hold" | "review" | "deny"; readonly to: "allow" | "hold" | "review" | "deny" })[]; readonly passing: { readonly new: { readonly decisions: number; readonly amounts: readonly ({ readonly currency: string; readonly amount: number | string })[] }; readonly lost: { readonly decisions: number; readonly amounts: readonly ({ readonly currency: string; readonly amount: number | string })[] }; readonly moved: { readonly decisions: number; readonly amounts: readonly ({ readonly currency: string; readonly amount: number | string })[] } }; readonly reasons: readonly { readonly reason: string; readonly before: number; readonly after: number }[]; readonly segments: readonly { readonly by: string; readonly value: string; readonly decisions: number; readonly changed: number }[]; readonly amounts: readonly ({ readonly currency: string; readonly decisions: number; readonly amount: number | string; readonly changed: number; readonly changed_amount: number | string })[]; readonly facts_missing: readonly { readonly fact: string; readonly decisions: number }[]; readonly examples: readonly ({ readonly decision_id: string; readonly from: { readonly outcome: "allow" | "hold" | "review" | "deny"; readonly reasons: readonly string[] }; readonly to: { readonly outcome: "allow" | "hold" | "review" | "deny"; readonly reasons: readonly string[] }; readonly facts: Readonly<Record<string, unknown>> | null })[] }; readonly approval: { readonly subject_kind: string; readonly subject: { readonly backtest_id: string; readonly digest: string; readonly effective_at: string | null; readonly name: string; readonly supersedes: string | null }; readonly summary: string; readonly required_checkers: number; readonly expires_at: string } };
  };
  /** What a bundle may say: its JSON Schema, and the facts that each point supplies */
  'GET /v1/policy-schema': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: { readonly engine: string; readonly schema: unknown; readonly fact_types: readonly string[]; readonly outcomes: readonly string[]; readonly hit_policies: readonly { readonly name: string; readonly description: string }[]; readonly engine_reasons: readonly { readonly name: string; readonly description: string }[]; readonly points: readonly { readonly name: string; readonly title: string; readonly description: string; readonly shipped: string; readonly facts: readonly { readonly name: string; readonly type: string; readonly description: string }[]; readonly reasons: readonly { readonly name: string; readonly description: string }[] }[] };
  };
  /** Check a bundle and run its tests, and keep nothing */
  'POST /v1/policies/validate': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: unknown;
    answer: { readonly valid: boolean; readonly digest: string | null; readonly version: string | null; readonly untested: readonly string[]; readonly errors: readonly { readonly pointer: string; readonly detail: string }[] };
  };
  /** List the bundles on record for a point, drafts too, newest first */
  'GET /v1/policies/{name}/bundles': {
    path: { readonly name: string };
    query: { readonly limit?: number; readonly after?: string };
    body: undefined;
    answer: { readonly items: readonly ({ readonly digest: string; readonly version: string; readonly title: string; readonly rules: number; readonly tests: number; readonly standing: "live" | "canary" | "shadow" | "scheduled" | "past" | "draft"; readonly created_by: string; readonly created_at: string })[]; readonly next: string | null };
  };
  /** What makes a bundle another than the one it is held against */
  'GET /v1/policy-bundles/{digest}/diff': {
    path: { readonly digest: string };
    query: { readonly against: string };
    body: undefined;
    answer: { readonly before: { readonly digest: string; readonly version: string; readonly name: string }; readonly after: { readonly digest: string; readonly version: string; readonly name: string }; readonly changes: readonly ({ readonly part: string; readonly id: string; readonly change: "added" | "removed" | "changed" | "moved"; readonly moved: boolean; readonly fields: readonly string[]; readonly before: { readonly pointer: string; readonly value: unknown } | null; readonly after: { readonly pointer: string; readonly value: unknown } | null })[] };
  };
  /** List models, with what of each serves, is tried or is stopped */
  'GET /v1/models': {
    path: Record<never, never>;
    query: { readonly limit?: number; readonly after?: string };
    body: undefined;
    answer: { readonly items: readonly ({ readonly name: string; readonly point: string; readonly versions: number; readonly production: { readonly version: number; readonly artefact: string; readonly since: string } | null; readonly previous: { readonly version: number; readonly artefact: string; readonly since: string } | null; readonly canary: { readonly version: number; readonly artefact: string; readonly since: string; readonly share_bps: number } | null; readonly shadow: { readonly version: number; readonly artefact: string; readonly since: string } | null; readonly suspension: { readonly since: string; readonly by: string; readonly reason: string; readonly approval: Readonly<Record<string, unknown>> } | null })[]; readonly next: string | null };
  };
  /** Register a version: card and artefact are checked, tried out and kept */
  'POST /v1/models': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: { readonly card: { readonly format: 1; readonly name: string; readonly title: string; readonly purpose: string; readonly owner: string; readonly limits: readonly string[]; readonly decides: { readonly point: string; readonly value_fact: string; readonly status_fact: string; readonly needs?: readonly string[] }; readonly artefact: string; readonly runtime?: "onnxruntime"; readonly inputs: readonly ({ readonly name: string; readonly from: "feature" | "fact" | "input"; readonly codes?: Readonly<Record<string, number>>; readonly range?: readonly unknown[]; readonly missing: "nan" | "refuse" | number; readonly description: string })[]; readonly output: { readonly threshold: number; readonly positive: string }; readonly confidence: { readonly missing_max: number; readonly outside_max: number }; readonly budget_ms: number; readonly fallback: { readonly previous: boolean; readonly rule?: { readonly base: number; readonly terms: readonly { readonly input: string; readonly at_least: number; readonly add: number }[] } }; readonly training: { readonly command: string; readonly code: string; readonly seed: number; readonly data: { readonly source: string; readonly licence: string; readonly digest: string; readonly rows: number; readonly split: string }; readonly libraries: Readonly<Record<string, string>>; readonly parameters: Readonly<Record<string, string | number>> }; readonly metrics: readonly { readonly name: string; readonly split: string; readonly n: number; readonly value: number; readonly low: number; readonly high: number }[]; readonly baselines: readonly { readonly name: string; readonly metric: string; readonly value: number }[]; readonly fairness: { readonly note: string; readonly rows: readonly ({ readonly attribute: string; readonly group: string; readonly n: number; readonly favourable_rate: number; readonly impact_ratio: number | null; readonly true_positive_rate: number | null })[] }; readonly reference: { readonly score: { readonly edges: readonly number[]; readonly counts: readonly number[]; readonly missing: number }; readonly inputs: Readonly<Record<string, { readonly edges: readonly number[]; readonly counts: readonly number[]; readonly missing: number }>> } }; readonly artefact: string };
    answer: { readonly name: string; readonly version: number; readonly card_digest: string; readonly artefact: string; readonly registered_by: string; readonly registered_at: string; readonly suspended: boolean; readonly card: Readonly<Record<string, unknown>>; readonly report: Readonly<Record<string, unknown>>; readonly approval: Readonly<Record<string, unknown>>; readonly suspension: { readonly since: string; readonly by: string; readonly reason: string; readonly approval: Readonly<Record<string, unknown>> } | null; readonly acts: readonly ({ readonly name: string; readonly ordinal: number; readonly stage: string; readonly act: string; readonly version: number | null; readonly artefact: string | null; readonly share_bps: number | null; readonly reason: string | null; readonly approval_id: string | null; readonly attestation: string; readonly acted_by: string; readonly recorded_at: string })[] };
  };
  /** Read what of a model serves, is tried or is stopped */
  'GET /v1/models/{name}': {
    path: { readonly name: string };
    query: Record<never, never>;
    body: undefined;
    answer: { readonly name: string; readonly point: string; readonly versions: number; readonly production: { readonly version: number; readonly artefact: string; readonly since: string } | null; readonly previous: { readonly version: number; readonly artefact: string; readonly since: string } | null; readonly canary: { readonly version: number; readonly artefact: string; readonly since: string; readonly share_bps: number } | null; readonly shadow: { readonly version: number; readonly artefact: string; readonly since: string } | null; readonly suspension: { readonly since: string; readonly by: string; readonly reason: string; readonly approval: Readonly<Record<string, unknown>> } | null };
  };
  /** Read a version: its card, what was found out about it, and what was done with it */
  'GET /v1/models/{name}/versions/{version}': {
    path: { readonly name: string; readonly version: number };
    query: Record<never, never>;
    body: undefined;
    answer: { readonly name: string; readonly version: number; readonly card_digest: string; readonly artefact: string; readonly registered_by: string; readonly registered_at: string; readonly suspended: boolean; readonly card: Readonly<Record<string, unknown>>; readonly report: Readonly<Record<string, unknown>>; readonly approval: Readonly<Record<string, unknown>>; readonly suspension: { readonly since: string; readonly by: string; readonly reason: string; readonly approval: Readonly<Record<string, unknown>> } | null; readonly acts: readonly ({ readonly name: string; readonly ordinal: number; readonly stage: string; readonly act: string; readonly version: number | null; readonly artefact: string | null; readonly share_bps: number | null; readonly reason: string | null; readonly approval_id: string | null; readonly attestation: string; readonly acted_by: string; readonly recorded_at: string })[] };
  };
  /** List the versions of a model, newest first */
  'GET /v1/models/{name}/versions': {
    path: { readonly name: string };
    query: { readonly limit?: number; readonly after?: string };
    body: undefined;
    answer: { readonly items: readonly { readonly name: string; readonly version: number; readonly card_digest: string; readonly artefact: string; readonly registered_by: string; readonly registered_at: string; readonly suspended: boolean }[]; readonly next: string | null };
  };
  /** List what was done with a model, newest first */
  'GET /v1/models/{name}/acts': {
    path: { readonly name: string };
    query: { readonly limit?: number; readonly after?: string };
    body: undefined;
    answer: { readonly items: readonly ({ readonly name: string; readonly ordinal: number; readonly stage: string; readonly act: string; readonly version: number | null; readonly artefact: string | null; readonly share_bps: number | null; readonly reason: string | null; readonly approval_id: string | null; readonly attestation: string; readonly acted_by: string; readonly recorded_at: string })[]; readonly next: string | null };
  };
  /** Let a version be watched (shadow), tried on a share (canary), or decide (production) */
  'POST /v1/models/{name}/deployments': {
    path: { readonly name: string };
    query: Record<never, never>;
    body: { readonly stage: "shadow" | "canary" | "production"; readonly version: number | null; readonly share_bps?: number; readonly supersedes?: number | null; readonly approval_id?: string };
    answer: { readonly name: string; readonly ordinal: number; readonly stage: string; readonly act: string; readonly version: number | null; readonly artefact: string | null; readonly share_bps: number | null; readonly reason: string | null; readonly approval_id: string | null; readonly attestation: string; readonly acted_by: string; readonly recorded_at: string };
  };
  /** Go back to the version before, at once */
  'POST /v1/models/{name}/rollback': {
    path: { readonly name: string };
    query: Record<never, never>;
    body: { readonly supersedes?: number };
    answer: { readonly name: string; readonly ordinal: number; readonly stage: string; readonly act: string; readonly version: number | null; readonly artefact: string | null; readonly share_bps: number | null; readonly reason: string | null; readonly approval_id: string | null; readonly attestation: string; readonly acted_by: string; readonly recorded_at: string };
  };
  /** Stop what is in production, or another version, at once */
  'POST /v1/models/{name}/suspend': {
    path: { readonly name: string };
    query: Record<never, never>;
    body: { readonly version?: number; readonly reason: string };
    answer: { readonly name: string; readonly ordinal: number; readonly stage: string; readonly act: string; readonly version: number | null; readonly artefact: string | null; readonly share_bps: number | null; readonly reason: string | null; readonly approval_id: string | null; readonly attestation: string; readonly acted_by: string; readonly recorded_at: string };
  };
  /** Let a suspended version be heard again */
  'POST /v1/models/{name}/resume': {
    path: { readonly name: string };
    query: Record<never, never>;
    body: { readonly version?: number; readonly approval_id?: string };
    answer: { readonly name: string; readonly ordinal: number; readonly stage: string; readonly act: string; readonly version: number | null; readonly artefact: string | null; readonly share_bps: number | null; readonly reason: string | null; readonly approval_id: string | null; readonly attestation: string; readonly acted_by: string; readonly recorded_at: string };
  };
  /** List prompts, with what of each is sent to the language model */
  'GET /v1/prompts': {
    path: Record<never, never>;
    query: { readonly limit?: number; readonly after?: string };
    body: undefined;
    answer: { readonly items: readonly ({ readonly name: string; readonly purpose: string; readonly newest: number; readonly model: string | null; readonly used: number | null; readonly unused_because: string | null; readonly last_act: { readonly name: string; readonly ordinal: number; readonly act: "approved" | "withdrawn"; readonly version: number | null; readonly digest: string | null; readonly model: string | null; readonly reason: string | null; readonly approval_id: string | null; readonly acted_by: string; readonly recorded_at: string } | null })[]; readonly next: string | null };
  };
  /** Read a prompt: the text of each version, and what its approval is bound to */
  'GET /v1/prompts/{name}': {
    path: { readonly name: string };
    query: Record<never, never>;
    body: undefined;
    answer: { readonly name: string; readonly purpose: string; readonly newest: number; readonly model: string | null; readonly used: number | null; readonly unused_because: string | null; readonly last_act: { readonly name: string; readonly ordinal: number; readonly act: "approved" | "withdrawn"; readonly version: number | null; readonly digest: string | null; readonly model: string | null; readonly reason: string | null; readonly approval_id: string | null; readonly acted_by: string; readonly recorded_at: string } | null; readonly spent_today: { readonly calls: number; readonly tokens: number; readonly seconds: number }; readonly versions: readonly ({ readonly version: number; readonly digest: string; readonly instructions: string; readonly tools: readonly string[]; readonly input: Readonly<Record<string, unknown>>; readonly output: Readonly<Record<string, unknown>>; readonly bounds: Readonly<Record<string, unknown>>; readonly approval: Readonly<Record<string, unknown>> | null })[] };
  };
  /** List what was done with a prompt, newest first */
  'GET /v1/prompts/{name}/acts': {
    path: { readonly name: string };
    query: { readonly limit?: number; readonly after?: string };
    body: undefined;
    answer: { readonly items: readonly ({ readonly name: string; readonly ordinal: number; readonly act: "approved" | "withdrawn"; readonly version: number | null; readonly digest: string | null; readonly model: string | null; readonly reason: string | null; readonly approval_id: string | null; readonly acted_by: string; readonly recorded_at: string })[]; readonly next: string | null };
  };
  /** Let a language model answer a version of a prompt */
  'POST /v1/prompts/{name}/approve': {
    path: { readonly name: string };
    query: Record<never, never>;
    body: { readonly version: number; readonly digest: string; readonly model: string; readonly approval_id?: string };
    answer: { readonly name: string; readonly ordinal: number; readonly act: "approved" | "withdrawn"; readonly version: number | null; readonly digest: string | null; readonly model: string | null; readonly reason: string | null; readonly approval_id: string | null; readonly acted_by: string; readonly recorded_at: string };
  };
  /** Stop a prompt at once: the built-in model answers */
  'POST /v1/prompts/{name}/withdraw': {
    path: { readonly name: string };
    query: Record<never, never>;
    body: { readonly reason: string };
    answer: { readonly name: string; readonly ordinal: number; readonly act: "approved" | "withdrawn"; readonly version: number | null; readonly digest: string | null; readonly model: string | null; readonly reason: string | null; readonly approval_id: string | null; readonly acted_by: string; readonly recorded_at: string };
  };
  /** List calls of language models, newest first */
  'GET /v1/prompt-calls': {
    path: Record<never, never>;
    query: { readonly prompt?: string; readonly limit?: number; readonly after?: string };
    body: undefined;
    answer: { readonly items: readonly ({ readonly call_id: string; readonly prompt: string; readonly version: number; readonly digest: string; readonly model: string; readonly stood_in_because: string | null; readonly about: string; readonly asked_by: string; readonly sources: readonly string[]; readonly input_digest: string; readonly output_digest: string | null; readonly input_tokens: number; readonly output_tokens: number; readonly cost: number | null; readonly currency: string | null; readonly latency_ms: number; readonly asked_at: string })[]; readonly next: string | null };
  };
  /** Read a call with what was sent and answered, masked */
  'GET /v1/prompt-calls/{id}': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: undefined;
    answer: { readonly call_id: string; readonly prompt: string; readonly version: number; readonly digest: string; readonly model: string; readonly stood_in_because: string | null; readonly about: string; readonly asked_by: string; readonly sources: readonly string[]; readonly input_digest: string; readonly output_digest: string | null; readonly input_tokens: number; readonly output_tokens: number; readonly cost: number | null; readonly currency: string | null; readonly latency_ms: number; readonly asked_at: string; readonly input: string; readonly output: string | null };
  };
  /** How a model does: drift, performance, calibration, fairness, latency, fallbacks */
  'GET /v1/models/{name}/monitoring': {
    path: { readonly name: string };
    query: { readonly from?: string; readonly to?: string; readonly version?: number; readonly unlabelled?: "left_out" | "negative" };
    body: undefined;
    answer: { readonly model: string; readonly version: number; readonly from: string; readonly to: string; readonly cases: number; readonly is_truncated: boolean; readonly positions: { readonly first: number; readonly last: number } | null; readonly asked: number; readonly by_stage: Readonly<Record<string, number>>; readonly outcomes: Readonly<Record<string, number>>; readonly fallbacks: { readonly rate: { readonly value: number; readonly low: number; readonly high: number; readonly n: number } | null; readonly by_reason: Readonly<Record<string, number>> }; readonly latency_us: { readonly p50: number | null; readonly p95: number | null; readonly p99: number | null }; readonly drift: { readonly level: "unknown" | "none" | "moderate" | "large"; readonly significance: number; readonly score: { readonly level: "unknown" | "none" | "moderate" | "large"; readonly psi: number; readonly psi_critical: number; readonly ks: number; readonly ks_critical: number; readonly reference_n: number; readonly current_n: number; readonly missing_rate: number }; readonly inputs: readonly ({ readonly input: string; readonly level: "unknown" | "none" | "moderate" | "large"; readonly psi: number; readonly psi_critical: number; readonly ks: number; readonly ks_critical: number; readonly reference_n: number; readonly current_n: number; readonly missing_rate: number })[] }; readonly coverage: { readonly value: number; readonly low: number; readonly high: number; readonly n: number } | null; readonly settled: { readonly n: number; readonly positives: number; readonly auc: { readonly value: number; readonly low: number; readonly high: number } | null; readonly average_precision: number | null; readonly precision: { readonly value: number; readonly low: number; readonly high: number; readonly n: number } | null; readonly recall: { readonly value: number; readonly low: number; readonly high: number; readonly n: number } | null; readonly calibration: { readonly brier: number; readonly expected_error: number; readonly z: number; readonly bins: readonly { readonly n: number; readonly mean_score: number; readonly positive_rate: number }[] } | null }; readonly reviewed: { readonly n: number; readonly positives: number; readonly auc: { readonly value: number; readonly low: number; readonly high: number } | null; readonly average_precision: number | null; readonly precision: { readonly value: number; readonly low: number; readonly high: number; readonly n: number } | null; readonly recall: { readonly value: number; readonly low: number; readonly high: number; readonly n: number } | null; readonly calibration: { readonly brier: number; readonly expected_error: number; readonly z: number; readonly bins: readonly { readonly n: number; readonly mean_score: number; readonly positive_rate: number }[] } | null }; readonly overruled: { readonly value: number; readonly low: number; readonly high: number; readonly n: number } | null; readonly fairness: readonly ({ readonly attribute: string; readonly groups: readonly ({ readonly group: string; readonly n: number; readonly favourable_rate: number; readonly impact_ratio: number | null; readonly impact_z: number | null; readonly deserving_n: number; readonly deserving_rate: number | null; readonly opportunity_difference: number | null; readonly opportunity_z: number | null; readonly is_flagged: boolean })[] })[] };
  };
  /** The controls that are tested of every model in production */
  'GET /v1/controls': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: { readonly items: readonly ({ readonly id: string; readonly title: string; readonly owner: string; readonly threshold: string; readonly limits: readonly ({ readonly figure: string; readonly direction: "at_most" | "at_least"; readonly unit: "index" | "ratio" | "share" | "microseconds" | "count"; readonly warn: number | null; readonly warn_figure: string | null; readonly severe: number | null })[]; readonly schedule: string; readonly suspends: boolean })[]; readonly next: string | null };
  };
  /** Run the controls now, of the last day unless another period is named */
  'POST /v1/controls/run': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: { readonly model?: string; readonly from?: string; readonly to?: string };
    answer: { readonly items: readonly ({ readonly model: string; readonly version: number; readonly period_from: string; readonly period_to: string; readonly requested_by: string; readonly evidence: { readonly report_digest: string; readonly first_position: number | null; readonly last_position: number | null }; readonly results: readonly ({ readonly control: string; readonly threshold: string; readonly result: "passed" | "failed" | "insufficient"; readonly severity: "none" | "warning" | "severe"; readonly suspends: boolean; readonly figures: Readonly<Record<string, number | string | null>>; readonly summary: string })[] })[] };
  };
  /** What controls found, newest first */
  'GET /v1/controls/runs': {
    path: Record<never, never>;
    query: { readonly model?: string; readonly control?: string; readonly limit?: number; readonly after?: string; readonly result?: "passed" | "failed" | "insufficient" };
    body: undefined;
    answer: { readonly items: readonly ({ readonly run_id: string; readonly control: string; readonly model: string; readonly version: number; readonly period_from: string; readonly period_to: string; readonly result: "passed" | "failed" | "insufficient"; readonly figures: Readonly<Record<string, number | string | null>>; readonly threshold: string; readonly evidence: { readonly report_digest: string; readonly first_position: number | null; readonly last_position: number | null }; readonly tested_at: string; readonly requested_by: string })[]; readonly next: string | null };
  };
  /** Alerts that controls have raised, newest first */
  'GET /v1/alerts': {
    path: Record<never, never>;
    query: { readonly model?: string; readonly control?: string; readonly limit?: number; readonly after?: string };
    body: undefined;
    answer: { readonly items: readonly ({ readonly alert_id: string; readonly run_id: string; readonly control: string; readonly model: string; readonly version: number; readonly severity: "none" | "warning" | "severe"; readonly suspends: boolean; readonly summary: string; readonly raised_at: string })[]; readonly next: string | null };
  };
  /** The catalogue of features, and how far behind the log the live ones are */
  'GET /v1/features': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: { readonly items: readonly ({ readonly id: string; readonly entity: "account" | "customer" | "card" | "merchant" | "device"; readonly unit: string; readonly default: number | null; readonly description: string; readonly aggregate: unknown })[]; readonly freshness: { readonly events_behind: number; readonly oldest_sealed_at: string | null } };
  };
  /** All features of one entity as they are now, or would be read at an instant */
  'GET /v1/features/{entity}/{id}': {
    path: { readonly entity: "account" | "customer" | "card" | "merchant" | "device"; readonly id: string };
    query: { readonly at?: string; readonly amount?: number };
    body: undefined;
    answer: { readonly entity: "account" | "customer" | "card" | "merchant" | "device"; readonly id: string; readonly as_of: string; readonly seen: boolean; readonly features: readonly ({ readonly id: string; readonly value: number | null; readonly unit: string })[] };
  };
  /** Record how payments or decisions turned out */
  'POST /v1/labels': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: { readonly labels: readonly ({ readonly transfer_id?: string; readonly decision_id?: string; readonly label: string; readonly source: "chargeback" | "repayment" | "acceptance" | "review"; readonly occurred_at?: string })[] };
    answer: { readonly items: readonly { readonly label_id: string; readonly command_id: string }[] };
  };
  /** List labels, newest first, once they are sealed */
  'GET /v1/labels': {
    path: Record<never, never>;
    query: { readonly source?: "chargeback" | "repayment" | "acceptance" | "review"; readonly limit?: number; readonly after?: string };
    body: undefined;
    answer: { readonly items: readonly ({ readonly label_id: string; readonly label: string; readonly source: "chargeback" | "repayment" | "acceptance" | "review"; readonly transfer_id: string | null; readonly decision_id: string | null; readonly command_id: string; readonly account_id: string | null; readonly merchant: string | null; readonly amount: number | null; readonly currency: string | null; readonly paid_at: string; readonly occurred_at: string; readonly recorded_at: string; readonly recorded_by: string })[]; readonly next: string | null };
  };
  /** List cases: what waits, by rank; what has ended, the newest first */
  'GET /v1/cases': {
    path: Record<never, never>;
    query: { readonly queue?: string; readonly status?: "open" | "assigned" | "snoozed" | "escalated" | "decided" | "expired" | "closed"; readonly assignee?: string; readonly limit?: number; readonly after?: string };
    body: undefined;
    answer: { readonly items: readonly ({ readonly id: string; readonly title: string; readonly kind: "release" | "denied" | "clearing"; readonly queue: string; readonly status: "open" | "assigned" | "snoozed" | "escalated" | "decided" | "expired" | "closed"; readonly priority: number; readonly assignee: string | null; readonly snoozed_until: string | null; readonly payment_id: string; readonly amount: number; readonly currency: string; readonly debtor: string | null; readonly reasons: readonly string[]; readonly fraud_score: number | null; readonly proposed: "review" | "deny"; readonly ai_proposed: boolean; readonly required_checkers: number; readonly approvals_given: number; readonly opened_at: string; readonly due_at: string; readonly overdue: boolean; readonly expires_at: string | null; readonly verdict: "approve" | "reject" | null; readonly reason_code: string | null; readonly ended_at: string | null })[]; readonly next: string | null };
  };
  /** What waits in each queue, and how much of it is late */
  'GET /v1/case-queues': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: { readonly items: readonly ({ readonly queue: string; readonly open: number; readonly assigned: number; readonly snoozed: number; readonly overdue: number; readonly oldest_at: string | null })[] };
  };
  /** The reasons for a verdict, in the order in which they are offered */
  'GET /v1/case-reasons': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: { readonly items: readonly ({ readonly code: "genuine" | "customer_confirmed" | "known_payee" | "false_hit" | "account_takeover" | "scam" | "stolen_card" | "false_identity" | "mule_account" | "sanctioned_party" | "policy_breach" | "duplicate" | "invalid_details" | "not_confirmed"; readonly verdict: "approve" | "reject"; readonly words: string; readonly label: "fraud" | "genuine" | null })[] };
  };
  /** Read a case, with its evidence as of now and the summary of its opening */
  'GET /v1/cases/{id}': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: undefined;
    answer: { readonly id: string; readonly title: string; readonly kind: "release" | "denied" | "clearing"; readonly queue: string; readonly status: "open" | "assigned" | "snoozed" | "escalated" | "decided" | "expired" | "closed"; readonly priority: number; readonly assignee: string | null; readonly snoozed_until: string | null; readonly payment_id: string; readonly amount: number; readonly currency: string; readonly debtor: string | null; readonly reasons: readonly string[]; readonly fraud_score: number | null; readonly proposed: "review" | "deny"; readonly ai_proposed: boolean; readonly required_checkers: number; readonly approvals_given: number; readonly opened_at: string; readonly due_at: string; readonly overdue: boolean; readonly expires_at: string | null; readonly verdict: "approve" | "reject" | null; readonly reason_code: string | null; readonly ended_at: string | null; readonly approval_id: string | null; readonly verdicts: readonly { readonly checker: string; readonly verdict: string; readonly reason: string; readonly decided_at: string }[]; readonly evidence: { readonly decision: { readonly decision_id: string; readonly outcome: string; readonly reasons: readonly string[]; readonly policy_version: string } | null; readonly score: { readonly score_id: string; readonly value: number | null } | null; readonly links: readonly ({ readonly dimension: "device" | "card" | "creditor" | "merchant" | "debtor" | "household"; readonly key: string; readonly payments: readonly ({ readonly payment_id: string; readonly at: string; readonly status: string; readonly outcome: string | null; readonly amount: number; readonly currency: string; readonly label: string | null })[] })[] }; readonly summary: { readonly summarizer: "template" | "llm"; readonly prompt_version: string; readonly model: string | null; readonly stood_in_because: string | null; readonly sentences: readonly { readonly text: string; readonly sources: readonly string[] }[]; readonly made_at: string } | null; readonly outlook: { readonly outcome: "allow" | "hold" | "review" | "deny"; readonly reasons: readonly { readonly code: string; readonly text: string }[]; readonly policy_version: string; readonly answers_for: readonly { readonly at: string; readonly kind: string; readonly detail: string }[] } | null };
  };
  /** List what was done with a case, the oldest first */
  'GET /v1/cases/{id}/history': {
    path: { readonly id: string };
    query: { readonly limit?: number; readonly after?: string };
    body: undefined;
    answer: { readonly items: readonly { readonly number: number; readonly act: string; readonly by: string; readonly at: string; readonly detail: Readonly<Record<string, unknown>> }[]; readonly next: string | null };
  };
  /** Take the highest case that waits for you; no two people get the same */
  'POST /v1/cases/next': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: { readonly queue?: string; readonly opened_before?: string };
    answer: { readonly id: string; readonly title: string; readonly kind: "release" | "denied" | "clearing"; readonly queue: string; readonly status: "open" | "assigned" | "snoozed" | "escalated" | "decided" | "expired" | "closed"; readonly priority: number; readonly assignee: string | null; readonly snoozed_until: string | null; readonly payment_id: string; readonly amount: number; readonly currency: string; readonly debtor: string | null; readonly reasons: readonly string[]; readonly fraud_score: number | null; readonly proposed: "review" | "deny"; readonly ai_proposed: boolean; readonly required_checkers: number; readonly approvals_given: number; readonly opened_at: string; readonly due_at: string; readonly overdue: boolean; readonly expires_at: string | null; readonly verdict: "approve" | "reject" | null; readonly reason_code: string | null; readonly ended_at: string | null };
  };
  /** Do the same with up to 100 cases; each is a command with its own answer */
  'POST /v1/cases/batch': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: { readonly act: "claim"; readonly case_ids: readonly string[] } | { readonly act: "assign"; readonly case_ids: readonly string[]; readonly assignee: string } | { readonly act: "release"; readonly case_ids: readonly string[] } | { readonly act: "snooze"; readonly case_ids: readonly string[]; readonly until: string; readonly reason: string } | { readonly act: "escalate"; readonly case_ids: readonly string[]; readonly queue: string; readonly reason: string } | { readonly act: "note"; readonly case_ids: readonly string[]; readonly text: string } | { readonly act: "decide"; readonly case_ids: readonly string[]; readonly verdict: "approve" | "reject"; readonly reason_code: "genuine" | "customer_confirmed" | "known_payee" | "false_hit" | "account_takeover" | "scam" | "stolen_card" | "false_identity" | "mule_account" | "sanctioned_party" | "policy_breach" | "duplicate" | "invalid_details" | "not_confirmed"; readonly reason: string };
    answer: { readonly items: readonly ({ readonly case_id: string; readonly status: "done" | "rejected"; readonly code?: string; readonly detail?: string })[] };
  };
  /** Take a case that nobody has */
  'POST /v1/cases/{id}/claim': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: Readonly<Record<string, unknown>>;
    answer: { readonly id: string; readonly title: string; readonly kind: "release" | "denied" | "clearing"; readonly queue: string; readonly status: "open" | "assigned" | "snoozed" | "escalated" | "decided" | "expired" | "closed"; readonly priority: number; readonly assignee: string | null; readonly snoozed_until: string | null; readonly payment_id: string; readonly amount: number; readonly currency: string; readonly debtor: string | null; readonly reasons: readonly string[]; readonly fraud_score: number | null; readonly proposed: "review" | "deny"; readonly ai_proposed: boolean; readonly required_checkers: number; readonly approvals_given: number; readonly opened_at: string; readonly due_at: string; readonly overdue: boolean; readonly expires_at: string | null; readonly verdict: "approve" | "reject" | null; readonly reason_code: string | null; readonly ended_at: string | null };
  };
  /** Give a case to somebody */
  'POST /v1/cases/{id}/assign': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: { readonly assignee: string };
    answer: { readonly id: string; readonly title: string; readonly kind: "release" | "denied" | "clearing"; readonly queue: string; readonly status: "open" | "assigned" | "snoozed" | "escalated" | "decided" | "expired" | "closed"; readonly priority: number; readonly assignee: string | null; readonly snoozed_until: string | null; readonly payment_id: string; readonly amount: number; readonly currency: string; readonly debtor: string | null; readonly reasons: readonly string[]; readonly fraud_score: number | null; readonly proposed: "review" | "deny"; readonly ai_proposed: boolean; readonly required_checkers: number; readonly approvals_given: number; readonly opened_at: string; readonly due_at: string; readonly overdue: boolean; readonly expires_at: string | null; readonly verdict: "approve" | "reject" | null; readonly reason_code: string | null; readonly ended_at: string | null };
  };
  /** Give back a case that is yours */
  'POST /v1/cases/{id}/release': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: Readonly<Record<string, unknown>>;
    answer: { readonly id: string; readonly title: string; readonly kind: "release" | "denied" | "clearing"; readonly queue: string; readonly status: "open" | "assigned" | "snoozed" | "escalated" | "decided" | "expired" | "closed"; readonly priority: number; readonly assignee: string | null; readonly snoozed_until: string | null; readonly payment_id: string; readonly amount: number; readonly currency: string; readonly debtor: string | null; readonly reasons: readonly string[]; readonly fraud_score: number | null; readonly proposed: "review" | "deny"; readonly ai_proposed: boolean; readonly required_checkers: number; readonly approvals_given: number; readonly opened_at: string; readonly due_at: string; readonly overdue: boolean; readonly expires_at: string | null; readonly verdict: "approve" | "reject" | null; readonly reason_code: string | null; readonly ended_at: string | null };
  };
  /** Let a case sleep until an instant; it wakes by itself */
  'POST /v1/cases/{id}/snooze': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: { readonly until: string; readonly reason: string };
    answer: { readonly id: string; readonly title: string; readonly kind: "release" | "denied" | "clearing"; readonly queue: string; readonly status: "open" | "assigned" | "snoozed" | "escalated" | "decided" | "expired" | "closed"; readonly priority: number; readonly assignee: string | null; readonly snoozed_until: string | null; readonly payment_id: string; readonly amount: number; readonly currency: string; readonly debtor: string | null; readonly reasons: readonly string[]; readonly fraud_score: number | null; readonly proposed: "review" | "deny"; readonly ai_proposed: boolean; readonly required_checkers: number; readonly approvals_given: number; readonly opened_at: string; readonly due_at: string; readonly overdue: boolean; readonly expires_at: string | null; readonly verdict: "approve" | "reject" | null; readonly reason_code: string | null; readonly ended_at: string | null };
  };
  /** Move a case to another queue; its promise stays */
  'POST /v1/cases/{id}/escalate': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: { readonly queue: string; readonly reason: string };
    answer: { readonly id: string; readonly title: string; readonly kind: "release" | "denied" | "clearing"; readonly queue: string; readonly status: "open" | "assigned" | "snoozed" | "escalated" | "decided" | "expired" | "closed"; readonly priority: number; readonly assignee: string | null; readonly snoozed_until: string | null; readonly payment_id: string; readonly amount: number; readonly currency: string; readonly debtor: string | null; readonly reasons: readonly string[]; readonly fraud_score: number | null; readonly proposed: "review" | "deny"; readonly ai_proposed: boolean; readonly required_checkers: number; readonly approvals_given: number; readonly opened_at: string; readonly due_at: string; readonly overdue: boolean; readonly expires_at: string | null; readonly verdict: "approve" | "reject" | null; readonly reason_code: string | null; readonly ended_at: string | null };
  };
  /** Add a note to the history */
  'POST /v1/cases/{id}/note': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: { readonly text: string };
    answer: { readonly id: string; readonly title: string; readonly kind: "release" | "denied" | "clearing"; readonly queue: string; readonly status: "open" | "assigned" | "snoozed" | "escalated" | "decided" | "expired" | "closed"; readonly priority: number; readonly assignee: string | null; readonly snoozed_until: string | null; readonly payment_id: string; readonly amount: number; readonly currency: string; readonly debtor: string | null; readonly reasons: readonly string[]; readonly fraud_score: number | null; readonly proposed: "review" | "deny"; readonly ai_proposed: boolean; readonly required_checkers: number; readonly approvals_given: number; readonly opened_at: string; readonly due_at: string; readonly overdue: boolean; readonly expires_at: string | null; readonly verdict: "approve" | "reject" | null; readonly reason_code: string | null; readonly ended_at: string | null };
  };
  /** Give a verdict. Of a payment that waits it is one on the approval of the case */
  'POST /v1/cases/{id}/decide': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: { readonly verdict: "approve" | "reject"; readonly reason_code: "genuine" | "customer_confirmed" | "known_payee" | "false_hit" | "account_takeover" | "scam" | "stolen_card" | "false_identity" | "mule_account" | "sanctioned_party" | "policy_breach" | "duplicate" | "invalid_details" | "not_confirmed"; readonly reason: string };
    answer: { readonly id: string; readonly title: string; readonly kind: "release" | "denied" | "clearing"; readonly queue: string; readonly status: "open" | "assigned" | "snoozed" | "escalated" | "decided" | "expired" | "closed"; readonly priority: number; readonly assignee: string | null; readonly snoozed_until: string | null; readonly payment_id: string; readonly amount: number; readonly currency: string; readonly debtor: string | null; readonly reasons: readonly string[]; readonly fraud_score: number | null; readonly proposed: "review" | "deny"; readonly ai_proposed: boolean; readonly required_checkers: number; readonly approvals_given: number; readonly opened_at: string; readonly due_at: string; readonly overdue: boolean; readonly expires_at: string | null; readonly verdict: "approve" | "reject" | null; readonly reason_code: string | null; readonly ended_at: string | null };
  };
  /** Business hours, promises, and from when on two people must agree */
  'GET /v1/review-settings': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: { readonly hours: { readonly days: readonly number[]; readonly from: string; readonly to: string }; readonly promises: readonly ({ readonly queue: string | "*"; readonly minutes: number })[]; readonly two_reviewers: readonly ({ readonly queue: string | "*"; readonly currency: string | "*"; readonly amount: number })[]; readonly rates_ppm: Readonly<Record<string, number>> };
  };
  /** Replace the settings of reviews, which another person has approved */
  'POST /v1/review-settings': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: { readonly hours: { readonly days: readonly number[]; readonly from: string; readonly to: string }; readonly promises: readonly ({ readonly queue: string | "*"; readonly minutes: number })[]; readonly two_reviewers: readonly ({ readonly queue: string | "*"; readonly currency: string | "*"; readonly amount: number })[]; readonly rates_ppm: Readonly<Record<string, number>>; readonly approval_id?: string };
    answer: { readonly hours: { readonly days: readonly number[]; readonly from: string; readonly to: string }; readonly promises: readonly ({ readonly queue: string | "*"; readonly minutes: number })[]; readonly two_reviewers: readonly ({ readonly queue: string | "*"; readonly currency: string | "*"; readonly amount: number })[]; readonly rates_ppm: Readonly<Record<string, number>> };
  };
  /** Ask for a replay of recorded decisions */
  'POST /v1/replays': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: { readonly kind: "same" | "policy" | "model"; readonly point?: string; readonly bundle?: string; readonly model?: { readonly name: string; readonly version: number }; readonly from?: number | string; readonly to?: number | string; readonly cohort?: { readonly accounts?: readonly string[]; readonly where?: { readonly fact: string; readonly value: string | number | boolean } } };
    answer: { readonly id: string; readonly kind: "same" | "policy" | "model"; readonly status: "waiting" | "completed" | "cancelled" | "failed"; readonly reason: string | null; readonly request: Readonly<Record<string, unknown>>; readonly requested_by: string; readonly requested_at: string; readonly ended_by: string | null; readonly ended_at: string | null; readonly from_position: number | null; readonly to_position: number | null; readonly decisions: number; readonly identical: number; readonly changed: number; readonly score: number | null; readonly report: { readonly decisions: number; readonly changed?: number; readonly altered?: number; readonly drift_rate?: number; readonly changes?: readonly ({ readonly decisions: number; readonly amounts: readonly ({ readonly currency: string; readonly amount: number | string })[]; readonly from: "allow" | "hold" | "review" | "deny"; readonly to: "allow" | "hold" | "review" | "deny" })[]; readonly passing?: { readonly new: { readonly decisions: number; readonly amounts: readonly ({ readonly currency: string; readonly amount: number | string })[] }; readonly lost: { readonly decisions: number; readonly amounts: readonly ({ readonly currency: string; readonly amount: number | string })[] }; readonly moved: { readonly decisions: number; readonly amounts: readonly ({ readonly currency: string; readonly amount: number | string })[] } }; readonly reasons?: readonly { readonly reason: string; readonly before: number; readonly after: number }[]; readonly segments?: readonly { readonly by: string; readonly value: string; readonly decisions: number; readonly changed: number }[]; readonly amounts?: readonly ({ readonly currency: string; readonly decisions: number; readonly amount: number | string; readonly changed: number; readonly changed_amount: number | string })[]; readonly facts_missing?: readonly { readonly fact: string; readonly decisions: number }[]; readonly identical?: number; readonly version?: string; readonly scores?: Readonly<Record<string, unknown>> } | null; readonly examples: { readonly items: readonly ({ readonly decision_id: string; readonly from?: { readonly outcome: "allow" | "hold" | "review" | "deny"; readonly reasons: readonly string[] }; readonly to?: { readonly outcome: "allow" | "hold" | "review" | "deny"; readonly reasons: readonly string[] }; readonly facts?: Readonly<Record<string, unknown>> | null; readonly fields?: readonly string[]; readonly trouble?: string | null; readonly tenant?: string; readonly position?: number })[]; readonly next: string | null } };
  };
  /** List replays, newest first */
  'GET /v1/replays': {
    path: Record<never, never>;
    query: { readonly limit?: number; readonly after?: string };
    body: undefined;
    answer: { readonly items: readonly ({ readonly id: string; readonly kind: "same" | "policy" | "model"; readonly status: "waiting" | "completed" | "cancelled" | "failed"; readonly reason: string | null; readonly request: Readonly<Record<string, unknown>>; readonly requested_by: string; readonly requested_at: string; readonly ended_by: string | null; readonly ended_at: string | null; readonly from_position: number | null; readonly to_position: number | null; readonly decisions: number; readonly identical: number; readonly changed: number; readonly score: number | null })[]; readonly next: string | null };
  };
  /** Cancel a replay that has not ended */
  'POST /v1/replays/{id}/cancel': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: undefined;
    answer: { readonly id: string; readonly kind: "same" | "policy" | "model"; readonly status: "waiting" | "completed" | "cancelled" | "failed"; readonly reason: string | null; readonly request: Readonly<Record<string, unknown>>; readonly requested_by: string; readonly requested_at: string; readonly ended_by: string | null; readonly ended_at: string | null; readonly from_position: number | null; readonly to_position: number | null; readonly decisions: number; readonly identical: number; readonly changed: number; readonly score: number | null; readonly report: { readonly decisions: number; readonly changed?: number; readonly altered?: number; readonly drift_rate?: number; readonly changes?: readonly ({ readonly decisions: number; readonly amounts: readonly ({ readonly currency: string; readonly amount: number | string })[]; readonly from: "allow" | "hold" | "review" | "deny"; readonly to: "allow" | "hold" | "review" | "deny" })[]; readonly passing?: { readonly new: { readonly decisions: number; readonly amounts: readonly ({ readonly currency: string; readonly amount: number | string })[] }; readonly lost: { readonly decisions: number; readonly amounts: readonly ({ readonly currency: string; readonly amount: number | string })[] }; readonly moved: { readonly decisions: number; readonly amounts: readonly ({ readonly currency: string; readonly amount: number | string })[] } }; readonly reasons?: readonly { readonly reason: string; readonly before: number; readonly after: number }[]; readonly segments?: readonly { readonly by: string; readonly value: string; readonly decisions: number; readonly changed: number }[]; readonly amounts?: readonly ({ readonly currency: string; readonly decisions: number; readonly amount: number | string; readonly changed: number; readonly changed_amount: number | string })[]; readonly facts_missing?: readonly { readonly fact: string; readonly decisions: number }[]; readonly identical?: number; readonly version?: string; readonly scores?: Readonly<Record<string, unknown>> } | null; readonly examples: { readonly items: readonly ({ readonly decision_id: string; readonly from?: { readonly outcome: "allow" | "hold" | "review" | "deny"; readonly reasons: readonly string[] }; readonly to?: { readonly outcome: "allow" | "hold" | "review" | "deny"; readonly reasons: readonly string[] }; readonly facts?: Readonly<Record<string, unknown>> | null; readonly fields?: readonly string[]; readonly trouble?: string | null; readonly tenant?: string; readonly position?: number })[]; readonly next: string | null } };
  };
  /** Read a replay: how it stands, what it has found, and a page of examples */
  'GET /v1/replays/{id}': {
    path: { readonly id: string };
    query: { readonly limit?: number; readonly after?: string };
    body: undefined;
    answer: { readonly id: string; readonly kind: "same" | "policy" | "model"; readonly status: "waiting" | "completed" | "cancelled" | "failed"; readonly reason: string | null; readonly request: Readonly<Record<string, unknown>>; readonly requested_by: string; readonly requested_at: string; readonly ended_by: string | null; readonly ended_at: string | null; readonly from_position: number | null; readonly to_position: number | null; readonly decisions: number; readonly identical: number; readonly changed: number; readonly score: number | null; readonly report: { readonly decisions: number; readonly changed?: number; readonly altered?: number; readonly drift_rate?: number; readonly changes?: readonly ({ readonly decisions: number; readonly amounts: readonly ({ readonly currency: string; readonly amount: number | string })[]; readonly from: "allow" | "hold" | "review" | "deny"; readonly to: "allow" | "hold" | "review" | "deny" })[]; readonly passing?: { readonly new: { readonly decisions: number; readonly amounts: readonly ({ readonly currency: string; readonly amount: number | string })[] }; readonly lost: { readonly decisions: number; readonly amounts: readonly ({ readonly currency: string; readonly amount: number | string })[] }; readonly moved: { readonly decisions: number; readonly amounts: readonly ({ readonly currency: string; readonly amount: number | string })[] } }; readonly reasons?: readonly { readonly reason: string; readonly before: number; readonly after: number }[]; readonly segments?: readonly { readonly by: string; readonly value: string; readonly decisions: number; readonly changed: number }[]; readonly amounts?: readonly ({ readonly currency: string; readonly decisions: number; readonly amount: number | string; readonly changed: number; readonly changed_amount: number | string })[]; readonly facts_missing?: readonly { readonly fact: string; readonly decisions: number }[]; readonly identical?: number; readonly version?: string; readonly scores?: Readonly<Record<string, unknown>> } | null; readonly examples: { readonly items: readonly ({ readonly decision_id: string; readonly from?: { readonly outcome: "allow" | "hold" | "review" | "deny"; readonly reasons: readonly string[] }; readonly to?: { readonly outcome: "allow" | "hold" | "review" | "deny"; readonly reasons: readonly string[] }; readonly facts?: Readonly<Record<string, unknown>> | null; readonly fields?: readonly string[]; readonly trouble?: string | null; readonly tenant?: string; readonly position?: number })[]; readonly next: string | null } };
  };
  /** Set how far a use case may go */
  'POST /v1/rollout': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: { readonly use_case: string; readonly channel?: string; readonly product?: string; readonly cohort?: string; readonly mode: "off" | "shadow" | "human_in_the_loop" | "canary" | "automatic"; readonly percent?: number; readonly approval_id?: string };
    answer: { readonly id: string };
  };
  /** List what is set, in the order of the latest changes, and what is killed */
  'GET /v1/rollout': {
    path: Record<never, never>;
    query: { readonly use_case?: string; readonly limit?: number; readonly after?: string };
    body: undefined;
    answer: { readonly killed: readonly string[]; readonly items: readonly ({ readonly id: string; readonly use_case: string; readonly channel: string; readonly product: string; readonly cohort: string; readonly mode: "off" | "shadow" | "human_in_the_loop" | "canary" | "automatic"; readonly percent: number | null; readonly set_at: string; readonly set_by: string })[]; readonly next: string | null };
  };
  /** Stop a use case, or all of them, at once */
  'POST /v1/rollout/kill': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: { readonly use_case: string };
    answer: { readonly use_case: string; readonly killed: boolean };
  };
  /** Take a kill switch back */
  'POST /v1/rollout/revive': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: { readonly use_case: string; readonly approval_id?: string };
    answer: { readonly use_case: string; readonly killed: boolean };
  };
  /** What a use case may do for one key, such as a customer, and why */
  'GET /v1/rollout/effective': {
    path: Record<never, never>;
    query: { readonly use_case: string; readonly channel?: string; readonly product?: string; readonly cohort?: string; readonly key: string };
    body: undefined;
    answer: { readonly mode: "off" | "shadow" | "human_in_the_loop" | "canary" | "automatic"; readonly acts: boolean; readonly setting_id: string | null; readonly why: string };
  };
  /** Grant a role, at once; nobody to themselves */
  'POST /v1/role-grants': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: { readonly principal: string; readonly role: "teller" | "analyst" | "compliance" | "developer" | "operations" | "admin" | "auditor" | "marketing" | "marketing_manager" | "customer" | "partner_app" | "agent"; readonly approval_id?: string };
    answer: { readonly principal: string; readonly role: "teller" | "analyst" | "compliance" | "developer" | "operations" | "admin" | "auditor" | "marketing" | "marketing_manager" | "customer" | "partner_app" | "agent"; readonly approval_id?: string };
  };
  /** List who has which role */
  'GET /v1/role-grants': {
    path: Record<never, never>;
    query: { readonly limit?: number; readonly after?: string };
    body: undefined;
    answer: { readonly items: readonly { readonly principal: string; readonly role: string; readonly granted_by: string; readonly granted_at: string }[]; readonly next: string | null };
  };
  /** Set the region, the customer and the delegate of a principal, at once */
  'POST /v1/principals': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: { readonly principal: string; readonly region: string | null; readonly customer: string | null; readonly delegated_by: string | null };
    answer: { readonly principal: string; readonly region: string | null; readonly customer: string | null; readonly delegated_by: string | null };
  };
  /** List everybody who has, or ever had, a key, a role, an attribute or a session */
  'GET /v1/principals': {
    path: Record<never, never>;
    query: { readonly limit?: number; readonly after?: string };
    body: undefined;
    answer: { readonly items: readonly ({ readonly principal: string; readonly roles: readonly string[]; readonly region: string | null; readonly customer: string | null; readonly delegated_by: string | null; readonly keys: number; readonly scopes: readonly string[]; readonly next_expiry_at: string | null; readonly last_seen_at: string | null })[]; readonly next: string | null };
  };
  /** Publish rules of your own beside the shipped ones, at once */
  'POST /v1/entitlements': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: { readonly text: string; readonly approval_id?: string };
    answer: { readonly text: string; readonly approval_id?: string };
  };
  /** The shipped rules, and your own: the latest first, which is the one in force */
  'GET /v1/entitlements': {
    path: Record<never, never>;
    query: { readonly limit?: number; readonly after?: number };
    body: undefined;
    answer: { readonly shipped: string; readonly items: readonly { readonly number: number; readonly digest: string; readonly text: string; readonly approval_id: string; readonly published_by: string; readonly published_at: string }[]; readonly next: number | null };
  };
  /** Revoke a role, at once */
  'DELETE /v1/role-grants/{principal}/{role}': {
    path: { readonly principal: string; readonly role: "teller" | "analyst" | "compliance" | "developer" | "operations" | "admin" | "auditor" | "marketing" | "marketing_manager" | "customer" | "partner_app" | "agent" };
    query: Record<never, never>;
    body: undefined;
    answer: { readonly principal: string; readonly role: "teller" | "analyst" | "compliance" | "developer" | "operations" | "admin" | "auditor" | "marketing" | "marketing_manager" | "customer" | "partner_app" | "agent" };
  };
  /** The roles there are */
  'GET /v1/roles': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: { readonly items: readonly { readonly role: string; readonly summary: string; readonly principal_kinds: readonly string[]; readonly needs_approval: boolean }[] };
  };
  /** Ask whether a principal may do something, and which rules decide */
  'POST /v1/entitlements/check': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: { readonly principal?: string; readonly action: string; readonly resource: { readonly type: "Tenant" | "Customer" | "Account" | "Field" | "Tool" | "PolicyBundle"; readonly id: string; readonly customer?: string; readonly region?: string }; readonly on_behalf_of?: string; readonly purpose?: "servicing" | "fraud" | "compliance" | "audit" | "analytics" | "marketing" | "advice"; readonly consents?: readonly string[]; readonly scopes?: readonly string[]; readonly at?: string };
    answer: { readonly allowed: boolean; readonly deciding: readonly ({ readonly id: string; readonly effect: "permit" | "forbid"; readonly reason: string })[]; readonly errors: readonly string[]; readonly principal: string; readonly roles: readonly string[] };
  };
  /** Screen somebody against all lists in force, and keep what was found */
  'POST /v1/screenings': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: { readonly subject: string; readonly name: string; readonly date_of_birth?: string; readonly countries?: readonly string[]; readonly entity_type?: "person" | "organisation" | "vessel" | "aircraft" };
    answer: { readonly id: string; readonly subject: string; readonly cause: string; readonly list_versions: Readonly<Record<string, number>>; readonly screened_at: string; readonly screened_by: string; readonly open_hits: number; readonly hits: readonly ({ readonly list: string; readonly entry_id: string; readonly entry_digest: string; readonly score: number; readonly cleared: boolean; readonly clearances: readonly ({ readonly id: string; readonly reason: string; readonly cleared_at: string; readonly cleared_by: string; readonly revoked_at: string | null; readonly revoked_by: string | null })[]; readonly entry: { readonly entity_type: "person" | "organisation" | "vessel" | "aircraft"; readonly names: readonly ({ readonly text: string; readonly kind: "primary" | "alias" | "weak" })[]; readonly birth_dates: readonly string[]; readonly countries: readonly string[]; readonly programmes: readonly string[]; readonly is_current: boolean }; readonly explanation: unknown })[] };
  };
  /** List screenings, newest first, with their best hits as they stand now */
  'GET /v1/screenings': {
    path: Record<never, never>;
    query: { readonly status?: "none" | "cleared" | "open"; readonly list?: string; readonly subject?: string; readonly from?: string; readonly to?: string; readonly limit?: number; readonly after?: string };
    body: undefined;
    answer: { readonly items: readonly ({ readonly id: string; readonly subject: string; readonly cause: string; readonly screened_at: string; readonly screened_by: string; readonly status: "none" | "cleared" | "open"; readonly hits: number; readonly open: number; readonly best: readonly { readonly list: string; readonly entry_id: string; readonly score: number; readonly cleared: boolean }[] })[]; readonly next: string | null };
  };
  /** List the screening lists in force */
  'GET /v1/screening-lists': {
    path: Record<never, never>;
    query: { readonly limit?: number; readonly after?: string };
    body: undefined;
    answer: { readonly items: readonly ({ readonly list: string; readonly version: number; readonly format: string; readonly digest: string; readonly source_date: string | null; readonly entries: number; readonly names: number; readonly loaded_at: string })[]; readonly next: string | null };
  };
  /** Load a publication whose files lie in the database already (operators only) */
  'POST /v1/screening-lists': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: { readonly list: string; readonly format: "ofac_sdn" | "un_consolidated" | "pep_csv"; readonly digest: string; readonly source_date: string | null; readonly force: boolean };
    answer: { readonly list: string; readonly version: number; readonly format: string; readonly digest: string; readonly source_date: string | null; readonly entries: number; readonly names: number; readonly loaded_at: string };
  };
  /** Clear a hit: a person says that the list means somebody else */
  'POST /v1/screening-clearances': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: { readonly screening_id: string; readonly list: string; readonly entry_id: string; readonly reason: "other_birth_date" | "other_country" | "other_gender" | "other_name" | "other_entity_type" | "documents_checked" };
    answer: { readonly id: string; readonly subject: string; readonly cause: string; readonly list_versions: Readonly<Record<string, number>>; readonly screened_at: string; readonly screened_by: string; readonly open_hits: number; readonly hits: readonly ({ readonly list: string; readonly entry_id: string; readonly entry_digest: string; readonly score: number; readonly cleared: boolean; readonly clearances: readonly ({ readonly id: string; readonly reason: string; readonly cleared_at: string; readonly cleared_by: string; readonly revoked_at: string | null; readonly revoked_by: string | null })[]; readonly entry: { readonly entity_type: "person" | "organisation" | "vessel" | "aircraft"; readonly names: readonly ({ readonly text: string; readonly kind: "primary" | "alias" | "weak" })[]; readonly birth_dates: readonly string[]; readonly countries: readonly string[]; readonly programmes: readonly string[]; readonly is_current: boolean }; readonly explanation: unknown })[] };
  };
  /** Revoke a clearance: the hit counts again */
  'POST /v1/screening-clearances/{id}/revoke': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: undefined;
    answer: { readonly id: string; readonly subject: string; readonly list: string; readonly entry_id: string; readonly entry_digest: string; readonly reason: string; readonly cleared_at: string; readonly cleared_by: string; readonly revoked_at: string | null; readonly revoked_by: string | null };
  };
  /** Read a screening: who was looked for, and each hit with its entry */
  'GET /v1/screenings/{id}': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: undefined;
    answer: { readonly id: string; readonly subject: string; readonly cause: string; readonly list_versions: Readonly<Record<string, number>>; readonly screened_at: string; readonly screened_by: string; readonly open_hits: number; readonly hits: readonly ({ readonly list: string; readonly entry_id: string; readonly entry_digest: string; readonly score: number; readonly cleared: boolean; readonly clearances: readonly ({ readonly id: string; readonly reason: string; readonly cleared_at: string; readonly cleared_by: string; readonly revoked_at: string | null; readonly revoked_by: string | null })[]; readonly entry: { readonly entity_type: "person" | "organisation" | "vessel" | "aircraft"; readonly names: readonly ({ readonly text: string; readonly kind: "primary" | "alias" | "weak" })[]; readonly birth_dates: readonly string[]; readonly countries: readonly string[]; readonly programmes: readonly string[]; readonly is_current: boolean }; readonly explanation: unknown })[]; readonly asked: { readonly name_token: string; readonly date_of_birth_token: string | null; readonly countries: readonly string[]; readonly entity_type: "person" | "organisation" | "vessel" | "aircraft" | null; readonly visible: { readonly name: string | null; readonly date_of_birth: string | null } } };
  };
  /** Enrol an authenticator of a customer */
  'POST /v1/authenticators': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: { readonly subject: string; readonly kind: "totp" | "signature"; readonly public_key?: string | { readonly kty: "OKP" | "EC"; readonly crv: "Ed25519" | "P-256"; readonly x: string; readonly y?: string } };
    answer: { readonly id: string; readonly subject: string; readonly kind: "totp" | "signature"; readonly status: "unconfirmed" | "active" | "revoked"; readonly public_key: string | null; readonly enrolled_at: string; readonly confirmed_at: string | null; readonly revoked_at: string | null; readonly otpauth_uri?: string };
  };
  /** List the authenticators of a customer */
  'GET /v1/authenticators': {
    path: Record<never, never>;
    query: { readonly subject: string; readonly limit?: number; readonly after?: string };
    body: undefined;
    answer: { readonly items: readonly ({ readonly id: string; readonly subject: string; readonly kind: "totp" | "signature"; readonly status: "unconfirmed" | "active" | "revoked"; readonly public_key: string | null; readonly enrolled_at: string; readonly confirmed_at: string | null; readonly revoked_at: string | null })[]; readonly next: string | null };
  };
  /** Confirm a `totp` by the first code that its app shows */
  'POST /v1/authenticators/{id}/confirm': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: { readonly code: string };
    answer: { readonly id: string; readonly subject: string; readonly kind: "totp" | "signature"; readonly status: "unconfirmed" | "active" | "revoked"; readonly public_key: string | null; readonly enrolled_at: string; readonly confirmed_at: string | null; readonly revoked_at: string | null };
  };
  /** Revoke an authenticator: it proves nothing any more, at once */
  'POST /v1/authenticators/{id}/revoke': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: Readonly<Record<string, unknown>>;
    answer: { readonly id: string; readonly subject: string; readonly kind: "totp" | "signature"; readonly status: "unconfirmed" | "active" | "revoked"; readonly public_key: string | null; readonly enrolled_at: string; readonly confirmed_at: string | null; readonly revoked_at: string | null };
  };
  /** Prove that the payer is there and agrees to this payment */
  'POST /v1/payments/{id}/step-up': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: { readonly authenticator_id: string; readonly code?: string; readonly signature?: string };
    answer: { readonly status: "succeeded" | "failed" | "locked" | "expired"; readonly attempts_left: number; readonly payment: { readonly payment_id: string; readonly kind: string; readonly channel: string; readonly status: string; readonly outcome: string; readonly debtor_account_id: string; readonly creditor_account_id: string; readonly debtor: string | null; readonly creditor: string | null; readonly amount: number; readonly captured: number; readonly returned: number; readonly currency: string; readonly end_to_end_id: string | null; readonly requested_by: string; readonly created_at: string; readonly updated_at: string } };
  };
  /** What the payer is asked to agree to, and how that stands */
  'GET /v1/payments/{id}/step-up': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: undefined;
    answer: { readonly id: string; readonly payment_id: string; readonly expires_at: string; readonly attempts_max: number; readonly terms: { readonly creditor_account_id: string; readonly creditor: string | null; readonly amount: number; readonly currency: string; readonly end_to_end_id: string | null; readonly order_digest: string }; readonly text_to_sign: string; readonly status: "waiting" | "succeeded" | "locked" | "expired"; readonly attempts_left: number };
  };
  /** Put personal values into the vault, for tokens that stand for them everywhere */
  'POST /v1/tokens': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: { readonly items: readonly ({ readonly person: string; readonly class: "pan" | "iban" | "national_id" | "document_number" | "account_number" | "routing_number" | "email" | "phone" | "device_id" | "ip_address" | "date_of_birth" | "name" | "address" | "free_text"; readonly value: string })[] };
    answer: { readonly tokens: readonly string[] };
  };
  /** Erase a person: their values become unreadable, and nobody can undo it */
  'DELETE /v1/persons/{id}': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: undefined;
    answer: { readonly person: string };
  };
  /** Register a person or an organisation */
  'POST /v1/parties': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: { readonly kind: "person" | "organisation"; readonly name: string; readonly date_of_birth?: string; readonly country: string; readonly status?: "prospect" | "customer" | "former"; readonly segment?: "person" | "business"; readonly merchant_category?: string; readonly household?: string; readonly since?: string };
    answer: { readonly party_id: string; readonly kind: "person" | "organisation"; readonly status: "prospect" | "customer" | "former"; readonly segment: "person" | "business"; readonly country: string; readonly name_token: string; readonly date_of_birth_token: string | null; readonly merchant_category: string | null; readonly household: string | null; readonly since: string };
  };
  /** List parties in the order of their registration */
  'GET /v1/parties': {
    path: Record<never, never>;
    query: { readonly limit?: number; readonly after?: string };
    body: undefined;
    answer: { readonly items: readonly ({ readonly party_id: string; readonly kind: "person" | "organisation"; readonly status: "prospect" | "customer" | "former"; readonly segment: "person" | "business"; readonly country: string; readonly name_token: string; readonly date_of_birth_token: string | null; readonly merchant_category: string | null; readonly household: string | null; readonly since: string })[]; readonly next: string | null };
  };
  /** Change what is known about a party */
  'POST /v1/parties/{id}/change': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: { readonly name?: string; readonly date_of_birth?: string; readonly status?: "prospect" | "customer" | "former"; readonly segment?: "person" | "business"; readonly country?: string; readonly merchant_category?: string | null; readonly household?: string | null };
    answer: { readonly party_id: string; readonly kind: "person" | "organisation"; readonly status: "prospect" | "customer" | "former"; readonly segment: "person" | "business"; readonly country: string; readonly name_token: string; readonly date_of_birth_token: string | null; readonly merchant_category: string | null; readonly household: string | null; readonly since: string };
  };
  /** Read a party */
  'GET /v1/parties/{id}': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: undefined;
    answer: { readonly party_id: string; readonly kind: "person" | "organisation"; readonly status: "prospect" | "customer" | "former"; readonly segment: "person" | "business"; readonly country: string; readonly name_token: string; readonly date_of_birth_token: string | null; readonly merchant_category: string | null; readonly household: string | null; readonly since: string; readonly screening: { readonly screening_id: string; readonly status: "screened" | "unscreenable" } | null; readonly visible: { readonly name: string | null; readonly date_of_birth: string | null } };
  };
  /** List the accounts of a party, with their products and holders */
  'GET /v1/parties/{id}/accounts': {
    path: { readonly id: string };
    query: { readonly limit?: number; readonly after?: string };
    body: undefined;
    answer: { readonly items: readonly ({ readonly account_id: string; readonly currency: string; readonly status: "enabled" | "disabled" | "deleted"; readonly opened_at: string; readonly product_id: string | null; readonly parties: readonly ({ readonly party_id: string; readonly role: "holder" | "joint_holder" | "former" })[] })[]; readonly next: string | null };
  };
  /** Set or remove how a party is reached, for one kind and usage */
  'POST /v1/parties/{id}/contacts': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: { readonly kind: "email" | "phone" | "postal_address"; readonly usage: "main" | "home" | "work" | "mobile"; readonly value: string | null };
    answer: { readonly items: readonly ({ readonly kind: "email" | "phone" | "postal_address"; readonly usage: "main" | "home" | "work" | "mobile"; readonly value_token: string; readonly visible: string | null })[] };
  };
  /** How a party is reached */
  'GET /v1/parties/{id}/contacts': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: undefined;
    answer: { readonly items: readonly ({ readonly kind: "email" | "phone" | "postal_address"; readonly usage: "main" | "home" | "work" | "mobile"; readonly value_token: string; readonly visible: string | null })[] };
  };
  /** List what customers have asked people of the bank for, newest first */
  'GET /v1/service-requests': {
    path: Record<never, never>;
    query: { readonly status?: "open" | "done" | "declined"; readonly limit?: number; readonly after?: string };
    body: undefined;
    answer: { readonly items: readonly ({ readonly request_id: string; readonly party_id: string; readonly subject: "card_lost" | "card_replacement" | "statement_copy" | "address_proof" | "complaint" | "call_back" | "other"; readonly text_token: string | null; readonly status: "open" | "done" | "declined"; readonly made_at: string; readonly ended_at: string | null; readonly visible: { readonly text: string | null } })[]; readonly next: string | null };
  };
  /** Say that a request was done, or that it is declined */
  'POST /v1/service-requests/{id}/end': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: { readonly status: "done" | "declined" };
    answer: { readonly request_id: string; readonly party_id: string; readonly subject: "card_lost" | "card_replacement" | "statement_copy" | "address_proof" | "complaint" | "call_back" | "other"; readonly text_token: string | null; readonly status: "open" | "done" | "declined"; readonly made_at: string; readonly ended_at: string | null; readonly visible: { readonly text: string | null } };
  };
  /** Define a product */
  'POST /v1/products': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: { readonly code: string; readonly kind: "current_account" | "savings_account" | "term_deposit" | "card" | "loan" | "investment_account" | "merchant_account" | "rewards"; readonly name: string; readonly currency: string; readonly status?: "draft" | "offered" | "withdrawn"; readonly terms?: Readonly<Record<string, string>> };
    answer: { readonly product_id: string; readonly code: string; readonly kind: "current_account" | "savings_account" | "term_deposit" | "card" | "loan" | "investment_account" | "merchant_account" | "rewards"; readonly name: string; readonly currency: string; readonly status: "draft" | "offered" | "withdrawn"; readonly terms: Readonly<Record<string, string>> };
  };
  /** List products in the order of their definition */
  'GET /v1/products': {
    path: Record<never, never>;
    query: { readonly limit?: number; readonly after?: string };
    body: undefined;
    answer: { readonly items: readonly ({ readonly product_id: string; readonly code: string; readonly kind: "current_account" | "savings_account" | "term_deposit" | "card" | "loan" | "investment_account" | "merchant_account" | "rewards"; readonly name: string; readonly currency: string; readonly status: "draft" | "offered" | "withdrawn"; readonly terms: Readonly<Record<string, string>> })[]; readonly next: string | null };
  };
  /** Offer, withdraw or rename a product, or replace its terms */
  'POST /v1/products/{id}/change': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: { readonly name?: string; readonly status?: "draft" | "offered" | "withdrawn"; readonly terms?: Readonly<Record<string, string>> };
    answer: { readonly product_id: string; readonly code: string; readonly kind: "current_account" | "savings_account" | "term_deposit" | "card" | "loan" | "investment_account" | "merchant_account" | "rewards"; readonly name: string; readonly currency: string; readonly status: "draft" | "offered" | "withdrawn"; readonly terms: Readonly<Record<string, string>> };
  };
  /** Read a product */
  'GET /v1/products/{id}': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: undefined;
    answer: { readonly product_id: string; readonly code: string; readonly kind: "current_account" | "savings_account" | "term_deposit" | "card" | "loan" | "investment_account" | "merchant_account" | "rewards"; readonly name: string; readonly currency: string; readonly status: "draft" | "offered" | "withdrawn"; readonly terms: Readonly<Record<string, string>> };
  };
  /** Say who holds an account, and by which product */
  'POST /v1/accounts/{id}/party': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: { readonly party_id: string; readonly role?: "holder" | "joint_holder" | "former"; readonly product_id?: string };
    answer: { readonly account_id: string; readonly currency: string; readonly status: "enabled" | "disabled" | "deleted"; readonly opened_at: string; readonly product_id: string | null; readonly parties: readonly ({ readonly party_id: string; readonly role: "holder" | "joint_holder" | "former" })[] };
  };
  /** Who holds an account, and by which product */
  'GET /v1/accounts/{id}/party': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: undefined;
    answer: { readonly account_id: string; readonly currency: string; readonly status: "enabled" | "disabled" | "deleted"; readonly opened_at: string; readonly product_id: string | null; readonly parties: readonly ({ readonly party_id: string; readonly role: "holder" | "joint_holder" | "former" })[] };
  };
  /** What is used of limits, by whom, and what they allow */
  'GET /v1/limits': {
    path: Record<never, never>;
    query: { readonly limit_id?: string; readonly key?: string; readonly limit?: number; readonly after?: string };
    body: undefined;
    answer: { readonly items: readonly ({ readonly limit: string; readonly key: string; readonly measure: "amount" | "count"; readonly window: Readonly<Record<string, unknown>>; readonly used: number; readonly cap: number | null; readonly cap_rule: string | null; readonly currency: string | null; readonly point: string | null; readonly policy_version: string | null })[]; readonly next: string | null };
  };
  /** Who the caller is, and what it may do */
  'GET /v1/session': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: { readonly principal: string; readonly name: string | null; readonly tenant: { readonly id: string; readonly name: string; readonly time_zone: string }; readonly roles: readonly string[]; readonly customer: string | null; readonly session_id: string | null; readonly expires_at: string | null; readonly rights: readonly { readonly right: string; readonly allowed: boolean; readonly why: string }[] };
  };
  /** List the sessions of the tenant, the newest first */
  'GET /v1/sessions': {
    path: Record<never, never>;
    query: { readonly limit?: number; readonly after?: string };
    body: undefined;
    answer: { readonly items: readonly ({ readonly id: string; readonly principal: string; readonly issuer: string; readonly key_id: string | null; readonly opened_at: string; readonly expires_at: string; readonly last_seen_at: string; readonly closed_at: string | null })[]; readonly next: string | null };
  };
  /** End a session, at once */
  'POST /v1/sessions/{id}/revoke': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: undefined;
    answer: { readonly id: string };
  };
  /** Register a unit beside ISO 4217 */
  'POST /v1/units': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: { readonly code: string; readonly exponent: number; readonly name: string };
    answer: { readonly code: string; readonly exponent: number; readonly name: string };
  };
  /** Every currency and unit, with how many decimals an amount of it has */
  'GET /v1/units': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: { readonly items: readonly { readonly code: string; readonly exponent: number; readonly name: string }[] };
  };
  /** Close the books through a day */
  'POST /v1/periods': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: { readonly closed_through: string };
    answer: { readonly closed_through: string };
  };
  /** Name holidays */
  'POST /v1/calendar': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: { readonly holidays: readonly { readonly date: string; readonly name: string }[] };
    answer: { readonly holidays: readonly { readonly date: string; readonly name: string }[] };
  };
  /** The business day of today, the closed period and the holidays ahead */
  'GET /v1/calendar': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: { readonly time_zone: string; readonly today: string; readonly business_day: string; readonly closed_through: string | null; readonly holidays: readonly { readonly date: string; readonly name: string }[] };
  };
  /** Find what an id or a reference names */
  'GET /v1/search': {
    path: Record<never, never>;
    query: { readonly q: string };
    body: undefined;
    answer: { readonly items: readonly ({ readonly kind: "payment" | "decision" | "approval" | "case" | "transfer" | "hold" | "account" | "event" | "webhook" | "policy" | "bundle" | "model" | "replay" | "screening" | "person" | "customer"; readonly id: string; readonly label: string; readonly href: string })[] };
  };
  /** How the service levels stand, and which alerts are raised */
  'GET /v1/slos': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: { readonly as_of: string; readonly folded_through: { readonly position: number; readonly at: string } | null; readonly items: readonly ({ readonly name: string; readonly title: string; readonly share: number; readonly target_ms: number | null; readonly is_measured: boolean; readonly sources: readonly string[]; readonly rules: readonly ({ readonly name: string; readonly window: "1h" | "24h" | "7d" | "30d"; readonly burn_rate: number; readonly cases_min: number; readonly severity: string })[]; readonly windows: readonly ({ readonly window: "1h" | "24h" | "7d" | "30d"; readonly from: string; readonly as_of: string; readonly status: "met" | "missed" | "no_data"; readonly value: number | null; readonly numerator: number; readonly denominator: number; readonly burn_rate: number | null })[]; readonly alerts: readonly ({ readonly alert_id: string; readonly slo: string; readonly rule: string; readonly ordinal: number; readonly severity: string; readonly window: "1h" | "24h" | "7d" | "30d"; readonly numerator: number; readonly denominator: number; readonly raised_at: string; readonly cleared_at: string | null })[] })[] };
  };
  /** How mature the bank runs: collisions, drift, overrules, leaks, determinism */
  'GET /v1/maturity': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: { readonly as_of: string; readonly folded_through: { readonly position: number; readonly at: string } | null; readonly items: readonly ({ readonly name: string; readonly title: string; readonly unit: "share" | "incidents"; readonly sources: readonly string[]; readonly windows: readonly ({ readonly window: "1h" | "24h" | "7d" | "30d"; readonly from: string; readonly as_of: string; readonly status: "measured" | "no_data"; readonly value: number | null; readonly numerator: number; readonly denominator: number })[] })[] };
  };
  /** How a service level stood, step by step, oldest first */
  'GET /v1/slos/{name}/history': {
    path: { readonly name: "authorization-latency" | "scoring-latency" | "exactly-once" | "reconciliation" | "model-rollback" | "cohort-backfill" };
    query: { readonly window?: "1h" | "24h" | "7d" | "30d"; readonly step?: "5m" | "1h" | "1d" };
    body: undefined;
    answer: { readonly name: string; readonly window: "1h" | "24h" | "7d" | "30d"; readonly step: string; readonly items: readonly ({ readonly from: string; readonly to: string; readonly status: "met" | "missed" | "no_data"; readonly value: number | null; readonly numerator: number; readonly denominator: number; readonly burn_rate: number | null })[] };
  };
  /** Alerts on service levels, newest first */
  'GET /v1/slo-alerts': {
    path: Record<never, never>;
    query: { readonly slo?: "authorization-latency" | "scoring-latency" | "exactly-once" | "reconciliation" | "model-rollback" | "cohort-backfill"; readonly limit?: number; readonly after?: string };
    body: undefined;
    answer: { readonly items: readonly ({ readonly alert_id: string; readonly slo: string; readonly rule: string; readonly ordinal: number; readonly severity: string; readonly window: "1h" | "24h" | "7d" | "30d"; readonly numerator: number; readonly denominator: number; readonly raised_at: string; readonly cleared_at: string | null })[]; readonly next: string | null };
  };
  /** What went through the AI, policy and money planes, minute by minute */
  'GET /v1/flow': {
    path: Record<never, never>;
    query: { readonly minutes?: number };
    body: undefined;
    answer: { readonly as_of: string; readonly items: readonly ({ readonly at: string; readonly ai: { readonly scored: number; readonly fell_back: Readonly<Record<string, number>>; readonly p95_ms: number | null }; readonly policy: Readonly<Record<string, number>>; readonly money: { readonly payments: Readonly<Record<string, number>>; readonly posted: Readonly<Record<string, number>> }; readonly reviews: { readonly opened: number; readonly decided: number } })[] };
  };
  /** List the programmes that count now, or at an instant */
  'GET /v1/loyalty/programs': {
    path: Record<never, never>;
    query: { readonly at?: string; readonly limit?: number; readonly after?: string };
    body: undefined;
    answer: { readonly items: readonly { readonly name: string; readonly version: string; readonly digest: string; readonly title: string; readonly unit: string; readonly currency: string; readonly point_value_micros: number }[]; readonly next: string | null };
  };
  /** Publish a version of a programme, which another person has approved */
  'POST /v1/loyalty/programs': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: { readonly effective_at?: string; readonly supersedes?: string | null; readonly approval_id?: string; readonly document: LoyaltyProgram };
    answer: { readonly name: string; readonly ordinal: number; readonly version: string; readonly digest: string; readonly standing: "in_force" | "scheduled" | "superseded"; readonly effective_at: string; readonly published_at: string; readonly published_by: string; readonly approval_id: string };
  };
  /** Read the version of a programme that counts now, or at an instant */
  'GET /v1/loyalty/programs/{name}': {
    path: { readonly name: string };
    query: { readonly at?: string };
    body: undefined;
    answer: { readonly name: string; readonly ordinal: number; readonly version: string; readonly digest: string; readonly standing: "in_force" | "scheduled" | "superseded"; readonly effective_at: string; readonly published_at: string; readonly published_by: string; readonly approval_id: string; readonly document: LoyaltyProgram };
  };
  /** List what was published of a programme, newest first */
  'GET /v1/loyalty/programs/{name}/versions': {
    path: { readonly name: string };
    query: { readonly limit?: number; readonly after?: string };
    body: undefined;
    answer: { readonly items: readonly ({ readonly name: string; readonly ordinal: number; readonly version: string; readonly digest: string; readonly standing: "in_force" | "scheduled" | "superseded"; readonly effective_at: string; readonly published_at: string; readonly published_by: string; readonly approval_id: string })[]; readonly next: string | null };
  };
  /** Read a document on record, published or not: what its checkers approve */
  'GET /v1/loyalty/programs/{name}/documents/{digest}': {
    path: { readonly name: string; readonly digest: string };
    query: Record<never, never>;
    body: undefined;
    answer: { readonly name: string; readonly version: string; readonly digest: string; readonly drafted_by: string; readonly drafted_at: string; readonly document: LoyaltyProgram };
  };
  /** Put a document on record, so that others can read and approve it */
  'POST /v1/loyalty/programs/{name}/drafts': {
    path: { readonly name: string };
    query: Record<never, never>;
    body: { readonly document: LoyaltyProgram };
    answer: { readonly name: string; readonly version: string; readonly digest: string; readonly drafted_by: string; readonly drafted_at: string; readonly document: LoyaltyProgram };
  };
  /** Check a draft and work out its own examples, and keep nothing */
  'POST /v1/loyalty/programs/{name}/check': {
    path: { readonly name: string };
    query: Record<never, never>;
    body: { readonly document: unknown; readonly effective_at?: string; readonly supersedes?: string | null };
    answer: { readonly valid: boolean; readonly version: string | null; readonly digest: string | null; readonly errors: readonly { readonly pointer: string; readonly detail: string }[]; readonly untested: readonly string[]; readonly examples: readonly ({ readonly name: string; readonly earning: { readonly version: string; readonly points: number; readonly spend: number; readonly excluded: string | null; readonly parts: readonly ({ readonly points: number; readonly campaign: string | null; readonly rules: readonly string[]; readonly reason: string })[]; readonly matures_at: string | null; readonly expires_at: string | null; readonly counted: Readonly<Record<string, number>>; readonly trace: readonly ({ readonly rule: string; readonly campaign: string | null; readonly held: boolean; readonly why: "gives" | "excludes" | "condition_does_not_hold" | "fact_missing" | "condition_failed" | "not_yet" | "over" | "another_multiplies_more" | "had_as_often_as_it_may" | "nothing_to_multiply"; readonly saw: Readonly<Record<string, unknown>>; readonly worth: string; readonly points: number; readonly cuts: readonly { readonly by: string; readonly worth: string }[] })[] } })[]; readonly subject: Readonly<Record<string, string | null>> | null };
  };
  /** Work out what a transaction would earn, and why; nothing is written */
  'POST /v1/loyalty/programs/{name}/evaluate': {
    path: { readonly name: string };
    query: Record<never, never>;
    body: { readonly transaction: { readonly kind: "purchase" | "deposit" | "international_payment" | "balance_milestone"; readonly amount: number; readonly currency?: string; readonly mcc?: string; readonly merchant?: string; readonly partner?: string; readonly channel?: string; readonly country?: string; readonly tier?: string; readonly customer?: string; readonly occurred_at?: string; readonly authorized_at?: string }; readonly now?: string; readonly used?: Readonly<Record<string, number>>; readonly document?: LoyaltyProgram };
    answer: { readonly version: string; readonly points: number; readonly spend: number; readonly excluded: string | null; readonly parts: readonly ({ readonly points: number; readonly campaign: string | null; readonly rules: readonly string[]; readonly reason: string })[]; readonly matures_at: string | null; readonly expires_at: string | null; readonly counted: Readonly<Record<string, number>>; readonly trace: readonly ({ readonly rule: string; readonly campaign: string | null; readonly held: boolean; readonly why: "gives" | "excludes" | "condition_does_not_hold" | "fact_missing" | "condition_failed" | "not_yet" | "over" | "another_multiplies_more" | "had_as_often_as_it_may" | "nothing_to_multiply"; readonly saw: Readonly<Record<string, unknown>>; readonly worth: string; readonly points: number; readonly cuts: readonly { readonly by: string; readonly worth: string }[] })[]; readonly counters: readonly string[] };
  };
  /** List the members of a programme, by their ids */
  'GET /v1/loyalty/members': {
    path: Record<never, never>;
    query: { readonly program: string; readonly limit?: number; readonly after?: string };
    body: undefined;
    answer: { readonly items: readonly ({ readonly program: string; readonly customer: string; readonly standing: "good" | "suspended" | "closed"; readonly active: number; readonly pending: number; readonly owed: number; readonly balance: number; readonly lifetime_earned: number; readonly enrolled_at: string })[]; readonly next: string | null };
  };
  /** Make a customer a member of a programme */
  'POST /v1/loyalty/members': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: { readonly program: string; readonly customer: string };
    answer: { readonly program: string; readonly customer: string; readonly standing: "good" | "suspended" | "closed"; readonly active: number; readonly pending: number; readonly owed: number; readonly balance: number; readonly lifetime_earned: number; readonly enrolled_at: string; readonly changed_at: string; readonly spendable: number; readonly lapsed: number; readonly tier: string | null; readonly tier_progress: { readonly basis: "earned_points" | "spend"; readonly counted: number; readonly until: string | null; readonly next: { readonly tier: string; readonly threshold: number; readonly missing: number } | null } | null; readonly expiring: readonly { readonly month: string; readonly points: number; readonly first_expires_at: string }[]; readonly lifetime_redeemed: number; readonly lifetime_expired: number; readonly last_earned_at: string | null; readonly last_redeemed_at: string | null; readonly accounts: { readonly active: string; readonly pending: string; readonly owed: string | null } };
  };
  /** How a member stands: points, tier, and what runs out next */
  'GET /v1/loyalty/members/{customer}': {
    path: { readonly customer: string };
    query: { readonly program: string };
    body: undefined;
    answer: { readonly program: string; readonly customer: string; readonly standing: "good" | "suspended" | "closed"; readonly active: number; readonly pending: number; readonly owed: number; readonly balance: number; readonly lifetime_earned: number; readonly enrolled_at: string; readonly changed_at: string; readonly spendable: number; readonly lapsed: number; readonly tier: string | null; readonly tier_progress: { readonly basis: "earned_points" | "spend"; readonly counted: number; readonly until: string | null; readonly next: { readonly tier: string; readonly threshold: number; readonly missing: number } | null } | null; readonly expiring: readonly { readonly month: string; readonly points: number; readonly first_expires_at: string }[]; readonly lifetime_redeemed: number; readonly lifetime_expired: number; readonly last_earned_at: string | null; readonly last_redeemed_at: string | null; readonly accounts: { readonly active: string; readonly pending: string; readonly owed: string | null } };
  };
  /** List what a member was given, lot by lot, newest first */
  'GET /v1/loyalty/members/{customer}/lots': {
    path: { readonly customer: string };
    query: { readonly program: string; readonly limit?: number; readonly open?: boolean; readonly after?: string };
    body: undefined;
    answer: { readonly items: readonly ({ readonly lot_id: string; readonly entry: string; readonly reason: string | null; readonly rules: readonly string[]; readonly source: string | null; readonly campaign: string | null; readonly matures_at: string | null; readonly expires_at: string | null; readonly earned_at: string; readonly points: number; readonly pending: number; readonly active: number; readonly used: Readonly<Record<string, number>> })[]; readonly next: string | null };
  };
  /** List what has moved on the accounts of a member, newest first */
  'GET /v1/loyalty/members/{customer}/entries': {
    path: { readonly customer: string };
    query: { readonly program: string; readonly limit?: number; readonly after?: string };
    body: undefined;
    answer: { readonly items: readonly ({ readonly transfer_id: string; readonly recorded_at: string; readonly effective_at: string; readonly entry: string | null; readonly points: number; readonly change: number; readonly from: "active" | "pending" | "owed" | null; readonly to: "active" | "pending" | "owed" | null; readonly lot: string | null; readonly reason: string | null; readonly rules: readonly string[]; readonly source: string | null; readonly campaign: string | null; readonly matures_at: string | null; readonly expires_at: string | null })[]; readonly next: string | null };
  };
  /** Suspend a membership, restore it, or close it for good */
  'POST /v1/loyalty/members/{customer}/standing': {
    path: { readonly customer: string };
    query: Record<never, never>;
    body: { readonly program: string; readonly standing: "good" | "suspended" | "closed"; readonly reason: string };
    answer: { readonly program: string; readonly customer: string; readonly standing: "good" | "suspended" | "closed"; readonly active: number; readonly pending: number; readonly owed: number; readonly balance: number; readonly lifetime_earned: number; readonly enrolled_at: string; readonly changed_at: string; readonly spendable: number; readonly lapsed: number; readonly tier: string | null; readonly tier_progress: { readonly basis: "earned_points" | "spend"; readonly counted: number; readonly until: string | null; readonly next: { readonly tier: string; readonly threshold: number; readonly missing: number } | null } | null; readonly expiring: readonly { readonly month: string; readonly points: number; readonly first_expires_at: string }[]; readonly lifetime_redeemed: number; readonly lifetime_expired: number; readonly last_earned_at: string | null; readonly last_redeemed_at: string | null; readonly accounts: { readonly active: string; readonly pending: string; readonly owed: string | null } };
  };
  /** Give a member points by hand, or take some */
  'POST /v1/loyalty/members/{customer}/adjustments': {
    path: { readonly customer: string };
    query: Record<never, never>;
    body: { readonly program: string; readonly points: number; readonly reason: string; readonly source?: string; readonly expires_at?: string | null };
    answer: { readonly program: string; readonly customer: string; readonly points: number; readonly transfers: readonly string[] };
  };
  /** What the points of a programme are owed, by its newest run */
  'GET /v1/loyalty/liability': {
    path: Record<never, never>;
    query: { readonly program: string };
    body: undefined;
    answer: { readonly program: string; readonly ordinal: number; readonly as_of: string; readonly version: string; readonly policy: "ifrs15" | "ias37"; readonly currency: string; readonly input_digest: string; readonly figures: { readonly cohorts: number; readonly cohorts_gone: number; readonly points: number; readonly redeemed: number; readonly lapsed: number; readonly outstanding: number; readonly expected: number; readonly redemption_rate: number; readonly redemption_rate_low: number; readonly redemption_rate_high: number; readonly breakage_rate: number; readonly liability: number; readonly movement: { readonly deferred: number; readonly redeemed: number; readonly breakage: number } }; readonly follows: number | null; readonly recorded_by: string; readonly recorded_at: string; readonly posting: { readonly status: "open" | "posted" | "nothing" | "rejected"; readonly command_id: string | null; readonly code: string | null }; readonly cohorts: readonly ({ readonly month: string; readonly age: number; readonly points: number; readonly redeemed: number; readonly lapsed: number; readonly outstanding: number; readonly ultimate: number; readonly redemption_rate: number; readonly redemption_rate_low: number; readonly redemption_rate_high: number; readonly method: "run_off" | "chain_ladder" | "pooled" | "prior"; readonly spend: number; readonly sold: number; readonly deferred: number; readonly released_redeemed: number; readonly released_breakage: number; readonly liability: number })[]; readonly triangle: { readonly months: readonly string[]; readonly rows: readonly (readonly number[])[] }; readonly steps: readonly { readonly factor: number; readonly variance: number; readonly is_observed: boolean }[]; readonly forecast: readonly { readonly month: string; readonly season: number; readonly is_spike: boolean; readonly points: { readonly mean: number; readonly p5: number; readonly p25: number; readonly p50: number; readonly p75: number; readonly p95: number }; readonly cost: { readonly mean: number; readonly p5: number; readonly p25: number; readonly p50: number; readonly p75: number; readonly p95: number } }[] };
  };
  /** List the runs of a programme, newest first */
  'GET /v1/loyalty/liability/runs': {
    path: Record<never, never>;
    query: { readonly program: string; readonly limit?: number; readonly after?: string };
    body: undefined;
    answer: { readonly items: readonly ({ readonly program: string; readonly ordinal: number; readonly as_of: string; readonly version: string; readonly policy: "ifrs15" | "ias37"; readonly currency: string; readonly input_digest: string; readonly figures: { readonly cohorts: number; readonly cohorts_gone: number; readonly points: number; readonly redeemed: number; readonly lapsed: number; readonly outstanding: number; readonly expected: number; readonly redemption_rate: number; readonly redemption_rate_low: number; readonly redemption_rate_high: number; readonly breakage_rate: number; readonly liability: number; readonly movement: { readonly deferred: number; readonly redeemed: number; readonly breakage: number } }; readonly follows: number | null; readonly recorded_by: string; readonly recorded_at: string; readonly posting: { readonly status: "open" | "posted" | "nothing" | "rejected"; readonly command_id: string | null; readonly code: string | null } })[]; readonly next: string | null; readonly requested: readonly { readonly program: string; readonly as_of: string; readonly requested_by: string; readonly requested_at: string }[] };
  };
  /** Ask for a run, as of now or of an instant since the last one */
  'POST /v1/loyalty/liability/runs': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: { readonly program: string; readonly as_of?: string };
    answer: { readonly program: string; readonly as_of: string };
  };
  /** List the rewards of a programme, with what each costs today */
  'GET /v1/loyalty/catalogue': {
    path: Record<never, never>;
    query: { readonly program: string; readonly status?: "offered" | "withdrawn"; readonly limit?: number; readonly after?: string };
    body: undefined;
    answer: { readonly items: readonly ({ readonly program: string; readonly reward: string; readonly title: string; readonly description: string; readonly kind: "cashback" | "statement_credit" | "merchandise" | "travel" | "voucher"; readonly points: number; readonly worth: number; readonly stock: number | null; readonly moves?: { readonly expected_per_day: number; readonly demand_max_bps: number; readonly scarcity_max_bps: number }; readonly tiers?: readonly { readonly tier: string; readonly discount_bps: number }[]; readonly only_tiers?: readonly string[]; readonly from?: string; readonly until?: string; readonly status: "offered" | "withdrawn"; readonly version: number; readonly stock_left: number | null; readonly price: number | null; readonly reasons: readonly { readonly reason: string; readonly points: number }[]; readonly published_at: string; readonly published_by: string; readonly approval_id: string })[]; readonly next: string | null };
  };
  /** Publish a reward, or another version of it */
  'POST /v1/loyalty/catalogue': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: { readonly program: string; readonly reward: string; readonly title: string; readonly description: string; readonly kind: "cashback" | "statement_credit" | "merchandise" | "travel" | "voucher"; readonly points: number; readonly worth: number; readonly stock: number | null; readonly moves?: { readonly expected_per_day: number; readonly demand_max_bps: number; readonly scarcity_max_bps: number }; readonly tiers?: readonly { readonly tier: string; readonly discount_bps: number }[]; readonly only_tiers?: readonly string[]; readonly from?: string; readonly until?: string; readonly status: "offered" | "withdrawn"; readonly approval_id?: string };
    answer: { readonly program: string; readonly reward: string; readonly title: string; readonly description: string; readonly kind: "cashback" | "statement_credit" | "merchandise" | "travel" | "voucher"; readonly points: number; readonly worth: number; readonly stock: number | null; readonly moves?: { readonly expected_per_day: number; readonly demand_max_bps: number; readonly scarcity_max_bps: number }; readonly tiers?: readonly { readonly tier: string; readonly discount_bps: number }[]; readonly only_tiers?: readonly string[]; readonly from?: string; readonly until?: string; readonly status: "offered" | "withdrawn"; readonly version: number; readonly stock_left: number | null; readonly price: number | null; readonly reasons: readonly { readonly reason: string; readonly points: number }[]; readonly published_at: string; readonly published_by: string; readonly approval_id: string };
  };
  /** Whether a reward could be published, and what it would cost */
  'POST /v1/loyalty/catalogue/check': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: { readonly program: string; readonly reward: string; readonly title: string; readonly description: string; readonly kind: "cashback" | "statement_credit" | "merchandise" | "travel" | "voucher"; readonly points: number; readonly worth: number; readonly stock: number | null; readonly moves?: { readonly expected_per_day: number; readonly demand_max_bps: number; readonly scarcity_max_bps: number }; readonly tiers?: readonly { readonly tier: string; readonly discount_bps: number }[]; readonly only_tiers?: readonly string[]; readonly from?: string; readonly until?: string; readonly status: "offered" | "withdrawn" };
    answer: { readonly is_right: boolean; readonly flaws: readonly { readonly pointer: string; readonly detail: string }[]; readonly remarks: readonly string[] };
  };
  /** Quote what a reward costs a customer; the price holds until it expires */
  'POST /v1/loyalty/catalogue/quote': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: { readonly program: string; readonly reward: string; readonly customer: string };
    answer: { readonly quote_id: string; readonly program: string; readonly reward: string; readonly version: number; readonly customer: string; readonly tier: string | null; readonly points: number; readonly reasons: readonly { readonly reason: string; readonly points: number }[]; readonly expires_at: string; readonly quoted_at: string };
  };
  /** List redemptions, newest first */
  'GET /v1/loyalty/redemptions': {
    path: Record<never, never>;
    query: { readonly program?: string; readonly customer?: string; readonly status?: "begun" | "redeemed" | "refused" | "reversing" | "reversed"; readonly limit?: number; readonly after?: string };
    body: undefined;
    answer: { readonly items: readonly ({ readonly redemption_id: string; readonly program: string; readonly customer: string; readonly reward: string; readonly version: number; readonly kind: "cashback" | "statement_credit" | "merchandise" | "travel" | "voucher"; readonly points: number; readonly worth: number; readonly currency: string; readonly account_id: string | null; readonly status: "begun" | "redeemed" | "refused" | "reversing" | "reversed"; readonly failure: string | null; readonly requested_by: string; readonly begun_at: string; readonly changed_at: string })[]; readonly next: string | null };
  };
  /** How a redemption stands */
  'GET /v1/loyalty/redemptions/{id}': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: undefined;
    answer: { readonly redemption_id: string; readonly program: string; readonly customer: string; readonly reward: string; readonly version: number; readonly kind: "cashback" | "statement_credit" | "merchandise" | "travel" | "voucher"; readonly points: number; readonly worth: number; readonly currency: string; readonly account_id: string | null; readonly status: "begun" | "redeemed" | "refused" | "reversing" | "reversed"; readonly failure: string | null; readonly requested_by: string; readonly begun_at: string; readonly changed_at: string };
  };
  /** Redeem points for a reward, at the price of a quote */
  'POST /v1/loyalty/members/{customer}/redemptions': {
    path: { readonly customer: string };
    query: Record<never, never>;
    body: { readonly quote_id: string; readonly account_id?: string; readonly program: string };
    answer: { readonly redemption_id: string; readonly program: string; readonly customer: string; readonly reward: string; readonly version: number; readonly kind: "cashback" | "statement_credit" | "merchandise" | "travel" | "voucher"; readonly points: number; readonly worth: number; readonly currency: string; readonly account_id: string | null; readonly status: "begun" | "redeemed" | "refused" | "reversing" | "reversed"; readonly failure: string | null; readonly requested_by: string; readonly begun_at: string; readonly changed_at: string };
  };
  /** Reverse a redemption: its points come back with the expiry they had */
  'POST /v1/loyalty/redemptions/{id}/reverse': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: { readonly reason: string };
    answer: { readonly redemption_id: string; readonly program: string; readonly customer: string; readonly reward: string; readonly version: number; readonly kind: "cashback" | "statement_credit" | "merchandise" | "travel" | "voucher"; readonly points: number; readonly worth: number; readonly currency: string; readonly account_id: string | null; readonly status: "begun" | "redeemed" | "refused" | "reversing" | "reversed"; readonly failure: string | null; readonly requested_by: string; readonly begun_at: string; readonly changed_at: string };
  };
  /** List campaigns, with the use of their budgets */
  'GET /v1/loyalty/campaigns': {
    path: Record<never, never>;
    query: { readonly program?: string; readonly limit?: number; readonly after?: string };
    body: undefined;
    answer: { readonly items: readonly ({ readonly program: string; readonly campaign: string; readonly title: string; readonly description: string; readonly from: string; readonly until: string; readonly audience?: Readonly<Record<string, string>>; readonly points: number; readonly budget: number; readonly approval_id: string; readonly created_by: string; readonly created_at: string; readonly use: { readonly planned: number; readonly funded: number; readonly used: number; readonly left: number; readonly account_id: string | null; readonly used_bps: number; readonly forecast: number | null; readonly lasts_until: string | null } })[]; readonly next: string | null };
  };
  /** Create a campaign */
  'POST /v1/loyalty/campaigns': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: { readonly program: string; readonly campaign: string; readonly title: string; readonly description: string; readonly from: string; readonly until: string; readonly audience?: Readonly<Record<string, string>>; readonly points: number; readonly budget: number; readonly approval_id?: string };
    answer: { readonly program: string; readonly campaign: string; readonly title: string; readonly description: string; readonly from: string; readonly until: string; readonly audience?: Readonly<Record<string, string>>; readonly points: number; readonly budget: number; readonly approval_id: string; readonly created_by: string; readonly created_at: string; readonly use: { readonly planned: number; readonly funded: number; readonly used: number; readonly left: number; readonly account_id: string | null; readonly used_bps: number; readonly forecast: number | null; readonly lasts_until: string | null } };
  };
  /** A campaign, with the use of its budget */
  'GET /v1/loyalty/campaigns/{id}': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: undefined;
    answer: { readonly program: string; readonly campaign: string; readonly title: string; readonly description: string; readonly from: string; readonly until: string; readonly audience?: Readonly<Record<string, string>>; readonly points: number; readonly budget: number; readonly approval_id: string; readonly created_by: string; readonly created_at: string; readonly use: { readonly planned: number; readonly funded: number; readonly used: number; readonly left: number; readonly account_id: string | null; readonly used_bps: number; readonly forecast: number | null; readonly lasts_until: string | null } };
  };
  /** Whether a campaign could be created, and what it would do */
  'POST /v1/loyalty/campaigns/check': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: { readonly program: string; readonly campaign: string; readonly title: string; readonly description: string; readonly from: string; readonly until: string; readonly audience?: Readonly<Record<string, string>>; readonly points: number; readonly budget: number };
    answer: { readonly is_right: boolean; readonly flaws: readonly { readonly pointer: string; readonly detail: string }[]; readonly remarks: readonly string[]; readonly facts: Readonly<Record<string, string>> };
  };
  /** Put points into the budget of a campaign */
  'POST /v1/loyalty/campaigns/{id}/fund': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: { readonly points: number };
    answer: { readonly program: string; readonly campaign: string; readonly title: string; readonly description: string; readonly from: string; readonly until: string; readonly audience?: Readonly<Record<string, string>>; readonly points: number; readonly budget: number; readonly approval_id: string; readonly created_by: string; readonly created_at: string; readonly use: { readonly planned: number; readonly funded: number; readonly used: number; readonly left: number; readonly account_id: string | null; readonly used_bps: number; readonly forecast: number | null; readonly lasts_until: string | null } };
  };
  /** Give a member points out of the budget of a campaign */
  'POST /v1/loyalty/campaigns/{id}/awards': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: { readonly customer: string; readonly points?: number; readonly source?: string };
    answer: { readonly transfer_id: string; readonly campaign: string; readonly customer: string; readonly points: number };
  };
  /** List claims of missing points, newest first */
  'GET /v1/loyalty/claims': {
    path: Record<never, never>;
    query: { readonly customer?: string; readonly status?: "crediting" | "waiting" | "credited" | "refused" | "appealed" | "upheld"; readonly limit?: number; readonly after?: string };
    body: undefined;
    answer: { readonly items: readonly ({ readonly claim_id: string; readonly program: string; readonly customer: string; readonly transfer_id: string; readonly status: "crediting" | "waiting" | "credited" | "refused" | "appealed" | "upheld"; readonly why: "due" | "given" | "excluded" | "earns_nothing" | "sent_back" | "before_programme" | "under_way" | "of_campaign"; readonly explanation: string; readonly points_due: number; readonly points_given: number; readonly approval_id: string | null; readonly made_by: string; readonly made_at: string; readonly decided_by: string | null; readonly changed_at: string })[]; readonly next: string | null };
  };
  /** Claim points that are missing for a transaction */
  'POST /v1/loyalty/claims': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: { readonly program: string; readonly customer: string; readonly transfer_id: string };
    answer: { readonly claim_id: string; readonly program: string; readonly customer: string; readonly transfer_id: string; readonly status: "crediting" | "waiting" | "credited" | "refused" | "appealed" | "upheld"; readonly why: "due" | "given" | "excluded" | "earns_nothing" | "sent_back" | "before_programme" | "under_way" | "of_campaign"; readonly explanation: string; readonly points_due: number; readonly points_given: number; readonly approval_id: string | null; readonly made_by: string; readonly made_at: string; readonly decided_by: string | null; readonly changed_at: string };
  };
  /** How a claim stands */
  'GET /v1/loyalty/claims/{id}': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: undefined;
    answer: { readonly claim_id: string; readonly program: string; readonly customer: string; readonly transfer_id: string; readonly status: "crediting" | "waiting" | "credited" | "refused" | "appealed" | "upheld"; readonly why: "due" | "given" | "excluded" | "earns_nothing" | "sent_back" | "before_programme" | "under_way" | "of_campaign"; readonly explanation: string; readonly points_due: number; readonly points_given: number; readonly approval_id: string | null; readonly made_by: string; readonly made_at: string; readonly decided_by: string | null; readonly changed_at: string };
  };
  /** Decide on a claim that waits for people, or on an appeal */
  'POST /v1/loyalty/claims/{id}/decide': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: { readonly verdict: "credit" | "refuse"; readonly points?: number; readonly reason: string };
    answer: { readonly claim_id: string; readonly program: string; readonly customer: string; readonly transfer_id: string; readonly status: "crediting" | "waiting" | "credited" | "refused" | "appealed" | "upheld"; readonly why: "due" | "given" | "excluded" | "earns_nothing" | "sent_back" | "before_programme" | "under_way" | "of_campaign"; readonly explanation: string; readonly points_due: number; readonly points_given: number; readonly approval_id: string | null; readonly made_by: string; readonly made_at: string; readonly decided_by: string | null; readonly changed_at: string };
  };
  /** What may be offered, each in its newest version */
  'GET /v1/offers/actions': {
    path: Record<never, never>;
    query: { readonly limit?: number; readonly after?: string };
    body: undefined;
    answer: { readonly items: readonly ({ readonly code: string; readonly version: number; readonly action: { readonly code: string; readonly title: string; readonly product: { readonly code: string; readonly kind: "credit" | "savings" | "payments" | "insurance" | "investment" | "service"; readonly registered_as?: string }; readonly bundle?: readonly ({ readonly code: string; readonly kind: "credit" | "savings" | "payments" | "insurance" | "investment" | "service"; readonly registered_as?: string })[]; readonly class?: "default" | "mandatory" | "transactional"; readonly treatments: readonly ({ readonly channel: "email" | "sms" | "push" | "phone" | "post" | "in_app"; readonly message: string })[]; readonly why: string; readonly eligibility?: readonly { readonly id: string; readonly when: string; readonly says: string }[]; readonly applicability?: readonly { readonly id: string; readonly when: string; readonly says: string }[]; readonly suitability?: readonly { readonly id: string; readonly when: string; readonly says: string }[]; readonly value: number; readonly terms: { readonly amount: number; readonly currency: string; readonly rate_bps?: number; readonly list_rate_bps?: number }; readonly lever_percent?: number; readonly context?: readonly { readonly when: string; readonly percent: number }[]; readonly propensity: { readonly starting_ppm: number; readonly evidence: number }; readonly uses_model?: boolean; readonly volume?: { readonly offers_max: number; readonly period: "day" | "month" | "total" }; readonly valid_days: number; readonly from?: string; readonly until?: string; readonly priority?: number; readonly apply?: string }; readonly published_by: string; readonly published_at: string; readonly approval_id: string; readonly status: "live" | "stopped"; readonly changed_by: string; readonly changed_at: string })[]; readonly next: string | null };
  };
  /** Publish an action, or the next version of one */
  'POST /v1/offers/actions': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: { readonly action: { readonly code: string; readonly title: string; readonly product: { readonly code: string; readonly kind: "credit" | "savings" | "payments" | "insurance" | "investment" | "service"; readonly registered_as?: string }; readonly bundle?: readonly ({ readonly code: string; readonly kind: "credit" | "savings" | "payments" | "insurance" | "investment" | "service"; readonly registered_as?: string })[]; readonly class?: "default" | "mandatory" | "transactional"; readonly treatments: readonly ({ readonly channel: "email" | "sms" | "push" | "phone" | "post" | "in_app"; readonly message: string })[]; readonly why: string; readonly eligibility?: readonly { readonly id: string; readonly when: string; readonly says: string }[]; readonly applicability?: readonly { readonly id: string; readonly when: string; readonly says: string }[]; readonly suitability?: readonly { readonly id: string; readonly when: string; readonly says: string }[]; readonly value: number; readonly terms: { readonly amount: number; readonly currency: string; readonly rate_bps?: number; readonly list_rate_bps?: number }; readonly lever_percent?: number; readonly context?: readonly { readonly when: string; readonly percent: number }[]; readonly propensity: { readonly starting_ppm: number; readonly evidence: number }; readonly uses_model?: boolean; readonly volume?: { readonly offers_max: number; readonly period: "day" | "month" | "total" }; readonly valid_days: number; readonly from?: string; readonly until?: string; readonly priority?: number; readonly apply?: string }; readonly approval_id?: string };
    answer: { readonly code: string; readonly version: number; readonly action: { readonly code: string; readonly title: string; readonly product: { readonly code: string; readonly kind: "credit" | "savings" | "payments" | "insurance" | "investment" | "service"; readonly registered_as?: string }; readonly bundle?: readonly ({ readonly code: string; readonly kind: "credit" | "savings" | "payments" | "insurance" | "investment" | "service"; readonly registered_as?: string })[]; readonly class?: "default" | "mandatory" | "transactional"; readonly treatments: readonly ({ readonly channel: "email" | "sms" | "push" | "phone" | "post" | "in_app"; readonly message: string })[]; readonly why: string; readonly eligibility?: readonly { readonly id: string; readonly when: string; readonly says: string }[]; readonly applicability?: readonly { readonly id: string; readonly when: string; readonly says: string }[]; readonly suitability?: readonly { readonly id: string; readonly when: string; readonly says: string }[]; readonly value: number; readonly terms: { readonly amount: number; readonly currency: string; readonly rate_bps?: number; readonly list_rate_bps?: number }; readonly lever_percent?: number; readonly context?: readonly { readonly when: string; readonly percent: number }[]; readonly propensity: { readonly starting_ppm: number; readonly evidence: number }; readonly uses_model?: boolean; readonly volume?: { readonly offers_max: number; readonly period: "day" | "month" | "total" }; readonly valid_days: number; readonly from?: string; readonly until?: string; readonly priority?: number; readonly apply?: string }; readonly published_by: string; readonly published_at: string; readonly approval_id: string; readonly status: "live" | "stopped"; readonly changed_by: string; readonly changed_at: string; readonly versions: readonly ({ readonly version: number; readonly action: { readonly code: string; readonly title: string; readonly product: { readonly code: string; readonly kind: "credit" | "savings" | "payments" | "insurance" | "investment" | "service"; readonly registered_as?: string }; readonly bundle?: readonly ({ readonly code: string; readonly kind: "credit" | "savings" | "payments" | "insurance" | "investment" | "service"; readonly registered_as?: string })[]; readonly class?: "default" | "mandatory" | "transactional"; readonly treatments: readonly ({ readonly channel: "email" | "sms" | "push" | "phone" | "post" | "in_app"; readonly message: string })[]; readonly why: string; readonly eligibility?: readonly { readonly id: string; readonly when: string; readonly says: string }[]; readonly applicability?: readonly { readonly id: string; readonly when: string; readonly says: string }[]; readonly suitability?: readonly { readonly id: string; readonly when: string; readonly says: string }[]; readonly value: number; readonly terms: { readonly amount: number; readonly currency: string; readonly rate_bps?: number; readonly list_rate_bps?: number }; readonly lever_percent?: number; readonly context?: readonly { readonly when: string; readonly percent: number }[]; readonly propensity: { readonly starting_ppm: number; readonly evidence: number }; readonly uses_model?: boolean; readonly volume?: { readonly offers_max: number; readonly period: "day" | "month" | "total" }; readonly valid_days: number; readonly from?: string; readonly until?: string; readonly priority?: number; readonly apply?: string }; readonly published_by: string; readonly published_at: string; readonly approval_id: string })[] };
  };
  /** An action with its versions */
  'GET /v1/offers/actions/{code}': {
    path: { readonly code: string };
    query: Record<never, never>;
    body: undefined;
    answer: { readonly code: string; readonly version: number; readonly action: { readonly code: string; readonly title: string; readonly product: { readonly code: string; readonly kind: "credit" | "savings" | "payments" | "insurance" | "investment" | "service"; readonly registered_as?: string }; readonly bundle?: readonly ({ readonly code: string; readonly kind: "credit" | "savings" | "payments" | "insurance" | "investment" | "service"; readonly registered_as?: string })[]; readonly class?: "default" | "mandatory" | "transactional"; readonly treatments: readonly ({ readonly channel: "email" | "sms" | "push" | "phone" | "post" | "in_app"; readonly message: string })[]; readonly why: string; readonly eligibility?: readonly { readonly id: string; readonly when: string; readonly says: string }[]; readonly applicability?: readonly { readonly id: string; readonly when: string; readonly says: string }[]; readonly suitability?: readonly { readonly id: string; readonly when: string; readonly says: string }[]; readonly value: number; readonly terms: { readonly amount: number; readonly currency: string; readonly rate_bps?: number; readonly list_rate_bps?: number }; readonly lever_percent?: number; readonly context?: readonly { readonly when: string; readonly percent: number }[]; readonly propensity: { readonly starting_ppm: number; readonly evidence: number }; readonly uses_model?: boolean; readonly volume?: { readonly offers_max: number; readonly period: "day" | "month" | "total" }; readonly valid_days: number; readonly from?: string; readonly until?: string; readonly priority?: number; readonly apply?: string }; readonly published_by: string; readonly published_at: string; readonly approval_id: string; readonly status: "live" | "stopped"; readonly changed_by: string; readonly changed_at: string; readonly versions: readonly ({ readonly version: number; readonly action: { readonly code: string; readonly title: string; readonly product: { readonly code: string; readonly kind: "credit" | "savings" | "payments" | "insurance" | "investment" | "service"; readonly registered_as?: string }; readonly bundle?: readonly ({ readonly code: string; readonly kind: "credit" | "savings" | "payments" | "insurance" | "investment" | "service"; readonly registered_as?: string })[]; readonly class?: "default" | "mandatory" | "transactional"; readonly treatments: readonly ({ readonly channel: "email" | "sms" | "push" | "phone" | "post" | "in_app"; readonly message: string })[]; readonly why: string; readonly eligibility?: readonly { readonly id: string; readonly when: string; readonly says: string }[]; readonly applicability?: readonly { readonly id: string; readonly when: string; readonly says: string }[]; readonly suitability?: readonly { readonly id: string; readonly when: string; readonly says: string }[]; readonly value: number; readonly terms: { readonly amount: number; readonly currency: string; readonly rate_bps?: number; readonly list_rate_bps?: number }; readonly lever_percent?: number; readonly context?: readonly { readonly when: string; readonly percent: number }[]; readonly propensity: { readonly starting_ppm: number; readonly evidence: number }; readonly uses_model?: boolean; readonly volume?: { readonly offers_max: number; readonly period: "day" | "month" | "total" }; readonly valid_days: number; readonly from?: string; readonly until?: string; readonly priority?: number; readonly apply?: string }; readonly published_by: string; readonly published_at: string; readonly approval_id: string })[] };
  };
  /** Stop offering it, at once */
  'POST /v1/offers/actions/{code}/stop': {
    path: { readonly code: string };
    query: Record<never, never>;
    body: undefined;
    answer: { readonly code: string; readonly version: number; readonly action: { readonly code: string; readonly title: string; readonly product: { readonly code: string; readonly kind: "credit" | "savings" | "payments" | "insurance" | "investment" | "service"; readonly registered_as?: string }; readonly bundle?: readonly ({ readonly code: string; readonly kind: "credit" | "savings" | "payments" | "insurance" | "investment" | "service"; readonly registered_as?: string })[]; readonly class?: "default" | "mandatory" | "transactional"; readonly treatments: readonly ({ readonly channel: "email" | "sms" | "push" | "phone" | "post" | "in_app"; readonly message: string })[]; readonly why: string; readonly eligibility?: readonly { readonly id: string; readonly when: string; readonly says: string }[]; readonly applicability?: readonly { readonly id: string; readonly when: string; readonly says: string }[]; readonly suitability?: readonly { readonly id: string; readonly when: string; readonly says: string }[]; readonly value: number; readonly terms: { readonly amount: number; readonly currency: string; readonly rate_bps?: number; readonly list_rate_bps?: number }; readonly lever_percent?: number; readonly context?: readonly { readonly when: string; readonly percent: number }[]; readonly propensity: { readonly starting_ppm: number; readonly evidence: number }; readonly uses_model?: boolean; readonly volume?: { readonly offers_max: number; readonly period: "day" | "month" | "total" }; readonly valid_days: number; readonly from?: string; readonly until?: string; readonly priority?: number; readonly apply?: string }; readonly published_by: string; readonly published_at: string; readonly approval_id: string; readonly status: "live" | "stopped"; readonly changed_by: string; readonly changed_at: string; readonly versions: readonly ({ readonly version: number; readonly action: { readonly code: string; readonly title: string; readonly product: { readonly code: string; readonly kind: "credit" | "savings" | "payments" | "insurance" | "investment" | "service"; readonly registered_as?: string }; readonly bundle?: readonly ({ readonly code: string; readonly kind: "credit" | "savings" | "payments" | "insurance" | "investment" | "service"; readonly registered_as?: string })[]; readonly class?: "default" | "mandatory" | "transactional"; readonly treatments: readonly ({ readonly channel: "email" | "sms" | "push" | "phone" | "post" | "in_app"; readonly message: string })[]; readonly why: string; readonly eligibility?: readonly { readonly id: string; readonly when: string; readonly says: string }[]; readonly applicability?: readonly { readonly id: string; readonly when: string; readonly says: string }[]; readonly suitability?: readonly { readonly id: string; readonly when: string; readonly says: string }[]; readonly value: number; readonly terms: { readonly amount: number; readonly currency: string; readonly rate_bps?: number; readonly list_rate_bps?: number }; readonly lever_percent?: number; readonly context?: readonly { readonly when: string; readonly percent: number }[]; readonly propensity: { readonly starting_ppm: number; readonly evidence: number }; readonly uses_model?: boolean; readonly volume?: { readonly offers_max: number; readonly period: "day" | "month" | "total" }; readonly valid_days: number; readonly from?: string; readonly until?: string; readonly priority?: number; readonly apply?: string }; readonly published_by: string; readonly published_at: string; readonly approval_id: string })[] };
  };
  /** Offer it again */
  'POST /v1/offers/actions/{code}/resume': {
    path: { readonly code: string };
    query: Record<never, never>;
    body: undefined;
    answer: { readonly code: string; readonly version: number; readonly action: { readonly code: string; readonly title: string; readonly product: { readonly code: string; readonly kind: "credit" | "savings" | "payments" | "insurance" | "investment" | "service"; readonly registered_as?: string }; readonly bundle?: readonly ({ readonly code: string; readonly kind: "credit" | "savings" | "payments" | "insurance" | "investment" | "service"; readonly registered_as?: string })[]; readonly class?: "default" | "mandatory" | "transactional"; readonly treatments: readonly ({ readonly channel: "email" | "sms" | "push" | "phone" | "post" | "in_app"; readonly message: string })[]; readonly why: string; readonly eligibility?: readonly { readonly id: string; readonly when: string; readonly says: string }[]; readonly applicability?: readonly { readonly id: string; readonly when: string; readonly says: string }[]; readonly suitability?: readonly { readonly id: string; readonly when: string; readonly says: string }[]; readonly value: number; readonly terms: { readonly amount: number; readonly currency: string; readonly rate_bps?: number; readonly list_rate_bps?: number }; readonly lever_percent?: number; readonly context?: readonly { readonly when: string; readonly percent: number }[]; readonly propensity: { readonly starting_ppm: number; readonly evidence: number }; readonly uses_model?: boolean; readonly volume?: { readonly offers_max: number; readonly period: "day" | "month" | "total" }; readonly valid_days: number; readonly from?: string; readonly until?: string; readonly priority?: number; readonly apply?: string }; readonly published_by: string; readonly published_at: string; readonly approval_id: string; readonly status: "live" | "stopped"; readonly changed_by: string; readonly changed_at: string; readonly versions: readonly ({ readonly version: number; readonly action: { readonly code: string; readonly title: string; readonly product: { readonly code: string; readonly kind: "credit" | "savings" | "payments" | "insurance" | "investment" | "service"; readonly registered_as?: string }; readonly bundle?: readonly ({ readonly code: string; readonly kind: "credit" | "savings" | "payments" | "insurance" | "investment" | "service"; readonly registered_as?: string })[]; readonly class?: "default" | "mandatory" | "transactional"; readonly treatments: readonly ({ readonly channel: "email" | "sms" | "push" | "phone" | "post" | "in_app"; readonly message: string })[]; readonly why: string; readonly eligibility?: readonly { readonly id: string; readonly when: string; readonly says: string }[]; readonly applicability?: readonly { readonly id: string; readonly when: string; readonly says: string }[]; readonly suitability?: readonly { readonly id: string; readonly when: string; readonly says: string }[]; readonly value: number; readonly terms: { readonly amount: number; readonly currency: string; readonly rate_bps?: number; readonly list_rate_bps?: number }; readonly lever_percent?: number; readonly context?: readonly { readonly when: string; readonly percent: number }[]; readonly propensity: { readonly starting_ppm: number; readonly evidence: number }; readonly uses_model?: boolean; readonly volume?: { readonly offers_max: number; readonly period: "day" | "month" | "total" }; readonly valid_days: number; readonly from?: string; readonly until?: string; readonly priority?: number; readonly apply?: string }; readonly published_by: string; readonly published_at: string; readonly approval_id: string })[] };
  };
  /** Whether an action could be published, and which facts there are */
  'POST /v1/offers/actions/check': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: { readonly action: { readonly code: string; readonly title: string; readonly product: { readonly code: string; readonly kind: "credit" | "savings" | "payments" | "insurance" | "investment" | "service"; readonly registered_as?: string }; readonly bundle?: readonly ({ readonly code: string; readonly kind: "credit" | "savings" | "payments" | "insurance" | "investment" | "service"; readonly registered_as?: string })[]; readonly class?: "default" | "mandatory" | "transactional"; readonly treatments: readonly ({ readonly channel: "email" | "sms" | "push" | "phone" | "post" | "in_app"; readonly message: string })[]; readonly why: string; readonly eligibility?: readonly { readonly id: string; readonly when: string; readonly says: string }[]; readonly applicability?: readonly { readonly id: string; readonly when: string; readonly says: string }[]; readonly suitability?: readonly { readonly id: string; readonly when: string; readonly says: string }[]; readonly value: number; readonly terms: { readonly amount: number; readonly currency: string; readonly rate_bps?: number; readonly list_rate_bps?: number }; readonly lever_percent?: number; readonly context?: readonly { readonly when: string; readonly percent: number }[]; readonly propensity: { readonly starting_ppm: number; readonly evidence: number }; readonly uses_model?: boolean; readonly volume?: { readonly offers_max: number; readonly period: "day" | "month" | "total" }; readonly valid_days: number; readonly from?: string; readonly until?: string; readonly priority?: number; readonly apply?: string } };
    answer: { readonly is_right: boolean; readonly flaws: readonly { readonly pointer: string; readonly detail: string }[]; readonly remarks: readonly string[]; readonly facts: Readonly<Record<string, string>> };
  };
  /** How often customers are spoken to, and for how long left alone */
  'GET /v1/offers/policy': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: { readonly version: number; readonly contact_policy: { readonly offers_max: number; readonly channels: readonly ({ readonly channel: "email" | "sms" | "push" | "phone" | "post" | "in_app"; readonly offers_max: number; readonly days: number })[]; readonly refusal_days: number; readonly complaint_days: number; readonly repeat_days: number; readonly session_offers_max: number; readonly session_minutes: number; readonly advise_after_days: number; readonly arbitration: readonly ("propensity" | "context" | "value" | "lever")[]; readonly nightly?: { readonly hour: number; readonly channels: readonly ("email" | "sms" | "push" | "phone" | "post" | "in_app")[] } } };
  };
  /** Change the contact policy, which another person approves */
  'POST /v1/offers/policy': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: { readonly offers_max: number; readonly channels: readonly ({ readonly channel: "email" | "sms" | "push" | "phone" | "post" | "in_app"; readonly offers_max: number; readonly days: number })[]; readonly refusal_days: number; readonly complaint_days: number; readonly repeat_days: number; readonly session_offers_max: number; readonly session_minutes: number; readonly advise_after_days: number; readonly arbitration: readonly ("propensity" | "context" | "value" | "lever")[]; readonly nightly?: { readonly hour: number; readonly channels: readonly ("email" | "sms" | "push" | "phone" | "post" | "in_app")[] }; readonly approval_id?: string };
    answer: { readonly version: number; readonly contact_policy: { readonly offers_max: number; readonly channels: readonly ({ readonly channel: "email" | "sms" | "push" | "phone" | "post" | "in_app"; readonly offers_max: number; readonly days: number })[]; readonly refusal_days: number; readonly complaint_days: number; readonly repeat_days: number; readonly session_offers_max: number; readonly session_minutes: number; readonly advise_after_days: number; readonly arbitration: readonly ("propensity" | "context" | "value" | "lever")[]; readonly nightly?: { readonly hour: number; readonly channels: readonly ("email" | "sms" | "push" | "phone" | "post" | "in_app")[] } } };
  };
  /** Whether a contact policy could be put in force, and what it would do */
  'POST /v1/offers/policy/check': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: { readonly offers_max: number; readonly channels: readonly ({ readonly channel: "email" | "sms" | "push" | "phone" | "post" | "in_app"; readonly offers_max: number; readonly days: number })[]; readonly refusal_days: number; readonly complaint_days: number; readonly repeat_days: number; readonly session_offers_max: number; readonly session_minutes: number; readonly advise_after_days: number; readonly arbitration: readonly ("propensity" | "context" | "value" | "lever")[]; readonly nightly?: { readonly hour: number; readonly channels: readonly ("email" | "sms" | "push" | "phone" | "post" | "in_app")[] } };
    answer: { readonly is_right: boolean; readonly flaws: readonly { readonly pointer: string; readonly detail: string }[]; readonly remarks: readonly string[] };
  };
  /** What to offer a customer who is in a session now */
  'POST /v1/offers/in-session': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: { readonly customer_id: string; readonly session_context?: { readonly current_page?: string; readonly recent_activity?: readonly string[] }; readonly core_banking_data_snapshot?: { readonly avg_monthly_balance?: number; readonly account_age_days?: number; readonly recent_transactions?: readonly { readonly amount: number; readonly description?: string; readonly category?: string }[] } };
    answer: { readonly offers: readonly { readonly product_code: string; readonly personalized_message: string; readonly eligibility_score: number; readonly api_endpoint: string }[] };
  };
  /** What was looked at for a customer, and why each action was offered */
  'GET /v1/offers/sessions/{id}': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: undefined;
    answer: { readonly session_id: string; readonly customer: string; readonly channel: string; readonly path: string; readonly mode: string; readonly considered_at: string; readonly because: string | null; readonly candidates: readonly unknown[]; readonly shadow: readonly unknown[]; readonly presented: readonly unknown[] };
  };
  /** Offers that were made, the newest first */
  'GET /v1/offers': {
    path: Record<never, never>;
    query: { readonly customer?: string; readonly action?: string; readonly status?: string; readonly channel?: string; readonly limit?: number; readonly after?: string };
    body: undefined;
    answer: { readonly items: readonly ({ readonly offer_id: string; readonly customer: string; readonly action: string; readonly version: number; readonly class: string; readonly product_code: string; readonly channel: string; readonly path: string; readonly code: string; readonly message: string; readonly why: string; readonly amount: number; readonly currency: string; readonly rate_bps: number | null; readonly discount_bps: number; readonly api_endpoint: string | null; readonly chosen_by_model: boolean; readonly status: "presented" | "viewed" | "accepted" | "declined" | "expired" | "withdrawn" | "booked"; readonly reason: string | null; readonly presented_at: string; readonly expires_at: string; readonly viewed_at: string | null; readonly answered_at: string | null; readonly ended_at: string | null; readonly booked_at: string | null; readonly booked_account: string | null; readonly advised_at: string | null; readonly score: number; readonly counts: boolean; readonly arm: string; readonly terms: Readonly<Record<string, unknown>>; readonly decision_id: string })[]; readonly next: string | null };
  };
  /** An offer with its history */
  'GET /v1/offers/{id}': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: undefined;
    answer: { readonly offer_id: string; readonly customer: string; readonly action: string; readonly version: number; readonly class: string; readonly product_code: string; readonly channel: string; readonly path: string; readonly code: string; readonly message: string; readonly why: string; readonly amount: number; readonly currency: string; readonly rate_bps: number | null; readonly discount_bps: number; readonly api_endpoint: string | null; readonly chosen_by_model: boolean; readonly status: "presented" | "viewed" | "accepted" | "declined" | "expired" | "withdrawn" | "booked"; readonly reason: string | null; readonly presented_at: string; readonly expires_at: string; readonly viewed_at: string | null; readonly answered_at: string | null; readonly ended_at: string | null; readonly booked_at: string | null; readonly booked_account: string | null; readonly advised_at: string | null; readonly score: number; readonly counts: boolean; readonly arm: string; readonly terms: Readonly<Record<string, unknown>>; readonly decision_id: string; readonly session_id: string | null; readonly history: readonly { readonly number: number; readonly act: string; readonly took_effect: boolean; readonly acted_by: string; readonly acted_at: string; readonly detail: Readonly<Record<string, unknown>> }[]; readonly core: readonly ({ readonly kind: string; readonly outcome: string; readonly status: string; readonly attempts: number; readonly receipt: string | null; readonly trouble: string | null })[] };
  };
  /** The customer has seen it */
  'POST /v1/offers/{id}/view': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: Readonly<Record<string, unknown>>;
    answer: { readonly offer_id: string; readonly customer: string; readonly action: string; readonly version: number; readonly class: string; readonly product_code: string; readonly channel: string; readonly path: string; readonly code: string; readonly message: string; readonly why: string; readonly amount: number; readonly currency: string; readonly rate_bps: number | null; readonly discount_bps: number; readonly api_endpoint: string | null; readonly chosen_by_model: boolean; readonly status: "presented" | "viewed" | "accepted" | "declined" | "expired" | "withdrawn" | "booked"; readonly reason: string | null; readonly presented_at: string; readonly expires_at: string; readonly viewed_at: string | null; readonly answered_at: string | null; readonly ended_at: string | null; readonly booked_at: string | null; readonly booked_account: string | null; readonly advised_at: string | null; readonly score: number; readonly counts: boolean; readonly arm: string; readonly terms: Readonly<Record<string, unknown>>; readonly decision_id: string; readonly session_id: string | null; readonly history: readonly { readonly number: number; readonly act: string; readonly took_effect: boolean; readonly acted_by: string; readonly acted_at: string; readonly detail: Readonly<Record<string, unknown>> }[]; readonly core: readonly ({ readonly kind: string; readonly outcome: string; readonly status: string; readonly attempts: number; readonly receipt: string | null; readonly trouble: string | null })[] };
  };
  /** The customer accepts it */
  'POST /v1/offers/{id}/accept': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: Readonly<Record<string, unknown>>;
    answer: { readonly offer_id: string; readonly customer: string; readonly action: string; readonly version: number; readonly class: string; readonly product_code: string; readonly channel: string; readonly path: string; readonly code: string; readonly message: string; readonly why: string; readonly amount: number; readonly currency: string; readonly rate_bps: number | null; readonly discount_bps: number; readonly api_endpoint: string | null; readonly chosen_by_model: boolean; readonly status: "presented" | "viewed" | "accepted" | "declined" | "expired" | "withdrawn" | "booked"; readonly reason: string | null; readonly presented_at: string; readonly expires_at: string; readonly viewed_at: string | null; readonly answered_at: string | null; readonly ended_at: string | null; readonly booked_at: string | null; readonly booked_account: string | null; readonly advised_at: string | null; readonly score: number; readonly counts: boolean; readonly arm: string; readonly terms: Readonly<Record<string, unknown>>; readonly decision_id: string; readonly session_id: string | null; readonly history: readonly { readonly number: number; readonly act: string; readonly took_effect: boolean; readonly acted_by: string; readonly acted_at: string; readonly detail: Readonly<Record<string, unknown>> }[]; readonly core: readonly ({ readonly kind: string; readonly outcome: string; readonly status: string; readonly attempts: number; readonly receipt: string | null; readonly trouble: string | null })[] };
  };
  /** The customer does not want it: it is kept from him */
  'POST /v1/offers/{id}/decline': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: { readonly reason?: "not_interested" | "have_it_elsewhere" | "too_expensive" | "not_now" | "do_not_understand" | "other" };
    answer: { readonly offer_id: string; readonly customer: string; readonly action: string; readonly version: number; readonly class: string; readonly product_code: string; readonly channel: string; readonly path: string; readonly code: string; readonly message: string; readonly why: string; readonly amount: number; readonly currency: string; readonly rate_bps: number | null; readonly discount_bps: number; readonly api_endpoint: string | null; readonly chosen_by_model: boolean; readonly status: "presented" | "viewed" | "accepted" | "declined" | "expired" | "withdrawn" | "booked"; readonly reason: string | null; readonly presented_at: string; readonly expires_at: string; readonly viewed_at: string | null; readonly answered_at: string | null; readonly ended_at: string | null; readonly booked_at: string | null; readonly booked_account: string | null; readonly advised_at: string | null; readonly score: number; readonly counts: boolean; readonly arm: string; readonly terms: Readonly<Record<string, unknown>>; readonly decision_id: string; readonly session_id: string | null; readonly history: readonly { readonly number: number; readonly act: string; readonly took_effect: boolean; readonly acted_by: string; readonly acted_at: string; readonly detail: Readonly<Record<string, unknown>> }[]; readonly core: readonly ({ readonly kind: string; readonly outcome: string; readonly status: string; readonly attempts: number; readonly receipt: string | null; readonly trouble: string | null })[] };
  };
  /** The bank takes it back */
  'POST /v1/offers/{id}/withdraw': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: { readonly reason?: "consent_withdrawn" | "action_stopped" | "no_longer_eligible" | "mistake" };
    answer: { readonly offer_id: string; readonly customer: string; readonly action: string; readonly version: number; readonly class: string; readonly product_code: string; readonly channel: string; readonly path: string; readonly code: string; readonly message: string; readonly why: string; readonly amount: number; readonly currency: string; readonly rate_bps: number | null; readonly discount_bps: number; readonly api_endpoint: string | null; readonly chosen_by_model: boolean; readonly status: "presented" | "viewed" | "accepted" | "declined" | "expired" | "withdrawn" | "booked"; readonly reason: string | null; readonly presented_at: string; readonly expires_at: string; readonly viewed_at: string | null; readonly answered_at: string | null; readonly ended_at: string | null; readonly booked_at: string | null; readonly booked_account: string | null; readonly advised_at: string | null; readonly score: number; readonly counts: boolean; readonly arm: string; readonly terms: Readonly<Record<string, unknown>>; readonly decision_id: string; readonly session_id: string | null; readonly history: readonly { readonly number: number; readonly act: string; readonly took_effect: boolean; readonly acted_by: string; readonly acted_at: string; readonly detail: Readonly<Record<string, unknown>> }[]; readonly core: readonly ({ readonly kind: string; readonly outcome: string; readonly status: string; readonly attempts: number; readonly receipt: string | null; readonly trouble: string | null })[] };
  };
  /** How often a customer was spoken to, by what, and what room is left */
  'GET /v1/offers/contacts': {
    path: Record<never, never>;
    query: { readonly customer: string; readonly limit?: number; readonly after?: string };
    body: undefined;
    answer: { readonly customer: string; readonly month_days: number; readonly offers_this_month: number; readonly offers_max: number; readonly days_since_complaint: number; readonly channels: readonly ({ readonly channel: string; readonly offers: number; readonly offers_max: number | null })[]; readonly told: { readonly of_age?: boolean | null; readonly hardship?: boolean | null; readonly bereaved_until?: string | null; readonly days_past_due?: number | null; readonly approval_likelihood_ppm?: number | null; readonly declined_at?: string | null; readonly complained_at?: string | null; readonly time_zone?: string | null; readonly cohort?: string | null; readonly segment?: string | null; readonly tier?: string | null; readonly life_events?: readonly string[] | null }; readonly items: readonly { readonly offer_id: string; readonly action: string; readonly channel: string; readonly path: string; readonly counts: boolean; readonly presented_at: string; readonly status: string }[]; readonly next: string | null };
  };
  /** Tell what the register does not know of a customer */
  'POST /v1/offers/customers/{id}': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: { readonly of_age?: boolean | null; readonly hardship?: boolean | null; readonly bereaved_until?: string | null; readonly days_past_due?: number | null; readonly approval_likelihood_ppm?: number | null; readonly declined_at?: string | null; readonly complained_at?: string | null; readonly time_zone?: string | null; readonly cohort?: string | null; readonly segment?: string | null; readonly tier?: string | null; readonly life_events?: readonly string[] | null };
    answer: { readonly customer: string; readonly month_days: number; readonly offers_this_month: number; readonly offers_max: number; readonly days_since_complaint: number; readonly channels: readonly ({ readonly channel: string; readonly offers: number; readonly offers_max: number | null })[]; readonly told: { readonly of_age?: boolean | null; readonly hardship?: boolean | null; readonly bereaved_until?: string | null; readonly days_past_due?: number | null; readonly approval_likelihood_ppm?: number | null; readonly declined_at?: string | null; readonly complained_at?: string | null; readonly time_zone?: string | null; readonly cohort?: string | null; readonly segment?: string | null; readonly tier?: string | null; readonly life_events?: readonly string[] | null }; readonly items: readonly { readonly offer_id: string; readonly action: string; readonly channel: string; readonly path: string; readonly counts: boolean; readonly presented_at: string; readonly status: string }[]; readonly next: string | null };
  };
  /** Offers to print on statements, account by account */
  'GET /v1/offers/statements': {
    path: Record<never, never>;
    query: { readonly limit?: number; readonly after?: string };
    body: undefined;
    answer: { readonly items: readonly { readonly account_id: string; readonly offer_id: string; readonly customer: string; readonly product_code: string; readonly message: string; readonly code: string; readonly expires_at: string }[]; readonly next: string | null };
  };
  /** All that the bank knows of a customer, and since when */
  'GET /v1/customers/{id}/engagement': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: undefined;
    answer: { readonly customer: string; readonly as_of: string; readonly profile: { readonly kind: string; readonly segment: string; readonly status: string; readonly country: string; readonly since: string; readonly relationship_days: number; readonly known_at: string }; readonly household: { readonly id: string; readonly members: readonly string[]; readonly relationship: readonly { readonly currency: string; readonly deposits: number; readonly debts: number }[] } | null; readonly products: readonly ({ readonly account_id: string; readonly role: string; readonly product_code: string | null; readonly product_name: string | null; readonly kind: string | null; readonly currency: string; readonly booked: number; readonly available: number; readonly since: string })[]; readonly relationship: readonly { readonly currency: string; readonly deposits: number; readonly debts: number }[]; readonly risk: { readonly churn: number | null; readonly churn_known_at: string | null; readonly days_past_due: number | null; readonly hardship: boolean | null }; readonly models: { readonly lifetime_value: { readonly value: number | null; readonly segment: string | null; readonly status: string; readonly program: string; readonly decision_id: string; readonly known_at: string; readonly model: { readonly name: string; readonly version: number } | null } | null; readonly churn: { readonly value: number | null; readonly status: string; readonly program: string; readonly decision_id: string; readonly known_at: string; readonly model: { readonly name: string; readonly version: number } | null } | null; readonly redemption: { readonly value: number | null; readonly by_kind: Readonly<Record<string, number>> | null; readonly status: string; readonly program: string; readonly decision_id: string; readonly known_at: string; readonly model: { readonly name: string; readonly version: number } | null } | null }; readonly consents: readonly ({ readonly purpose: string; readonly channel: string | null; readonly in_effect: boolean; readonly known_at: string })[]; readonly told: { readonly values: Readonly<Record<string, unknown>>; readonly known_at: string | null }; readonly loyalty: readonly ({ readonly program: string; readonly standing: string; readonly unit: string; readonly balance: number; readonly spendable: number; readonly pending: number; readonly worth: number; readonly currency: string; readonly tier: string | null })[]; readonly offers: readonly Readonly<Record<string, unknown>>[]; readonly contacts: Readonly<Record<string, unknown>>; readonly life_events: readonly ({ readonly kind: "large_deposit" | "balance_change" | "loan_paid_off" | "product_maturity" | "home_improvement" | "points_expiring" | "member_at_risk"; readonly source: string; readonly detail: Readonly<Record<string, unknown>>; readonly occurred_at: string; readonly recorded_at: string })[] };
  };
  /** What each action has changed, against those who were not offered it */
  'GET /v1/offers/experiments': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: { readonly holdout: { readonly action: string; readonly arms: readonly { readonly arm: string; readonly n: number; readonly mature: number; readonly opened: number }[]; readonly lift: { readonly verdict: "too_few" | "no_difference" | "better" | "worse"; readonly treated: { readonly value: number; readonly low: number; readonly high: number; readonly n: number } | null; readonly control: { readonly value: number; readonly low: number; readonly high: number; readonly n: number } | null; readonly difference: number | null; readonly low: number | null; readonly high: number | null; readonly z: number; readonly needed_per_arm: number | null }; readonly incremental: number | null; readonly period: string; readonly watched_until: string }; readonly settings: { readonly holdout_bps: number; readonly holdout_months: 1 | 3 | 6 | 12; readonly analysis_days: number; readonly control_bps: number; readonly exploration_bps: number; readonly attribution_days: number; readonly breaker: { readonly complaints_ppm: number; readonly presented_min: number; readonly core_failures: number; readonly window_hours: number } }; readonly items: readonly ({ readonly action: string; readonly arms: readonly { readonly arm: string; readonly n: number; readonly mature: number; readonly opened: number }[]; readonly lift: { readonly verdict: "too_few" | "no_difference" | "better" | "worse"; readonly treated: { readonly value: number; readonly low: number; readonly high: number; readonly n: number } | null; readonly control: { readonly value: number; readonly low: number; readonly high: number; readonly n: number } | null; readonly difference: number | null; readonly low: number | null; readonly high: number | null; readonly z: number; readonly needed_per_arm: number | null }; readonly incremental: number | null })[] };
  };
  /** One action: lift, what chance has taught, ranking and fairness */
  'GET /v1/offers/experiments/{action}': {
    path: { readonly action: string };
    query: Record<never, never>;
    body: undefined;
    answer: { readonly action: string; readonly arms: readonly { readonly arm: string; readonly n: number; readonly mature: number; readonly opened: number }[]; readonly lift: { readonly verdict: "too_few" | "no_difference" | "better" | "worse"; readonly treated: { readonly value: number; readonly low: number; readonly high: number; readonly n: number } | null; readonly control: { readonly value: number; readonly low: number; readonly high: number; readonly n: number } | null; readonly difference: number | null; readonly low: number | null; readonly high: number | null; readonly z: number; readonly needed_per_arm: number | null }; readonly incremental: number | null; readonly window_days: number; readonly as_of: string; readonly off_policy: { readonly n: number; readonly ips: { readonly value: number; readonly error: number }; readonly snips: { readonly value: number; readonly error: number } | null; readonly effective_n: number; readonly clipped: number } | null; readonly ranking: { readonly n: number; readonly qini: number | null; readonly uplift_auc: number | null }; readonly fairness: readonly ({ readonly attribute: string; readonly groups: readonly ({ readonly group: string; readonly n: number; readonly favourable_rate: number; readonly impact_ratio: number | null; readonly impact_z: number | null; readonly is_flagged: boolean })[] })[] };
  };
  /** Say who is held out, and when offers stop by themselves */
  'POST /v1/offers/experiments/settings': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: { readonly holdout_bps: number; readonly holdout_months: 1 | 3 | 6 | 12; readonly analysis_days: number; readonly control_bps: number; readonly exploration_bps: number; readonly attribution_days: number; readonly breaker: { readonly complaints_ppm: number; readonly presented_min: number; readonly core_failures: number; readonly window_hours: number }; readonly approval_id?: string };
    answer: { readonly settings: { readonly holdout_bps: number; readonly holdout_months: 1 | 3 | 6 | 12; readonly analysis_days: number; readonly control_bps: number; readonly exploration_bps: number; readonly attribution_days: number; readonly breaker: { readonly complaints_ppm: number; readonly presented_min: number; readonly core_failures: number; readonly window_hours: number } } };
  };
  /** Tell protected groups of customers, to see whom offers reach */
  'POST /v1/offers/experiments/groups': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: { readonly groups: readonly { readonly customer: string; readonly attribute: string; readonly group: string }[] };
    answer: { readonly told: number };
  };
  /** Whether settings could be put in force, and what they would do */
  'POST /v1/offers/experiments/settings/check': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: { readonly holdout_bps: number; readonly holdout_months: 1 | 3 | 6 | 12; readonly analysis_days: number; readonly control_bps: number; readonly exploration_bps: number; readonly attribution_days: number; readonly breaker: { readonly complaints_ppm: number; readonly presented_min: number; readonly core_failures: number; readonly window_hours: number } };
    answer: { readonly is_right: boolean; readonly flaws: readonly { readonly pointer: string; readonly detail: string }[]; readonly remarks: readonly string[] };
  };
  /** What was offered, what came of it, and what it has changed */
  'GET /v1/offers/dashboard': {
    path: Record<never, never>;
    query: { readonly days?: number };
    body: undefined;
    answer: { readonly as_of: string; readonly from: string; readonly folded_at: string | null; readonly rows: readonly { readonly action: string; readonly channel: string; readonly arm: string; readonly presented: number; readonly viewed: number; readonly accepted: number; readonly declined: number; readonly expired: number; readonly withdrawn: number; readonly booked: number; readonly withheld: number }[]; readonly attribution: { readonly window_days: number; readonly items: readonly { readonly product: string; readonly action: string; readonly opened: number }[] }; readonly holdout: { readonly action: string; readonly arms: readonly { readonly arm: string; readonly n: number; readonly mature: number; readonly opened: number }[]; readonly lift: { readonly verdict: "too_few" | "no_difference" | "better" | "worse"; readonly treated: { readonly value: number; readonly low: number; readonly high: number; readonly n: number } | null; readonly control: { readonly value: number; readonly low: number; readonly high: number; readonly n: number } | null; readonly difference: number | null; readonly low: number | null; readonly high: number | null; readonly z: number; readonly needed_per_arm: number | null }; readonly incremental: number | null }; readonly experiments: readonly ({ readonly action: string; readonly arms: readonly { readonly arm: string; readonly n: number; readonly mature: number; readonly opened: number }[]; readonly lift: { readonly verdict: "too_few" | "no_difference" | "better" | "worse"; readonly treated: { readonly value: number; readonly low: number; readonly high: number; readonly n: number } | null; readonly control: { readonly value: number; readonly low: number; readonly high: number; readonly n: number } | null; readonly difference: number | null; readonly low: number | null; readonly high: number | null; readonly z: number; readonly needed_per_arm: number | null }; readonly incremental: number | null })[]; readonly trigger_to_offer: { readonly n: number; readonly p50_ms: number | null; readonly p95_ms: number | null }; readonly breakers: readonly ({ readonly scope: string; readonly reason: "complaints" | "core_errors" | "drift" | "fairness" | "by_hand"; readonly figures: Readonly<Record<string, number | string>>; readonly opened_by: string; readonly opened_at: string; readonly closed_by: string | null; readonly closed_at: string | null; readonly note: string | null })[] };
  };
  /** Stop the offers of an action, or all of them */
  'POST /v1/offers/breaker/open': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: { readonly scope: string | "*"; readonly note: string };
    answer: { readonly items: readonly ({ readonly scope: string; readonly reason: "complaints" | "core_errors" | "drift" | "fairness" | "by_hand"; readonly figures: Readonly<Record<string, number | string>>; readonly opened_by: string; readonly opened_at: string; readonly closed_by: string | null; readonly closed_at: string | null; readonly note: string | null })[] };
  };
  /** Let offers go on that were stopped: a person alone may */
  'POST /v1/offers/breaker/reset': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: { readonly scope: string | "*"; readonly note: string };
    answer: { readonly items: readonly ({ readonly scope: string; readonly reason: "complaints" | "core_errors" | "drift" | "fairness" | "by_hand"; readonly figures: Readonly<Record<string, number | string>>; readonly opened_by: string; readonly opened_at: string; readonly closed_by: string | null; readonly closed_at: string | null; readonly note: string | null })[] };
  };
  /** The last 100 batches, the newest first */
  'GET /v1/offers/batches': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: { readonly items: readonly ({ readonly batch_id: string; readonly channel: string; readonly status: "running" | "allocated" | "done" | "stopped"; readonly after_customer: string; readonly customers: number; readonly candidates: number; readonly withheld: number; readonly presented: number; readonly refused: number; readonly requested_by: string; readonly started_at: string; readonly scored_at: string | null; readonly ended_at: string | null })[] };
  };
  /** Put every customer through the funnel, for one channel */
  'POST /v1/offers/batches': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: { readonly channel: "email" | "sms" | "push" | "phone" | "post" | "in_app" };
    answer: { readonly items: readonly ({ readonly batch_id: string; readonly channel: string; readonly status: "running" | "allocated" | "done" | "stopped"; readonly after_customer: string; readonly customers: number; readonly candidates: number; readonly withheld: number; readonly presented: number; readonly refused: number; readonly requested_by: string; readonly started_at: string; readonly scored_at: string | null; readonly ended_at: string | null })[] };
  };
  /** Stop a batch that is under way */
  'POST /v1/offers/batches/{id}/stop': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: undefined;
    answer: { readonly items: readonly ({ readonly batch_id: string; readonly channel: string; readonly status: "running" | "allocated" | "done" | "stopped"; readonly after_customer: string; readonly customers: number; readonly candidates: number; readonly withheld: number; readonly presented: number; readonly refused: number; readonly requested_by: string; readonly started_at: string; readonly scored_at: string | null; readonly ended_at: string | null })[] };
  };
  /** The core systems: what each can, and how its operations stand now */
  'GET /v1/cores': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: { readonly items: readonly ({ readonly name: string; readonly operations: readonly ({ readonly name: string; readonly about: string; readonly endpoints: readonly ({ readonly endpoint: number; readonly circuit: "closed" | "half_open" | "open"; readonly calls: number; readonly failed: number; readonly turned_away: number; readonly under_way: number; readonly p50_ms: number | null; readonly p95_ms: number | null; readonly failures: readonly ({ readonly class: "invalid" | "missing" | "incomplete" | "stale" | "refused" | "warned" | "unanswered" | "duplicate" | "in_progress" | "locked" | "limited" | "unavailable" | "malformed" | "unauthenticated" | "forbidden" | "internal"; readonly count: number; readonly leads_to: "correct" | "enrich" | "escalate" | "look_up" | "retry"; readonly about: string })[]; readonly last_failure: { readonly class: string; readonly core_code: string | null } | null })[] })[]; readonly capabilities: readonly { readonly name: string; readonly about: string; readonly has: boolean }[] })[] };
  };
  /** What the core was asked and is still open */
  'GET /v1/cores/moves': {
    path: Record<never, never>;
    query: { readonly limit?: number; readonly after?: string };
    body: undefined;
    answer: { readonly items: readonly ({ readonly command_id: string; readonly idempotency_key: string; readonly core: string; readonly reference: string; readonly core_reference: string | null; readonly state: "sent" | "unknown" | "pending_approval" | "needs_override"; readonly operation: string; readonly overrides: readonly { readonly id: string; readonly code: string; readonly text: string }[]; readonly refusal: string | null; readonly looks: number; readonly is_left: boolean; readonly made_at: string })[]; readonly next: string | null };
  };
  /** Accept what the core warns of */
  'POST /v1/cores/moves/accept': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: { readonly idempotency_key: string; readonly overrides: readonly string[]; readonly approval_id?: string };
    answer: { readonly idempotency_key: string; readonly overrides: readonly string[] };
  };
  /** End a move of which the core knows nothing any more */
  'POST /v1/cores/moves/end': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: { readonly command_id: string; readonly reason: string; readonly approval_id?: string };
    answer: { readonly command_id: string; readonly state: "sent" | "unknown" | "pending_approval" | "needs_override" | "completed" | "rejected" };
  };
  /** Where the book of a core and our mirror of it differ */
  'GET /v1/cores/differences': {
    path: Record<never, never>;
    query: { readonly limit?: number; readonly after?: string; readonly status?: "open" | "ended" };
    body: undefined;
    answer: { readonly items: readonly ({ readonly difference_id: string; readonly core: string; readonly kind: "balance" | "missing" | "not_mirrored"; readonly core_id: string; readonly account_id: string | null; readonly currency: string | null; readonly ours: number | null; readonly theirs: number | null; readonly core_event: string | null; readonly reason: string | null; readonly found_at: string; readonly ended_at: string | null })[]; readonly next: string | null };
  };
  /** Have events sent to a URL, signed */
  'POST /v1/webhooks': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: { readonly url: string; readonly types: readonly string[]; readonly description?: string };
    answer: { readonly id: string; readonly url: string; readonly types: readonly string[]; readonly description: string; readonly enabled: boolean; readonly secret_version: number; readonly previous_secret_until: string | null; readonly position: number; readonly behind: number; readonly pending: number; readonly dead: number; readonly created_at: string; readonly secret: string };
  };
  /** List the webhooks of the tenant, with how they are doing */
  'GET /v1/webhooks': {
    path: Record<never, never>;
    query: { readonly limit?: number; readonly after?: string };
    body: undefined;
    answer: { readonly items: readonly ({ readonly id: string; readonly url: string; readonly types: readonly string[]; readonly description: string; readonly enabled: boolean; readonly secret_version: number; readonly previous_secret_until: string | null; readonly position: number; readonly behind: number; readonly pending: number; readonly dead: number; readonly created_at: string })[]; readonly next: string | null };
  };
  /** Change a webhook, or switch it off and on */
  'PATCH /v1/webhooks/{id}': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: { readonly url?: string; readonly types?: readonly string[]; readonly description?: string; readonly enabled?: boolean };
    answer: { readonly id: string; readonly url: string; readonly types: readonly string[]; readonly description: string; readonly enabled: boolean; readonly secret_version: number; readonly previous_secret_until: string | null; readonly position: number; readonly behind: number; readonly pending: number; readonly dead: number; readonly created_at: string };
  };
  /** Delete a webhook; nothing more is sent to it */
  'DELETE /v1/webhooks/{id}': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: undefined;
    answer: { readonly id: string };
  };
  /** Read a webhook */
  'GET /v1/webhooks/{id}': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: undefined;
    answer: { readonly id: string; readonly url: string; readonly types: readonly string[]; readonly description: string; readonly enabled: boolean; readonly secret_version: number; readonly previous_secret_until: string | null; readonly position: number; readonly behind: number; readonly pending: number; readonly dead: number; readonly created_at: string };
  };
  /** Make a new signing secret */
  'POST /v1/webhooks/{id}/rotate': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: Readonly<Record<string, unknown>>;
    answer: { readonly id: string; readonly secret_version: number; readonly secret: string };
  };
  /** List deliveries, the newest events first; `status=dead` for dead letters */
  'GET /v1/webhooks/{id}/deliveries': {
    path: { readonly id: string };
    query: { readonly status?: "pending" | "delivered" | "dead"; readonly limit?: number; readonly after?: string };
    body: undefined;
    answer: { readonly items: readonly ({ readonly id: string; readonly event_id: string; readonly event_type: string; readonly position: number; readonly status: "pending" | "delivered" | "dead"; readonly attempts: number; readonly http_status: number | null; readonly failure: "status" | "timeout" | "unreachable" | "target_refused" | "stopped" | "endpoint_disabled" | "endpoint_deleted" | null; readonly latency_ms: number | null; readonly created_at: string; readonly attempted_at: string | null })[]; readonly next: string | null };
  };
  /** Retry dead letters, up to 5,000, the oldest first */
  'POST /v1/webhooks/{id}/deliveries/retry': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: Readonly<Record<string, unknown>>;
    answer: { readonly id: string; readonly replay_id?: string };
  };
  /** Retry one dead letter */
  'POST /v1/webhooks/{id}/deliveries/{delivery_id}/retry': {
    path: { readonly id: string; readonly delivery_id: string };
    query: Record<never, never>;
    body: Readonly<Record<string, unknown>>;
    answer: { readonly id: string; readonly replay_id?: string };
  };
  /** Send an event that is for this webhook alone, whatever its types */
  'POST /v1/webhooks/{id}/ping': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: Readonly<Record<string, unknown>>;
    answer: { readonly id: string; readonly replay_id?: string };
  };
  /** Send everything behind a position again, as far as it matches */
  'POST /v1/webhooks/{id}/replay': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: { readonly after: number };
    answer: { readonly id: string; readonly replay_id?: string };
  };
  /** List replays and how far they are, the newest first */
  'GET /v1/webhooks/{id}/replays': {
    path: { readonly id: string };
    query: { readonly limit?: number; readonly after?: string };
    body: undefined;
    answer: { readonly items: readonly ({ readonly id: string; readonly after: number; readonly position: number; readonly through: number; readonly enqueued: number; readonly status: "running" | "done"; readonly requested_at: string })[]; readonly next: string | null };
  };
  /** What the words mean that the API and the console use */
  'GET /v1/glossary': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: { readonly items: readonly ({ readonly section: string; readonly words: readonly string[]; readonly of: string | null; readonly meaning: string })[] };
  };
  /** List the tools that the caller may call now */
  'GET /v1/tools': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: { readonly items: readonly ({ readonly name: string; readonly title: string; readonly description: string; readonly version: number; readonly effect: "read" | "draft" | "write" | "financial"; readonly input_schema: Readonly<Record<string, unknown>>; readonly output_schema: Readonly<Record<string, unknown>>; readonly purposes: readonly ("servicing" | "fraud" | "compliance" | "audit" | "analytics" | "marketing" | "advice")[] })[] };
  };
  /** Call a tool, as an agent for a customer */
  'POST /v1/tools/{name}': {
    path: { readonly name: string };
    query: Record<never, never>;
    body: Readonly<Record<string, unknown>>;
    answer: { readonly call_id: string; readonly tool: string; readonly status: "done" | "waits"; readonly output?: Readonly<Record<string, unknown>>; readonly proposal?: Readonly<Record<string, unknown>> } | { readonly call_id: string; readonly tool: string; readonly status: "done" | "waits"; readonly output?: Readonly<Record<string, unknown>>; readonly proposal?: Readonly<Record<string, unknown>> } | { readonly ticket_id: string; readonly tool: string; readonly status: "queued" | "running" | "done" | "failed"; readonly location: string };
  };
  /** List all tools, and which of them the bank has approved */
  'GET /v1/tool-registry': {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: { readonly items: readonly ({ readonly name: string; readonly title: string; readonly description: string; readonly version: number; readonly effect: "read" | "draft" | "write" | "financial"; readonly input_schema: Readonly<Record<string, unknown>>; readonly output_schema: Readonly<Record<string, unknown>>; readonly purposes: readonly ("servicing" | "fraud" | "compliance" | "audit" | "analytics" | "marketing" | "advice")[]; readonly owner: string; readonly cost: number; readonly steps?: readonly Readonly<Record<string, unknown>>[]; readonly digest: string; readonly status: "approved" | "changed" | "not_approved"; readonly approved_version: number | null; readonly change: { readonly was: Readonly<Record<string, unknown>> | null; readonly is: Readonly<Record<string, unknown>> } | null })[] };
  };
  /** Let agents call a tool in the form that it has now */
  'POST /v1/tool-registry/{name}/approve': {
    path: { readonly name: string };
    query: Record<never, never>;
    body: { readonly approval_id?: string };
    answer: { readonly name: string; readonly title: string; readonly description: string; readonly version: number; readonly effect: "read" | "draft" | "write" | "financial"; readonly input_schema: Readonly<Record<string, unknown>>; readonly output_schema: Readonly<Record<string, unknown>>; readonly purposes: readonly ("servicing" | "fraud" | "compliance" | "audit" | "analytics" | "marketing" | "advice")[]; readonly owner: string; readonly cost: number; readonly steps?: readonly Readonly<Record<string, unknown>>[]; readonly digest: string; readonly status: "approved" | "changed" | "not_approved"; readonly approved_version: number | null; readonly change: { readonly was: Readonly<Record<string, unknown>> | null; readonly is: Readonly<Record<string, unknown>> } | null };
  };
  /** Keep agents from calling a tool, at once */
  'POST /v1/tool-registry/{name}/withdraw': {
    path: { readonly name: string };
    query: Record<never, never>;
    body: undefined;
    answer: { readonly name: string; readonly title: string; readonly description: string; readonly version: number; readonly effect: "read" | "draft" | "write" | "financial"; readonly input_schema: Readonly<Record<string, unknown>>; readonly output_schema: Readonly<Record<string, unknown>>; readonly purposes: readonly ("servicing" | "fraud" | "compliance" | "audit" | "analytics" | "marketing" | "advice")[]; readonly owner: string; readonly cost: number; readonly steps?: readonly Readonly<Record<string, unknown>>[]; readonly digest: string; readonly status: "approved" | "changed" | "not_approved"; readonly approved_version: number | null; readonly change: { readonly was: Readonly<Record<string, unknown>> | null; readonly is: Readonly<Record<string, unknown>> } | null };
  };
  /** What has become of a call for later: for its agent, acting for the same customer */
  'GET /v1/tool-tickets/{id}': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: undefined;
    answer: { readonly ticket_id: string; readonly tool: string; readonly status: "queued" | "running" | "done" | "failed"; readonly asked_at: string; readonly ended_at: string | null; readonly answer: { readonly call_id: string; readonly tool: string; readonly status: "done" | "waits"; readonly output?: Readonly<Record<string, unknown>>; readonly proposal?: Readonly<Record<string, unknown>> } | null; readonly problem: Readonly<Record<string, unknown>> | null };
  };
  /** How a proposal stands: for its agent, and for people of the bank */
  'GET /v1/proposals/{id}': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: undefined;
    answer: { readonly id: string; readonly agent: string; readonly tool: string; readonly status: "open" | "agreed" | "rejected" | "withdrawn" | "used" | "expired"; readonly waits_for: "customer" | "officers" | null; readonly terms: string; readonly made_at: string; readonly expires_at: string };
  };
  /** Mandates of customers for agents, the newest first */
  'GET /v1/mandates': {
    path: Record<never, never>;
    query: { readonly limit?: number; readonly after?: string; readonly agent?: string; readonly customer?: string };
    body: undefined;
    answer: { readonly items: readonly ({ readonly id: string; readonly agent: string; readonly payment_max: number; readonly daily_max: number; readonly daily_count_max: number; readonly currency: string; readonly payees: readonly string[] | null; readonly given_at: string; readonly valid_until: string; readonly agent_name: string; readonly status: "active" | "ended" | "expired"; readonly ended_at: string | null; readonly used_amount_24h: number; readonly used_count_24h: number; readonly customer: string; readonly given_by: string })[]; readonly next: string | null };
  };
  /** A mandate, and what was taken from it */
  'GET /v1/mandates/{id}': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: undefined;
    answer: { readonly id: string; readonly agent: string; readonly payment_max: number; readonly daily_max: number; readonly daily_count_max: number; readonly currency: string; readonly payees: readonly string[] | null; readonly given_at: string; readonly valid_until: string; readonly agent_name: string; readonly status: "active" | "ended" | "expired"; readonly ended_at: string | null; readonly used_amount_24h: number; readonly used_count_24h: number; readonly customer: string; readonly given_by: string };
  };
  /** List what agents have proposed, the newest first */
  'GET /v1/proposals': {
    path: Record<never, never>;
    query: { readonly status?: string; readonly waits_for?: string; readonly agent?: string; readonly tool?: string; readonly customer?: string; readonly limit?: number; readonly after?: string };
    body: undefined;
    answer: { readonly items: readonly ({ readonly id: string; readonly agent: string; readonly tool: string; readonly status: "open" | "agreed" | "rejected" | "withdrawn" | "used" | "expired"; readonly waits_for: "customer" | "officers" | null; readonly terms: string; readonly made_at: string; readonly expires_at: string; readonly agent_name: string; readonly customer: string; readonly amount: number | null; readonly currency: string | null; readonly approval_id: string | null; readonly ended_at: string | null })[]; readonly next: string | null };
  };
  /** Count proposals by status, whom they wait for, agent and tool */
  'GET /v1/proposals/facets': {
    path: Record<never, never>;
    query: { readonly status?: string; readonly waits_for?: string; readonly agent?: string; readonly tool?: string; readonly customer?: string };
    body: undefined;
    answer: { readonly status: readonly { readonly value: string; readonly count: number }[]; readonly waits_for: readonly { readonly value: string; readonly count: number }[]; readonly agent: readonly { readonly value: string; readonly count: number }[]; readonly tool: readonly { readonly value: string; readonly count: number }[]; readonly total: number; readonly capped: boolean };
  };
  /** Read a proposal with all that it is bound to */
  'GET /v1/proposals/{id}/record': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: undefined;
    answer: { readonly id: string; readonly agent: string; readonly tool: string; readonly status: "open" | "agreed" | "rejected" | "withdrawn" | "used" | "expired"; readonly waits_for: "customer" | "officers" | null; readonly terms: string; readonly made_at: string; readonly expires_at: string; readonly agent_name: string; readonly customer: string; readonly amount: number | null; readonly currency: string | null; readonly approval_id: string | null; readonly ended_at: string | null; readonly version: number; readonly arguments: unknown; readonly arguments_digest: string; readonly decision_id: string; readonly policy_version: string; readonly agreed_by: string | null; readonly agreed_at: string | null; readonly mandate_id: string | null; readonly used: { readonly call_id: string; readonly event_id: string; readonly payment_id: string | null } | null };
  };
  /** List runs of sequences, newest first */
  'GET /v1/sequence-runs': {
    path: Record<never, never>;
    query: { readonly status?: "running" | "waits" | "undoing" | "done" | "undone" | "stuck" | "abandoned"; readonly limit?: number; readonly after?: string };
    body: undefined;
    answer: { readonly items: readonly ({ readonly id: string; readonly agent: string; readonly on_behalf_of: string; readonly tool: string; readonly version: number; readonly purpose: string; readonly status: "running" | "waits" | "undoing" | "done" | "undone" | "stuck" | "abandoned"; readonly turns: readonly ({ readonly step: string; readonly status: string; readonly call_id: string | null })[]; readonly problem: unknown; readonly begun_at: string; readonly moved_at: string })[]; readonly next: string | null };
  };
  /** How far a run of a sequence has come */
  'GET /v1/sequence-runs/{id}': {
    path: { readonly id: string };
    query: Record<never, never>;
    body: undefined;
    answer: { readonly id: string; readonly agent: string; readonly on_behalf_of: string; readonly tool: string; readonly version: number; readonly purpose: string; readonly status: "running" | "waits" | "undoing" | "done" | "undone" | "stuck" | "abandoned"; readonly turns: readonly ({ readonly step: string; readonly status: string; readonly call_id: string | null })[]; readonly problem: unknown; readonly begun_at: string; readonly moved_at: string };
  };
  /** Take what a core, or a relay beside it, has to tell */
  'POST /v1/core-events/{core}': {
    path: { readonly core: string };
    query: { readonly secret?: string };
    body: undefined;
    answer: { readonly kept: number };
  };
};
