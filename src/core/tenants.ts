// Which tenants there are, for what serves them one after the other.
import type { Pool } from './database.ts';

/** In the order of their names. `pool` is of a role that may list them. */
export async function listTenants(pool: Pool): Promise<readonly string[]> {
  const { rows } = await pool.query<{ tenant: string }>(
    'select tenant_id as tenant from core.list_tenants() order by 1',
  );
  return rows.map(({ tenant }) => tenant);
}
