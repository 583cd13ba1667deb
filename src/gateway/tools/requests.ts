// What customers ask people of the bank for: made once they have agreed to it, and followed.
import { closed, nullable } from '#core';
import { requestStatuses, requestSubjects, type ServiceRequest } from '#cores';
import Type from 'typebox';
import { type Given, personal, type Tool } from '../tool.ts';
import { askedPage, operationOf, pageArguments } from './own.ts';

const view = Type.Object(
  {
    request_id: Type.String({ pattern: '^srq_[0-9a-hjkmnp-tv-z]{26}$' }),
    subject: Type.Enum(Object.keys(requestSubjects)),
    status: Type.Enum([...requestStatuses]),
    made_at: Type.String(),
    ended_at: nullable(Type.String()),
  },
  closed,
);
type Asked = { readonly subject: ServiceRequest['subject']; readonly text?: string };

export const createRequest: Tool = {
  name: 'service_requests.create',
  title: 'Ask people of the bank for something',
  description:
    'Hands a request of the customer to people of the bank: a lost card, a copy of a statement, ' +
    'a complaint, a call back and the like. The call waits until the customer has agreed to it ' +
    'at the bank; then call again with the same arguments.',
  ...{ version: 1, owner: 'servicing', effect: 'write', cost: 10 },
  purposes: ['servicing'],
  input: Type.Object(
    {
      subject: Type.Enum(Object.keys(requestSubjects)),
      text: Type.Optional(
        personal('free_text', '[^\\p{Cc}\\p{Cs}]{1,900}', 'What the customer says, in his words.'),
      ),
    },
    closed,
  ),
  output: view,
  terms: (given) => `Ask people of the bank for ${requestSubjects[askedOf(given).subject]}.`,
  async run(call) {
    const { subject, text = null } = askedOf(call.arguments);
    const of = { tenant: call.tenant, id: call.customer, key: call.onceKey() };
    return viewOf(
      await operationOf(call, 'openServiceRequest')({ ...of, subject, text_token: text }),
    );
  },
};

export const listRequests: Tool = {
  name: 'service_requests.list',
  title: 'Requests of the customer',
  description:
    'Lists what the customer has asked people of the bank for, and how it stands, newest first.',
  ...{ version: 1, owner: 'servicing', effect: 'read', cost: 1 },
  purposes: ['servicing', 'advice'],
  input: Type.Object(pageArguments, closed),
  output: Type.Object({ requests: Type.Array(view), next: nullable(Type.String()) }, closed),
  async run(call) {
    const list = operationOf(call, 'listServiceRequests');
    const page = await list({ tenant: call.tenant, id: call.customer, ...askedPage(call) });
    return { requests: page.items.map(viewOf), next: page.next };
  },
};

function askedOf(given: Given): Asked {
  return given as Asked;
}

/** Without the customer's words: the agent that has written them knows them. */
function viewOf({ request_id, subject, status, made_at, ended_at }: ServiceRequest) {
  return { request_id, subject, status, made_at, ended_at };
}
