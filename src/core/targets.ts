// Addresses that may be connected to: each is judged when a connection is made, so that no name can
// change its meaning between the check and its use.
import { lookup as resolveName, type LookupAddress } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/** Resolves a name to all of its addresses. */
export type Resolve = (
  host: string,
  done: (error: NodeJS.ErrnoException | null, found: readonly LookupAddress[]) => void,
) => void;

/** What a connection fails with whose address may not be reached. */
export const refusedTargetCode = 'ERR_TARGET_REFUSED';

/** For connections: answers addresses that may be reached under a name, and refuses all others. */
export function judgedLookup(
  mayReach: (address: string, host: string) => boolean,
  resolve: Resolve = resolveAll,
): LookupFunction {
  return (host, options, callback) => {
    resolve(host, (error, found) => {
      // Without an answer there is no list either, whatever its type says.
      const [first] = error === null ? found : [];
      if (error !== null || first === undefined) {
        callback(error ?? refused(host), '', 0);
        return;
      }
      // One address that may not be reached makes the name suspicious as a whole.
      const isFine = found.every(({ address }) => mayReach(address, hostName(host)));
      if (!isFine) callback(refused(host), '', 0);
      else if (options.all) callback(null, [...found]);
      else callback(null, first.address, first.family);
    });
  };
}

/** A dot at the end says only that the name is complete; brackets, that it is an address. */
export function hostName(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '');
}

/** Ranges such as `10.0.0.0/8`, and single addresses. Throws for what is neither. */
export function addressList(ranges: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', bits] = range.split('/');
    const family = familyOf(address);
    list.addSubnet(address, Number(bits ?? (family === 'ipv4' ? 32 : 128)), family);
  }
  return (address) => isIP(address) !== 0 && list.check(address, familyOf(address));
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 4 ? 'ipv4' : 'ipv6';
}

function refused(host: string): NodeJS.ErrnoException {
  const error = new Error(`${host} may not be connected to`);
  return Object.assign(error, { code: refusedTargetCode });
}

function resolveAll(...[host, done]: Parameters<Resolve>): void {
  resolveName(host, { all: true }, done);
}
