// The fields of the settings of reviews.
import { ActionIcon, Button, Checkbox, Group, Stack, Table, Text, TextInput } from '@mantine/core';
import { Plus, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { any, type Draft, weekdays } from './settings-draft.ts';

type FieldsProps = { readonly draft: Draft; readonly set: (draft: Draft) => void };

export function SettingsFields({ draft, set }: FieldsProps) {
  return (
    <>
      <Hours draft={draft} set={set} />
      <Rows
        title="Promises"
        about="Business minutes to a verdict. The first that fits counts; * is any queue."
        names={[
          ['queue', 'Queue'],
          ['minutes', 'Minutes'],
        ]}
        rows={draft.promises}
        set={(promises) => set({ ...draft, promises })}
        fresh={{ queue: any, minutes: '480' }}
      />
      <Rows
        title="Two people must agree"
        about="From these amounts on. With * for the currency the amount is in minor units."
        names={[
          ['queue', 'Queue'],
          ['currency', 'Currency'],
          ['amount', 'From'],
        ]}
        rows={draft.two}
        set={(two) => set({ ...draft, two })}
        fresh={{ queue: any, currency: any, amount: '1000000' }}
      />
      <Rows
        title="Rates for ranking"
        about="What one of the currency is worth in the home currency; not named, it counts one to one."
        names={[
          ['currency', 'Currency'],
          ['rate', 'Rate'],
        ]}
        rows={draft.rates}
        set={(rates) => set({ ...draft, rates })}
        fresh={{ currency: '', rate: '1' }}
      />
    </>
  );
}

function Hours({ draft, set }: FieldsProps) {
  const time = (name: 'from' | 'to', label: string) => (
    <TextInput
      type="time"
      label={label}
      value={draft[name]}
      onChange={({ currentTarget }) => set({ ...draft, [name]: currentTarget.value })}
    />
  );
  return (
    <Stack gap="xs">
      <Title>Business hours</Title>
      <Checkbox.Group
        aria-label="Business days"
        value={[...draft.days]}
        onChange={(days) => set({ ...draft, days })}
      >
        <Group gap="sm">
          {weekdays.map((name, at) => (
            <Checkbox key={name} value={`${at + 1}`} label={name} />
          ))}
        </Group>
      </Checkbox.Group>
      <Group gap="sm">
        {time('from', 'From')}
        {time('to', 'To')}
      </Group>
    </Stack>
  );
}

function Title({ children }: { readonly children: ReactNode }) {
  return (
    <Text component="h3" fw={600} m={0}>
      {children}
    </Text>
  );
}

type Row<Name extends string> = Readonly<Record<Name, string>> & { readonly row: number };

function Rows<Name extends string>({
  title,
  about,
  names,
  rows,
  set,
  fresh,
}: {
  readonly title: string;
  readonly about: string;
  readonly names: readonly (readonly [Name, string])[];
  readonly rows: readonly Row<Name>[];
  readonly set: (rows: readonly Row<Name>[]) => void;
  readonly fresh: Readonly<Record<Name, string>>;
}) {
  const change = (row: number, name: Name, value: string) =>
    set(rows.map((each) => (each.row === row ? { ...each, [name]: value } : each)));
  return (
    <Stack gap="xs">
      <Title>{title}</Title>
      <Text c="dimmed">{about}</Text>
      {rows.length > 0 && (
        <Table withRowBorders={false} horizontalSpacing={4} verticalSpacing={2}>
          <Table.Thead>
            <Table.Tr>
              {names.map(([name, header]) => (
                <Table.Th key={name} fw={500} fz="sm">
                  {header}
                </Table.Th>
              ))}
              <Table.Td w={30} />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((each) => (
              <Table.Tr key={each.row}>
                {names.map(([name, header]) => (
                  <Table.Td key={name}>
                    <TextInput
                      aria-label={`${title}: ${header}`}
                      value={each[name]}
                      onChange={({ currentTarget }) => change(each.row, name, currentTarget.value)}
                    />
                  </Table.Td>
                ))}
                <Table.Td>
                  <ActionIcon
                    aria-label={`${title}: remove this row`}
                    onClick={() => set(rows.filter(({ row }) => row !== each.row))}
                  >
                    <X size={13} />
                  </ActionIcon>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
      <Group>
        <Button
          variant="default"
          size="compact-xs"
          leftSection={<Plus size={12} />}
          onClick={() => {
            const row = Math.max(-1, ...rows.map((each) => each.row)) + 1;
            set([...rows, { ...fresh, row } as Row<Name>]);
          }}
        >
          Add
        </Button>
      </Group>
    </Stack>
  );
}
