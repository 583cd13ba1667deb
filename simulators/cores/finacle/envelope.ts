// FIXML as the simulated core reads and writes it: the header that it insists on, answers that come
// with status 200 whatever they say, values padded with blanks.
import type { Book } from '../book.ts';
import {
  formatDecimal,
  isoExponent,
  parseDecimal,
  readXml,
  toJsonNumber,
  toMinorUnits,
  writeXml,
  type Xml,
  xmlAt,
  type XmlInput,
  xmlText,
} from '#core';
import type { SimAnswer } from '../simulator.ts';

/** How this bank has set up its core. */
export type Bank = {
  readonly bankId: string;
  readonly branchId: string;
  readonly userId: string;
  readonly password: string;
  readonly relaySecret: string;
  readonly timeZone: string;
  /** Whether a repeated RequestUUID is refused: nothing published says so. */
  readonly refusesRepeated: boolean;
  /** Whether a lien that holds nothing is still told. */
  readonly listsEmptyLiens: boolean;
};

/** The message of a request that is in order. */
export type Asked = {
  readonly uuid: string;
  readonly service: string;
  readonly body: Xml;
};

/** What a service answers: the element of its response, or why not. */
export type Said =
  | { readonly told: Readonly<Record<string, XmlInput | readonly XmlInput[]>> }
  | { readonly refused: Refused };
export type Refused = { readonly code: string; readonly text: string; readonly source?: string };

export function refuse(code: string, text: string, source = ''): Said {
  return { refused: { code, text, source } };
}

/** A rule on what is sent has been broken; caught where requests are handled. */
export function insist(condition: boolean, why: string): asserts condition {
  if (!condition) throw new Error(why);
}

export function isInsistence(error: unknown): error is Error {
  return error instanceof Error && error.constructor === Error;
}

// Requests ----------------------------------------------------------------------------------------

const xmlns = 'http://www.finacle.com/fixml';
const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}$/;

/** Throws an insistence where a field is wrong or missing. */
export function readRequest(text: string, bank: Bank): Asked {
  const fixml = xmlAt(readXml(text), 'FIXML');
  insist(fixml !== undefined, 'INVALID XML');
  insist(text.includes(` xmlns="${xmlns}"`), 'INVALID NAMESPACE');
  const header = xmlAt(fixml, 'Header', 'RequestHeader');
  const key = xmlAt(header, 'MessageKey');
  const [uuid, service] = [textOf(key, 'RequestUUID'), textOf(key, 'ServiceRequestId')];
  insist(/^[\w-]{1,36}$/.test(uuid), 'MANDATORY FIELD RequestUUID');
  insist(service !== '', 'MANDATORY FIELD ServiceRequestId');
  insist(textOf(key, 'ServiceRequestVersion') === '10.2', 'INVALID ServiceRequestVersion');
  insist(textOf(key, 'ChannelId') === 'COR', 'INVALID ChannelId');
  const location = `${xmlns} ${service}.xsd`;
  insist(textOf(fixml, '@schemaLocation') === location, 'INVALID schemaLocation');
  const message = xmlAt(header, 'RequestMessageInfo');
  insist(textOf(message, 'BankId') === bank.bankId, 'INVALID BankId');
  insist(instant.test(textOf(message, 'MessageDateTime')), 'INVALID MessageDateTime');
  const token = xmlAt(header, 'Security', 'Token', 'PasswordToken');
  const isKnown =
    textOf(token, 'UserId') === bank.userId && textOf(token, 'Password') === bank.password;
  insist(isKnown, 'INVALID USER ID OR PASSWORD');
  const body = xmlAt(fixml, 'Body', `${service}Request`);
  insist(body !== undefined, `MANDATORY FIELD ${service}Request`);
  return { uuid, service, body };
}

export function textOf(xml: Xml | undefined, ...path: readonly string[]): string {
  return xmlText(xml, ...path) ?? '';
}

/** Throws an insistence where there is none. */
export function need(xml: Xml | undefined, ...path: readonly string[]): string {
  const found = textOf(xml, ...path);
  insist(found !== '', `MANDATORY FIELD ${path.at(-1) ?? ''}`);
  return found;
}

