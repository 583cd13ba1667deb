// Changes of clients of a simulated Mambu: a list of operations, applied all or none.
import { changeParty } from '../book.ts';
import type { SimAnswer } from '../simulator.ts';
import { partyAt, type State } from './state.ts';
import { answer, invalid, isObject, refusal, type Sent, textOf } from './wire.ts';

const fields = {
  '/emailAddress': 'email',
  '/mobilePhone': 'phone',
  '/addresses/0/line1': 'address',
} as const;

/** Operations are written in capitals here, other than in RFC 6902. */
export function patchClient(state: State, named: string, body: Sent | undefined): SimAnswer {
  const party = partyAt(state, named);
  if (!party) return refusal(404, 'INVALID_CLIENT_ID', 'clientId');
  if (!Array.isArray(body) || body.length === 0) return invalid('body');
  const change: { email?: string; phone?: string; address?: string } = {};
  for (const operation of body as readonly Sent[]) {
    if (!isObject(operation)) return invalid('body');
    const { op, path, value } = operation;
    if (!['ADD', 'REPLACE', 'REMOVE', 'MOVE'].includes(textOf(op) ?? '')) return invalid('op');
    const field = Object.hasOwn(fields, textOf(path) ?? '')
      ? fields[path as keyof typeof fields]
      : undefined;
    if (!field || op === 'MOVE') return refusal(400, 'OPERATION_NOT_ALLOWED_ON_FIELD', 'path');
    const to = op === 'REMOVE' ? '' : value;
    if (typeof to !== 'string') return invalid('value');
    if (field === 'email' && to !== '' && !/^[^@\s]+@[^@\s]+$/.test(to)) {
      return refusal(400, 'EMAIL_ADDRESS_FORMAT_IS_INVALID', 'value');
    }
    change[field] = to;
  }
  changeParty(state.book, party.id, change);
  return answer(204);
}
