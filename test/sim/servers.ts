// Servers on one database, which are killed while they work; and clients who ask until they hear.
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Scorer } from '#ai';
import {
  type Clock,
  type Command,
  type Database,
  Fault,
  type Heads,
  type Keyring,
  newCommand,
  openDatabase,
  type Sealer,
  seededRandom,
  startSealer,
  systemRandom,
  temporaryHeads,
  temporaryKeyring,
} from '#core';
import { type Decided, openPlanes, type Planes, type PlanesOptions } from '#main';
import type { Outcome } from '#money';
import pg from 'pg';
import { testDatabase, testPassword } from '../database.ts';
import type { Answer } from './traffic.ts';

export type Servers = {
  readonly url: string;
  readonly superuser: pg.Pool;
  readonly keyring: Keyring;
  readonly count: number;
  /** Sends commands side by side, again and again until each is answered. */
  readonly deliver: (commands: readonly Command[], plan: Plan) => Promise<Answer[]>;
  /** How often a server was killed with commands under way, and what had become of those. */
  readonly kills: { kills: number; disconnects: number; committed: number; lost: number };
  readonly seal: () => Promise<void>;
};

/** Where commands go, by tenant: one server, or several that do the same at the same time. */
export type Plan = {
  readonly route: (tenant: string) => readonly number[];
  readonly strike?: Strike;
};

/** A server dies, and another takes its place; or only loses its connections. */
export type Strike = {
  readonly kind: 'kill' | 'disconnect';
  readonly server: number;
  readonly afterMs: number;
};

type Server = {
  readonly name: string;
  readonly database: Database;
  readonly planes: Planes;
  readonly sealer: Sealer;
};

const serversCount = 2;
const attemptsMax = 20;

type Settled = PromiseSettledResult<Decided>;

/** Once more where a session was ended before: its pool learns of it by a question that fails. */
async function decideIn({ decide }: Planes, command: Command): Promise<Decided> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await decide(command);
    } catch (error) {
      if (!(error instanceof Fault) || !error.retryable || attempt === attemptsMax) throw error;
    }
  }
}

/** Whose rights have changed meanwhile is decided anew, as the path of a write does. */
async function finish(planes: Planes, command: Command, decided: Settled) {
  if (decided.status === 'rejected') throw decided.reason;
  try {
    return await planes.carryOut(decided.value);
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'rights_changed') throw error;
    planes.library.forget(command.tenant);
    return planes.executeCommand(command);
  }
}

export async function openServers(
  t: TestContext,
  seed: number,
  { clock, scorer }: Pick<PlanesOptions, 'clock' | 'scorer'>,
): Promise<Servers> {
  const { url } = await testDatabase(t);
  const superuser = new pg.Pool({ connectionString: url, max: 2 });
  // The database goes before its sessions do.
  superuser.on('error', () => undefined);
  const keyring = temporaryKeyring(seededRandom(seed));
  const heads = temporaryHeads();
  let opened = 0;
  const open = () => {
    opened += 1;
    const name = `server-${opened}`;
    return openServer({ url, keyring, heads, clock, name, ...(scorer ? { scorer } : {}) });
  };
  const running = Array.from({ length: serversCount }, open);
  t.after(async () => {
    for (const { database, sealer } of running) {
      await Promise.all([database.close(), sealer.stop()]);
    }
    await superuser.end();
  });
  const kills = { kills: 0, disconnects: 0, committed: 0, lost: 0 };
  const effects = new Set<string>();

  async function strike({ kind, server, afterMs }: Strike): Promise<void> {
    await sleep(afterMs);
    const struck = running[server] as Server;
    if (kind === 'disconnect') {
      kills.disconnects += 1;
      await terminate(superuser, struck);
      return;
    }
    kills.kills += 1;
    await kill(superuser, struck);
    running[server] = open();
  }

  /** The answer, unless the server was struck before it gave one. */
  async function ask(
    number: number,
    command: Command,
    by: Strike | undefined,
    { isFirst, decided }: { isFirst: boolean; decided: Settled },
  ): Promise<Answer | undefined> {
    try {
      const { planes } = running[number] as Server;
      const done = await finish(planes, command, decided);
      if (done.effects !== null) noteEffects(effects, command);
      return { says: saysOf(done.outcome), command: done.commandId };
    } catch (error) {
      const { code, retryable } = error instanceof Fault ? error : { code: '', retryable: false };
      if (code === 'idempotency_key_reused') return { says: code, command: '' };
      // What is refused while a server is struck may not have been written down.
      const isHurt = isFirst ? by?.kind === 'kill' || error instanceof Fault : retryable;
      if (by?.server === number && isHurt) return undefined;
      if (code === '' || retryable) throw error;
      return { says: code, command: '' };
    }
  }

  async function deliver(commands: readonly Command[], plan: Plan): Promise<Answer[]> {
    const { route, strike: by } = plan;
    const heard: (Answer | undefined)[] = commands.map(() => undefined);
    const hear = async (index: number, asked: Promise<Answer | undefined>) => {
      const answer = await asked;
      if (answer === undefined) return;
      assert.deepEqual(answer, heard[index] ?? answer, 'all servers give the same answer');
      heard[index] = answer;
    };
    const asked = commands.flatMap((command, index) =>
      route(command.tenant).map((number) => ({ command, index, number })),
    );
    // What is read to decide takes its time: all are decided before the first is handed over.
    const decided = await Promise.allSettled(
      asked.map(({ command, number }) => decideIn((running[number] as Server).planes, command)),
    );
    const sent = asked.map(({ command, index, number }, at) =>
      hear(index, ask(number, command, by, { isFirst: true, decided: decided[at] as Settled })),
    );
    await Promise.all([...sent, by && strike(by)]);
    for (let attempt = 1; heard.includes(undefined); attempt += 1) {
      assert.ok(attempt < attemptsMax, 'somebody answers in the end');
      const unheard = commands.filter((_, index) => heard[index] === undefined);
      const committed = await committedOf(superuser, unheard);
      kills.committed += committed.size;
      kills.lost += unheard.length - committed.size;
      const number = by?.server ?? 0;
      const late = commands.flatMap((command, index) => {
        if (heard[index] !== undefined) return [];
        const isThere = committed.has(`${command.tenant} ${command.idempotencyKey}`);
        // What is there is asked for under another id, so that the answer can only be the record's.
        return [{ index, sent: isThere ? renewed(command) : command }];
      });
      const { planes } = running[number] as Server;
      const redecided = await Promise.allSettled(late.map(({ sent }) => decideIn(planes, sent)));
      const again = late.map(({ index, sent }, at) =>
        hear(index, ask(number, sent, by, { isFirst: false, decided: redecided[at] as Settled })),
      );
      await Promise.all(again);
    }
    return heard as Answer[];
  }

  async function seal(): Promise<void> {
    await Promise.any(running.map(({ sealer }) => sealer.sealNow()));
    for (const { planes, sealer } of running) {
      await planes.close();
      await sealer.stop();
    }
  }

  return { url, superuser, keyring, count: serversCount, deliver, kills, seal };
}

