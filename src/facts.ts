// Facts: what policy may know of a command, from its body, from its callers, and from itself.
import { entitiesOf, featureInstant, type ModelInputs, type ScoreQuestion } from '#ai';
import {
  assert,
  canonicalJson,
  type Command,
  type Database,
  decisionOperation,
  derivedUuid,
  inTime,
  instantFromText,
  internalId,
  invalidRequest,
  refuseField,
  toolCallOperation,
  type Tx,
  withTx,
} from '#core';
import { paymentKey, paymentOrder, readAgreed, type ToolCallBody } from '#gateway';
import {
  isContinuing,
  isJournal,
  isPayment,
  isPoints,
  type JournalBody,
  ledgerFacts,
  readAmounts,
} from '#money';
import { type ReadGround, presentFacts, presentOperation } from '#offers';
import { isOfPoints, movedFacts } from '#loyalty';
import { initiation, type PaymentBody, readChain, returnFacts, undoneFacts } from '#payments';
import {
  type About,
  approvalsOf,
  type Bench,
  caseApprovals,
  type DecisionBody,
  type DecisionRecord,
  defaultBundles,
  type Facts,
  type OwnFacts,
  ownFacts,
  type Program,
  readDecisions,
  stepUpDone,
} from '#policy';
import { detect, type Finding, isToken } from '#privacy';
import { approvedDecisions } from '#reviews';
import { isAdministration } from '#operations';

/** A question to policy: where it is decided, and on what. */
export type Asked = {
  readonly point: string;
  readonly facts: Facts;
  /** Those that the caller has named, and where in the body. */
  readonly given: Facts;
  readonly at: string;
  readonly about: About;
  /** The same, where the caller has named it. */
  readonly aboutGiven: About;
  /** Facts that follow from the command itself. */
  readonly reserved: ReadonlySet<string>;
  /** What a model may read besides the facts. */
  readonly modelInputs: ModelInputs;
  /** Of the movement: who is behind its accounts, in tokens. */
  readonly metadata: Metadata | null;
  /** When it takes effect; undefined for what does so as it comes. */
  readonly effectiveAt: string | undefined;
  /** Where all was found out at an earlier decision, the score that was read then. */
  readonly recorded?: {
    readonly modelScoreRef: string | null;
    /** What people were shown of it since, and have approved. */
    readonly approved: readonly DecisionRecord[];
  };
};

type Metadata = Readonly<Record<string, string>>;

/** How long policy's own facts may take, in milliseconds: what is late is missing. */
const factsDeadlineMs = 500;

/** For what no caller says anything of. */
const none = {
  given: {},
  at: '',
  about: {},
  aboutGiven: {},
  reserved: new Set<string>(),
  modelInputs: {},
  metadata: null,
  effectiveAt: undefined,
};

type AskingParts = { readonly database: Database; readonly readGround: ReadGround };

