// The bank app is for fingers: the console's theme with everything a size larger and rounder.
import { createTheme } from '@mantine/core';

const control = { size: 'lg', radius: 10 } as const;

export const bankTheme = createTheme({
  components: {
    Button: { defaultProps: { ...control, fullWidth: true } },
    TextInput: { defaultProps: control },
    NativeSelect: { defaultProps: control },
  },
});
