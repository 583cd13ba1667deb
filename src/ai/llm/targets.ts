// Where a language model may be asked: in the private network, and at hosts that are listed.
// Each address is judged when it is connected to, so that no name can change its meaning.
import { addressList, Fault, hostName, judgedLookup, type Resolve } from '#core';
import { isIP, type LookupFunction } from 'node:net';

/** What a bank's own machines have: RFC 1918, RFC 4193 and loopback. */
const isOwn = addressList([
  ...['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '127.0.0.0/8'],
  ...['fc00::/7', '::1/128'],
]);
/** Nobody asks a model there: link-local addresses and what clouds tell their machines by. */
const isNever = addressList([
  ...['0.0.0.0/8', '169.254.0.0/16', '224.0.0.0/4', '240.0.0.0/4', '100.100.100.200/32'],
  ...['::/128', 'fe80::/10', 'ff00::/8', 'fd00:ec2::254/128'],
]);

/** Listed hosts may be anywhere, but only over TLS; throws `input_invalid` for another address. */
export function allowedLookup(
  url: URL,
  listed: ReadonlySet<string>,
  resolve?: Resolve,
): LookupFunction {
  const host = hostName(url.hostname);
  const isListed = listed.has(host) && url.protocol === 'https:';
  const mayReach = (address: string) => !isNever(address) && (isListed || isOwn(address));
  if (isIP(host) !== 0 && !mayReach(host)) {
    throw new Fault('input_invalid', `COUNTERSIGN_LLM_URL: ${host} is neither private nor listed`);
  }
  return judgedLookup(mayReach, resolve);
}
