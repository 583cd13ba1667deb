// Validation by the schemas that also make the documentation: nothing is coerced in a body.
import { Fault } from '#core';
import { Ajv, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import type { FastifyInstance } from 'fastify';
import type Type from 'typebox';

const strict = new Ajv({ coerceTypes: false, removeAdditional: false, useDefaults: false });
// Query strings, paths and headers are text: numbers in them are read as numbers.
const lenient = new Ajv({ coerceTypes: true, removeAdditional: false, useDefaults: true });
for (const ajv of [strict, lenient]) {
  (formats as unknown as (instance: Ajv) => void)(ajv);
  ajv.addVocabulary(['example']);
}

export function compile(schema: Type.TSchema): ValidateFunction {
  return strict.compile(schema);
}

/** Throws `invalid_request` with the place and the reason when the value does not fit. */
export function validate(check: ValidateFunction, value: unknown, pointer: string): void {
  if (check(value)) return;
  const validation = (check.errors ?? []).map((each) => ({
    ...each,
    instancePath: pointer + each.instancePath,
  }));
  throw Object.assign(new Error('invalid'), { validation });
}

export function useValidation(app: FastifyInstance): void {
  // PostgreSQL has no text with it. In bodies the schemas say so.
  app.addHook('onRequest', async (request) => {
    if (request.url.includes('%00')) throw new Fault('bad_request', 'no address may hold %00');
  });
  app.setValidatorCompiler(({ schema, httpPart }) => {
    const ajv = httpPart === 'body' ? strict : lenient;
    return ajv.compile(schema as object);
  });
  app.setSchemaErrorFormatter((errors) => {
    return Object.assign(new Error('invalid'), { validation: errors });
  });
}
