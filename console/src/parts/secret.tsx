// A secret that is shown once: to be copied now, and nowhere to be found later.
import { Button, CopyButton, Group, Text } from '@mantine/core';
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
    <div className="secret" role="status">
      <strong>
        <KeyRound size={14} aria-hidden /> Copy it now: it is not shown again
      </strong>
      <Text>{children}</Text>
      <code className="mono">{secret}</code>
      <Group gap="sm">
        <CopyText text={secret} words="Copy the secret" />
      </Group>
    </div>
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
