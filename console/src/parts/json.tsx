// Raw JSON as it was stored or answered: for those who want to see what there really is.
import { Box, Code } from '@mantine/core';
import { CopyId } from './id.tsx';
import { unturned } from './turning.ts';

export function Json({ value, maxHeight = 420 }: { readonly value: unknown; maxHeight?: number }) {
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
  return (
    <Box pos="relative">
      <Box pos="absolute" top={4} right={4}>
        <CopyId text={text} label="Copy the JSON" />
      </Box>
      {/* Scrolled by keyboard as well (WCAG 2.1.1). */}
      <Code block tabIndex={0} aria-label="JSON" style={{ maxHeight, overflow: 'auto' }}>
        {unturned(text)}
      </Code>
    </Box>
  );
}
