// What a relay beside the core tells: nothing is published about events of Finacle, so that this
// form is our own. A relay posts it as JSON or as XML, with a secret that both sides know.
import { Fault, readXml, type Xml, xmlAll, xmlAt } from '#core';
import type { AdapterOptions, CoreEvent, Delivered, EventSource } from '../adapter.ts';
import { isSecret } from '../secret.ts';
import { readJson, type WireJson } from '../wire.ts';
import { instantOf, rowIn, text } from './mapping.ts';

export const secretHeader = 'x-relay-secret';

/** By what the relay calls it. */
const types: Readonly<Record<string, CoreEvent['type']>> = {
  transaction: 'entry.booked',
  lien: 'hold.changed',
  account: 'account.changed',
  customer: 'party.changed',
  loan: 'loan.changed',
};

/** Of one delivery. */
const eventsMax = 1_000;

/** Absent where the bank has agreed on no secret. */
export function eventsOf({ credentials, timeZone = 'UTC' }: AdapterOptions): EventSource {
  const { relaySecret = '' } = credentials;
  if (relaySecret === '') return {};
  return {
    accept(request) {
      if (!isSecret(request.headers[secretHeader], relaySecret)) {
        throw new Fault('unauthenticated', 'the relay has not shown the secret');
      }
      const told = xmlAll(xmlAt(read(request), 'coreEvents'), 'event');
      if (told.length === 0 || told.length > eventsMax) throw unreadable();
      return told.flatMap((each) => eventIn(each, timeZone));
    },
  };
}

function read({ body }: Delivered): Xml | undefined {
  return body.trimStart().startsWith('<') ? readXml(body) : asXml(readJson(body));
}

/** The same members under the same names: only what XML does not know is left out. */
function asXml(json: WireJson | undefined): Xml | undefined {
  if (json === undefined || json === null) return undefined;
  if (typeof json !== 'object') return String(json);
  if (Array.isArray(json)) return undefined;
  const members = Object.entries(json).map(([name, value]): [string, readonly Xml[]] => {
    const list: readonly WireJson[] = Array.isArray(value) ? value : [value as WireJson];
    return [name, list.map(asXml).filter((each) => each !== undefined)];
  });
  return Object.fromEntries(members);
}

/** None for a type that is not for us: a relay may tell more than we know. */
function eventIn(xml: Xml, timeZone: string): CoreEvent[] {
  const [id, name, at] = [text(xml, 'eventId'), text(xml, 'eventType'), text(xml, 'eventDt')];
  if (id === undefined || name === undefined) throw unreadable();
  const type = Object.hasOwn(types, name) ? types[name] : undefined;
  if (type === undefined) return [];
  const details = xmlAt(xml, 'transactionDetails');
  try {
    const entry = details && rowIn(details, timeZone).entry;
    return [
      {
        ...{ id, type, occurredAt: instantOf(at, timeZone) },
        ...{ account: text(xml, 'acid') ?? null, party: text(xml, 'custId') ?? null },
        ...(entry && type === 'entry.booked' ? { entry } : {}),
      },
    ];
  } catch {
    throw unreadable();
  }
}

function unreadable(): Fault {
  return new Fault('invalid_request', 'the relay has told what nobody can read');
}
