// The look: dense, calm, the same in dark and light. Colors that mean something are named in
// `look.css`; here is what Mantine needs to know.
import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core';

/** Ink, for what can be acted on: links, focus, the main button. */
const ink: MantineColorsTuple = [
  ...(['#eef1ff', '#dbe1fd', '#b4c0f8', '#8a9cf4', '#677ef0', '#5069ee'] as const),
  ...(['#435eee', '#344fd4', '#2b46be', '#1f3ba7'] as const),
];
/** Cool greys: near-black surfaces in the dark, paper in the light. */
const dark: MantineColorsTuple = [
  ...(['#d7dae3', '#b4b9c7', '#9197a8', '#5f6678', '#3a4051', '#2a2f3e'] as const),
  ...(['#1f2430', '#161a24', '#11141c', '#0c0e15'] as const),
];
const gray: MantineColorsTuple = [
  ...(['#f8f9fb', '#f1f3f6', '#e6e9ef', '#d8dde5', '#c3cad6', '#a3acbb'] as const),
  ...(['#6a7385', '#4b5365', '#343b4b', '#1d2230'] as const),
];

/** A close button that has a name, and a head that is no second banner of the page. */
const dialog = {
  closeButtonProps: { 'aria-label': 'Close' },
  attributes: { header: { role: 'presentation' } },
  overlayProps: { backgroundOpacity: 0.4 },
  // The page below does not scroll; the lock would write a style that the page's policy forbids.
  lockScroll: false,
};

export const theme = createTheme({
  primaryColor: 'ink',
  primaryShade: { light: 7, dark: 5 },
  autoContrast: true,
  colors: { ink, dark, gray },
  white: '#ffffff',
  black: '#171b26',
  fontFamily:
    'Inter, "SF Pro Text", "Segoe UI Variable Text", "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "Liberation Sans", Arial, sans-serif',
  fontFamilyMonospace:
    'ui-monospace, "SF Mono", "Cascadia Mono", "JetBrains Mono", Menlo, "Liberation Mono", monospace',
  fontSizes: { xs: '0.6875rem', sm: '0.75rem', md: '0.8125rem', lg: '0.9375rem', xl: '1.125rem' },
  lineHeights: { xs: '1.35', sm: '1.4', md: '1.45', lg: '1.45', xl: '1.35' },
  spacing: { xs: '0.375rem', sm: '0.5rem', md: '0.75rem', lg: '1.125rem', xl: '1.75rem' },
  radius: { xs: '2px', sm: '3px', md: '4px', lg: '6px', xl: '10px' },
  defaultRadius: 'md',
  headings: {
    fontWeight: '620',
    sizes: {
      h1: { fontSize: '1.125rem', lineHeight: '1.3' },
      h2: { fontSize: '0.9375rem', lineHeight: '1.35' },
      h3: { fontSize: '0.8125rem', lineHeight: '1.4' },
    },
  },
  focusRing: 'auto',
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: 'xs' } },
    ActionIcon: { defaultProps: { size: 'sm', variant: 'subtle', color: 'gray' } },
    TextInput: { defaultProps: { size: 'xs' } },
    Textarea: { defaultProps: { size: 'xs' } },
    NumberInput: { defaultProps: { size: 'xs' } },
    Select: { defaultProps: { size: 'xs' } },
    MultiSelect: { defaultProps: { size: 'xs' } },
    Switch: { defaultProps: { size: 'xs' } },
    Checkbox: { defaultProps: { size: 'xs' } },
    SegmentedControl: { defaultProps: { size: 'xs' } },
    Badge: { defaultProps: { size: 'sm', variant: 'light', radius: 'sm', tt: 'none', fw: 560 } },
    Tooltip: {
      defaultProps: {
        ...{ openDelay: 250, withArrow: true, multiline: true, maw: 340 },
        // The keyboard hears it as well as the mouse (WCAG 2.2, 1.4.13).
        events: { hover: true, focus: true, touch: false },
      },
    },
    Tabs: { defaultProps: { keepMounted: false } },
    Modal: { defaultProps: { ...dialog, centered: true } },
    Drawer: { defaultProps: { ...dialog } },
    Notification: { defaultProps: { closeButtonProps: { 'aria-label': 'Close' } } },
    Table: { defaultProps: { verticalSpacing: 4, horizontalSpacing: 'sm', fz: 'md' } },
    Code: { defaultProps: { fz: 'sm' } },
  },
});

/** Muted words must still be read: both schemes keep 4.5 to 1 (WCAG 2.2, 1.4.3). */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-body': '#ffffff',
    '--mantine-color-dimmed': '#5a6375',
    '--mantine-color-placeholder': '#646d80',
    '--mantine-color-error': '#c0262d',
    '--mantine-color-red-filled': '#c0262d',
    '--mantine-color-red-filled-hover': '#a61e25',
  },
  dark: {
    '--mantine-color-body': '#11141c',
    '--mantine-color-text': '#dfe2ea',
    '--mantine-color-dimmed': '#9aa1b2',
    '--mantine-color-placeholder': '#8b93a5',
    '--mantine-color-error': '#ff8080',
    '--mantine-color-red-filled': '#c0262d',
    '--mantine-color-red-filled-hover': '#a61e25',
  },
});
