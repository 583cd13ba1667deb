// The attributes of somebody: where they work, which customer they are, for whom an agent acts.
import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { useAct } from '../../api/queries.ts';
import { FormDialog } from '../../parts/form-dialog.tsx';
import { nameOf } from '../../parts/who.tsx';
import { type Person, rightsReads } from './words.ts';

const fields = [
  ['region', 'Region', 'Staff of one region see no customers of another.'],
  ['customer', 'Is the customer', 'The id of the customer that this person is.'],
  [
    'delegated_by',
    'Acts only for',
    'The one person for whom an agent was set up, such as user:ann.',
  ],
] as const;

export function DescribeDialog({
  principal,
  person,
  close,
}: {
  readonly principal: string;
  readonly person: Person | undefined;
  readonly close: () => void;
}) {
  const [told, setTold] = useState({
    region: person?.region ?? '',
    customer: person?.customer ?? '',
    delegated_by: person?.delegated_by ?? '',
  });
  const act = useAct('POST /v1/principals', rightsReads);
  const given = (text: string) => (text.trim() === '' ? null : text.trim());
  return (
    <FormDialog
      title={`Attributes of ${nameOf(principal)}`}
      does="Set them"
      {...{ error: act.error, isPending: act.isPending, close }}
      submit={() =>
        act.mutate(
          {
            body: {
              principal,
              region: given(told.region),
              customer: given(told.customer),
              delegated_by: given(told.delegated_by),
            },
          },
          { onSuccess: close },
        )
      }
    >
      {fields.map(([name, label, description], at) => (
        <TextInput
          key={name}
          label={label}
          description={description}
          value={told[name]}
          onChange={(event) => setTold({ ...told, [name]: event.currentTarget.value })}
          {...(at === 0 ? { 'data-autofocus': true } : {})}
        />
      ))}
    </FormDialog>
  );
}
