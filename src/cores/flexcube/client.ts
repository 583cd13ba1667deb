// The wire to FLEXCUBE: SOAP messages of its gateway, one endpoint for each service, and what an
// answer says of itself, which is never in the HTTP status.
import { hostname } from 'node:os';
import { pid } from 'node:process';
import {
  readXml,
  sha256Hex,
  writeXml,
  type Xml,
  xmlAll,
  xmlAt,
  type XmlInput,
  xmlText,
} from '#core';
import type { AdapterOptions } from '../adapter.ts';
import { coreFault, type Failure } from '../failures.ts';
import { malformed, openWire, type WireAnswer, type WireRequest } from '../wire.ts';
import { failureOf, type Said } from './errors.ts';
import type { Bank } from './settings.ts';

export const core = 'flexcube';

/** Mode FSFS sends and gets whole records; IOFS sends a key and gets the record. */
const operations = {
  QueryCustomer: of('Customer', 'CO', 'IOFS', 'Customer-IO', 'Customer-Full'),
  ModifyCustomer: of('Customer', 'CO', 'FSFS', 'Customer-Full', 'Customer-Full'),
  AmountBlocksNew: of('Customer', 'CO', 'FSFS', 'Amount-Blocks-Full', 'Amount-Blocks-Full'),
  AmountBlocksModify: of('Customer', 'CO', 'FSFS', 'Amount-Blocks-Full', 'Amount-Blocks-Full'),
  AmountBlocksClose: of('Customer', 'CO', 'FSFS', 'Amount-Blocks-Full', 'Amount-Blocks-Full'),
  AmountBlocksQuery: of('Customer', 'CO', 'IOFS', 'Amount-Blocks-IO', 'Amount-Blocks-Full'),
  QueryCustAcc: of('Acc', 'AC', 'IOFS', 'Cust-Account-IO', 'Cust-Account-Full'),
  QueryAccBal: of('Acc', 'AC', 'IOFS', 'ACC-Balance', 'ACC-Balance'),
  QueryAccSumm: of('Acc', 'AC', 'IOFS', 'Stvw-Account-Sumary-IO', 'Stvw-Account-Sumary-Full'),
  CreateTransaction: of('RT', 'RT', 'FSFS', 'Transaction-Details', 'Transaction-Details'),
  ReverseTransaction: of('RT', 'RT', 'FSFS', 'Transaction-Details', 'Transaction-Details'),
  QueryTransaction: of('RT', 'RT', 'IOFS', 'Transaction-Details-IO', 'Transaction-Details'),
  CreateAccount: of('CL', 'CL', 'FSFS', 'Account-Master-Full', 'Account-Master-Full'),
  QueryAccount: of('CL', 'CL', 'IOFS', 'Account-Master-IO', 'Account-Master-Full'),
} as const;

export type Call = {
  readonly operation: keyof typeof operations;
  /** Of what is sent; order of members is order of elements. */
  readonly record: XmlInput;
  /** Of the warning that is accepted with this call. */
  readonly trip?: string;
  readonly signal?: AbortSignal | undefined;
};

export type Reply = {
  readonly status: 'SUCCESS' | 'WARNING' | 'FAILURE';
  readonly record: Xml | undefined;
  readonly errors: readonly Said[];
  readonly warnings: readonly Said[];
  /** Under which the same call is sent again to accept the warnings. */
  readonly trip: string | null;
};

export type Client = {
  /** The record, or undefined where there is none. Throws all else. */
  readonly read: (call: Call) => Promise<Xml | undefined>;
  /** Undefined where it may have been done, and nobody knows. Throws where it cannot have. */
  readonly order: (call: Call) => Promise<Reply | undefined>;
  readonly close: () => Promise<void>;
};

export function openClient(options: AdapterOptions, bank: Bank): Client {
  const { authorization } = options.credentials;
  const { url, ca } = options;
  const headers = {
    'content-type': 'text/xml; charset=utf-8',
    soapaction: '""',
    ...(authorization === undefined ? {} : { authorization }),
  };
  const wire = openWire({ core, url, ...(ca === undefined ? {} : { ca }), headers });
  const nextId = messageIds(bank);
  const requestFor = (call: Call, id: string): WireRequest => ({
    method: 'POST',
    path: pathOf(call),
    body: messageOf(call, id, bank),
    signal: call.signal,
  });
  return {
    async read(call) {
      const id = nextId();
      const answer = await wire.ask(requestFor(call, id));
      const failed = httpFailureOf(answer);
      if (failed) throw coreFault(core, failed);
      const reply = readReply(call, answer, id);
      if (!reply) throw malformed(core, `an answer to ${call.operation}`);
      if (reply.status !== 'FAILURE') return reply.record;
      const failure = failureOf(reply.errors, bank.errors);
      if (failure.class === 'missing') return undefined;
      throw coreFault(core, failure);
    },
    async order(call) {
      const id = nextId();
      const answer = await wire.order(requestFor(call, id));
      if (!answer || answer.status >= 500) return undefined;
      const failed = httpFailureOf(answer);
      if (failed) throw coreFault(core, failed);
      return readReply(call, answer, id);
    },
    close: wire.close,
  };
}

