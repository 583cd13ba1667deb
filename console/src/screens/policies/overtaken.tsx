// Two editors of one policy: another bundle has come into force since this one was begun.
import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { useApi } from '../../api/queries.ts';
import { ProblemNote } from '../../parts/states.tsx';
import { DiffOf } from './diff.tsx';
import { mergeBundles } from './merge.ts';
import type { Bundle, Point } from './shape.ts';
import { Version } from './version.tsx';
import type { Copy } from './working-copy.ts';

export function Overtaken({
  copy,
  live,
  replace,
}: {
  readonly copy: Copy;
  readonly live: Point['live'];
  readonly replace: (copy: Copy) => void;
}) {
  const isOver = live !== null && live.digest !== copy.live;
  const [isOpen, { open, close }] = useDisclosure(false);
  const { data, error } = useApi(
    'GET /v1/policy-bundles/{digest}',
    { path: { digest: live?.digest ?? '' } },
    { enabled: isOver },
  );
  if (!isOver) return null;
  const theirs = data?.bundle as Bundle | undefined;
  const rebase = () => {
    if (!theirs) return;
    const { bundle, conflicts } = mergeBundles({ base: copy.base, mine: copy.bundle, theirs });
    replace({ ...copy, bundle, base: theirs, from: live.digest, live: live.digest });
    close();
    notifications.show({
      autoClose: conflicts.length === 0 ? 5_000 : false,
      title: conflicts.length === 0 ? 'Your changes stand on it now' : 'Both have changed these',
      message:
        conflicts.length === 0
          ? 'Nothing was changed by both.'
          : `Yours were kept: ${conflicts.join('; ')}`,
    });
  };
  return (
    <div className="overtaken" role="status">
      <Group gap="sm">
        <Text flex={1}>
          <Version {...live} /> has come into force since you began. A draft that goes on from the
          earlier one would take its changes back.
        </Text>
        <Button variant="default" onClick={open} disabled={copy.live === null}>
          See what it changed
        </Button>
        <Button onClick={rebase} disabled={!theirs}>
          Bring my changes onto it
        </Button>
        <Button variant="subtle" onClick={() => replace({ ...copy, live: live.digest })}>
          Go on as it is
        </Button>
      </Group>
      {error && <ProblemNote error={error} />}
      <Modal opened={isOpen} onClose={close} size={960} title="What has come into force since">
        <Stack gap="md">
          {theirs && copy.live !== null && (
            <DiffOf digest={live.digest} against={copy.live} bundle={theirs} />
          )}
          <Group justify="flex-end" gap={6}>
            <Button onClick={rebase} data-autofocus>
              Bring my changes onto it
            </Button>
          </Group>
        </Stack>
      </Modal>
    </div>
  );
}
