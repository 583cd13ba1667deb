// What is done about members once a day: policy is asked whom to tell of points that run out, whom
// to win back and who is worth how much, with what models say; the rollout says how far that goes.
import {
  dateIn,
  decisionOperation,
  derivedUuid,
  externalId,
  Fault,
  type Instant,
  isoExponent,
  type Json,
  sha256Hex,
  canonicalJson,
  type Tx,
  withTx,
  dayMs,
} from '#core';
import { loadRollout, readDecisions } from '#policy';
import { look, systemOf } from '../accounts.ts';
import type { CompiledProgram } from '../program/compile.ts';
import { type Burn, readBurns, readHabits } from './burn.ts';
import type { RunParts } from './carry-out.ts';
import { readAbsent } from './leaving.ts';
import { type SignalBody, type SignalKind, signalsMax, useCases } from './signals.ts';
import { termsOf } from './report.ts';
import { monthOf } from './sums.ts';
import { readWorthy } from './worth.ts';

export type Night = {
  readonly tenant: string;
  readonly program: CompiledProgram;
  readonly at: Instant;
  /** Members looked at as about to leave, `absentMax` unless given. */
  readonly membersMax?: number;
};

/** Members whom policy is asked about in a night, of each kind. */
const [absentMax, worthyMax] = [500, 2_000];
const asksAtOnce = 8;

type Candidate = {
  readonly customer: string;
  readonly facts: Readonly<Record<string, Json>>;
  readonly inputs: Readonly<Record<string, number>>;
  readonly told: (
    facts: Readonly<Record<string, unknown>>,
    answers: Readonly<Record<string, Json>>,
  ) => Record<string, Json>;
};

/** Answers of how many members it was told. */
export async function tellMembers(parts: RunParts, night: Night): Promise<number> {
  const settings = await withTx(
    parts.database.pool('policy'),
    (tx) => loadRollout(tx, night.tenant),
    { tenant: night.tenant, readOnly: true },
  );
  const isSet = (kind: SignalKind) =>
    settings.settings.has(useCases[kind]) && !settings.killed.has(useCases[kind]);
  let told = 0;
  if (isSet('burn_suggested')) {
    told += await tell(parts, night, 'burn_suggested', await burning(parts, night));
  }
  if (isSet('at_risk')) told += await tell(parts, night, 'at_risk', await leaving(parts, night));
  if (isSet('valued')) told += await tell(parts, night, 'valued', await worthy(parts, night));
  return told;
}

// Who may be told ---------------------------------------------------------------------------------

async function burning(parts: RunParts, { tenant, program, at }: Night): Promise<Candidate[]> {
  const { document } = program;
  const terms = termsOf(document)?.burn;
  if (!terms) return [];
  const { name, time_zone: timeZone } = document;
  const asked = {
    ...{ program: name, at, month: monthOf(at, timeZone), expiringDays: terms.expiring_days },
    ...{ pointsMin: terms.points_min, membersMax: terms.members_max },
  };
  const read = async (tx: Tx) => {
    const burns = await readBurns(tx, asked);
    const habits = await readHabits(
      tx,
      asked,
      burns.map(({ customer }) => customer),
    );
    return burns.map((burn) => ({ burn, habits: habits.get(burn.customer) }));
  };
  const found = await look(parts, tenant, read);
  return found.map(({ burn, habits }) => ({
    customer: burn.customer,
    facts: { points: burn.points, days_left: daysLeft(burn, at) },
    inputs: habits?.inputs ?? {},
    told: (facts) => ({
      ...{ points: burn.points, first_expires_at: burn.first_expires_at },
      ...{ last_expires_at: burn.last_expires_at, propensities: habits?.propensities ?? null },
      redemption: numberOf(facts['redemption_probability']),
      redemption_status: String(facts['redemption_score_status'] ?? 'fallback'),
    }),
  }));
}

function daysLeft({ first_expires_at }: Burn, at: Instant): number {
  return Math.floor((Date.parse(first_expires_at) - at) / dayMs);
}

async function leaving(parts: RunParts, night: Night): Promise<Candidate[]> {
  const { tenant, program, at, membersMax = absentMax } = night;
  const { name, time_zone: timeZone } = program.document;
  const [month, day] = [monthOf(at, timeZone), dateIn(at, timeZone)];
  const asked = { program: name, at, timeZone, month, day, membersMax };
  const found = await look(parts, tenant, (tx) => readAbsent(tx, asked));
  return found.map(({ customer, spend, daysSince, inputs }) => ({
    ...{ customer, inputs },
    facts: { spend_year: spend, days_since_activity: daysSince },
    told: (facts) => ({
      ...{ spend, days_since_activity: daysSince },
      churn: numberOf(facts['churn_probability']),
      churn_status: String(facts['churn_score_status'] ?? 'fallback'),
    }),
  }));
}

