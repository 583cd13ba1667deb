// Where webhooks may be sent to: the public Internet over HTTPS, and what the operator allows
// besides. Each address is judged when it is connected to, so that no name can change its meaning.
import { addressList, Fault, hostName, judgedLookup, type Resolve } from '#core';
import { isIP, type LookupFunction } from 'node:net';

export type Targets = {
  /** Why a URL may not be sent to, as far as it tells without a name being resolved. */
  readonly refusal: (url: string) => string | undefined;
  /** For connections: answers addresses that may be connected to, and refuses all others. */
  readonly lookup: (protocol: Protocol) => LookupFunction;
};

export type Protocol = 'http:' | 'https:';

/**
 * Targets beside the public Internet are named by a list such as `10.1.0.0/16,hooks.internal`: a
 * range of addresses, an address, or a host whatever its addresses. To these, http is allowed too.
 */
export function openTargets(allow = '', resolve?: Resolve): Targets {
  const allowed = parseAllow(allow);
  /** Whether an address may be connected to, under the name by which it was found. */
  function mayReach(protocol: Protocol, host: string, address: string): boolean {
    if (allowed.hosts.has(host) || allowed.isAddress(address)) return true;
    return protocol === 'https:' && isPublic(address);
  }
  return {
    refusal(text) {
      const flaw = urlFlaw(text);
      if (flaw !== undefined) return flaw;
      const url = new URL(text);
      const [protocol, host] = [url.protocol as Protocol, hostName(url.hostname)];
      if (isIP(host) !== 0) {
        return mayReach(protocol, host, host) ? undefined : 'is no address that may be sent to';
      }
      const isListed = allowed.hosts.has(host) || allowed.hasAddresses;
      return protocol === 'http:' && !isListed ? 'must begin with https://' : undefined;
    },
    lookup: (protocol) =>
      judgedLookup((address, host) => mayReach(protocol, host, address), resolve),
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
const isGlobal6 = addressList(['2000::/3']);
/** IANA IPv6 special-purpose registry: Teredo and others, documentation, 6to4. */
const isSpecial = addressList([
  ...special4,
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  '3fff::/20',
]);

function isPublic(address: string): boolean {
  if (isSpecial(address)) return false;
  return isIP(address) === 4 || isGlobal6(address);
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
      isAddress: addressList(ranges),
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
