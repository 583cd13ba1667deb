// Hooks of a simulated Fineract: after a command, a POST to whoever has asked for it. Nothing in it
// is signed.
import type { Bank, Command, Hook } from './bank.ts';

export function tellHooks(bank: Bank, row: Command, response: unknown): void {
  for (const hook of bank.hooks) {
    if (!isFor(hook, row)) continue;
    bank.push({
      url: hook.url,
      headers: {
        'content-type': 'application/json',
        'x-fineract-entity': row.entity,
        'x-fineract-action': row.action,
        'fineract-platform-tenantid': 'default',
        'x-fineract-endpoint': 'http://core.example/fineract-provider/api',
      },
      body: hookBody(row, response),
    });
  }
}

function isFor({ events }: Hook, { action, entity }: Command): boolean {
  return events.some((of) => of.actionName === action && of.entityName === entity);
}

function hookBody(row: Command, response: unknown): string {
  return JSON.stringify({
    ...{ entityName: row.entity, actionName: row.action, officeId: 1 },
    ...{ createdBy: 1, createdByName: 'mifos', createdByFullName: 'App Administrator' },
    ...(row.clientId === null ? {} : { clientId: row.clientId }),
    ...{ request: parsed(row.json), response, timestamp: new Date(row.madeAt).toISOString() },
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

/** Every command that was carried out, once more. */
export function redeliver(bank: Bank): void {
  for (const row of bank.commands) {
    if (row.result === 'processed') tellHooks(bank, row, { resourceId: row.resourceId });
  }
}
