// What a closed membership has left is forfeited, and what it owes is written off: also what came
// back to it later.
import { dueRounds, generationSql, instantToText, type Tx } from '#core';
import { look, type ProgramAccounts, programAccounts, systemOf } from './accounts.ts';
import { send } from './accrual-send.ts';
import type { ClockworkParts } from './clockwork.ts';
import { type Member, readMember } from './members.ts';
import { forfeitCommand } from './points.ts';
import { lotProjection } from './projection.ts';
import { readStanding, type Standing } from './standing.ts';

type Closed = {
  readonly tenant: string;
  readonly program: string;
  readonly customer: string;
  readonly id: string;
};

const pageSize = 200;
const generation = generationSql(`'${lotProjection.name}'`);

/** Answers what empties all memberships that are closed by now. */
export function forfeiting(parts: ClockworkParts): () => Promise<number> {
  const { clock, onError, database } = parts;
  return dueRounds<Closed>({
    ...{ now: () => clock.now(), onError, pageSize },
    async readPage(after) {
      const { tenant = '', program = '', customer = '' } = after ?? {};
      const { rows } = await database.pool('app').query<Closed>(
        `select m.tenant_id as tenant, m.program, m.customer,
                m.program || ' ' || m.customer as id
           from loyalty.member m join loyalty.standing s on s.tenant_id = m.tenant_id
            and s.generation = ${generation} and s.program = m.program and s.customer = m.customer
          where m.standing = 'closed' and (s.active > 0 or s.pending > 0 or s.owed > 0)
            and (m.tenant_id, m.program, m.customer) > ($1, $2, $3)
          order by m.tenant_id, m.program, m.customer limit ${pageSize}`,
        [tenant, program, customer],
      );
      return rows;
    },
    perform: (closed, isAgain) => perform(parts, closed, isAgain),
  });
}

/** False where policy says no: it is looked at again later. */
async function perform(parts: ClockworkParts, closed: Closed, isAgain: boolean): Promise<boolean> {
  const { tenant, id } = closed;
  const now = parts.clock.now();
  const found = await look(parts, tenant, (tx) => readLeft(tx, closed, now));
  if (found === undefined) return true;
  const { member, program, standing } = found;
  const left = balances.filter((part) => standing[part] > 0);
  if (left.length === 0) return true;
  const versions = balances.map((part) => standing[`${part}_version`]).join('.');
  // A blank, which no caller can send. Another process that sees the same sends the same.
  const key = `forfeit ${id} ${versions}${isAgain ? ` ${instantToText(now)}` : ''}`;
  const { outcome } = await send(
    parts,
    forfeitCommand({
      ...{ by: systemOf(tenant), key, program, member, reason: 'membership_closed' },
      takes: left.map((from) => ({ from, points: standing[from] })),
      expects: Object.fromEntries(
        left.map((part) => [member.accounts[part], standing[`${part}_version`]]),
      ),
    }),
  );
  if (outcome.status === 'accepted') return true;
  // It has moved meanwhile: there is another turn when that is folded.
  return outcome.code === 'account_changed' || outcome.code === 'insufficient_funds';
}

const balances = ['active', 'pending', 'owed'] as const;

type Left = {
  readonly member: Member;
  readonly program: ProgramAccounts;
  readonly standing: Standing;
};

async function readLeft(
  tx: Tx,
  { program, customer }: Closed,
  at: number,
): Promise<Left | undefined> {
  const member = await readMember(tx, program, customer);
  const accounts = await programAccounts(tx, program);
  if (!member || !accounts) return undefined;
  return { member, program: accounts, standing: await readStanding(tx, program, customer, { at }) };
}