/** `2026-03-31` of midnight that day. */
export function needDay(xml: Xml | undefined, ...path: readonly string[]): string {
  const found = need(xml, ...path);
  insist(/^\d{4}-\d\d-\d\dT00:00:00\.000$/.test(found), `INVALID ${path.at(-1) ?? ''}`);
  return found.slice(0, 10);
}

export function needMoney(xml: Xml | undefined, ...path: readonly string[]) {
  const currency = need(xml, ...path, 'currencyCode');
  const exponent = isoExponent(currency);
  insist(exponent !== undefined, 'INVALID currencyCode');
  const digits = need(xml, ...path, 'amountValue');
  insist(/^\d{1,17}(?:\.\d{1,4})?$/.test(digits), 'INVALID amountValue');
  return { amount: toJsonNumber(parseDecimal(digits, exponent)), currency };
}

// Answers -----------------------------------------------------------------------------------------

export function money(amount: number, currency: string): XmlInput {
  const exponent = isoExponent(currency) ?? 2;
  return {
    amountValue: formatDecimal(toMinorUnits(amount), exponent),
    currencyCode: currency,
  };
}

const clocks = new Map<string, Intl.DateTimeFormat>();

/** What a clock of the bank shows, in seconds. */
export function localTime(instantMs: number, { timeZone }: Pick<Bank, 'timeZone'>): string {
  let shown = clocks.get(timeZone);
  if (!shown) {
    shown = new Intl.DateTimeFormat('sv-SE', {
      ...{ timeZone, dateStyle: 'short', timeStyle: 'medium' },
    });
    clocks.set(timeZone, shown);
  }
  return `${shown.format(instantMs).replace(' ', 'T')}.000`;
}

export function localDay({ clock }: Book, bank: Bank): string {
  return localTime(clock.now(), bank).slice(0, 10);
}

const unsaid = { Id: '', Status: '' };

export function writeAnswer(
  { uuid, service }: Pick<Asked, 'uuid' | 'service'>,
  said: Said | { readonly broken: string },
  { bank, now }: { readonly bank: Bank; readonly now: number },
): SimAnswer {
  const isDone = 'told' in said;
  const header = {
    RequestMessageKey: {
      ...{ RequestUUID: uuid, ServiceRequestId: service, ServiceRequestVersion: '10.2' },
      ChannelId: 'COR',
    },
    ResponseMessageInfo: {
      ...{ BankId: bank.bankId, TimeZone: '', MessageDateTime: localTime(now, bank) },
    },
    UBUSTransaction: isDone ? unsaid : { Id: 'null', Status: 'FAILED' },
    HostTransaction: isDone ? { Id: '', Status: 'SUCCESS' } : { Id: '0000', Status: 'FAILURE' },
    HostParentTransaction: isDone ? unsaid : { Id: 'null', Status: 'null' },
    CustomInfo: '',
  };
  const body: XmlInput = isDone
    ? {
        [`${service}Response`]: {
          ...said.told,
          [`${service}_CustomData`]: '',
        },
      }
    : { Error: errorOf(said) };
  const fixml = {
    ...{ '@xmlns': xmlns, '@xmlns:xsi': 'http://www.w3.org/2001/XMLSchema-instance' },
    '@xsi:schemaLocation': `${xmlns} ${service}.xsd`,
    ...{ Header: { ResponseHeader: header }, Body: body },
  };
  const headers = { 'content-type': 'text/xml;charset=UTF-8' };
  return { status: 200, headers, body: writeXml({ FIXML: fixml }) };
}

function errorOf(said: { readonly refused: Refused } | { readonly broken: string }): XmlInput {
  if ('broken' in said) {
    const detail = { ErrorCode: 'SYS', ErrorDesc: said.broken, ErrorSource: '', ErrorType: 'SOS' };
    return { FISystemException: { ErrorDetail: detail } };
  }
  const { code, text, source = '' } = said.refused;
  const detail = { ErrorCode: code, ErrorDesc: text, ErrorSource: source, ErrorType: 'BE' };
  return { FIBusinessException: { ErrorDetail: detail } };
}