/** The point that decides on a command, and what it may know. */
export async function askedOf(
  { database, readGround }: AskingParts,
  command: Command,
): Promise<Asked> {
  const { operation, principal } = command;
  const about = { operation, principal_kind: principal.kind };
  if (operation === presentOperation) return offered({ database, readGround }, command);
  if (isAdministration(operation)) return { point: 'administration', facts: about, ...none };
  if (operation === decisionOperation) {
    const { point, facts, about: whom = {}, model_inputs = {} } = command.body as DecisionBody;
    const told = { given: facts, at: '/facts', aboutGiven: whom, modelInputs: model_inputs };
    return { ...none, point, facts, about: whom, ...told };
  }
  if (operation === toolCallOperation) {
    const { facts, about: whom } = command.body as ToolCallBody;
    return { ...none, point: 'agent-actions', facts, about: whom };
  }
  if (operation === 'payment.resume') return resumed(database, command);
  // What people do by hand is looked at by its amount, be it named or not.
  const isByHand = principal.kind === 'user' && isJournal(operation);
  const isUnsaid = isByHand && isContinuing(command.body as JournalBody);
  const amounts = isUnsaid ? await amountsOf(database, command) : undefined;
  const ledger = ledgerFacts(command, amounts);
  // Last, so that nobody can say them of himself.
  const { approvals, managers } = await approvalsOf(database.pool('policy'), command);
  const pool = database.pool('read');
  if (isPoints(operation)) {
    const of = { ...ledger, ...about, approvals, manager_approvals: managers };
    return { ...none, point: 'loyalty-guardrails', facts: await movedFacts(pool, command, of) };
  }
  const isAgent = principal.kind === 'agent';
  const authority = isAgent ? { agent_authority: await authorityOf(database, command) } : {};
  const ours = { ...ledger, ...about, ...authority, approvals };
  const { payment, legs, metadata, effective_at: effectiveAt } = command.body as JournalBody;
  const of_points = await isOfPoints(pool, command);
  // Whoever says that it is a payment moves points by it no more than anybody else.
  if (!payment || of_points) {
    const undone = await undoneFacts(pool, command);
    return { point: 'ledger-operations', facts: { ...ours, ...undone, of_points }, ...none };
  }
  if (returns.has(operation)) {
    const told = await returnFacts(pool, command);
    return { point: 'payment-returns', facts: { ...payment, ...ours, ...told }, ...none };
  }
  const facts = { ...payment, ...ours, ...stepFacts(command) };
  const reserved = new Set([...Object.keys(ours), ...untold(command)]);
  const point = 'payment-authorization';
  // Of the first leg, as the features that come of it: what a later one names was not used for it.
  const [leg] = legs;
  const own = leg && 'metadata' in leg ? leg.metadata : undefined;
  const movement = { metadata: own ?? metadata ?? null, effectiveAt };
  const at = isPayment(operation) ? '/facts' : '/payment';
  return { ...none, point, facts, given: payment, at, reserved, ...movement };
}

/** An offer: on what we know of the customer ourselves, and whether people have agreed to it. */
async function offered({ database, readGround }: AskingParts, command: Command): Promise<Asked> {
  // First, since it says whether the key of the command is an approval of this very command.
  const { approvals } = await approvalsOf(database.pool('policy'), command);
  const pool = database.pool('read');
  const { facts, about } = await presentFacts({ readGround, pool }, command, approvals);
  return { ...none, point: 'offer-eligibility', facts, about };
}

/**
 * An agent may pay what a proposal says that is agreed to and let through: this very payment, once,
 * while it holds. The body only names it.
 */
async function authorityOf(database: Database, command: Command): Promise<string> {
  const { tenant, principal, operation, body, bodyText, idempotencyKey, receivedAt } = command;
  const { proposal_id = '' } = body as { readonly proposal_id?: string };
  const id = internalId('proposal', proposal_id);
  if (operation !== 'payment.initiate' || id === undefined) return 'none';
  const look = (tx: Tx) => readAgreed(tx, id);
  const agreed = await withTx(database.pool('policy'), look, { tenant, readOnly: true });
  if (!agreed) return 'none';
  const { agent, expires_at, mandate_id } = agreed.proposal;
  const exactly = canonicalJson({ ...initiation(paymentOrder(agreed)), proposal_id });
  const isThis =
    agent === principal.id &&
    idempotencyKey === paymentKey(id) &&
    expires_at.getTime() > receivedAt &&
    exactly === bodyText;
  const authority = mandate_id === null ? 'confirmation' : 'mandate';
  return isThis ? authority : 'none';
}

/** What the caller may not say of a payment, whoever it is. */
function untold({ operation, principal, body }: Command): readonly string[] {
  const { kind } = principal;
  if (!isPayment(operation)) {
    return kind === 'partner' || kind === 'agent' ? [...proven, ...bankKnown] : [];
  }
  // What the first amount was decided on goes for what is added as well.
  if (kind === 'service' || operation === 'payment.increase') return proven;
  if ((body as JournalBody).effective_at !== undefined) {
    refuseField('/effective_at', 'is said by services of the bank alone: it takes effect at once');
  }
  return [...proven, ...bankKnown];
}

