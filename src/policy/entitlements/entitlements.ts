// Entitlements: who may do what on which resource, for which purpose. By default nobody, nothing.
import {
  Fault,
  type Instant,
  instantToText,
  type Principal,
  principalText,
  sha256Hex,
} from '#core';
import {
  askCedar,
  type CedarCall,
  type PreparedRules,
  readRules,
  readSchema,
  type Rule,
} from './cedar.ts';

export type { PreparedRules as EntitlementRules } from './cedar.ts';

/** A principal with what its bank knows of it. */
export type Subject = {
  readonly principal: Principal;
  readonly roles: readonly string[];
  /** Whether it was ever given a role. From then on its rights are those of its roles. */
  readonly governed: boolean;
  readonly region: string | null;
  /** Whom a person is, as a customer of the bank: an opaque reference. */
  readonly customer: string | null;
  /** The user for whom an agent was set up. */
  readonly delegatedBy: string | null;
};

export const resourceTypes = [
  'Tenant',
  'Customer',
  'Account',
  'Field',
  'Tool',
  'PolicyBundle',
] as const;

export type Resource = {
  readonly type: (typeof resourceTypes)[number];
  readonly id: string;
  readonly tenant: string;
  /** The customer to whom it belongs. */
  readonly customer?: string;
  readonly region?: string;
};

export const purposes = [
  'servicing',
  'fraud',
  'compliance',
  'audit',
  'analytics',
  'marketing',
  'advice',
] as const;

/** Who asks, and under which circumstances. */
export type Asker = {
  readonly subject: Subject;
  /** The tenant's epoch when the subject was read. */
  readonly epoch: bigint;
  /** Those of the tenant. */
  readonly rules: PreparedRules;
  readonly at: Instant;
  /** Of the API key: an upper bound. Absent where no key is involved. */
  readonly scopes?: readonly string[];
  readonly purpose?: (typeof purposes)[number];
  /** What the customer whose data is asked for has consented to. */
  readonly consents?: readonly string[];
  /** The person for whom the subject acts: both must be permitted. */
  readonly onBehalfOf?: Subject;
};

export type Question = Asker & { readonly action: string; readonly resource: Resource };

export type Answer = {
  readonly allowed: boolean;
  /** The rules that made it so; none when nothing permits. */
  readonly deciding: readonly Pick<Rule, 'id' | 'effect' | 'reason'>[];
  /** What kept a rule from being evaluated: then the answer is no. */
  readonly errors: readonly string[];
};

export type Visibility = 'full' | 'masked' | 'hidden';

export type Entitlements = {
  /** The shipped rules alone. */
  readonly shipped: PreparedRules;
  /** The shipped rules with a tenant's own. Throws `invalid_request` with places and reasons. */
  readonly withRules: (text: string) => PreparedRules;
  readonly check: (question: Question) => Answer;
  /** How the asker sees each class of fields of one customer. */
  readonly visibleFields: <Class extends string>(
    asker: Asker,
    of: Omit<Resource, 'type' | 'id'>,
    classes: readonly Class[],
  ) => Readonly<Record<Class, Visibility>>;
};

/** Answers that are remembered. */
const answersMax = 10_000;
const ruleSetsMax = 500;

export function createEntitlements(shipped: {
  readonly schema: string;
  readonly policies: string;
}): Entitlements {
  const schema = readSchema(shipped.schema);
  const { actions } = schema;
  const scopes = new Set([...actions.values()].flatMap(({ groups }) => groups));
  const base = readRules(schema, shipped.policies);
  const ruleSets = bounded<PreparedRules>(ruleSetsMax);
  const answers = bounded<Answer>(answersMax);

  function withRules(text: string): PreparedRules {
    const id = sha256Hex(JSON.stringify([shipped.schema, shipped.policies, text]));
    return ruleSets.get(id, () => {
      const own = text === '' ? [] : readRules(schema, text);
      const rules = new Map([...base, ...own].map((rule) => [rule.id, rule]));
      if (rules.size < base.length + own.length) {
        const taken = own.find((rule) => base.some(({ id: other }) => other === rule.id))?.id;
        throw new Fault('invalid_request', `the id ${taken} is that of a rule that is shipped`);
      }
      return { id, schema, rules };
    });
  }

  function check(question: Question): Answer {
    return answers.get(keyOf(question), () => {
      const bound = scopeMissing(question);
      if (bound) return bound;
      const { scopes: _, onBehalfOf, ...rest } = question;
      const own = ask(question);
      if (onBehalfOf === undefined || !own.allowed) return own;
      const theirs = ask({ ...rest, subject: onBehalfOf });
      return theirs.allowed ? { ...own, deciding: [...own.deciding, ...theirs.deciding] } : theirs;
    });
  }

  /** What a key may do is what its scopes and the rules both allow. */
  function scopeMissing({ action, scopes: held }: Question): Answer | undefined {
    if (held === undefined) return undefined;
    const needed = scopes.has(action) ? [action] : (actions.get(action)?.groups ?? []);
    if (needed.length === 0 || needed.some((scope) => held.includes(scope))) return undefined;
    const reason = `The API key lacks the scope ${needed.join(' or ')}.`;
    return { allowed: false, deciding: [{ id: 'scopes', effect: 'forbid', reason }], errors: [] };
  }

  return {
    shipped: withRules(''),
    withRules,
    check,
    visibleFields(asker, of, classes) {
      const seen = classes.map((name) => {
        const resource: Resource = { ...of, type: 'Field', id: name };
        const may = (action: string) => check({ ...asker, action, resource }).allowed;
        return [
          name,
          may('field.read') ? 'full' : may('field.read_masked') ? 'masked' : 'hidden',
        ] as const;
      });
      return Object.fromEntries(seen) as Record<(typeof classes)[number], Visibility>;
    },
  };
}

