// The shape of a bundle as the API takes it, and the ways to its parts.
import type { Api } from '../../api/openapi.ts';

export type Bundle = Api['POST /v1/policies']['body'];
export type Rule = Bundle['rules'][number];
export type Limit = NonNullable<Bundle['limits']>[number];
export type Node = NonNullable<Bundle['nodes']>[string];
export type Decisive = Extract<Node, { readonly kind: 'table' }>;
export type TableRule = Decisive['rules'][number];
export type Conditions = Readonly<Record<string, string>>;
export type Point = Api['GET /v1/policies']['answer']['items'][number];
export type Act = Api['GET /v1/policies/{name}']['answer']['items'][number];
export type Change = Api['GET /v1/policy-bundles/{digest}/diff']['answer']['changes'][number];

/** What a bundle is called among people: the name of the point says nothing that they do not see. */
export function shortVersion(version: string): string {
  return version.slice(version.indexOf('@') + 1);
}

export function bundlePlace(digest: string): string {
  return `/policies/bundles/${digest}`;
}

/** RFC 6901: `/rules/0/if/amount` as its steps. */
export function stepsOf(pointer: string): readonly string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}
