// What does not fit a schema, told to whoever has sent it: where, and what would.

/** As validators of JSON Schema tell it. */
export type Violation = {
  readonly instancePath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message?: string | undefined;
};

/** Of many, the first. */
const toldMax = 10;

export function violationsOf(violations: readonly Violation[]) {
  return violations.slice(0, toldMax).map((each) => ({
    pointer: `${each.instancePath}${missing(each.params)}`,
    detail: explain(each),
  }));
}

/** What is missing we name; what is too much its sender has named, maybe by a personal value. */
function missing(params: Violation['params']): string {
  const [ours, theirs] = [params['missingProperty'], params['additionalProperty']];
  if (typeof ours === 'string') return `/${ours}`;
  if (typeof theirs !== 'string') return '';
  return /^[A-Za-z_$][\w$-]{0,63}$/.test(theirs) ? `/${theirs}` : '/*';
}

function explain({ keyword, params, message }: Violation): string {
  switch (keyword) {
    case 'additionalProperties':
      return 'is not a field of this request';
    case 'required':
      return 'is required';
    case 'enum':
      return `must be one of ${(params['allowedValues'] as unknown[]).join(', ')}`;
    default:
      return message ?? keyword;
  }
}
