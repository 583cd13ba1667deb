// Which agent a token is of, by what the token says of itself: the one look-up in which its rights,
// its keys, and the customer for whom it acts are read together.
import {
  databaseFault,
  type Instant,
  instantToText,
  internalId,
  principalOf,
  sha256Hex,
} from '#core';
import { type Subject, subjectOf } from '#policy';
import type pg from 'pg';
import type { Delegation } from './host.ts';
import type { Purpose } from './tool.ts';

/** What a token says, which counts only once the agent's keys have verified it. */
export type TokenNames = {
  /** `own` for our own issuer. */
  readonly issuer: string;
  readonly clientId: string;
  readonly tokenId: string;
  /** `user:<id>`, or the id of the party; undefined for an agent that acts for nobody. */
  readonly person?: string;
  /** The record that lets the agent act for that person. */
  readonly consent?: string;
};

/** Of a token that was verified while its agent had these keys: by their digest. */
export type VerifiedNames = TokenNames & { readonly keys: string };

export type AgentByToken = {
  readonly tenant: string;
  readonly agentId: string;
  readonly name: string;
  readonly isActive: boolean;
  readonly isRevoked: boolean;
  readonly purposes: readonly Purpose[];
  /** What verifies: a key set, where to get one, or what the issuer says where to get it. */
  readonly jwks: string | null;
  readonly jwksUri: string | null;
  readonly redirectUris: readonly string[];
  readonly requiresDpop: boolean;
  readonly epoch: bigint;
  readonly subject: Subject;
  /** SHA-256 (hex) of the tenant's own entitlement rules; null when it has none. */
  readonly ruleSet: string | null;
  /** Undefined unless the person is a customer whose consent is in force, until then. */
  readonly onBehalfOf?: Delegation & { readonly until: Instant };
};

/** Undefined where no agent has such a client. */
export async function findAgentByToken(
  pool: Pick<pg.Pool, 'query'>,
  names: TokenNames,
  now: Instant,
): Promise<AgentByToken | undefined> {
  const { issuer, clientId, tokenId, person, consent } = names;
  const { rows } = await pool
    .query({
      name: 'find_agent',
      text: 'select * from gateway.find_agent($1, $2, $3, $4, $5, $6)',
      values: [
        ...[issuer, clientId, tokenId, person ?? null],
        ...[internalId('consent', consent ?? '') ?? null, instantToText(now)],
      ],
    })
    .catch((error: unknown) => {
      throw databaseFault(error);
    });
  const [row] = rows;
  if (!row) return undefined;
  const onBehalfOf = delegationOf(row, consent);
  return {
    ...{ tenant: row.tenant, agentId: row.agent_id, name: row.name },
    ...{ isActive: row.status === 'active', isRevoked: row.is_revoked, purposes: row.purposes },
    ...{ jwks: row.jwks, jwksUri: row.jwks_uri, redirectUris: row.redirect_uris },
    ...{ requiresDpop: row.requires_dpop, epoch: row.epoch, ruleSet: row.rule_set },
    subject: subjectOf(principalOf(`agent:${row.agent_id}`, row.tenant), row),
    ...(onBehalfOf === undefined ? {} : { onBehalfOf }),
  };
}

/** Another one, once a key was taken from the agent. */
export function keysDigest({ jwks, jwksUri }: Pick<AgentByToken, 'jwks' | 'jwksUri'>): string {
  return sha256Hex(jwks ?? jwksUri ?? '');
}

type Row = {
  readonly tenant: string;
  readonly person_principal: string | null;
  readonly person_roles: readonly string[];
  readonly person_governed: boolean;
  readonly person_region: string | null;
  readonly person_customer: string | null;
  /** Null without a consent in force. */
  readonly agreed_until: Date | number | null;
};

function delegationOf(row: Row, consent: string | undefined): AgentByToken['onBehalfOf'] {
  const { person_principal: who, person_customer: customer, agreed_until: until } = row;
  if (who === null || customer === null || until === null || consent === undefined)
    return undefined;
  const subject = subjectOf(principalOf(who, row.tenant), {
    ...{ roles: row.person_roles, governed: row.person_governed, region: row.person_region },
    ...{ customer, delegated_by: null, rule_set: null },
  });
  // A consent without an end is until Infinity.
  return { subject, consent, until: until instanceof Date ? until.getTime() : until };
}
