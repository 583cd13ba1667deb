// How the bank reaches a customer, changed once the customer has agreed to it.
import { assert, closed } from '#core';
import { contactForms, contactKinds, type ContactPoint, contactSchemas } from '#cores';
import Type from 'typebox';
import { type Given, personal, type Tool } from '../tool.ts';
import { operationOf } from './own.ts';

const words = {
  email: 'email address',
  phone: 'phone number',
  postal_address: 'postal address',
} as const;

export const updateContact: Tool = {
  name: 'contacts.update',
  title: 'Change a contact detail',
  description:
    'Changes one email address, phone number or postal address of the customer: give exactly one ' +
    'of them, and its usage. The call waits until the customer has agreed to it at the bank; ' +
    'then call again with the same arguments. The value is never answered.',
  ...{ version: 1, owner: 'register', effect: 'write', cost: 10 },
  purposes: ['servicing'],
  input: Type.Object(
    {
      usage: contactSchemas.usage,
      email: Type.Optional(personal('email', contactForms.email, 'Whole, with its domain.')),
      phone: Type.Optional(personal('phone', contactForms.phone, 'With the country code.')),
      postal_address: Type.Optional(
        personal('address', contactForms.postal_address, 'In one line, as on a letter.'),
      ),
    },
    { ...closed, minProperties: 2, maxProperties: 2 },
  ),
  output: Type.Object(
    { status: Type.Literal('changed'), kind: contactSchemas.kind, usage: contactSchemas.usage },
    closed,
  ),
  terms(given) {
    const { kind, usage } = asked(given);
    return `Change your ${words[kind]} (${usage}) to the one that you are shown.`;
  },
  async run(call) {
    const point = asked(call.arguments);
    const of = { tenant: call.tenant, id: call.customer, key: call.onceKey() };
    await operationOf(call, 'changeContactPoint')({ ...of, ...point });
    return { status: 'changed', kind: point.kind, usage: point.usage };
  },
};

function asked(given: Given): ContactPoint {
  const kind = contactKinds.find((each) => given[each] !== undefined);
  assert(kind, 'the schema lets exactly one kind through');
  const { usage, [kind]: value_token } = given as Readonly<Record<string, string>>;
  return { kind, usage, value_token } as ContactPoint;
}
