// Which agent it is, in a line of a list: names may be alike, ids are not.
export function AgentName({ name, id }: { readonly name: string; readonly id: string }) {
  return (
    <>
      <span className="clip">{name}</span>
      <span className="clip dimmed mono bank-agent-id">{id}</span>
    </>
  );
}
