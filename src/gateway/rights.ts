// What a tenant has set for its agents, read once for each of its epochs.
import { type Pool, withTx } from '#core';
import { type Approvals, readApprovals } from './registry.ts';

export type AgentRights = {
  readonly status: string;
  /** Calls a minute, by tool. */
  readonly tools: ReadonlyMap<string, number>;
  readonly purposes: readonly string[];
};

export type TenantRights = {
  readonly epoch: bigint;
  readonly approvals: Approvals;
  readonly agents: ReadonlyMap<string, AgentRights>;
};

export type ReadRights = (tenant: string, epoch: bigint) => Promise<TenantRights>;

type AgentRow = {
  readonly agent_id: string;
  readonly status: string;
  readonly purposes: readonly string[];
  readonly tools: readonly { readonly name: string; readonly calls_per_minute: number }[];
};

const tenantsMax = 1_000;
const agentsMax = 10_000;

/** Of the role gateway. Whoever changes rights raises the epoch, and all is read anew. */
export function openRights(pool: Pool): ReadRights {
  const known = new Map<string, Promise<TenantRights>>();

  async function read(tenant: string, epoch: bigint): Promise<TenantRights> {
    return withTx(
      pool,
      async (tx) => {
        const approvals = await readApprovals(tx);
        const { rows } = await tx.query<AgentRow>(
          `select agent_id, status, purposes, tools from gateway.agent
            order by agent_id limit ${agentsMax}`,
        );
        const agents = rows.map(({ agent_id, status, purposes, tools }) => {
          const byTool = new Map(tools.map((tool) => [tool.name, tool.calls_per_minute]));
          return [agent_id, { status, purposes, tools: byTool }] as const;
        });
        return { epoch, approvals, agents: new Map(agents) };
      },
      { tenant, readOnly: true },
    );
  }

  return async (tenant, epoch) => {
    const found = await known.get(tenant)?.catch(() => undefined);
    if (found?.epoch === epoch) return found;
    if (known.size >= tenantsMax) known.clear();
    const reading = read(tenant, epoch);
    known.set(tenant, reading);
    return reading;
  };
}
