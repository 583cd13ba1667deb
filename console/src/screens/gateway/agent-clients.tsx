// A client of an agent as it is typed: at which issuer, under which id, with which public keys.
import { Button, Checkbox, Textarea, TextInput } from '@mantine/core';
import type { ClientDraft } from './agent-draft.ts';

export function ClientFields({
  client,
  flaw,
  change,
  remove,
}: {
  readonly client: ClientDraft;
  readonly flaw: string | undefined;
  readonly change: (next: ClientDraft) => void;
  readonly remove?: () => void;
}) {
  const set = (part: Partial<ClientDraft>) => change({ ...client, ...part });
  const isOwn = client.issuer.trim() === 'own';
  return (
    <div className="client-form">
      <TextInput
        label="Issuer of its tokens"
        description="The URL that they name as iss, or own: the issuer of this server"
        value={client.issuer}
        onChange={(event) => set({ issuer: event.currentTarget.value })}
      />
      <TextInput
        label="Client id"
        value={client.clientId}
        onChange={(event) => set({ clientId: event.currentTarget.value })}
        classNames={{ input: 'mono' }}
      />
      <Textarea
        label="Public keys"
        description={
          isOwn
            ? 'A JSON Web Key of the client, or a set of them. Never a private key.'
            : 'Of the issuer: a JSON Web Key, a set of them, or the https address of one. Without any, what the issuer publishes.'
        }
        value={client.keys}
        onChange={(event) => set({ keys: event.currentTarget.value })}
        classNames={{ input: 'mono' }}
        spellCheck={false}
        autosize
        minRows={2}
        maxRows={8}
      />
      {isOwn && (
        <TextInput
          label="Where a customer comes back to"
          description="https addresses with blanks between them; none for an agent that nobody signs in for"
          value={client.redirects}
          onChange={(event) => set({ redirects: event.currentTarget.value })}
        />
      )}
      <Checkbox
        size="xs"
        label="Proves with every call that it holds its key (DPoP)"
        checked={client.requiresDpop}
        onChange={(event) => set({ requiresDpop: event.currentTarget.checked })}
      />
      {flaw !== undefined && (
        <span role="alert" className="client-flaw">
          {flaw}
        </span>
      )}
      {remove && (
        <Button variant="subtle" size="compact-sm" onClick={remove} justify="start">
          Without this client
        </Button>
      )}
    </div>
  );
}
