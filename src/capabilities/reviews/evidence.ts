// Evidence: what the system knows around a payment, gathered for whoever has to judge it.
import type { SummaryEvidence } from '#ai';
import {
  generationSql,
  type Instant,
  instantToText,
  internalId,
  type Json,
  nullable,
  type Tx,
} from '#core';
import { readDecisions } from '#policy';
import Type from 'typebox';
import type { CaseRow } from './case.ts';
import { firstCommand } from './commands.ts';
import { type Dimension, dimensionNames, dimensions, linksName } from './links.ts';
import { amountText, kindWords } from './records.ts';

const spanMs = 90 * 86_400_000;
/** Of one device, card or payee; the latest say most. */
const linksMax = 20;
const notesMax = 20;
const householdMax = 20;

/** What is shown to be shared: a household is found by who belongs to it. */
const linkNames = [...dimensionNames, 'household'] as const;
type LinkName = (typeof linkNames)[number];

export const evidenceSchema = Type.Object({
  decision: nullable(
    Type.Object(
      {
        decision_id: Type.String(),
        outcome: Type.String(),
        reasons: Type.Array(Type.String()),
        policy_version: Type.String(),
      },
      { description: 'In whole, with its facts and rules: `GET /v1/decisions/{id}`.' },
    ),
  ),
  score: nullable(
    Type.Object(
      { score_id: Type.String(), value: nullable(Type.Number()) },
      { description: 'With its reasons in the event `score.produced`.' },
    ),
  ),
  links: Type.Array(
    Type.Object({
      dimension: Type.Enum([...linkNames]),
      key: Type.String({ description: 'A token or an id.' }),
      payments: Type.Array(
        Type.Object({
          payment_id: Type.String(),
          at: Type.String({ format: 'date-time' }),
          status: Type.String(),
          outcome: nullable(Type.String()),
          amount: Type.Integer(),
          currency: Type.String(),
          label: nullable(Type.String({ description: 'The last that was recorded.' })),
        }),
      ),
    }),
    { description: 'Other payments of the last 90 days, the latest 20 of each kind.' },
  ),
});
export type Evidence = Type.Static<typeof evidenceSchema>;

/** As a reader of the case's tenant. */
export async function gatherEvidence(tx: Tx, row: CaseRow, at: Instant): Promise<Evidence> {
  const { decision_id, fraud_score } = row.payment;
  const uuid = internalId('decision', decision_id ?? '');
  const decision = uuid ? (await readDecisions(tx, [uuid])).get(uuid) : undefined;
  const scoreId = decision?.model_score_ref ?? null;
  return {
    decision: decision
      ? {
          decision_id: decision.decision_id,
          outcome: decision.outcome,
          reasons: [...decision.reasons],
          policy_version: decision.policy_version,
        }
      : null,
    score: scoreId === null ? null : { score_id: scoreId, value: fraud_score },
    links: await readLinks(tx, row, at),
  };
}

/** A key to look for, and under which name what is found is shown. */
type Key = { readonly name: LinkName; readonly dimension: Dimension; readonly key: string };
type LinkRow = Omit<Evidence['links'][number]['payments'][number], 'at' | 'amount'> & {
  readonly name: LinkName;
  readonly at: Date;
  readonly amount: bigint;
};

