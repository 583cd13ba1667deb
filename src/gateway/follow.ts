// Following a sequence: one governed call after another, each written down before the next. What
// breaks off goes on from there; what cannot go on is taken back, step by step.
import {
  canonicalJson,
  type Clock,
  externalId,
  Fault,
  type Instant,
  type Json,
  type Pool,
  type Tx,
  withTx,
} from '#core';
import { administer, type AgreementParts } from './agreements.ts';
import {
  type AskedCall,
  type GatewayCaller,
  keyPlaces,
  type ToolAnswer,
  type ToolHost,
} from './host.ts';
import { callText } from './ingress.ts';
import { argumentsOf, isFinal, type Known, type Need, type Step } from './sequence.ts';
import {
  type BeginBody,
  type EndBody,
  isOpen,
  type MoveBody,
  readRun,
  readRunByKey,
  type Run,
  runOf,
  type Turn,
} from './sequence-runs.ts';
import type { Given, Tool } from './tool.ts';

export type FollowParts = Pick<AgreementParts, 'execute'> & {
  /** Of the role gateway. */
  readonly pool: Pool;
  readonly clock: Clock;
  readonly call: ToolHost['call'];
  readonly meets: Meets;
};

/** Whether something is so that a step needs. */
export type Meets = (
  need: Need,
  of: { readonly tenant: string; readonly customer: string; readonly at: Instant },
) => Promise<boolean>;

export type Following = Pick<AskedCall, 'idempotencyKey' | 'purpose' | 'signal' | 'traceId'> & {
  readonly caller: GatewayCaller;
  readonly tool: Tool;
  /** With tokens for what is personal. */
  readonly given: Given;
  /** What came as a token. */
  readonly handed: readonly string[];
};

export type Follow = (following: Following) => Promise<Json>;

/** After that a run does not go on, but back; and after as much again it stays as it is. */
const runMaxMs = 86_400_000;
/** Longer answers of steps are in their records alone. */
const outputMaxChars = 4_096;

export function openFollow(parts: FollowParts): Follow {
  // There is one server for a database: nobody else moves a run meanwhile.
  const going = new Set<string>();
  return async (following) => {
    const begun = await started(parts, following);
    if (!isOpen(begun)) return told(following.tool, begun);
    if (going.has(begun.id)) {
      throw new Fault('conflict', 'the sequence is under way: ask again how far it has come');
    }
    going.add(begun.id);
    try {
      const way: Way = { ...parts, ...following, tenant: following.caller.principal.tenant };
      return begun.status === 'undoing' ? await back(way, begun) : await on(way, begun);
    } finally {
      going.delete(begun.id);
    }
  };
}

type Way = FollowParts & Following & { readonly tenant: string };

/** The run of this key, begun now if there is none. */
async function started(parts: FollowParts, following: Following): Promise<Run> {
  const { caller, tool, given, handed, idempotencyKey: key } = following;
  const { purpose = caller.purpose } = following;
  if (key === undefined) {
    const why = `send an idempotency key, by which the run goes on: ${keyPlaces}`;
    throw new Fault('idempotency_key_missing', why);
  }
  const { tenant, id: agent } = caller.principal;
  const customer = caller.onBehalfOf?.subject.customer ?? '';
  const look = (tx: Tx) => readRunByKey(tx, { agent, customer, key });
  const found = await withTx(parts.pool, look, { tenant, readOnly: true });
  if (found) {
    const isSame =
      found.tool === tool.name &&
      found.version === tool.version &&
      found.arguments === callText(given as Json, handed);
    if (isSame) return found;
    throw new Fault('idempotency_key_reused', 'the key is that of another run');
  }
  const body: BeginBody = {
    ...{ agent, customer, consent: caller.onBehalfOf?.consent ?? '', purpose: purpose ?? '' },
    ...{ tool: tool.name, version: tool.version, key, arguments: given, handed },
  };
  // Blanks, which no caller can send: nobody else can have taken the key.
  const once = `begin ${agent} ${customer} ${key}`;
  const { epoch } = caller;
  const begun = await administer(parts, {
    ...{ tenant, operation: 'sequence.begin', key: once, body: body as Json, epoch },
  });
  return expectRun(parts, tenant, runOf(begun));
}

async function expectRun({ pool }: FollowParts, tenant: string, id: string): Promise<Run> {
  const run = await withTx(pool, (tx) => readRun(tx, id), { tenant, readOnly: true });
  if (run) return run;
  throw new Fault('not_found', `there is no run ${id}`);
}

/** Step by step, until all are done, one waits for somebody, or one cannot be done. */
async function on(way: Way, begun: Run): Promise<Json> {
  let run = begun;
  for (const step of way.tool.steps ?? []) {
    if (isDone(run, step)) continue;
    const tried = await attempt(way, run, step).catch(faultOf);
    if (tried instanceof Fault) return back(way, await turn(way, run, { step, fault: tried }));
    if (tried.status === 'waits') {
      const waiting = await wait(way, run, { step, answer: tried });
      return told(way.tool, waiting, tried.proposal as unknown as Json);
    }
    const output = canonicalJson(tried.output).length <= outputMaxChars ? tried.output : null;
    run = await write(way, run, {
      ...{ step: step.id, status: 'done', call_id: tried.callId, output },
      status_then: 'running',
    });
  }
  return told(way.tool, await end(way, run, 'done'));
}

