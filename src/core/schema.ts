// Pieces of schemas that every plane's bodies, events and answers are made of.
import Type from 'typebox';

/** For bodies: a member that is not named is a mistake. */
export const closed = { additionalProperties: false } as const;

export function nullable<Schema extends Type.TSchema>(schema: Schema) {
  return Type.Union([schema, Type.Null()]);
}

/** Text that PostgreSQL can keep: without U+0000 and without half a surrogate pair. */
export function plainText(options: {
  readonly description?: string;
  readonly minLength?: number;
  readonly maxLength: number;
}) {
  return Type.String({ ...options, pattern: '^[^\\u0000\\ud800-\\udfff]*$' });
}
