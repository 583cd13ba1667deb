// FIXML over HTTP: the envelope with its header and password token, and what its answers are.
import { readXml, writeXml, type Xml, xmlAt, type XmlInput, xmlText, dayMs } from '#core';
import type { AdapterOptions } from '../adapter.ts';
import { instantIn, localIn, malformed, openWire } from '../wire.ts';
import {
  coreName,
  type ErrorCodes,
  errorCodes,
  faultOf,
  httpFault,
  meanings,
  type Refusal,
  refusalIn,
} from './errors.ts';

export type Client = {
  readonly settings: Settings;
  /** Undefined where what is named is not there. Throws for every other failure. */
  readonly ask: (
    service: string,
    request: XmlInput,
    signal?: AbortSignal,
  ) => Promise<Told | undefined>;
  /** Undefined where it may have been done or not. Throws where it cannot have. */
  readonly order: (
    service: string,
    uuid: string,
    request: XmlInput,
  ) => Promise<Ordered | undefined>;
  readonly close: () => Promise<void>;
};

/** `body` is the element `…Response`; `at` is when the core has spoken. */
export type Told = { readonly body: Xml; readonly at: string };
export type Ordered = Told | { readonly refused: Refusal };

/** Of the bank: the README says what each is for. */
export type Settings = {
  readonly bankId: string;
  readonly channelId: string;
  readonly timeZone: string;
  readonly now: () => number;
  readonly codes: ErrorCodes;
  readonly branchOf: (account: string) => string;
  /** Whether an order is looked for before it is sent: not where the core refuses a repetition. */
  readonly looksFirst: boolean;
  readonly reversal: 'XferTrnAdd' | 'XferTrnRev';
  readonly lienReason: string;
  /** How far back something is looked for. */
  readonly lookUpMs: number;
  readonly hasLoans: boolean;
  readonly hasContacts: boolean;
};

const schema = 'http://www.finacle.com/fixml';
const path = '/FISERVLET/fihttp';

export function settingsOf({ settings = {}, timeZone = 'UTC', now }: AdapterOptions): Settings {
  const { bankId = '', channelId = 'COR', branchId = '', branchDigits } = settings;
  const { requestUuid = 'unproven', reversal = 'XferTrnAdd', lienReason = '001' } = settings;
  const [from = 1, to = 0] = (branchDigits ?? '').split('-').map(Number);
  const one = (value: string, of: readonly string[], name: string) => {
    if (!of.includes(value))
      throw new Error(`the setting ${name} of finacle is ${of.join(' or ')}`);
  };
  one(requestUuid, ['unproven', 'unique'], 'requestUuid');
  one(reversal, ['XferTrnAdd', 'XferTrnRev'], 'reversal');
  return {
    ...{ bankId, channelId, timeZone, now, lienReason },
    codes: errorCodes(settings['errors']),
    branchOf: (account) => (branchDigits ? account.slice(from - 1, to) : branchId),
    looksFirst: requestUuid === 'unproven',
    reversal: reversal as Settings['reversal'],
    lookUpMs: Number(settings['lookUpDays'] ?? '7') * dayMs,
    hasLoans: settings['loans'] === 'on',
    hasContacts: settings['contacts'] === 'on',
  };
}

export function openClient(options: AdapterOptions): Client {
  const settings = settingsOf(options);
  const wire = openWire({
    ...{ core: coreName, url: options.url },
    ...(options.ca === undefined ? {} : { ca: options.ca }),
    headers: { 'content-type': 'text/xml; charset=UTF-8', accept: 'text/xml' },
  });
  let asked = 0;
  const post = (service: string, uuid: string, request: XmlInput) => ({
    ...{ method: 'POST' as const, path },
    body: envelope({ service, uuid, request }, settings, options.credentials),
  });
  return {
    settings,
    async ask(service, request, signal) {
      asked += 1;
      const uuid = `Inq_${settings.now().toString(36)}_${asked.toString(36)}`;
      const answer = await wire.ask({ ...post(service, uuid, request), signal });
      if (answer.status !== 200) throw httpFault(answer.status, answer.headers);
      const read = readAnswer(answer.body, { service, uuid }, settings);
      if (read === undefined) throw malformed(coreName, `an answer to ${service}`);
      if (!('refused' in read)) return read;
      if (meanings[read.refused.meaning].class === 'missing') return undefined;
      throw faultOf(read.refused);
    },
    async order(service, uuid, request) {
      const answer = await wire.order(post(service, uuid, request));
      if (answer === undefined) return undefined;
      const { status, headers, body } = answer;
      if (status >= 500 || status === 408) return undefined;
      if (status !== 200) throw httpFault(status, headers);
      return readAnswer(body, { service, uuid }, settings);
    },
    close: wire.close,
  };
}

type Named = { readonly service: string; readonly uuid: string };

/** The one place where the password is written. */
function envelope(
  { service, uuid, request }: Named & { readonly request: XmlInput },
  { bankId, channelId, timeZone, now }: Settings,
  { userId = '', password = '' }: AdapterOptions['credentials'],
): string {
  const header = {
    MessageKey: {
      RequestUUID: uuid,
      ServiceRequestId: service,
      ServiceRequestVersion: '10.2',
      ChannelId: channelId,
      LanguageId: '',
    },
    RequestMessageInfo: {
      ...{ BankId: bankId, TimeZone: '', EntityId: '', EntityType: '', ArmCorrelationId: '' },
      MessageDateTime: localIn(timeZone, now()),
    },
    Security: {
      Token: { PasswordToken: { UserId: userId, Password: password } },
      ...{ FICertToken: '', RealUserLoginSessionId: '', RealUser: '', RealUserPwd: '' },
      SSOTransferToken: '',
    },
  };
  return writeXml({
    FIXML: {
      '@xsi:schemaLocation': `${schema} ${service}.xsd`,
      '@xmlns': schema,
      '@xmlns:xsi': 'http://www.w3.org/2001/XMLSchema-instance',
      Header: { RequestHeader: header },
      Body: { [`${service}Request`]: request },
    },
  });
}

/** Undefined for what nobody can read, or what answers another request. */
function readAnswer(
  text: string,
  { service, uuid }: Named,
  { codes, timeZone }: Settings,
): Ordered | undefined {
  const fixml = xmlAt(readXml(text), 'FIXML');
  const header = xmlAt(fixml, 'Header', 'ResponseHeader');
  const key = xmlAt(header, 'RequestMessageKey');
  if (xmlText(key, 'RequestUUID') !== uuid || xmlText(key, 'ServiceRequestId') !== service) {
    return undefined;
  }
  const refused = refusalIn(xmlAt(fixml, 'Body'), codes);
  if (refused) return { refused };
  const body = xmlAt(fixml, 'Body', `${service}Response`);
  const status = xmlText(header, 'HostTransaction', 'Status');
  const spoken = xmlText(header, 'ResponseMessageInfo', 'MessageDateTime');
  const at = instantIn(timeZone, spoken ?? '');
  return body === undefined || status !== 'SUCCESS' || at === undefined ? undefined : { body, at };
}
