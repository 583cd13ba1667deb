// Connecting a bank to its core: which one, where, by which credentials, and whether it answers, so
// that a mistake is told at once and in words that say what to do.
import { type Clock, Fault } from '#core';
import { readFileSync } from 'node:fs';
import type { Adapter, AdapterOptions } from './adapter.ts';
import { vendors } from './vendors.ts';

/** What a person gives. Secrets stand in files, never on a command line. */
export type CoreConnection = {
  /** Of the vendor, such as `mambu`. */
  readonly name: string;
  readonly url: string;
  /** The bank here whose core it is. */
  readonly tenant: string;
  /** JSON: what the README of the adapter asks for, each a text. */
  readonly credentialsFile?: string;
  /** The same, of what is no secret: a branch, a product code. */
  readonly settingsFile?: string;
  /** PEM of a private certificate authority. */
  readonly caFile?: string;
  /** IANA name of the zone in which the core writes its dates. */
  readonly timeZone?: string;
};

export const coreNames: readonly string[] = Object.keys(vendors).sort();

export async function connectCore(connection: CoreConnection, clock: Clock): Promise<Adapter> {
  const { name, credentialsFile, settingsFile, caFile, timeZone } = connection;
  const vendor = Object.hasOwn(vendors, name) ? vendors[name] : undefined;
  if (!vendor) {
    throw new Fault('input_invalid', `--core is one of ${coreNames.join(', ')}, not ${name}`);
  }
  if (timeZone !== undefined) checkZone(timeZone);
  const options: AdapterOptions = {
    url: checkedUrl(connection.url),
    credentials:
      credentialsFile === undefined ? {} : textsIn('--core-credentials', credentialsFile),
    ...(settingsFile === undefined ? {} : { settings: textsIn('--core-settings', settingsFile) }),
    ...(caFile === undefined ? {} : { ca: certificatesIn(caFile) }),
    ...(timeZone === undefined ? {} : { timeZone }),
    now: () => clock.now(),
  };
  const openAdapter = await vendor();
  try {
    return openAdapter(options);
  } catch (cause) {
    if (!(cause instanceof Fault)) throw cause;
    const where = 'in the file of --core-credentials or --core-settings';
    throw new Fault(cause.code, `${cause.message} (${where}, by src/cores/${name}/README.md)`, {
      cause,
    });
  }
}

function checkedUrl(text: string): string {
  const isUrl = URL.canParse(text);
  const url = isUrl ? new URL(text) : undefined;
  const help = 'give one such as https://core.bank.example';
  if (!url || !['http:', 'https:'].includes(url.protocol)) {
    throw new Fault('input_invalid', `--core-url is not an address of a core: ${help}`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new Fault(
      'input_invalid',
      '--core-url carries a name or password: put them into the file of --core-credentials',
    );
  }
  const isHere = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (url.protocol === 'http:' && !isHere) {
    throw new Fault(
      'input_invalid',
      '--core-url is plain HTTP: only a core on this machine may be',
    );
  }
  return text;
}

function checkZone(timeZone: string): void {
  try {
    new Intl.DateTimeFormat('en', { timeZone });
  } catch {
    const help = 'give an IANA name such as Europe/Berlin';
    throw new Fault('input_invalid', `--core-time-zone knows no ${timeZone}: ${help}`);
  }
}

/** A JSON object of texts. What is in the file is in no message. */
function textsIn(option: string, file: string): Readonly<Record<string, string>> {
  const text = fileText(option, file);
  const wrong = new Fault(
    'input_invalid',
    `the file of ${option} is no JSON object whose values are all texts: ${file}`,
  );
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // The parser's own message quotes what it has read.
    throw wrong;
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw wrong;
  if (Object.values(json).some((value) => typeof value !== 'string')) throw wrong;
  return json as Readonly<Record<string, string>>;
}

function certificatesIn(file: string): string {
  const text = fileText('--core-ca', file);
  if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
  throw new Fault('input_invalid', `the file of --core-ca holds no certificate in PEM: ${file}`);
}

function fileText(option: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const { code } = cause as { code?: string };
    const why = code === 'ENOENT' ? 'is not there' : `cannot be read (${code})`;
    throw new Fault('input_invalid', `the file of ${option} ${why}: ${file}`, { cause });
  }
}

// Whether it answers ------------------------------------------------------------------------------

const probeTimeoutMs = 10_000;
/** No core has an account of that name. */
const probeId = '0000000000';

/**
 * Asks for something small. Throws what a person has to put right; answers what may pass by itself,
 * such as a core that is down.
 */
export async function probeCore(
  { operations }: Adapter,
  { name, url, credentialsFile = 'none was given' }: CoreConnection,
): Promise<string | undefined> {
  const signal = AbortSignal.timeout(probeTimeoutMs);
  const { listParties, readAccount } = operations;
  try {
    await (listParties ? listParties({ limit: 1, signal }) : readAccount({ id: probeId, signal }));
    return undefined;
  } catch (error) {
    if (!(error instanceof Fault)) return `the core ${name} has not answered in time at ${url}`;
    const { class: of, core_code: code = '' } = error.detail as Record<string, string | undefined>;
    switch (of) {
      case 'unauthenticated':
      case 'forbidden':
        throw refused(`${error.message}. They were read from: ${credentialsFile}`, error);
      case 'malformed':
        throw refused(`what answers at ${url} is no ${name}: check --core-url (${code})`, error);
      case 'unavailable':
        return notThere(url, code);
      default:
        // It was heard, and had something to say about what was asked.
        return isRefusal(of) ? undefined : `${error.message}, at ${url}`;
    }
  }
}

function isRefusal(of: string | undefined): boolean {
  return of === 'missing' || of === 'invalid' || of === 'refused' || of === 'incomplete';
}

function refused(message: string, cause: Fault): Fault {
  return new Fault('input_invalid', message, { cause });
}

function notThere(url: string, code: string): string {
  if (/ENOTFOUND|EAI_AGAIN/.test(code)) return `no host of that name: check --core-url ${url}`;
  if (/CERT|SELF_SIGNED|UNABLE_TO|DEPTH_ZERO/.test(code)) {
    return `the certificate at ${url} is not trusted (${code}): give its authority with --core-ca`;
  }
  return `nothing answers at ${url} (${code}): check --core-url, and whether the core is up`;
}
