// A schema of a tool, read for people: each field, what it holds, what is masked in it.
import { Folded } from '../../parts/explorer.tsx';
import { Json } from '../../parts/json.tsx';
import { Section } from '../../parts/section.tsx';
import { wordsOf } from '../../parts/state.tsx';
import { bare, fieldsOf, type Schema, typeWords } from '../events/schema.ts';

/** What the API says of a field of personal values, and how long or large it may be. */
type Annotated = Schema & {
  readonly 'x-class'?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
};

export function SchemaTable({
  title,
  about,
  schema,
}: {
  readonly title: string;
  readonly about: string;
  readonly schema: unknown;
}) {
  const fields = fieldsOf(schema as Schema);
  const isMasked = fields.some((field) => classOf(field.schema) !== null);
  const isExplained = fields.some((field) => meaningOf(field.schema) !== '');
  return (
    <Section title={title} about={about}>
      {fields.length === 0 ? (
        <p className="gateway-none dimmed">Nothing.</p>
      ) : (
        <table className="plain gateway-fields" aria-label={title}>
          <thead>
            <tr>
              <th>Field</th>
              <th>Holds</th>
              {isMasked && <th>Masked as</th>}
              {isExplained && <th>Meaning</th>}
            </tr>
          </thead>
          <tbody>
            {fields.map(({ path, schema: each, isRequired }) => (
              <tr key={path.join('.')}>
                <td className="mono">
                  <span className="dimmed">{path.slice(0, -1).map((name) => `${name}.`)}</span>
                  {path.at(-1)}
                </td>
                <td>
                  {typeWords(each)}
                  <span className="dimmed">
                    {boundsOf(each)}
                    {!isRequired && ', at times'}
                  </span>
                </td>
                {isMasked && <td>{classOf(each)}</td>}
                {isExplained && <td>{meaningOf(each)}</td>}
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <Folded title="JSON Schema">
        <Json value={schema} maxHeight={420} />
      </Folded>
    </Section>
  );
}

function boundsOf(schema: Schema): string {
  const { minimum, maximum, maxLength } = bare(schema) as Annotated;
  if (minimum !== undefined && maximum !== undefined) return `, ${minimum} to ${maximum}`;
  if (minimum !== undefined) return `, from ${minimum}`;
  if (maximum !== undefined) return `, to ${maximum}`;
  return maxLength === undefined ? '' : `, to ${maxLength} characters`;
}

function classOf(schema: Schema) {
  const found = (schema as Annotated)['x-class'] ?? (bare(schema) as Annotated)['x-class'];
  return found === undefined ? null : <span className="gateway-class">{wordsOf(found)}</span>;
}

function meaningOf(schema: Schema): string {
  return schema.description ?? bare(schema).description ?? '';
}
