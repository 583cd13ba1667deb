// Messages of the FLEXCUBE gateway: read strictly, as its schemas would, and written as it writes.
import { readXml, writeXml, type Xml, xmlAt, type XmlInput, xmlText } from '#core';
import type { SimAnswer, SimRequest } from '../simulator.ts';

export type Fields = { readonly [name: string]: Xml | readonly Xml[] };
export type Said = { readonly code: string; readonly text: string };

export type Header = {
  readonly source: string;
  readonly user: string;
  readonly branch: string;
  readonly id: string;
  readonly correlation: string;
  readonly service: string;
  readonly operation: string;
  readonly trip: string | undefined;
};

export type Request = {
  /** `CREATETRANSACTION_FSFS`. */
  readonly name: string;
  readonly header: Header;
  readonly body: Fields;
};

/** What a service makes of it. Several errors come in blocks of their own. */
export type Outcome = {
  readonly record?: Fields;
  readonly errors?: readonly Said[];
  readonly warnings?: readonly Said[];
  readonly trip?: string;
};

const headerOrder = sequence(
  `SOURCE* UBSCOMP* MSGID* CORRELID USERID* BRANCH* MODULEID SERVICE* OPERATION* SOURCE_OPERATION
   SOURCE_USERID DESTINATION MULTITRIPID FUNCTIONID ACTION MSGSTAT ADDL`,
);

/** A text where the envelope is none that the gateway takes: it answers that as a SOAP fault. */
export function readRequest({ method, headers, path, body }: SimRequest): Request | string {
  if (method !== 'POST') return 'only POST is served';
  if (!/^text\/xml\b/.test(headers['content-type'] ?? '')) return 'text/xml is expected';
  if (headers['soapaction'] !== '""') return 'the SOAPAction of this binding is empty';
  const envelope = xmlAt(readXml(body), 'Envelope');
  if (!body.includes('"http://schemas.xmlsoap.org/soap/envelope/"')) return 'no SOAP 1.1 envelope';
  const content = xmlAt(envelope, 'Body');
  const names = typeof content === 'object' ? Object.keys(content) : [];
  const [name = ''] = names;
  const request = xmlAt(content, name);
  const header = xmlAt(request, 'FCUBS_HEADER');
  const fields = xmlAt(request, 'FCUBS_BODY');
  if (names.length !== 1 || !/^[A-Z]+_(?:FSFS|IOFS)_REQ$/.test(name)) return `no operation ${name}`;
  if (typeof header !== 'object' || typeof fields !== 'object') return 'no header, or no body';
  const wrong = misfit(headerOrder, header);
  if (wrong) return `FCUBS_HEADER: ${wrong}`;
  const service = xmlText(header, 'SERVICE') ?? '';
  const operation = xmlText(header, 'OPERATION') ?? '';
  if (!body.includes(`"http://fcubs.ofss.com/service/${service}"`)) return 'the namespace is wrong';
  if (path !== `/${service}/${service}`) return `${service} is not served at this address`;
  if (!name.startsWith(`${operation.toUpperCase()}_`)) return `${operation} is not what is asked`;
  if (xmlText(header, 'UBSCOMP') !== 'FCUBS') return 'UBSCOMP is FCUBS here';
  return {
    name: name.replace(/_REQ$/, ''),
    header: {
      ...{ service, operation, source: xmlText(header, 'SOURCE') ?? '' },
      ...{ user: xmlText(header, 'USERID') ?? '', branch: xmlText(header, 'BRANCH') ?? '' },
      ...{ id: xmlText(header, 'MSGID') ?? '', correlation: xmlText(header, 'CORRELID') ?? '' },
      trip: xmlText(header, 'MULTITRIPID'),
    },
    body: fields,
  };
}

/** Always 200: whether it went well stands in MSGSTAT. */
export function answerTo({ name, header }: Request, outcome: Outcome): SimAnswer {
  const { record = {}, errors = [], warnings = [], trip } = outcome;
  const isHeld = trip !== undefined;
  const status = errors.length > 0 ? 'FAILURE' : isHeld ? 'WARNING' : 'SUCCESS';
  const head = {
    ...{ SOURCE: header.source, UBSCOMP: 'FCUBS', MSGID: `R${header.id}`, CORRELID: header.id },
    ...{ USERID: header.user, BRANCH: header.branch, MODULEID: '', SERVICE: header.service },
    ...{ OPERATION: header.operation, SOURCE_OPERATION: '', SOURCE_USERID: '' },
    ...{ MULTITRIPID: trip, MSGSTAT: status },
  };
  const body = {
    ...(record as { [part: string]: XmlInput }),
    FCUBS_ERROR_RESP: blocksOf(header, errors),
    FCUBS_WARNING_RESP: warnings.map(({ code, text }) => ({
      WARNING: { WCODE: code, WDESC: text },
    })),
  };
  const answer = {
    '@xmlns': `http://fcubs.ofss.com/service/${header.service}`,
    FCUBS_HEADER: head,
    FCUBS_BODY: body,
  };
  return xmlAnswer(200, { 'S:Body': { [`${name}_RES`]: answer } });
}

/** The schema of tellers has one block with several errors, the others several blocks. */
function blocksOf({ service }: Header, errors: readonly Said[]): readonly XmlInput[] {
  const each = errors.map(({ code, text }) => ({ ECODE: code, EDESC: text }));
  if (service === 'FCUBSRTService') return each.length > 0 ? [{ ERROR: each }] : [];
  return each.map((error) => ({ ERROR: error }));
}

/** SOAP 1.1, 4.4. */
export function soapFault(text: string): SimAnswer {
  const fault = { faultcode: 'S:Client', faultstring: text };
  return xmlAnswer(500, { 'S:Body': { 'S:Fault': fault } });
}

function xmlAnswer(status: number, content: XmlInput): SimAnswer {
  const envelope = { '@xmlns:S': 'http://schemas.xmlsoap.org/soap/envelope/' };
  return {
    status,
    headers: { 'content-type': 'text/xml; charset=utf-8' },
    body: writeXml({ 'S:Envelope': { ...envelope, ...(content as object) } }),
  };
}

// Shapes ------------------------------------------------------------------------------------------

export type Sequence = ReadonlyMap<string, { readonly at: number; readonly isNeeded: boolean }>;

/** `SOURCE* MSGID …`: the elements in their order, with a star what must be there. */
export function sequence(text: string): Sequence {
  const names = text.trim().split(/\s+/);
  return new Map(
    names.map((name, at) => [name.replace('*', ''), { at, isNeeded: name.endsWith('*') }]),
  );
}

/** What does not fit there; undefined where all does. */
export function misfit(shape: Sequence, given: Fields): string | undefined {
  let before = -1;
  for (const name of Object.keys(given)) {
    if (name.startsWith('@')) continue;
    const place = shape.get(name);
    if (!place) return `Invalid element ${name}`;
    if (place.at < before) return `Invalid place of ${name}`;
    before = place.at;
  }
  for (const [name, { isNeeded }] of shape) {
    if (isNeeded && (given[name] === undefined || given[name] === ''))
      return `${name} is mandatory`;
  }
  return undefined;
}
