// What a claim has given is of its transaction: whatever sends that back takes it back as well.
import { type Json, type Uuid, withTx } from '#core';
import type { JournalBody } from '#money';
import { look, type SystemParts } from './accounts.ts';
import { lotsOf } from './accrual-send.ts';
import type { ClaimRow } from './claims.ts';
import { claimedOf, claimKind } from './claims-finding.ts';

/** Writes it down beside what accrual has given; once, however often it is called. */
export async function keepWithTransaction(
  parts: Pick<SystemParts, 'database'>,
  tenant: string,
  { row, id, body }: { readonly row: ClaimRow; readonly id: Uuid; readonly body: Json },
): Promise<void> {
  const { program, customer, transfer_id: transfer, finding } = row;
  // Whoever gives points for what was sent back means them to stay.
  if (finding.why === 'sent_back') return;
  const found = await look(parts, tenant, (tx) => claimedOf(tx, { program, customer, transfer }));
  const [first] = found?.own ?? [];
  if (!found || !first) return;
  const { legs } = body as unknown as JournalBody;
  const given = legs.flatMap((leg) => (leg.kind === 'post' ? [leg] : []));
  const points = given.reduce((sum, { amount }) => sum + amount, 0);
  const spend = given.reduce((sum, { metadata }) => sum + Number(metadata?.['spend'] ?? 0), 0);
  const part = { points, campaign: null, rules: [], state: 'given', lots: lotsOf(id, legs.length) };
  await withTx(parts.database.pool('app'), async (tx) => {
    // A page of accrual that writes down a return meanwhile is waited for: one of the two sees it.
    await tx.query(`select from core.consumer where name = 'loyalty-accrual' for share`);
    await tx.query(
      `insert into loyalty.earned (tenant_id, program, transfer_id, kind, deal, customer, outcome,
         reason, amount, spend, points, exact, parts, version, earned_at, position, unsettled)
       select $1, $2, $3, $4, $5, $6, 'earned', 'missing_points', $7, $8, $9::bigint,
              $9::bigint::text, $10, $11, $12::timestamptz,
              coalesce(
                (select min(position) from loyalty.earned
                  where tenant_id = $1 and program = $2 and transfer_id = $3),
                (select position from core.consumer where name = 'loyalty-accrual'), 0),
              exists (select from loyalty.returned where tenant_id = $1 and deal = $5)
       on conflict do nothing`,
      [
        ...[tenant, program, transfer, claimKind, first.deal, customer, found.movement.amount],
        ...[spend, points, JSON.stringify([part]), finding.version ?? '', finding.occurred_at],
      ],
    );
  });
}