/** What nobody may say of a payment: it is found out. */
const proven = ['step_up_done'];
/** What only the bank's own services say of a payment: for everybody else it is looked up. */
const bankKnown = [
  'account_age_days',
  'amount_24h',
  'amount_home',
  'count_1h',
  'customer_kind',
  'new_payee',
  'screening_score',
  'screening_status',
];
const returns: ReadonlySet<string> = new Set([
  'payment.refund',
  'payment.return',
  'payment.charge_back',
]);

/** Of a step whose legs do not say between whom they move: the payment does. */
function stepFacts({ operation, body }: Command): Facts {
  if (operation !== 'payment.increase') return {};
  const { order } = body as PaymentBody;
  const { debtor_account_id, creditor_account_id, amount, currency } = order;
  return {
    account_id: debtor_account_id,
    counter_account_id: creditor_account_id,
    amount,
    currency,
  };
}

/**
 * A payment that was held or reviewed is decided once more on what was known then, by the score
 * that was heard then, and on what has come since: the debtor's confirmation, people's approvals
 * and what they have answered for.
 */
async function resumed(database: Database, { tenant, body }: Command): Promise<Asked> {
  const { payment_id: id = '', held = [] } = body as PaymentBody;
  const { chain, decision, approved } = await withTx(
    database.pool('read'),
    async (tx) => {
      const found = await readChain(tx, id);
      assert(found, 'what is taken up again has begun');
      const first = derivedUuid(found.first.commandId, 'decision', 0);
      const shown = await approvedDecisions(tx, id);
      const decisions = await readDecisions(tx, [first, ...shown]);
      return {
        chain: found,
        decision: decisions.get(first),
        approved: shown.flatMap((each) => decisions.get(each) ?? []),
      };
    },
    { tenant, readOnly: true },
  );
  assert(decision, 'a payment was decided when it began');
  const since = await withTx(
    database.pool('policy'),
    async (tx) => ({
      step_up_done: await stepUpDone(tx, chain.first.commandId),
      approvals: await caseApprovals(tx, id, chain.first.digest),
    }),
    { tenant, readOnly: true },
  );
  const facts = { ...decision.facts, ...since, leg: held.length };
  const recorded = { modelScoreRef: decision.model_score_ref, approved };
  return { ...none, point: decision.point, facts, recorded };
}

function amountsOf(database: Database, { tenant, body }: Command) {
  const look = (tx: Tx) => readAmounts(tx, body as JournalBody);
  return withTx(database.pool('read'), look, { tenant, readOnly: true });
}

/** A fact that the policy does not know would go unheard: whoever sends it is told. */
export function checkGivenFacts(
  { point, given, at, reserved, aboutGiven, modelInputs }: Asked,
  { deciding }: Bench,
): void {
  const facts = Object.keys(given).flatMap((name) => {
    const value = given[name];
    const detail = reserved.has(name)
      ? reservation(name)
      : (flawOf(name, value, deciding) ?? typeFlaw(name, value, { deciding, point }));
    return detail === undefined ? [] : [{ pointer: `${at}/${name}`, detail }];
  });
  const ids = Object.entries(aboutGiven).flatMap(([name, id]) => {
    const [found] = personalIn(id);
    return found ? [{ pointer: `/about/${name}`, detail: lookOf(found) }] : [];
  });
  const inputs = Object.entries(modelInputs).flatMap(([name, value]) => {
    const [found] = personalIn(value);
    return found ? [{ pointer: `/model_inputs/${name}`, detail: lookOf(found) }] : [];
  });
  const errors = [...facts, ...ids, ...inputs];
  if (errors.length > 0) throw invalidRequest(errors);
}

function reservation(name: string): string {
  const isKnown = bankKnown.includes(name);
  const bySystems = 'is said by services of the bank alone: leave it out, or use the key of one';
  return isKnown ? bySystems : 'follows from the command itself';
}