function ask(question: Question): Answer {
  const { rules } = question.rules;
  if (question.onBehalfOf && question.onBehalfOf.principal.kind !== 'user') {
    return { allowed: false, deciding: [], errors: ['one acts for a user, for nobody else'] };
  }
  const { allowed, deciding, errors } = askCedar(question.rules, cedarCall(question));
  return {
    allowed,
    errors,
    deciding: deciding.map((id) => {
      const { effect = 'forbid', reason = '' } = rules.get(id) ?? {};
      return { id, effect, reason };
    }),
  };
}

// As Cedar says it --------------------------------------------------------------------------------

const principalTypes = {
  user: 'User',
  service: 'Service',
  partner: 'Partner',
  agent: 'Agent',
} as const;

const minuteMs = 60_000;

function cedarCall({ subject, action, resource, onBehalfOf, ...asker }: Question): CedarCall {
  const who = subjectEntity(subject);
  const what = resourceEntity(resource);
  const others = onBehalfOf === undefined ? [] : [subjectEntity(onBehalfOf)];
  const { scopes, purpose, consents = [], at } = asker;
  return {
    principal: who.uid,
    action: uid('Action', action),
    resource: what.uid,
    context: {
      consents: [...consents],
      time: { __extn: { fn: 'datetime', arg: instantToText(minuteOf(at) * minuteMs) } },
      ...(scopes === undefined ? {} : { scopes: [...scopes] }),
      ...(purpose === undefined ? {} : { purpose: entity('Purpose', purpose) }),
      ...(others[0] === undefined ? {} : { on_behalf_of: { __entity: others[0].uid } }),
    },
    // Somebody may act on behalf of himself: an entity stands there once.
    entities: [what, who, ...others.filter((other) => !isSame(other.uid, who.uid))],
  };
}

function subjectEntity({ principal, ...subject }: Subject): Entity {
  const { roles, governed, region, customer, delegatedBy } = subject;
  return {
    uid: uid(principalTypes[principal.kind], principal.id),
    attrs: {
      tenant: entity('Tenant', principal.tenant),
      governed,
      ...(region === null ? {} : { region }),
      ...(customer === null ? {} : { customer: entity('Customer', customer) }),
      ...(delegatedBy === null ? {} : { delegated_by: entity('User', delegatedBy) }),
    },
    parents: roles.map((role) => uid('Role', role)),
  };
}

function resourceEntity({ type, id, tenant, customer, region }: Resource): Entity {
  // A tenant is nobody's part.
  if (type === 'Tenant') return { uid: uid(type, id), attrs: {}, parents: [] };
  const owner = customer === undefined || type === 'Customer' ? [] : [uid('Customer', customer)];
  return {
    uid: uid(type, id),
    attrs: {
      ...(type === 'Field' ? { class: id } : {}),
      ...(region === undefined ? {} : { region }),
    },
    parents: [uid('Tenant', tenant), ...owner],
  };
}

type Uid = { readonly type: string; readonly id: string };
type Entity = CedarCall['entities'][number] & { readonly uid: Uid };

function uid(type: string, id: string): Uid {
  return { type, id };
}

function entity(type: string, id: string): { __entity: Uid } {
  return { __entity: uid(type, id) };
}

function isSame(one: Uid, other: Uid): boolean {
  return one.type === other.type && one.id === other.id;
}

// Memory ------------------------------------------------------------------------------------------

/** Everything that an answer depends on, and the epoch: what was revoked is never remembered. */
function keyOf({ rules, epoch, subject, onBehalfOf, resource, at, ...question }: Question): string {
  return JSON.stringify([
    rules.id,
    String(epoch),
    subjectKey(subject),
    onBehalfOf === undefined ? null : subjectKey(onBehalfOf),
    question.action,
    [resource.type, resource.id, resource.tenant, resource.customer, resource.region],
    minuteOf(at),
    question.scopes,
    question.purpose,
    question.consents,
  ]);
}

function subjectKey({ principal, roles, governed, region, customer, delegatedBy }: Subject) {
  return [
    principalText(principal),
    principal.tenant,
    roles,
    governed,
    region,
    customer,
    delegatedBy,
  ];
}

/** Rules see the time to the minute, so that an answer can be remembered for as long. */
export function minuteOf(at: Instant): number {
  return Math.floor(at / minuteMs);
}

/** A map that forgets its oldest entry when it is full. */
function bounded<Value>(max: number) {
  const entries = new Map<string, Value>();
  return {
    get(key: string, make: () => Value): Value {
      const known = entries.get(key);
      if (known !== undefined) return known;
      const value = make();
      if (entries.size >= max) entries.delete(entries.keys().next().value as string);
      entries.set(key, value);
      return value;
    },
  };
}
