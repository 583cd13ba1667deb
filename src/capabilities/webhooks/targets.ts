// Where webhooks may be sent to: the public Internet over HTTPS, and what the operator allows
// besides. Each address is judged when it is connected to, so that no name can change its meaning.
import { Fault } from '#core';
import { lookup as resolveName, type LookupAddress } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

export type Targets = {
  /** Why a URL may not be sent to, as far as it tells without a name being resolved. */
  readonly refusal: (url: string) => string | undefined;
  /** For connections: answers addresses that may be connected to, and refuses all others. */
  readonly lookup: (protocol: Protocol) => LookupFunction;
};

export type Protocol = 'http:' | 'https:';

/** Resolves a name to all of its addresses. */
export type Resolve = (
  host: string,
  done: (error: NodeJS.ErrnoException | null, found: readonly LookupAddress[]) => void,
) => void;

/** What a connection fails with whose address may not be reached. */
export const refusedCode = 'ERR_TARGET_REFUSED';

/**
 * Targets beside the public Internet are named by a list such as `10.1.0.0/16,hooks.internal`: a
 * range of addresses, an address, or a host whatever its addresses. To these, http is allowed too.
 */
export function openTargets(allow = '', resolve: Resolve = resolveAll): Targets {
  const allowed = parseAllow(allow);
  /** Whether an address may be connected to, under the name by which it was found. */
  function mayReach(protocol: Protocol, host: string, address: string): boolean {
    if (allowed.hosts.has(host) || contains(allowed.addresses, address)) return true;
    return protocol === 'https:' && isPublic(address);
  }
  return {
    refusal(text) {
      const flaw = urlFlaw(text);
      if (flaw !== undefined) return flaw;
      const url = new URL(text);
      const [protocol, host] = [url.protocol as Protocol, hostOf(url)];
      if (isIP(host) !== 0) {
        return mayReach(protocol, host, host) ? undefined : 'is no address that may be sent to';
      }
      const isListed = allowed.hosts.has(host) || allowed.hasAddresses;
      return protocol === 'http:' && !isListed ? 'must begin with https://' : undefined;
    },
    lookup: (protocol) => (host, options, callback) => {
      resolve(host, (error, found) => {
        // Without an answer there is no list either, whatever its type says.
        const [first] = error === null ? found : [];
        if (error !== null || first === undefined) {
          callback(error ?? refused(host), '', 0);
          return;
        }
        // One address that may not be reached makes the name suspicious as a whole.
        const isFine = found.every(({ address }) => mayReach(protocol, nameOf(host), address));
        if (!isFine) callback(refused(host), '', 0);
        else if (options.all) callback(null, [...found]);
        else callback(null, first.address, first.family);
      });
    },
  };
}

/** What no configuration allows of a URL. */
export function urlFlaw(text: string): string | undefined {
  const url = URL.parse(text);
  if (url === null) return 'is no URL';
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'must begin with https://';
  // What stands in a URL is kept in the log: a password does not belong there.
  if (url.username !== '' || url.password !== '') return 'must name no user and no password';
  if (url.hash !== '') return 'must have no fragment';
  return isOddPort(url) ? 'must have port 443, 80, or one of 1024 and above' : undefined;
}

/** Below 1024 are mail servers, terminals and the like, which an HTTP request could confuse. */
function isOddPort({ port }: URL): boolean {
  return port !== '' && port !== '443' && port !== '80' && Number(port) < 1024;
}

// Addresses ---------------------------------------------------------------------------------------

/** IANA IPv4 special-purpose registry, and multicast. */
const special4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];
/**
 * RFC 4291: only these are global unicast. IPv4-mapped addresses, NAT64, unique local, link-local
 * and multicast ones all lie outside.
 */
const global6 = blockList(['2000::/3']);
/** IANA IPv6 special-purpose registry: Teredo and others, documentation, 6to4. */
const special = blockList([...special4, '2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']);

function isPublic(address: string): boolean {
  if (contains(special, address)) return false;
  return isIP(address) === 4 || contains(global6, address);
}

function contains(list: BlockList, address: string): boolean {
  const family = isIP(address);
  return family !== 0 && list.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

function blockList(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', bits] = range.split('/');
    const family = isIP(address) === 4 ? 'ipv4' : 'ipv6';
    list.addSubnet(address, Number(bits ?? (family === 'ipv4' ? 32 : 128)), family);
  }
  return list;
}

function parseAllow(text: string) {
  const entries = text
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .filter((entry) => entry !== '');
  const isRange = (entry: string) => isIP(entry.split('/')[0] ?? '') !== 0;
  const ranges = entries.filter(isRange);
  const hosts = entries.filter((entry) => !isRange(entry));
  const wrong = hosts.find((host) => !/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(host));
  if (wrong !== undefined) throw badAllow(wrong);
  try {
    return {
      hosts: new Set(hosts),
      addresses: blockList(ranges),
      hasAddresses: ranges.length > 0,
    };
  } catch (cause) {
    throw badAllow(ranges.join(','), cause);
  }
}

function badAllow(entry: string, cause?: unknown): Fault {
  const message = `COUNTERSIGN_WEBHOOK_ALLOW: ${entry} is no host, address or range of addresses`;
  return new Fault('input_invalid', message, { cause });
}

function hostOf(url: URL): string {
  return nameOf(url.hostname.replace(/^\[|\]$/g, ''));
}

/** A dot at the end says only that the name is complete. */
function nameOf(host: string): string {
  return host.toLowerCase().replace(/\.$/, '');
}

function refused(host: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${host} may not be sent to`), { code: refusedCode });
}

function resolveAll(...[host, done]: Parameters<Resolve>): void {
  resolveName(host, { all: true }, done);
}
