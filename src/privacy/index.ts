// The door of privacy: what is masked, and where personal values are kept.
export {
  type FieldClass,
  fieldClasses,
  fieldClassNames,
} from './classes.ts';
export { detect, type Finding, textMax } from './detect.ts';
export { type MaskedJson, maskJson } from './json.ts';
export { type KnownValue, type KnownValues, knownValues } from './known.ts';
export { countLeaks, type LeakCounts } from './leaks.ts';
export { type Masked, mask, maskFields, maskValue } from './mask.ts';
export { classKeyword } from './schema-node.ts';
export { classOfToken, isToken, type Token } from './token.ts';
export { openSealing, type SealedText, type Sealing } from './sealed.ts';
export { type Found, openVault, type PersonalValue, type Vault } from './vault.ts';
