// Where a language model may be asked: in the private network, and at hosts that are listed.
// Each address is judged when it is connected to, so that no name can change its meaning.
import { Fault } from '#core';
import { lookup as resolveName, type LookupAddress } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/** Resolves a name to all of its addresses. */
export type Resolve = (
  host: string,
  done: (error: NodeJS.ErrnoException | null, found: readonly LookupAddress[]) => void,
) => void;

/** What a bank's own machines have: RFC 1918, RFC 4193 and loopback. */
const own = blockList([
  ...['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '127.0.0.0/8'],
  ...['fc00::/7', '::1/128'],
]);
/** Nobody asks a model there: link-local addresses and what clouds tell their machines by. */
const never = blockList([
  ...['0.0.0.0/8', '169.254.0.0/16', '224.0.0.0/4', '240.0.0.0/4', '100.100.100.200/32'],
  ...['::/128', 'fe80::/10', 'ff00::/8', 'fd00:ec2::254/128'],
]);

/** Listed hosts may be anywhere, but only over TLS; throws `input_invalid` for another address. */
export function allowedLookup(
  url: URL,
  listed: ReadonlySet<string>,
  resolve: Resolve = resolveAll,
): LookupFunction {
  const isListed = listed.has(nameOf(url.hostname)) && url.protocol === 'https:';
  const mayReach = (address: string) =>
    !contains(never, address) && (isListed || contains(own, address));
  const host = nameOf(url.hostname);
  if (isIP(host) !== 0 && !mayReach(host)) {
    throw new Fault('input_invalid', `COUNTERSIGN_LLM_URL: ${host} is neither private nor listed`);
  }
  return (name, options, callback) => {
    resolve(name, (error, found) => {
      // Without an answer there is no list either, whatever its type says.
      const [first] = error === null ? found : [];
      if (error !== null || first === undefined) callback(error ?? refused(name), '', 0);
      // One address that may not be reached makes the name suspicious as a whole.
      else if (!found.every(({ address }) => mayReach(address))) callback(refused(name), '', 0);
      else if (options.all) callback(null, [...found]);
      else callback(null, first.address, first.family);
    });
  };
}

/** A dot at the end says only that the name is complete; brackets, that it is an address. */
export function nameOf(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '');
}

function contains(list: BlockList, address: string): boolean {
  const family = isIP(address);
  return family !== 0 && list.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

function blockList(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', bits] = range.split('/');
    list.addSubnet(address, Number(bits), isIP(address) === 4 ? 'ipv4' : 'ipv6');
  }
  return list;
}

function refused(host: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${host} may not be asked`), { code: 'ERR_TARGET_REFUSED' });
}

function resolveAll(...[host, done]: Parameters<Resolve>): void {
  resolveName(host, { all: true }, done);
}
