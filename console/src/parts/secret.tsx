// A secret that is shown once: to be copied now, and nowhere to be found later.
import { Alert, Button, CopyButton, Group, Stack, Text } from '@mantine/core';
import { Check, Copy, KeyRound } from 'lucide-react';
import type { ReactNode } from 'react';

export function SecretOnce({
  secret,
  children,
}: {
  readonly secret: string;
  /** What it is for, and what to do with it. */
  readonly children: ReactNode;
}) {
  return (
    <Alert
      color="yellow"
      variant="light"
      icon={<KeyRound size={16} />}
      title="Copy it now: it is not shown again"
      role="status"
    >
      <Stack gap={8}>
        <Text>{children}</Text>
        <code className="mono" style={{ overflowWrap: 'anywhere', userSelect: 'all' }}>
          {secret}
        </code>
        <Group gap="sm">
          <CopyText text={secret} words="Copy the secret" />
        </Group>
      </Stack>
    </Alert>
  );
}

export function CopyText({ text, words }: { readonly text: string; readonly words: string }) {
  return (
    <CopyButton value={text} timeout={1_600}>
      {({ copied, copy }) => (
        <Button
          variant="default"
          onClick={copy}
          leftSection={copied ? <Check size={13} /> : <Copy size={13} />}
        >
          {copied ? 'Copied' : words}
        </Button>
      )}
    </CopyButton>
  );
}