type ServerOptions = {
  readonly url: string;
  readonly keyring: Keyring;
  readonly heads: Heads;
  readonly clock: Clock;
  readonly name: string;
  readonly scorer?: Scorer;
};

function openServer({ url, keyring, heads, clock, name, ...more }: ServerOptions): Server {
  const database = openDatabase({ url, password: testPassword, applicationName: name });
  const log = { info: () => undefined, error: () => undefined };
  const sealer = startSealer({ database, keyring, heads, clock, log });
  const onCommit = sealer.poke;
  const random = systemRandom();
  const planes = openPlanes({ ...more, database, keyring, clock, random, onCommit });
  return { name, database, planes, sealer };
}

/** A process that dies opens no more connections, and the server ends those that it had. */
async function kill(superuser: pg.Pool, server: Server): Promise<void> {
  const closed = server.database.close();
  const stopped = server.sealer.stop();
  await terminate(superuser, server);
  await Promise.all([closed, stopped]);
}

/** Returns when the sessions are over: what they did is committed or will never be. */
async function terminate(superuser: pg.Pool, { name }: Server): Promise<void> {
  const struck = await superuser.query<{ pid: number }>(
    `select pid, pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name like $1`,
    [`${name} %`],
  );
  const pids = struck.rows.map(({ pid }) => pid);
  for (;;) {
    const { rows } = await superuser.query('select from pg_stat_activity where pid = any($1)', [
      pids,
    ]);
    if (rows.length === 0) return;
    await sleep(1);
  }
}

async function committedOf(
  superuser: pg.Pool,
  commands: readonly Command[],
): Promise<ReadonlySet<string>> {
  const { rows } = await superuser.query<{ key: string }>(
    `select tenant_id || ' ' || idempotency_key as key from core.command
       join unnest($1::text[], $2::text[]) as u(tenant_id, idempotency_key)
      using (tenant_id, idempotency_key)`,
    [commands.map(({ tenant }) => tenant), commands.map((each) => each.idempotencyKey)],
  );
  return new Set(rows.map(({ key }) => key));
}

function renewed({ principal, operation, body, idempotencyKey, receivedAt }: Command): Command {
  const clock = { now: () => receivedAt };
  const input = { principal, operation, body, idempotencyKey };
  return newCommand(input, { clock, random: systemRandom() });
}

/** One key, one effect: whoever answers later has only read it. */
function noteEffects(effects: Set<string>, command: Command): void {
  const key = `${command.tenant} ${command.idempotencyKey}`;
  assert.ok(!effects.has(key), `${key} has had its effect`);
  effects.add(key);
}

function saysOf(outcome: Outcome): string {
  if (outcome.status === 'accepted') return 'accepted';
  return outcome.leg === undefined ? outcome.code : `${outcome.code} in leg ${outcome.leg}`;
}