async function readLinks(tx: Tx, row: CaseRow, at: Instant): Promise<Evidence['links']> {
  const own = dimensionNames.flatMap((dimension): Key[] => {
    const key = dimensions[dimension](row.payment) ?? null;
    return key === null ? [] : [{ name: dimension, dimension, key }];
  });
  const household = await householdOf(tx, row.payment.debtor);
  const keys = [...own, ...household.keys];
  const { rows } = await tx.query<LinkRow>(
    `select k.name, l.payment_id, l.at, l.status, l.outcome, l.amount, l.currency, b.label
       from unnest($1::text[], $2::text[], $3::text[]) as k(name, dimension, key)
       cross join lateral (
         select * from reviews.case_link c
          where c.tenant_id = core.current_tenant() and c.generation = ${generationSql('$7')}
            and c.dimension = k.dimension and c.key = k.key and c.payment_id <> $4
            and c.at >= $5 and c.at <= $6
          order by c.tenant_position desc limit ${linksMax}) as l
       left join lateral (
         select a.label from ai.label a
          where a.tenant_id = core.current_tenant() and a.generation = ${generationSql("'scores'")}
            and a.command_id = l.command_id
          order by a.tenant_position desc limit 1) as b on true
      order by l.tenant_position desc`,
    [
      keys.map(({ name }) => name),
      keys.map(({ dimension }) => dimension),
      keys.map(({ key }) => key),
      ...[row.payment_id, instantToText(at - spanMs), instantToText(at), linksName],
    ],
  );
  const { id: home } = household;
  const shared: readonly Pick<Key, 'name' | 'key'>[] =
    home === null ? own : [...own, { name: 'household', key: home }];
  return shared.map(({ name, key }) => ({
    dimension: name,
    key,
    payments: rows
      .filter((each) => each.name === name)
      .slice(0, linksMax)
      .map(({ name: _name, ...each }) => ({
        ...each,
        at: instantToText(each.at.getTime()),
        amount: Number(each.amount),
      })),
  }));
}

/** The others who live with who pays, as the register has them. */
async function householdOf(tx: Tx, debtor: string | null) {
  const { rows } = await tx.query<{ id: string; household: string }>(
    `select o.id, o.household from register.party p
       join register.party o on o.tenant_id = p.tenant_id and o.household = p.household
      where p.tenant_id = core.current_tenant() and p.id = $1 and o.id <> p.id
      order by o.id limit ${householdMax}`,
    [debtor],
  );
  return {
    id: rows[0]?.household ?? null,
    keys: rows.map(({ id }): Key => ({ name: 'household', dimension: 'debtor', key: id })),
  };
}

/** What a summary is written from: no more than a reviewer sees. */
export async function summaryEvidence(
  tx: Tx,
  row: CaseRow,
  { decision, score, links }: Evidence,
): Promise<SummaryEvidence> {
  const { payment, queue, kind } = row;
  return {
    queue,
    payment: {
      id: payment.payment_id,
      amount: amountText(payment),
      channel: payment.channel ?? payment.kind,
      state: kindWords[kind],
    },
    decision: decision && { ...decision, id: decision.decision_id },
    score:
      score === null || score.value === null ? null : { id: score.score_id, value: score.value },
    links: links.map(({ dimension, payments }) => ({
      dimension,
      payments: payments.map(({ payment_id: id, status, label }) => ({ id, status, label })),
    })),
    texts: [...(await remittanceOf(tx, row)), ...(await notesOf(tx, row))],
  };
}

/** What the payer has written to the payee: a stranger's words. */
async function remittanceOf(tx: Tx, { payment_id }: CaseRow): Promise<SummaryEvidence['texts']> {
  const text = (await firstCommand(tx, payment_id))?.body.metadata?.['remittance'];
  return text === undefined ? [] : [{ source: payment_id, text }];
}

async function notesOf(tx: Tx, { id }: CaseRow): Promise<SummaryEvidence['texts']> {
  const { rows } = await tx.query<{ source: string; text: string }>(
    `select 'note ' || number as source, detail ->> 'text' as text from reviews.case_act
      where case_id = $1 and act = 'noted' order by number desc limit ${notesMax}`,
    [id],
  );
  return rows;
}

/** What was gathered, by reference: it is kept with the summary for ever. */
export function referencesOf({ decision, score, links }: Evidence): Json {
  return {
    decision_id: decision?.decision_id ?? null,
    score_id: score?.score_id ?? null,
    links: links.map(({ dimension, payments }) => ({
      dimension,
      payment_ids: payments.map(({ payment_id }) => payment_id),
    })),
  };
}
