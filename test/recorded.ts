// The commands that a bank has recorded, as they were fixed at ingress: what a replay feeds in.
import { type Command, type Json, principalOf, sealCommand } from '#core';
import type pg from 'pg';

type CommandRow = {
  tenant_id: string;
  id: string;
  idempotency_key: string;
  operation: string;
  principal: string;
  received_at: Date;
  trace_id: string;
  purpose: string | null;
  body: string;
};

/** In the order of their first effects. */
export async function recordedCommands(superuser: pg.Pool): Promise<Command[]> {
  const { rows } = await superuser.query<CommandRow>(
    `select c.*, e.purpose from core.command c
       join (select tenant_id, body::jsonb #>> '{data,idempotency_key}' as idempotency_key,
               min(seq) as seq, max(body::jsonb #>> '{data,payload,purpose}') as purpose
          from core.event group by 1, 2) e
      using (tenant_id, idempotency_key) order by e.seq`,
  );
  return rows.map((row) =>
    sealCommand({
      id: row.id,
      tenant: row.tenant_id,
      principal: principalOf(row.principal, row.tenant_id),
      receivedAt: row.received_at.getTime(),
      idempotencyKey: row.idempotency_key,
      operation: row.operation,
      body: JSON.parse(row.body) as Json,
      traceId: row.trace_id,
      ...(row.purpose === null ? {} : { purpose: row.purpose }),
    }),
  );
}