function flawOf(name: string, value: Facts[string], { bundle }: Program): string | undefined {
  if (ownFacts.has(name)) return 'is never taken from a caller: say whom it is about';
  // A tenant's own bundle may look at less than the one that ships: callers need not know.
  const shipped = defaultBundles().get(bundle.name)?.bundle.facts ?? {};
  const isKnown = Object.hasOwn(bundle.facts, name) || Object.hasOwn(shipped, name);
  if (!isKnown) return 'is no fact of the policy';
  // Decisions are kept for ever, so that nobody could ever be erased from them.
  const values = [value].flat().filter((each) => each !== null && each !== undefined);
  if ((bundle.facts[name] ?? shipped[name])?.score) {
    return 'comes from the AI plane, and is never taken from a caller';
  }
  const declared = bundle.facts[name]?.personal;
  if (declared !== undefined && !values.every((each) => isToken(String(each)))) {
    return `is personal (${declared}): send a token for it`;
  }
  const found = values.flatMap(personalIn).at(0);
  return found && lookOf(found);
}

/** A channel that says it wrongly is told so: people are for payments, and not for its mistakes. */
function typeFlaw(
  name: string,
  value: Facts[string],
  { deciding, point }: { readonly deciding: Program; readonly point: string },
): string | undefined {
  const type = deciding.bundle.facts[name]?.type;
  const isLeft = value === null || value === undefined || type === undefined;
  if (point !== 'payment-authorization' || isLeft || type.endsWith('[]')) return undefined;
  const isRight = type === 'integer' ? Number.isSafeInteger(value) : typeof value === type;
  return isRight ? undefined : `must be of type ${type}`;
}

function lookOf(found: Finding): string {
  return `looks like a personal value (${found.class}): send a token for it`;
}

/** A figure may look like many things; only what is as long as a card number is doubted. */
function personalIn(value: unknown): readonly Finding[] {
  if (typeof value === 'string') return detect(value);
  const digits = String(value);
  return /^\d{13,19}$/.test(digits) ? detect(digits).filter((each) => each.class === 'pan') : [];
}

/** What the models of the point are asked; undefined where the policy looks at no score. */
export function scoreQuestionOf(
  { id, tenant, epoch, operation, principal, receivedAt }: Command,
  asked: Asked,
  { deciding }: Bench,
): ScoreQuestion | undefined {
  const { values, statuses } = deciding.scoreFacts;
  if (values.length === 0 && statuses.length === 0) return undefined;
  const { point, facts, modelInputs: inputs, metadata, effectiveAt, about } = asked;
  const accountId = textOf(facts['account_id']);
  const counterAccountId = textOf(facts['counter_account_id']);
  const amount = facts['amount'];
  const parties =
    accountId && counterAccountId
      ? entitiesOf({ debitAccountId: accountId, creditAccountId: counterAccountId, metadata })
      : {};
  // Only the bank's own services say when something has happened: others would choose their past.
  const isTrusted = principal.kind === 'service' && effectiveAt !== undefined;
  const happenedAt = isTrusted ? (instantFromText(effectiveAt) ?? receivedAt) : receivedAt;
  return {
    tenant,
    epoch,
    commandId: id,
    operation,
    point,
    receivedAt,
    facts,
    inputs,
    accountId: accountId ?? null,
    entities: about.subject === undefined ? parties : { ...parties, customer: about.subject },
    asOf: featureInstant(happenedAt, receivedAt),
    amount: typeof amount === 'number' ? amount : null,
    key: about.subject ?? accountId ?? id,
  };
}

function textOf(fact: Facts[string]): string | undefined {
  return typeof fact === 'string' ? fact : undefined;
}

/** What policy knows of whom the question is about; what does not come in time is missing. */
export async function policyFacts(
  read: OwnFacts,
  { tenant, epoch, receivedAt }: Command,
  { about, facts }: Asked,
  bench: Bench,
): Promise<Facts> {
  if (about.subject === undefined) return {};
  const programs = [bench.deciding, ...bench.shadows];
  const isWanted = (fact: string) => programs.some(({ bundle }) => fact in bundle.facts);
  const channel = typeof facts['channel'] === 'string' ? facts['channel'] : undefined;
  const question = { tenant, about, channel, at: receivedAt, epoch };
  return (await inTime(read(question, isWanted), factsDeadlineMs)) ?? {};
}
