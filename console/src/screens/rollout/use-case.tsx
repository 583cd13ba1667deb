// One use case: what is set for it where, and its own switch.
import { Button, Table, Text, VisuallyHidden } from '@mantine/core';
import { Card } from '../../parts/screen.tsx';
import { State, wordsOf } from '../../parts/state.tsx';
import { Time } from '../../parts/time.tsx';
import { Who } from '../../parts/who.tsx';
import { KillSwitch } from './kill-switch.tsx';
import { modeWords, placeText, type Setting } from './modes.ts';

type UseCaseProps = {
  readonly name: string;
  readonly settings: readonly Setting[];
  readonly isKilled: boolean;
  readonly isAllKilled: boolean;
  readonly edit: (id: string) => void;
};

export function UseCase({ name, settings, isKilled, isAllKilled, edit }: UseCaseProps) {
  return (
    <Card
      title={wordsOf(name)}
      flush
      actions={
        isAllKilled ? (
          <State word="killed">stopped with everything</State>
        ) : (
          <>
            {isKilled && <State word="killed">stopped</State>}
            <KillSwitch useCase={name} isKilled={isKilled} compact />
          </>
        )
      }
    >
      {settings.length === 0 ? (
        <Text p="sm" c="dimmed">
          Nothing is set: it does nothing.
        </Text>
      ) : (
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Where</Table.Th>
              <Table.Th>Mode</Table.Th>
              <Table.Th>What that means</Table.Th>
              <Table.Th>Set</Table.Th>
              <Table.Th>
                <VisuallyHidden>Change</VisuallyHidden>
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {settings.map((setting) => (
              <SettingRow key={setting.id} setting={setting} edit={edit} />
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Card>
  );
}

function SettingRow({
  setting,
  edit,
}: {
  readonly setting: Setting;
  readonly edit: (id: string) => void;
}) {
  const { id, mode, percent, set_at, set_by } = setting;
  const [tone, words] = modeWords[mode];
  return (
    <Table.Tr>
      <Table.Td>{placeText(setting)}</Table.Td>
      <Table.Td>
        <State word={mode} tone={tone}>
          {percent === null ? wordsOf(mode) : `${wordsOf(mode)} ${percent} %`}
        </State>
      </Table.Td>
      <Table.Td className="dimmed">{words}</Table.Td>
      <Table.Td style={{ whiteSpace: 'nowrap' }}>
        <Time at={set_at} /> <span className="dimmed">by</span> <Who principal={set_by} />
      </Table.Td>
      <Table.Td ta="end">
        <Button variant="subtle" size="compact-xs" onClick={() => edit(id)}>
          Change
        </Button>
      </Table.Td>
    </Table.Tr>
  );
}
