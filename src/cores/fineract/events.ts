// What the core tells: a hook calls after a command, unsigned, so its address has a secret in it;
// and the record of commands is read on from where it was, for what no hook has brought.
import { Fault, instantFromText, instantToText, sha256Hex } from '#core';
import type { CoreEvent, Delivered, EventSource } from '../adapter.ts';
import { isSecret } from '../secret.ts';
import { jsonAt, jsonText, readJson, type WireJson } from '../wire.ts';
import { type Fineract, page } from './client.ts';

export function eventsOf(core: Fineract): EventSource {
  const secret = core.options.credentials['hook_secret'];
  return {
    ...(secret === undefined ? {} : { accept: (delivered) => accept(core, secret, delivered) }),
    async poll({ limit, after, signal }) {
      const query = { orderBy: 'id', sortOrder: 'ASC', paged: 'true', includeJson: 'true' };
      const asked = { path: 'audits', query, signal };
      const start = after ?? '0';
      const rows = (await page(core, asked, { limit, after: start }))?.items ?? [];
      const done = rows.filter((row) => jsonText(row, 'processingResult') === 'processed');
      const events = done.flatMap((row) =>
        eventsIn({
          entity: jsonText(row, 'entityName'),
          action: jsonText(row, 'actionName'),
          resource: jsonText(row, 'resourceId'),
          client: jsonText(row, 'clientId'),
          account: accountIn(jsonText(row, 'url')),
          request: readJson(jsonText(row, 'commandAsJson') ?? ''),
          once: `audit ${jsonText(row, 'id') ?? ''}`,
          at: instantOf(core, jsonAt(row, 'madeOnDate')),
        }),
      );
      return { events, cursor: String(Number(start) + rows.length) };
    },
  };
}

function accept(core: Fineract, secret: string, { body, ...of }: Delivered): CoreEvent[] {
  if (!isSecret(of.secret, secret)) {
    throw new Fault('unauthenticated', 'the address of the hook lacks its secret');
  }
  const tenant = core.options.settings?.['tenant'] ?? 'default';
  if (of.headers['fineract-platform-tenantid'] !== tenant) {
    throw new Fault('unauthenticated', 'the hook is of another tenant');
  }
  const json = readJson(body);
  if (json === undefined) throw new Fault('invalid_request', 'a hook has a body of JSON');
  // A command that has failed is told too.
  if (jsonText(json, 'status') === 'Exception') return [];
  const response = jsonAt(json, 'response');
  return eventsIn({
    entity: jsonText(json, 'entityName') ?? of.headers['x-fineract-entity'],
    action: jsonText(json, 'actionName') ?? of.headers['x-fineract-action'],
    resource: jsonText(response, 'resourceId'),
    client: jsonText(json, 'clientId') ?? jsonText(response, 'clientId'),
    account: jsonText(response, 'savingsId'),
    request: jsonAt(json, 'request'),
    once: `hook ${jsonText(json, 'timestamp') ?? sha256Hex(body)}`,
    at: instantOf(core, jsonAt(json, 'timestamp')),
  });
}

type Told = {
  readonly entity: string | undefined;
  readonly action: string | undefined;
  readonly resource: string | undefined;
  readonly client: string | undefined;
  readonly account: string | undefined;
  readonly request: WireJson | undefined;
  /** Names it where it can happen again to the same resource. */
  readonly once: string;
  readonly at: string;
};

/**
 * What is written once has the same id whether a hook or the record tells it; a transfer is told of
 * both accounts. The entries are read: no hook carries them whole.
 */
function eventsIn({ entity = '', action = '', resource = '', ...of }: Told): CoreEvent[] {
  const { client = null, account = null, request, once, at } = of;
  const id = `${entity}.${action}.${resource}`;
  const told = { occurredAt: at, party: client, account };
  switch (entity) {
    case 'ACCOUNTTRANSFER':
      if (action !== 'CREATE') return [];
      return (['fromAccountId', 'toAccountId'] as const).flatMap((side) => {
        const about = jsonText(request, side);
        if (about === undefined) return [];
        const type = 'entry.booked' as const;
        return [{ id: `${id}.${side}`, type, occurredAt: at, account: about, party: null }];
      });
    case 'SAVINGSACCOUNT': {
      const isHold = action === 'HOLDAMOUNT' || action === 'RELEASEAMOUNT';
      if (isHold) return [{ ...told, id, type: 'hold.changed' }];
      const isMoney = action === 'DEPOSIT' || action === 'WITHDRAWAL';
      if (isMoney) return [{ ...told, id, type: 'entry.booked' }];
      return [{ ...told, id: `${id}.${once}`, type: 'account.changed' }];
    }
    case 'CLIENT':
      return [{ ...told, id: `${id}.${once}`, account: null, type: 'party.changed' }];
    case 'LOAN':
      return [{ ...told, id: `${id}.${once}`, account: null, type: 'loan.changed' }];
    default:
      return [];
  }
}

/** `/savingsaccounts/1/transactions?command=holdAmount` */
function accountIn(url: string | undefined): string | undefined {
  return /^\/savingsaccounts\/(\d+)/.exec(url ?? '')?.[1];
}

/** An instant as text, or as seconds; the time of now where it is neither. */
function instantOf({ options: { now } }: Fineract, json: WireJson | undefined): string {
  const text = typeof json === 'string' ? json : '';
  if (/^\d{1,10}(?:\.\d+)?$/.test(text)) return instantToText(Math.floor(Number(text) * 1_000));
  const instant = instantFromText(text);
  return instantToText(instant ?? now());
}
