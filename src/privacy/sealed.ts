// Texts under a key of the keyring: for logs whose rows anybody with the database could read.
import { Fault, type Keyring, lengthPrefixed, type Random } from '#core';
import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import { decrypt, encrypt, type Place } from './cipher.ts';

/** `<key id> <base64 of nonce, ciphertext and tag>`. */
export type SealedText = string;

export type Sealing = {
  readonly seal: (text: string, place: Place) => SealedText;
  /** Throws `vault_damaged` in another place, or for a changed text. */
  readonly open: (sealed: SealedText, place: Place) => string;
};

/** Opens what was sealed in the same place alone; each kind and tenant has a key of its own. */
export function openSealing({ vaultKeys }: Pick<Keyring, 'vaultKeys'>, random: Random): Sealing {
  return {
    seal(text, place) {
      const { currentId } = vaultKeys;
      const key = keyFor(currentId, place);
      const encrypted = encrypt(key, Buffer.from(text), { place, random });
      return `${currentId} ${encrypted.toString('base64')}`;
    },
    open(sealed, place) {
      const [keyId = '', base64 = ''] = sealed.split(' ');
      const bytes = Buffer.from(base64, 'base64');
      return decrypt(keyFor(keyId, place), bytes, place).toString('utf8');
    },
  };

  function keyFor(keyId: string, place: Place): KeyObject {
    const secret = vaultKeys.secret(keyId);
    if (secret === undefined) throw new Fault('keyring_invalid', `the keyring lacks ${keyId}`);
    // RFC 5869: the keyring's own key wraps keys of the vault, and shall do nothing else.
    const info = lengthPrefixed(place.slice(0, 2));
    return createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', info, 32)));
  }
}
