// Who governs makes the secret of their key: here, in their own browser. Only its digest leaves it.
import { Stack, Text } from '@mantine/core';
import { useEffect, useState } from 'react';
import { Dialog } from '../../parts/dialog.tsx';
import { Id } from '../../parts/id.tsx';
import { CopyText, SecretOnce } from '../../parts/secret.tsx';

const secretBytes = 32;

export function SecretDialog({ close }: { readonly close: () => void }) {
  const [made, setMade] = useState<{ readonly secret: string; readonly digest: string }>();
  useEffect(() => {
    void make().then(setMade);
  }, []);
  return (
    <Dialog close={close} title="A secret of your own" size={520}>
      {made && (
        <Stack gap="md">
          <Text>
            This secret was made in this window and is sent to nobody. Keep it where you keep
            passwords, and give the digest below to the administrator who issues your key: with it
            the bank knows the secret when you use it, and nobody can use it for you.
          </Text>
          <SecretOnce secret={made.secret}>The secret is yours alone.</SecretOnce>
          <div>
            <Text fw={600}>The digest, for the administrator</Text>
            <Id id={made.digest} whole link={false} />
          </div>
          <div>
            <CopyText text={made.digest} words="Copy the digest" />
          </div>
        </Stack>
      )}
    </Dialog>
  );
}

async function make() {
  const hex = (bytes: Uint8Array) =>
    [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  const secret = hex(crypto.getRandomValues(new Uint8Array(secretBytes)));
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(secret));
  return { secret, digest: hex(new Uint8Array(digest)) };
}
