// How many calls of tools one process carries at a time, at most half of them of one tenant: what
// comes beyond is told so at once.
import { Fault } from '#core';
import type { ToolHost } from './host.ts';

export type RoomyHost = ToolHost & { readonly isFull: (tenant: string) => boolean };

/** Two cores answer some hundred a second: what stands behind these would wait for seconds. */
export const usualCallsMax = 200;
const retryMs = 1_000;

/** Throws `overloaded` for a call for which there is no room. */
export function withRoom(host: ToolHost, callsMax: number): RoomyHost {
  const ofTenantMax = Math.ceil(callsMax / 2);
  const ofTenants = new Map<string, number>();
  let underWay = 0;
  const isFull = (tenant: string) =>
    underWay >= callsMax || (ofTenants.get(tenant) ?? 0) >= ofTenantMax;
  const count = (tenant: string, change: 1 | -1) => {
    underWay += change;
    const left = (ofTenants.get(tenant) ?? 0) + change;
    if (left === 0) ofTenants.delete(tenant);
    else ofTenants.set(tenant, left);
  };
  return {
    ...host,
    isFull,
    async call(caller, asked) {
      const { tenant } = caller.principal;
      if (isFull(tenant)) {
        throw new Fault('overloaded', 'too many calls are under way: try again shortly', {
          detail: { retry_after_ms: retryMs },
        });
      }
      count(tenant, 1);
      try {
        return await host.call(caller, asked);
      } finally {
        count(tenant, -1);
      }
    },
  };
}
