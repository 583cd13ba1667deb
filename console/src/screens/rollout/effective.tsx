// What holds for one customer, as the decision itself asks; the question is in the address.
import { Autocomplete, Button, Group, Stack, TextInput } from '@mantine/core';
import { useApi } from '../../api/queries.ts';
import { useUrl } from '../../app/url.ts';
import { Card, Facts } from '../../parts/screen.tsx';
import { State, wordsOf } from '../../parts/state.tsx';
import { Loading, ProblemNote } from '../../parts/states.tsx';
import { modeWords } from './modes.ts';

type Asked = { readonly use_case: string; readonly key: string };

export function Effective({ names }: { readonly names: readonly string[] }) {
  const [url, setUrl] = useUrl();
  const { use_case, key } = url;
  const asked = use_case && key ? { use_case, key } : undefined;
  return (
    <Card title="What holds for one customer">
      <Stack gap="sm">
        <form
          onSubmit={(event) => {
            event.preventDefault();
            const given = new FormData(event.currentTarget);
            setUrl({
              use_case: String(given.get('use_case') ?? '').trim(),
              key: String(given.get('key') ?? '').trim(),
            });
          }}
        >
          <Stack gap="sm">
            <Autocomplete
              size="xs"
              name="use_case"
              label="Use case"
              placeholder="offers"
              data={names as string[]}
              defaultValue={use_case ?? ''}
              maxLength={80}
            />
            <TextInput
              name="key"
              label="Customer, or whatever the canary is drawn by"
              placeholder="pty_…"
              defaultValue={key ?? ''}
            />
            <Group>
              <Button type="submit" variant="default">
                Ask
              </Button>
            </Group>
          </Stack>
        </form>
        <div aria-live="polite">{asked && <Held asked={asked} />}</div>
      </Stack>
    </Card>
  );
}

function Held({ asked }: { readonly asked: Asked }) {
  const { data, error } = useApi('GET /v1/rollout/effective', { query: asked });
  if (error) return <ProblemNote error={error} />;
  if (!data) return <Loading />;
  const { mode, acts, why, setting_id } = data;
  return (
    <Facts
      of={{
        Mode: <State word={mode} tone={modeWords[mode][0]} />,
        'Acts alone': acts ? 'yes' : 'no',
        Because: wordsOf(why),
        Setting: setting_id === null ? null : <span className="mono">{setting_id}</span>,
      }}
    />
  );
}