// Messages ----------------------------------------------------------------------------------------

function of(
  service: 'Customer' | 'Acc' | 'RT' | 'CL',
  module: string,
  mode: 'FSFS' | 'IOFS',
  sends: string,
  gets: string,
) {
  return { service: `FCUBS${service}Service`, module, mode, sends, gets };
}

/** Another one for each message, whichever process sends it: the gateway refuses one it knows. */
function messageIds({ now }: Bank): () => string {
  const process = `${hostname()} ${pid} ${now()}`;
  let count = 0;
  return () => {
    count += 1;
    return sha256Hex(`${process} ${now()} ${count}`).slice(0, 24).toUpperCase();
  };
}

function pathOf({ operation }: Call): string {
  const { service } = operations[operation];
  return `/${service}/${service}`;
}

/** The gateway reads the header in exactly this order. */
function messageOf({ operation, record, trip }: Call, id: string, bank: Bank): string {
  const { service, module, mode, sends } = operations[operation];
  const header = {
    ...{ SOURCE: bank.source, UBSCOMP: 'FCUBS', MSGID: id, CORRELID: id, USERID: bank.user },
    ...{ BRANCH: bank.branch, MODULEID: module, SERVICE: service, OPERATION: operation },
    ...{ SOURCE_OPERATION: operation, SOURCE_USERID: bank.user, MULTITRIPID: trip },
  };
  const request = {
    '@xmlns': `http://fcubs.ofss.com/service/${service}`,
    FCUBS_HEADER: header,
    FCUBS_BODY: { [sends]: record },
  };
  return writeXml({
    'soapenv:Envelope': {
      '@xmlns:soapenv': 'http://schemas.xmlsoap.org/soap/envelope/',
      'soapenv:Header': '',
      'soapenv:Body': { [`${operation.toUpperCase()}_${mode}_REQ`]: request },
    },
  });
}

// Answers -----------------------------------------------------------------------------------------

/** Of what stands before the gateway, or of a gateway that is down. */
function httpFailureOf({ status, headers, body }: WireAnswer): Failure | undefined {
  if (status < 300) return undefined;
  const code = `HTTP ${status}`;
  const text = 'no message of the gateway';
  if (status === 429) {
    const seconds = Number(headers['retry-after']);
    const wait = seconds > 0 && seconds <= 3_600 ? { retryAfterMs: seconds * 1_000 } : {};
    return { class: 'limited', code, text, ...wait };
  }
  if (status === 401) return { class: 'unauthenticated', code, text };
  if (status === 403) return { class: 'forbidden', code, text };
  if (status === 500) {
    // SOAP 1.1, 6.2: a fault comes with 500.
    return { class: body.includes('Fault') ? 'internal' : 'unavailable', code, text };
  }
  return { class: status > 500 ? 'unavailable' : 'invalid', code, text };
}

/** Undefined for what nobody can read, and for the answer to another message. */
function readReply({ operation }: Call, { body }: WireAnswer, id: string): Reply | undefined {
  const { mode, gets } = operations[operation];
  const name = `${operation.toUpperCase()}_${mode}_RES`;
  const answer = xmlAt(readXml(body), 'Envelope', 'Body', name);
  const header = xmlAt(answer, 'FCUBS_HEADER');
  const status = xmlText(header, 'MSGSTAT');
  if (status !== 'SUCCESS' && status !== 'WARNING' && status !== 'FAILURE') return undefined;
  // A bank may leave it empty.
  const correlation = xmlText(header, 'CORRELID');
  if (correlation !== undefined && correlation !== id) return undefined;
  const content = xmlAt(answer, 'FCUBS_BODY');
  return {
    status,
    record: xmlAt(content, gets),
    errors: saidIn(content, 'ERROR', 'E'),
    warnings: saidIn(content, 'WARNING', 'W'),
    trip: xmlText(header, 'MULTITRIPID') ?? null,
  };
}

/** There may be several blocks, and several in each. */
function saidIn(content: Xml | undefined, kind: 'ERROR' | 'WARNING', letter: 'E' | 'W'): Said[] {
  return xmlAll(content, `FCUBS_${kind}_RESP`)
    .flatMap((block) => xmlAll(block, kind))
    .map((each) => ({
      code: xmlText(each, `${letter}CODE`) ?? 'none',
      text: xmlText(each, `${letter}DESC`) ?? '',
    }));
}
