// What each type of event holds: its fields with their meaning, from its JSON Schema.
import { Button, TextInput } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { addressOf } from '../../api/client.ts';
import { useApi } from '../../api/queries.ts';
import { useUrl } from '../../app/url.ts';
import { Folded } from '../../parts/explorer.tsx';
import { CopyId } from '../../parts/id.tsx';
import { Json } from '../../parts/json.tsx';
import { Section } from '../../parts/section.tsx';
import { wordsOf } from '../../parts/state.tsx';
import { Empty, Loading, ProblemNote } from '../../parts/states.tsx';
import {
  bare,
  type Field,
  fieldsOf,
  type Schema,
  schemaAt,
  typeWords,
  useSchema,
} from './schema.ts';
import { familiesOf } from './type-filter.tsx';

export function SchemaNav({ types }: { readonly types: readonly string[] }) {
  const [{ schema }] = useUrl();
  const [text, setText] = useState('');
  const wanted = text.trim().toLowerCase().replaceAll(' ', '_');
  const families = familiesOf(types.filter((type) => type.includes(wanted)));
  const nav = useRef<HTMLElement>(null);
  const isThere = types.length > 0;
  useEffect(() => {
    if (isThere) nav.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest' });
  }, [isThere]);
  return (
    <nav className="schema-nav" aria-label="Types of events" ref={nav}>
      <TextInput
        aria-label="Narrow the types"
        placeholder="Narrow the types"
        value={text}
        onChange={({ currentTarget }) => setText(currentTarget.value)}
      />
      {families.map(({ name, types: own }) => (
        <div key={name} className="schema-nav">
          <h2>{wordsOf(name)}</h2>
          {own.map((type) => (
            <Link
              key={type}
              to={'.' as never}
              search={((before: object) => ({ ...before, schema: type })) as never}
              replace
              aria-current={type === schema || undefined}
            >
              {wordsOf(type.slice(name.length + 1))}
            </Link>
          ))}
        </div>
      ))}
      {families.length === 0 && <p className="dimmed">No type is called so.</p>}
    </nav>
  );
}

export function SchemaDoc({ type }: { readonly type: string }) {
  const { data, error, refetch } = useSchema(type);
  const types = useApi('GET /v1/event-types', {});
  const summary = types.data?.items.find((each) => each.type === type)?.summary;
  if (error) return <ProblemNote error={error} retry={refetch} />;
  if (!data) return <Loading />;
  const common = fieldsOf(schemaAt(data, 'data')).filter(({ path }) => path[0] !== 'payload');
  const outside = fieldsOf(data as Schema).filter(({ path }) => path[0] !== 'data');
  const payload = fieldsOf(schemaAt(data, 'data', 'payload'));
  return (
    <div className="schema">
      <header className="schema-head">
        <h2>
          {type} <CopyId text={type} />
        </h2>
        <Button
          variant="default"
          renderRoot={(props) => <Link to={`/events?type=${type}` as never} {...props} />}
        >
          Its events
        </Button>
        <Button
          variant="default"
          component="a"
          href={addressOf('/v1/event-schemas/{type}/{version}', { type, version: '1' })}
          download={`${type}.schema.json`}
        >
          Download schema
        </Button>
      </header>
      {summary && <p className="text schema-summary">{summary.replaceAll('`', '')}</p>}
      <Section title="Payload" about="data.payload: what is of this type alone">
        {payload.length === 0 ? (
          <Empty title="It has no fields of its own" />
        ) : (
          <FieldTable label={`Payload of ${type}`} fields={payload} />
        )}
      </Section>
      <Section title="Common fields" about="data: the same in every event">
        <FieldTable label="Common fields" fields={common} />
      </Section>
      <Section title="Envelope" about="CloudEvents 1.0">
        <FieldTable label="Envelope" fields={outside} />
      </Section>
      <Section title="JSON Schema">
        <Folded title="As the API tells it">
          <Json value={data} maxHeight={640} />
        </Folded>
      </Section>
    </div>
  );
}

function FieldTable({
  label,
  fields,
}: {
  readonly label: string;
  readonly fields: readonly Field[];
}) {
  return (
    <table className="plain schema-table" aria-label={label}>
      <thead>
        <tr>
          <th>Field</th>
          <th>Holds</th>
          <th>Meaning</th>
        </tr>
      </thead>
      <tbody>
        {fields.map(({ path, schema, isRequired }) => (
          <tr key={path.join('.')}>
            <td className="mono">
              <span className="dimmed">{path.slice(0, -1).map((name) => `${name}.`)}</span>
              {path.at(-1)}
            </td>
            <td>
              {typeWords(schema)}
              {!isRequired && <span className="dimmed">, at times</span>}
            </td>
            <td>{schema.description ?? bare(schema).description ?? ''}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
