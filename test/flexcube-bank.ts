// A simulated FLEXCUBE with the adapter in front of it, and a gateway that says what a test wants.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { systemClock } from '#core';
import { seedBook } from '../simulators/cores/book.ts';
import { flexcube } from '../simulators/cores/flexcube/flexcube.ts';
import { startSimulator, type Vendor } from '../simulators/cores/simulator.ts';
import type { AdapterOptions, TransferOrder } from '../src/cores/adapter.ts';
import { referenceOf } from '../src/cores/adapter-contract.ts';
import { openFlexcube } from '../src/cores/flexcube/core.ts';

const clock = systemClock();

export const party = '000123456';
export const [debtor, creditor] = ['001-1000000001', '001-1000000002'];

export async function openBank(
  t: TestContext,
  {
    vendor = flexcube,
    ...given
  }: { readonly vendor?: Vendor } & Partial<Omit<AdapterOptions, 'now'>> = {},
) {
  const simulator = await startSimulator(vendor, { clock });
  const { book, url, credentials } = simulator;
  const account = (id: string, of: object = {}) => {
    seedBook(book, { accounts: [{ id, party, currency: 'EUR', balance: 1_000_000, ...of }] });
    return id;
  };
  seedBook(book, { parties: [{ id: party, name: 'Erika Muster' }] });
  account(debtor);
  account(creditor);
  const settings = { ...simulator.settings, ...given.settings };
  const now = () => clock.now();
  const adapter = openFlexcube({ url, credentials, now, ...given, settings });
  t.after(async () => {
    await adapter.close();
    await simulator.close();
  });
  return { ...adapter.operations, events: adapter.events, simulator, book, account };
}

export function orderOf(name: string, of: Partial<TransferOrder> = {}): TransferOrder {
  const sum = { amount: 1_000, currency: 'EUR', valueDate: '2026-03-31' };
  return { reference: referenceOf(name), mark: 'deadbeef', debtor, creditor, ...sum, ...of };
}

/** An adapter whose gateway answers each message with what `answer` makes of its MSGID. */
export async function openCanned(
  t: TestContext,
  answer: (id: string, body: string) => { readonly status?: number; readonly body: string },
) {
  const server = createServer((request, response) => {
    void request.toArray().then((parts) => {
      const sent = Buffer.concat(parts as Buffer[]).toString('utf8');
      const id = /<MSGID>(\w+)</.exec(sent)?.[1] ?? '';
      const { status = 200, body } = answer(id, sent);
      response.writeHead(status, { 'content-type': 'text/xml' }).end(body);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { credentials, settings = {} } = flexcube;
  const adapter = openFlexcube({ url, credentials, settings, now: () => clock.now() });
  t.after(async () => {
    await adapter.close();
    server.closeAllConnections();
    server.close();
  });
  return adapter;
}

/** As the gateway writes it: header members, and the body as it stands. */
export function replyTo(
  operation: string,
  { header, body }: { readonly header: string; readonly body: string },
): string {
  const content = `<FCUBS_HEADER>${header}</FCUBS_HEADER><FCUBS_BODY>${body}</FCUBS_BODY>`;
  const answer = `<${operation}_RES xmlns="urn:any">${content}</${operation}_RES>`;
  return `<S:Envelope xmlns:S="urn:soap"><S:Body>${answer}</S:Body></S:Envelope>`;
}
