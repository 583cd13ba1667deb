// A session that ends in the middle of work: another window signs in, nothing typed here is lost.
import { Button, Center, Modal, Stack, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { onSignedIn, sessionIsOver, tellSignedIn, useSessionIsOver } from '../api/session.ts';

export function SessionOver() {
  const isOver = useSessionIsOver();
  const queries = useQueryClient();
  useEffect(
    () =>
      onSignedIn(() => {
        sessionIsOver(false);
        void queries.invalidateQueries();
      }),
    [queries],
  );
  return (
    <Modal opened={isOver} onClose={() => undefined} withCloseButton={false} title="Signed out">
      <Stack gap="sm">
        <Text>
          Your session has ended. Sign in again in another window: this page stays as it is, with
          everything that you have typed.
        </Text>
        <Button
          onClick={() =>
            window.open('/auth/sign-in?return=/signed-in', '_blank', 'popup,width=520')
          }
        >
          Sign in again
        </Button>
      </Stack>
    </Modal>
  );
}

/** Where that other window ends. */
export function SignedIn() {
  useEffect(() => {
    tellSignedIn();
    window.close();
  }, []);
  return (
    <Center h="100vh">
      <Text>You are signed in: go on in the window where you were, and close this one.</Text>
    </Center>
  );
}