async function attempt(way: Way, run: Run, step: Step): Promise<ToolAnswer> {
  const { clock, meets, tenant } = way;
  const at = clock.now();
  if (at - run.begun_at.getTime() > runMaxMs) {
    throw new Fault('conflict', 'the sequence was not ended within a day');
  }
  for (const need of step.needs ?? []) {
    if (await meets(need, { tenant, customer: run.customer, at })) continue;
    throw new Fault('denied', `the step ${step.id} needs first: ${need}`, {
      detail: { reasons: [`${need}_missing`] },
    });
  }
  return ask(way, run, { tool: step.tool, arguments: step.arguments, key: step.id });
}

type Asking = Pick<Step, 'tool' | 'arguments'> & { readonly key: string };

function ask(way: Way, run: Run, { tool, arguments: declared, key }: Asking): Promise<ToolAnswer> {
  const { call, caller, purpose, signal, traceId } = way;
  const known: Known = { input: way.given as Json, ...Object.fromEntries(run.turns.map(outputOf)) };
  return call(caller, {
    ...{ tool, arguments: argumentsOf(declared, known) as Json, signal },
    idempotencyKey: `${externalId('sequence', run.id)}.${key}`,
    ...(purpose === undefined ? {} : { purpose }),
    ...(traceId === undefined ? {} : { traceId }),
  });
}

function outputOf({ step, output }: Turn): readonly [string, Json] {
  return [step, output];
}

/** What a step has done is taken back by the last first; what cannot be is left to people. */
async function back(way: Way, turned: Run): Promise<Json> {
  let run = turned;
  const done = (way.tool.steps ?? []).filter((step) => isDone(run, step)).toReversed();
  for (const step of done) {
    if (step.undo === undefined || isUndone(run, step)) continue;
    const tried = await ask(way, run, { ...step.undo, key: `${step.id}.undo` }).catch(faultOf);
    if (tried instanceof Fault) return told(way.tool, await end(way, run, 'stuck'));
    if (tried.status === 'waits') {
      return told(way.tool, run, tried.proposal as unknown as Json);
    }
    run = await write(way, run, {
      ...{ step: step.id, status: 'undone', call_id: tried.callId, output: null },
      status_then: 'undoing',
    });
  }
  return told(way.tool, await end(way, run, 'undone'));
}

/** What may come right is tried again, by the agent or by the round that looks after runs. */
function faultOf(error: unknown): Fault {
  if (isFinal(error)) return error;
  throw error;
}

function isDone({ turns }: Run, { id }: Step): boolean {
  return turns.some(({ step, status }) => step === id && status === 'done');
}

function isUndone({ turns }: Run, { id }: Step): boolean {
  return turns.some(({ step, status }) => step === id && status === 'undone');
}

// Writing down ------------------------------------------------------------------------------------

type Moving = Turn & Pick<MoveBody, 'status_then'> & Partial<MoveBody>;

async function write(way: Way, run: Run, moving: Moving): Promise<Run> {
  const run_id = externalId('sequence', run.id);
  const turns = run.turns.length;
  const body: MoveBody = { run_id, turns, proposal_id: null, problem: null, ...moving };
  const key = `move ${run_id} ${turns}`;
  await administer(way, {
    ...{ tenant: way.tenant, operation: 'sequence.move', key, body: body as unknown as Json },
  });
  return expectRun(way, way.tenant, run_id);
}

function turn(way: Way, run: Run, of: { readonly step: Step; readonly fault: Fault }) {
  const { step, fault } = of;
  const problem = { code: fault.code, detail: fault.message, step: step.id };
  const failed = { step: step.id, status: 'failed', call_id: null, output: null } as const;
  return write(way, run, { ...failed, status_then: 'undoing', problem });
}

type Waits = Extract<ToolAnswer, { readonly status: 'waits' }>;

/** Once for each proposal, however often somebody asks. */
async function wait(
  way: Way,
  run: Run,
  { step, answer }: { readonly step: Step; readonly answer: Waits },
): Promise<Run> {
  const { proposal_id } = answer.proposal;
  const last = run.turns.at(-1);
  const isKnown = last?.step === step.id && last.status === 'waits' && run.status === 'waits';
  if (isKnown) return run;
  const waits = { step: step.id, status: 'waits', call_id: answer.callId, output: null } as const;
  return write(way, run, { ...waits, status_then: 'waits', proposal_id });
}

async function end(way: Way, run: Run, status: EndBody['status']): Promise<Run> {
  const run_id = externalId('sequence', run.id);
  const body: EndBody = { run_id, status };
  await administer(way, {
    ...{ tenant: way.tenant, operation: 'sequence.end', key: `end ${run_id}`, body },
  });
  return expectRun(way, way.tenant, run_id);
}

// Telling -----------------------------------------------------------------------------------------

/** Each step as it stands last. */
function told({ steps = [] }: Tool, run: Run, proposal: Json = null): Json {
  const last = new Map(run.turns.map((each) => [each.step, each]));
  return {
    ...{ run_id: externalId('sequence', run.id), status: run.status },
    steps: steps.flatMap(({ id, tool }) => {
      const stands = last.get(id);
      return stands ? [{ ...stands, tool }] : [];
    }),
    ...{ proposal, problem: run.problem },
  };
}
