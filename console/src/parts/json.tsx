// Raw JSON as it was stored or answered: for those who want to see what there really is.
import { Box, Code } from '@mantine/core';
import { CopyId } from './id.tsx';

/** What turns the direction of the text behind it (Unicode, annex 9). */
const turning = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

export function Json({ value, maxHeight = 420 }: { readonly value: unknown; maxHeight?: number }) {
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
  return (
    <Box pos="relative">
      <Box pos="absolute" top={4} right={4}>
        <CopyId text={text} label="Copy the JSON" />
      </Box>
      {/* Scrolled by keyboard as well (WCAG 2.1.1). */}
      <Code block tabIndex={0} aria-label="JSON" style={{ maxHeight, overflow: 'auto' }}>
        {plainly(text)}
      </Code>
    </Box>
  );
}

/** As an escape it is the same JSON, and nobody is shown another order than there is. */
function plainly(text: string): string {
  return text.replaceAll(
    turning,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