/** Those whose turn in the month it is. */
async function worthy(parts: RunParts, { tenant, program, at }: Night): Promise<Candidate[]> {
  const { name, time_zone: timeZone, currency } = program.document;
  const asked = {
    ...{ program: name, at, timeZone, month: monthOf(at, timeZone), membersMax: worthyMax },
    dayOfMonth: Number(dateIn(at, timeZone).slice(8)),
    unit: 10 ** (isoExponent(currency) ?? 0),
  };
  const found = await look(parts, tenant, (tx) => readWorthy(tx, asked));
  return found.map(({ customer, spend, inputs }) => ({
    ...{ customer, inputs, facts: {} },
    told: (facts, { segment = null }) => ({
      lifetime_value: numberOf(facts['lifetime_value']),
      lifetime_value_status: String(facts['lifetime_value_status'] ?? 'fallback'),
      ...{ segment, spend },
    }),
  }));
}

function numberOf(fact: unknown): number | null {
  return typeof fact === 'number' ? fact : null;
}

// Asking and telling ------------------------------------------------------------------------------

const points = {
  burn_suggested: 'burn-suggestion',
  at_risk: 'member-retention',
  valued: 'customer-value',
} as const;

async function tell(
  parts: RunParts,
  night: Night,
  kind: SignalKind,
  candidates: readonly Candidate[],
): Promise<number> {
  const { tenant, program, at } = night;
  const { name, time_zone: timeZone } = program.document;
  const month = monthOf(at, timeZone);
  const on = dateIn(at, timeZone);
  let count = 0;
  for (let from = 0; from < candidates.length; from += signalsMax) {
    const page = candidates.slice(from, from + signalsMax);
    const members = await askAll(parts, night, kind, page);
    count += members.length;
    const looked = { on, customers: page.map(({ customer }) => customer) };
    const isKept = kind === 'at_risk';
    if (members.length === 0 && !isKept) continue;
    const body = { program: name, kind, month, members, ...(isKept ? { looked } : {}) };
    const digest = sha256Hex(canonicalJson(body as unknown as Json)).slice(0, 16);
    const idempotencyKey = `signal ${kind} ${name} ${month} ${digest}`;
    const sent = { operation: 'loyalty.signal', idempotencyKey, body: body as unknown as Json };
    await parts.execute({ principal: systemOf(tenant), ...sent });
  }
  return count;
}

async function askAll(
  parts: RunParts,
  night: Night,
  kind: SignalKind,
  candidates: readonly Candidate[],
): Promise<SignalBody['members']> {
  const members: SignalBody['members'][number][] = [];
  for (let from = 0; from < candidates.length; from += asksAtOnce) {
    const page = candidates.slice(from, from + asksAtOnce);
    const asked = await Promise.all(page.map((each) => ask(parts, night, kind, each)));
    members.push(...asked.flatMap((each) => each ?? []));
  }
  return members;
}

/** Undefined where policy says no, or has said something today already. */
async function ask(
  { database, execute }: RunParts,
  { tenant, program, at }: Night,
  kind: SignalKind,
  { customer, facts, inputs, told }: Candidate,
) {
  const { name, time_zone: timeZone } = program.document;
  const day = dateIn(at, timeZone);
  const body = { point: points[kind], facts, about: { subject: customer }, model_inputs: inputs };
  const idempotencyKey = `${points[kind]} ${name} ${day} ${customer}`;
  try {
    const principal = systemOf(tenant);
    const sent = { principal, operation: decisionOperation, idempotencyKey, body };
    const { commandId } = await execute(sent);
    const id = derivedUuid(commandId, 'decision', 0);
    const decisions = await look({ database }, tenant, (tx) => readDecisions(tx, [id]));
    const decision = decisions.get(id);
    if (decision?.outcome !== 'allow') return undefined;
    const decision_id = externalId('decision', id);
    return { customer, told: { ...told(decision.facts, decision.answers), decision_id } };
  } catch (error) {
    if (error instanceof Fault && error.code === 'idempotency_key_reused') return undefined;
    throw error;
  }
}
