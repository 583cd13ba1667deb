// Of which programme a screen tells: the one in the address, else the first.
import { Select } from '@mantine/core';
import type { ReactNode } from 'react';
import { useApi } from '../../api/queries.ts';
import { useUrl } from '../../app/url.ts';
import { Empty, Loading, ProblemNote } from '../../parts/states.tsx';
import type { ProgramSeen } from './shapes.ts';

const programsMax = 200;

/** Undefined as long as it is not known, or where there is none: `rest` says which. */
export function useProgram(): {
  readonly program: ProgramSeen | undefined;
  readonly choice: ReactNode;
  readonly rest: ReactNode;
} {
  const [url, setUrl] = useUrl();
  const { data, error, refetch } = useApi('GET /v1/loyalty/programs', {
    query: { limit: programsMax },
  });
  const items = data?.items ?? [];
  const program = items.find(({ name }) => name === url['program']) ?? items[0];
  const choice = items.length > 1 && (
    <Select
      aria-label="Programme"
      w={170}
      allowDeselect={false}
      value={program?.name ?? null}
      data={items.map(({ name, title }) => ({ value: name, label: title }))}
      onChange={(next) => setUrl({ program: next ?? undefined, id: undefined })}
    />
  );
  const rest = error ? (
    <ProblemNote error={error} retry={refetch} />
  ) : data ? (
    <Empty title="No programme counts yet">
      Members, points and budgets come with the first programme that is published.
    </Empty>
  ) : (
    <Loading />
  );
  return { program, choice, rest };
}
