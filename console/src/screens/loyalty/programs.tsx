// The programmes of the bank: what earns points in which unit, and which version counts now.
import { Link, useNavigate } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { useRefresh } from '../../api/live.ts';
import { useApiPages } from '../../api/queries.ts';
import { useUrl } from '../../app/url.ts';
import { type Column, Grid } from '../../parts/grid.tsx';
import { type Key, KeysButton, useKeys } from '../../parts/keys.tsx';
import { ActButton } from '../../parts/may.tsx';
import { useExponents } from '../../parts/money.tsx';
import { Screen, Scroll } from '../../parts/screen.tsx';
import { Empty } from '../../parts/states.tsx';
import { ProgramDesk } from './program-desk.tsx';
import { valueText } from './rules.tsx';
import type { ProgramSeen } from './shapes.ts';

const programsOp = 'GET /v1/loyalty/programs';

export function Programs() {
  const programs = useApiPages(programsOp, {});
  useRefresh(['loyalty.program_'], [programsOp]);
  const [{ id, do: doing }, setUrl] = useUrl();
  const navigate = useNavigate();
  const exponents = useExponents();
  const open = ({ name }: ProgramSeen) => void navigate({ to: `/programs/${name}` as never });
  const begin = () => setUrl({ do: 'new' });
  const keys: readonly Key[] = [
    { key: 'j', words: 'Down; k goes up' },
    { key: 'Enter', words: 'Open the programme' },
    { key: 'n', words: 'Write a new one', act: begin },
  ];
  useKeys(keys, doing === undefined);
  const button = (
    <ActButton right="loyalty:write" leftSection={<Plus size={13} />} onClick={begin}>
      New programme
    </ActButton>
  );
  if (doing === 'new') {
    return (
      <Screen
        title="A new programme"
        actions={
          <ActButton right="loyalty:read" onClick={() => setUrl({ do: undefined })}>
            Back to the list
          </ActButton>
        }
      >
        <Scroll>
          <ProgramDesk
            name={undefined}
            done={(name) => void navigate({ to: `/programs/${name}` as never })}
          />
        </Scroll>
      </Screen>
    );
  }
  return (
    <Screen
      title="Programmes"
      about="What earns points, what they are worth and how they end: as data, in versions"
      actions={
        <>
          {button}
          <KeysButton keys={keys} />
        </>
      }
    >
      <Grid
        label="Programmes"
        rows={programs.items}
        columns={columnsOf((currency) => exponents?.get(currency))}
        idOf={({ name }) => name}
        selected={id ?? programs.items[0]?.name}
        onSelect={({ name }) => setUrl({ id: name })}
        onOpen={open}
        hearsAll
        more={programs.more}
        hasMore={programs.hasMore}
        isPending={programs.isPending}
        error={programs.error}
        retry={programs.refetch}
        empty={
          <Empty title="No programme counts yet" action={button}>
            A programme comes to be with its first version: one person writes it, another approves
            it. Until then nothing earns points.
          </Empty>
        }
      />
    </Screen>
  );
}

function columnsOf(
  exponentOf: (currency: string) => number | undefined,
): readonly Column<ProgramSeen>[] {
  return [
    {
      ...{ id: 'title', header: 'Programme', width: 260, grow: true },
      cell: ({ name, title }) => <Link to={`/programs/${name}` as never}>{title}</Link>,
    },
    {
      ...{ id: 'name', header: 'Name', width: 140 },
      cell: ({ name }) => <span className="mono">{name}</span>,
    },
    {
      ...{ id: 'version', header: 'In force', width: 190 },
      cell: ({ version }) => <span className="mono">{version}</span>,
    },
    {
      ...{ id: 'unit', header: 'Unit', width: 110 },
      cell: ({ unit }) => unit,
    },
    {
      ...{ id: 'currency', header: 'Currency', width: 90, spare: true },
      cell: ({ currency }) => currency,
    },
    {
      ...{ id: 'worth', header: 'Worth', width: 190 },
      cell: ({ point_value_micros: micros, currency }) =>
        valueText(micros, exponentOf(currency), currency),
    },
    {
      ...{ id: 'members', header: 'Members', width: 100, spare: true },
      cell: ({ name }) => (
        <Link to={'/members' as never} search={{ program: name } as never}>
          see them
        </Link>
      ),
    },
  ];
}
