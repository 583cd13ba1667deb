// The single-letter keys of a screen: heard everywhere but where somebody types, shown by `?`.
import { ActionIcon, Kbd, Modal, Table, Tooltip } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Keyboard } from 'lucide-react';
import { useLayoutEffect, useRef } from 'react';
import { isTyping } from '../app/go-keys.ts';

export type Key = {
  /** As the browser names it: `a`, `Enter`. */
  readonly key: string;
  readonly words: string;
  /** Without it the key is heard elsewhere, and only told of here. */
  readonly act?: () => void;
};

/** What has keys of its own while it is open. */
const layers = '[role="dialog"],[role="menu"],[role="listbox"]';

export function useKeys(keys: readonly Key[], isOn = true): void {
  const latest = useRef(keys);
  latest.current = keys;
  // With what is shown, and not a moment later: people who see a screen press its keys.
  useLayoutEffect(() => {
    if (!isOn) return;
    const hear = (event: KeyboardEvent) => {
      // A list that has focus moves by itself.
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (isTyping(event.target) || isPressed(event)) return;
      const act = latest.current.find(({ key }) => key === event.key)?.act;
      if (!act) return;
      event.preventDefault();
      act();
    };
    document.addEventListener('keydown', hear);
    return () => document.removeEventListener('keydown', hear);
  }, [isOn]);
}

/** Enter and blank on what can be pressed are for that; a layer hears its keys alone. */
function isPressed({ target, key }: KeyboardEvent): boolean {
  if (!(target instanceof Element)) return false;
  if (target.closest(layers) !== null) return true;
  return (key === 'Enter' || key === ' ') && target.closest('a,button,summary') !== null;
}

/** The button that shows the keys of a screen, which `?` presses. */
export function KeysButton({ keys }: { readonly keys: readonly Key[] }) {
  const [isOpen, { open, close }] = useDisclosure();
  useKeys([{ key: '?', words: 'Show the keys', act: open }], !isOpen);
  return (
    <>
      <Tooltip label="Keys of this screen (?)">
        <ActionIcon onClick={open} aria-label="Keys of this screen">
          <Keyboard size={15} />
        </ActionIcon>
      </Tooltip>
      <Modal opened={isOpen} onClose={close} title="Keys of this screen" size="sm">
        <Table withRowBorders={false}>
          <Table.Tbody>
            {keys.map(({ key, words }) => (
              <Table.Tr key={key}>
                <Table.Th scope="row" w={72} fw={400}>
                  <Kbd size="xs">{key}</Kbd>
                </Table.Th>
                <Table.Td>{words}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Modal>
    </>
  );
}
