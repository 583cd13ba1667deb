// What arguments and results must fit: the schemas of a tool, compiled once.
import { invalidRequest, type Json, violationsOf } from '#core';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { classKeyword, type Given, type Tool } from './tool.ts';

const ajv = new Ajv2020({ allErrors: false, strict: false, useDefaults: false });
(formats as unknown as (instance: Ajv2020) => void)(ajv);
ajv.addKeyword(classKeyword);

export type Checks = {
  /** Throws `invalid_request` with the place and the reason. */
  readonly input: (value: Json) => Given;
  /** Of arguments that were refused, the members that are what they should be. */
  readonly fitting: (given: Given) => Given;
  readonly output: (value: Json) => boolean;
};

/** Of an object; a member may refer to what all have in common. */
type Members = {
  readonly properties?: Readonly<Record<string, object>>;
  readonly $defs?: Readonly<Record<string, object>>;
};

export function checksOf({ input, output }: Tool): Checks {
  const [takes, gives] = [ajv.compile(input), ajv.compile(output)];
  const { properties = {}, $defs = {} } = input as Members;
  // Compiled when the first call is refused: most are not, and a start has enough to do.
  let members: ReadonlyMap<string, ValidateFunction> | undefined;
  const compiled = () =>
    new Map(Object.entries(properties).map(([name, of]) => [name, ajv.compile({ $defs, ...of })]));
  return {
    input: (value) => {
      if (!takes(value)) throw refused(takes);
      return value as Given;
    },
    fitting: (given) => {
      members ??= compiled();
      const checks = members;
      return Object.fromEntries(
        Object.entries(given).filter(([name, of]) => checks.get(name)?.(of)),
      );
    },
    output: (value) => gives(value),
  };
}

/** Pointers are into the arguments. */
function refused({ errors }: ValidateFunction) {
  return invalidRequest(violationsOf(errors ?? []));
}
