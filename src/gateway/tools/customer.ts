// Tools about the customer: who it is, without saying so, and what the bank offers.
import { closed, Fault, nullable } from '#core';
import Type from 'typebox';
import { classed, type Tool } from '../tool.ts';
import { askedPage, operationOf, pageArguments } from './own.ts';

export const readProfile: Tool = {
  name: 'customer.profile',
  title: 'Profile of the customer',
  description:
    'Tells what kind of customer this is: person or business, country, since when, and how to ' +
    'reach it. Names and addresses are tokens: they can be handed on, and never read.',
  ...{ version: 1, owner: 'register', effect: 'read', cost: 1 },
  purposes: ['servicing', 'advice'],
  input: Type.Object({}, closed),
  output: Type.Object(
    {
      customer_id: Type.String(),
      kind: Type.String(),
      segment: Type.String(),
      country: Type.String(),
      since: Type.String(),
      name: classed('name'),
      contacts: Type.Array(
        Type.Object(
          { kind: Type.String(), usage: Type.String(), value: classed('address') },
          closed,
        ),
      ),
    },
    closed,
  ),
  async run(call) {
    const of = { tenant: call.tenant, id: call.customer };
    const party = await operationOf(call, 'readParty')(of);
    if (!party) throw new Fault('not_found', 'the core does not know the customer');
    const read = call.core.operations.readContactPoints;
    const contacts = read ? await read(of) : [];
    return {
      customer_id: party.party_id,
      ...{ kind: party.kind, segment: party.segment, country: party.country, since: party.since },
      name: party.name_token,
      contacts: contacts.map(({ kind, usage, value_token }) => ({
        kind,
        usage,
        value: value_token,
      })),
    };
  },
};

export const listProducts: Tool = {
  name: 'products.list',
  title: 'Products of the bank',
  description: 'Lists what the bank offers: accounts, cards, loans, each by code and kind.',
  ...{ version: 1, owner: 'products', effect: 'read', cost: 1 },
  purposes: ['servicing', 'advice', 'marketing'],
  input: Type.Object(pageArguments, closed),
  output: Type.Object(
    {
      products: Type.Array(
        Type.Object(
          {
            product_id: Type.String(),
            code: Type.String(),
            kind: Type.String(),
            name: Type.String(),
            currency: Type.String(),
          },
          closed,
        ),
      ),
      next: nullable(Type.String()),
    },
    closed,
  ),
  async run(call) {
    const list = operationOf(call, 'listProducts');
    const page = await list({ tenant: call.tenant, ...askedPage(call) });
    const products = page.items.map(({ product_id, code, kind, name, currency }) => {
      return { product_id, code, kind, name, currency };
    });
    return { products, next: page.next };
  },
};
