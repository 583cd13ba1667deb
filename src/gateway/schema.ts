// What arguments and results must fit: the schemas of a tool, compiled once.
import { invalidRequest, type Json } from '#core';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { classKeyword, type Tool } from './tool.ts';

const ajv = new Ajv2020({ allErrors: false, strict: false, useDefaults: false });
(formats as unknown as (instance: Ajv2020) => void)(ajv);
ajv.addKeyword(classKeyword);

export type Checks = {
  /** Throws `invalid_request` with the place and the reason. */
  readonly input: (value: Json) => Readonly<Record<string, Json>>;
  readonly output: (value: Json) => boolean;
};

export function checksOf({ input, output }: Tool): Checks {
  const [takes, gives] = [ajv.compile(input), ajv.compile(output)];
  return {
    input: (value) => {
      if (!takes(value)) throw refused(takes);
      return value as Readonly<Record<string, Json>>;
    },
    output: (value) => gives(value),
  };
}

function refused({ errors }: ValidateFunction) {
  return invalidRequest(
    (errors ?? []).map(({ instancePath, keyword, params, message }) => {
      const name = keyword === 'additionalProperties' ? params['additionalProperty'] : undefined;
      // What was sent is not told again: it may be anything.
      const detail =
        name === undefined ? (message ?? 'does not fit') : 'must not have more members';
      return { pointer: `/arguments${instancePath}`, detail };
    }),
  );
}
