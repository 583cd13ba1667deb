// Verification of one tenant's log, by a role that sees that tenant's rows alone: for the tenant.
import type { Database } from './database.ts';
import { shareSnapshot } from './log-reader.ts';
import { type Verification, type VerifyOptions, verifySnapshot } from './verify.ts';

export type TenantVerifyOptions = Omit<VerifyOptions, 'url' | 'outside'> & {
  readonly database: Database;
  readonly tenant: string;
  /** Ends it, whatever it is waiting for. */
  readonly signal: AbortSignal;
};

/** One sweep over a large journal takes longer than any question of a caller may. */
const patience =
  'set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0';

/**
 * As `verifyLog`, but for the order among tenants, which nobody sees who sees one of them. What
 * `journal` compares, it reads as the role `read`. Throws the reason of the signal once that is
 * given.
 */
export async function verifyTenantLog(options: TenantVerifyOptions): Promise<Verification> {
  const { database, tenant, signal, ...rest } = options;
  signal.throwIfAborted();
  const [client, reader] = await Promise.all([database.connect('read'), database.connect('read')]);
  const end = () => Promise.all([client.end(), reader.end()]);
  signal.addEventListener('abort', () => void end().catch(() => undefined));
  try {
    await shareSnapshot(client, reader, tenant);
    await Promise.all([client.query(patience), reader.query(patience)]);
    return await verifySnapshot({ ...rest, client, reader, outside: [], isWhole: false });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    await end();
  }
}
