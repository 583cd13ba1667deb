// What can be done with a model: each in a dialog that says what follows, and why it cannot be done.
import { Kbd } from '@mantine/core';
import { useDisclosure, useHotkeys } from '@mantine/hooks';
import { Pause, Play, Rocket, Undo2 } from 'lucide-react';
import { useMay } from '../../api/session.ts';
import { ActButton } from '../../parts/may.tsx';
import { DeployDialog } from './deploy-dialog.tsx';
import { RunNow } from './run-now.tsx';
import type { Model } from './shapes.ts';
import { ResumeDialog, RollbackDialog, SuspendDialog } from './stop-dialogs.tsx';

const right = 'model:write';

export function ModelActions({ model }: { readonly model: Model }) {
  const { production, previous, canary, shadow, suspension, name } = model;
  const [isDeploying, deploying] = useDisclosure();
  const [isGoingBack, goingBack] = useDisclosure();
  const [isStopping, stopping] = useDisclosure();
  const may = useMay()(right).allowed;
  const noWayBack = previous ? undefined : 'No version stands before the one in production.';
  const inUse = production ?? previous ?? canary ?? shadow;
  const nothingToStop = inUse ? undefined : 'No version is in use: there is nothing to stop.';
  useHotkeys([
    ['d', () => may && deploying.open()],
    ['b', () => may && previous && goingBack.open()],
    ['s', () => may && inUse && stopping.open()],
  ]);
  return (
    <>
      <RunNow
        model={name}
        {...(production ? {} : { unless: 'Controls test what is in production: nothing is yet.' })}
      />
      <ActButton
        {...{ right, onClick: deploying.open, leftSection: <Rocket size={13} /> }}
        rightSection={
          <Kbd size="xs" aria-hidden>
            d
          </Kbd>
        }
      >
        Deploy
      </ActButton>
      <ActButton
        {...{ right, unless: noWayBack, onClick: goingBack.open }}
        leftSection={<Undo2 size={13} />}
        rightSection={
          <Kbd size="xs" aria-hidden>
            b
          </Kbd>
        }
      >
        Go back
      </ActButton>
      <ActButton
        {...{ right, unless: nothingToStop, onClick: stopping.open }}
        leftSection={suspension ? <Play size={13} /> : <Pause size={13} />}
        rightSection={
          <Kbd size="xs" aria-hidden>
            s
          </Kbd>
        }
      >
        {suspension ? 'Resume' : 'Suspend'}
      </ActButton>
      <DeployDialog model={model} opened={isDeploying} close={deploying.close} />
      <RollbackDialog model={model} opened={isGoingBack} close={goingBack.close} />
      {suspension && production ? (
        <ResumeDialog
          {...{ name, suspension, version: production.version }}
          {...{ opened: isStopping, close: stopping.close }}
        />
      ) : (
        <SuspendDialog model={model} opened={isStopping} close={stopping.close} />
      )}
    </>
  );
}
