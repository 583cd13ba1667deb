// The door of privacy: what is masked, and where personal values are kept.
export {
  type FieldClass,
  fieldClasses,
  fieldClassNames,
} from './classes.ts';
export { detect, type Finding, textMax } from './detect.ts';
export { type Masked, mask, maskFields, maskValue } from './mask.ts';
export { classOfToken, isToken, type Token } from './token.ts';
export { type Found, openVault, type PersonalValue, type Vault } from './vault.ts';
