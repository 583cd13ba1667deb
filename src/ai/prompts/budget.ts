// Budgets: what calls of a day have taken, with what those under way may still take.
import { type Instant, instantToText, type Tx, dayMs } from '#core';
import type { LanguageModel } from '../llm/model.ts';
import type { Prompt } from './file.ts';

/** What one call may take at most. */
export type Reservation = {
  readonly tenant: string;
  readonly prompt: string;
  readonly tokens: number;
  /** Millionths of a minor unit. */
  readonly cost: number;
  readonly latencyMs: number;
};

type Spent = {
  readonly calls: number;
  readonly tokens: number;
  readonly latencyMs: number;
  readonly cost: number;
};

const millionths = 1_000_000;

/** Whether the calls under way fit in the day (UTC) of the prompt, and in that of the bank. */
export async function fitsBudget(
  tx: Tx,
  of: {
    readonly tenant: string;
    readonly prompt: Prompt;
    readonly model: LanguageModel;
    readonly at: Instant;
    /** In this process, with the one that is asked about. */
    readonly running: Iterable<Reservation>;
  },
): Promise<boolean> {
  const { tenant, prompt, model, at, running } = of;
  const { bank, own } = await spentOn(tx, prompt.name, at - (at % dayMs));
  const pending = [...running].filter((each) => each.tenant === tenant);
  const ofBank = withPending(bank, pending);
  const ofPrompt = withPending(
    own,
    pending.filter((each) => each.prompt === prompt.name),
  );
  const { bounds } = prompt;
  const costMax = model.perDay.cost;
  return (
    ofPrompt.calls <= bounds.calls_per_day &&
    ofPrompt.tokens <= bounds.tokens_per_day &&
    ofPrompt.latencyMs <= bounds.seconds_per_day * 1_000 &&
    ofBank.tokens <= model.perDay.tokens &&
    (costMax === undefined || ofBank.cost <= costMax * millionths)
  );
}

function withPending(spent: Spent, pending: readonly Reservation[]): Spent {
  return pending.reduce(
    (sum, { tokens, cost, latencyMs }) => ({
      calls: sum.calls + 1,
      tokens: sum.tokens + tokens,
      latencyMs: sum.latencyMs + latencyMs,
      cost: sum.cost + cost,
    }),
    spent,
  );
}

/** What a prompt has taken of its day (UTC) so far, as the log of its calls says. */
export async function spentToday(tx: Pick<Tx, 'query'>, prompt: string, at: Instant) {
  const { own } = await spentOn(tx, prompt, at - (at % dayMs));
  return { calls: own.calls, tokens: own.tokens, seconds: Math.ceil(own.latencyMs / 1_000) };
}

type SpentRow = Readonly<Record<keyof Spent, number>> & { readonly is_own: boolean };

async function spentOn(tx: Pick<Tx, 'query'>, prompt: string, from: Instant) {
  const { rows } = await tx.query<SpentRow>(
    `select prompt = $1 as is_own, count(*)::float8 as calls,
            sum(input_tokens::float8 + output_tokens) as tokens,
            sum(latency_ms::float8) as "latencyMs", coalesce(sum(cost), 0)::float8 as cost
       from ai.prompt_call
      where tenant_id = core.current_tenant() and asked_at >= $2 group by 1`,
    [prompt, instantToText(from)],
  );
  const none: Spent = { calls: 0, tokens: 0, latencyMs: 0, cost: 0 };
  const own = rows.find(({ is_own }) => is_own) ?? none;
  const others = rows.find(({ is_own }) => !is_own) ?? none;
  const bank = {
    calls: own.calls + others.calls,
    tokens: own.tokens + others.tokens,
    latencyMs: own.latencyMs + others.latencyMs,
    cost: own.cost + others.cost,
  };
  return { own, bank };
}
