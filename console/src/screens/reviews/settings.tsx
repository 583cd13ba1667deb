// The settings of reviews: what is in force, a draft of what should be, and the way there, which
// leads over another person.
import { Alert, Button, Drawer, Group, Stack, Text } from '@mantine/core';
import { useSessionStorage } from '@mantine/hooks';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { call } from '../../api/client.ts';
import { useApi } from '../../api/queries.ts';
import { withApproval } from '../../parts/approved.ts';
import { ActButton } from '../../parts/may.tsx';
import { type Exponents, useExponents } from '../../parts/money.tsx';
import { Refusal } from '../../parts/refusal.tsx';
import { Loading, ProblemNote } from '../../parts/states.tsx';
import { tell } from '../../parts/tell.ts';
import { changeText, type Draft, draftOf, type Settings, settingsOf } from './settings-draft.ts';
import { SettingsFields } from './settings-fields.tsx';

export function ReviewSettings({ close }: { readonly close: () => void }) {
  const { data, error, refetch } = useApi('GET /v1/review-settings', {});
  const exponents = useExponents();
  return (
    <Drawer opened onClose={close} position="right" size={520} title="Settings of reviews">
      {error && <ProblemNote error={error} retry={refetch} />}
      {data && exponents ? <Form inForce={data} exponents={exponents} /> : !error && <Loading />}
    </Drawer>
  );
}

function Form({
  inForce,
  exponents,
}: {
  readonly inForce: Settings;
  readonly exponents: Exponents;
}) {
  const [kept, setKept, forget] = useSessionStorage<Draft | null>({
    key: 'settings of reviews',
    defaultValue: null,
    getInitialValueInEffect: false,
  });
  const queries = useQueryClient();
  const draft = kept ?? draftOf(inForce, exponents);
  const wanted = settingsOf(draft, exponents);
  const isSame =
    JSON.stringify(wanted) === JSON.stringify(settingsOf(draftOf(inForce, exponents), exponents));
  const replace = useMutation<Settings, Error, Settings>({
    mutationFn: replaceSettings,
    onSuccess: async () => {
      forget();
      await queries.invalidateQueries({ queryKey: ['GET /v1/review-settings'] });
      tell('These settings are in force.');
    },
  });
  return (
    <Stack gap="lg">
      <Text c="dimmed">
        What is promised, and from when on two people must agree. New settings count for cases that
        open from then on; another person approves them first.
      </Text>
      <SettingsFields
        draft={draft}
        set={(next) => {
          replace.reset();
          setKept(next);
        }}
      />
      {typeof wanted === 'string' && (
        <Alert color="yellow" role="status">
          {wanted}
        </Alert>
      )}
      {replace.error && typeof wanted !== 'string' && (
        <Refusal error={replace.error} about={changeText(inForce, wanted, exponents)} />
      )}
      <Group gap="sm">
        <ActButton
          right="reviews:write"
          variant={replace.error ? 'default' : 'filled'}
          loading={replace.isPending}
          unless={
            typeof wanted === 'string' ? wanted : isSame ? 'Nothing is changed yet.' : undefined
          }
          onClick={() => typeof wanted !== 'string' && replace.mutate(wanted)}
        >
          Put in force
        </ActButton>
        <Button
          variant="default"
          disabled={kept === null}
          onClick={() => {
            replace.reset();
            forget();
          }}
        >
          Back to what is in force
        </Button>
      </Group>
    </Stack>
  );
}

function replaceSettings(settings: Settings): Promise<Settings> {
  return withApproval<'POST /v1/review-settings'>((approval_id) =>
    call('POST /v1/review-settings', {
      body: approval_id === undefined ? settings : { ...settings, approval_id },
      // What is approved is put in force once; what is refused for want of it spends no key.
      key: `configure-${approval_id ?? crypto.randomUUID()}`,
    }),
  );
}
