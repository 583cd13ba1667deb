// The document of a programme in the descriptions of routes: told once, and referred to elsewhere.
import { programSchema } from '#loyalty';
import type { FastifySchemaCompiler } from 'fastify';
import Type from 'typebox';
import { compile } from '../validate.ts';

const id = 'LoyaltyProgram';

export const documentRef = Type.Unsafe<Type.Static<typeof programSchema>>({ $ref: `${id}#` });

/** For the application as a whole: to add it further in would undo how bodies are validated. */
export const sharedDocument = { ...programSchema, $id: id };

/** A body with the document in it, as the description shows it. */
export function told(body: Type.TObject): Type.TSchema {
  const { document: _, ...properties } = body.properties;
  return { ...body, properties: { ...properties, document: documentRef } } as Type.TSchema;
}

/** Validates by the whole schema: references are for readers. */
export function bodyWith(body: Type.TSchema): {
  readonly validatorCompiler: FastifySchemaCompiler<Type.TSchema>;
} {
  const check = compile(body);
  return {
    validatorCompiler: ({ schema, httpPart }) => (httpPart === 'body' ? check : compile(schema)),
  };
}
