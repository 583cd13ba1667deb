// Back to the bundle before, at once: asked once more, because it decides from that moment on.
import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Undo2 } from 'lucide-react';
import { useAct, useApi } from '../../api/queries.ts';
import { ActButton } from '../../parts/may.tsx';
import { ProblemNote } from '../../parts/states.tsx';
import { tell } from '../../parts/tell.ts';
import { type Point, shortVersion } from './shape.ts';
import { Version } from './version.tsx';

/** All that an act of release changes. */
export const staleAfterRelease = [
  'GET /v1/policies',
  'GET /v1/policies/{name}',
  'GET /v1/policies/{name}/bundles',
  'GET /v1/policies/{name}/shadow',
] as const;

export function RollBack({ point }: { readonly point: Point }) {
  const [isOpen, { open, close }] = useDisclosure(false);
  const act = useAct('POST /v1/policies/{name}/rollbacks', staleAfterRelease);
  const { name, live, scheduled, published } = point;
  const { data } = useApi('GET /v1/policies/{name}', { path: { name } });
  const earlier = data?.items.filter(({ kind }) => kind === 'live').length ?? 0;
  const isBack = earlier > 1 || scheduled.length > 0 || data?.next != null;
  const go = async () => {
    const body = published === null ? {} : { supersedes: published };
    // Not by a callback of `mutate`: what is read anew may take this button away before.
    const done = await act.mutateAsync({ path: { name }, body }).catch(() => undefined);
    if (!done) return;
    close();
    tell(
      `${name} has gone back to ${done.version ? shortVersion(done.version) : 'the bundle before'}`,
    );
  };
  return (
    <>
      <ActButton
        right="policy:write"
        leftSection={<Undo2 size={13} />}
        unless={isBack ? undefined : 'There is no bundle before this one'}
        onClick={open}
      >
        Roll back
      </ActButton>
      <Modal opened={isOpen} onClose={close} title={`Roll back ${name}`}>
        <Stack gap="sm">
          <Text>
            {scheduled.length > 0
              ? 'What is scheduled is called off; what is in force now stays.'
              : 'The bundle that was in force before decides again, from now on. It was approved when it was published, so this needs no second person.'}{' '}
            Trials at this point end.
          </Text>
          {live && scheduled.length === 0 && (
            <Text>
              In force now: <Version {...live} />
            </Text>
          )}
          {act.error && <ProblemNote error={act.error} />}
          <Group justify="flex-end" gap={6}>
            <Button variant="default" onClick={close}>
              Leave it
            </Button>
            <Button color="red.9" loading={act.isPending} onClick={() => void go()} data-autofocus>
              Roll back now
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}
