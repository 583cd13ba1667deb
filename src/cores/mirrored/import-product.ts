// A product of the core becomes one of the register.
import { sha256Hex } from '#core';
import type { CoreProduct } from '../adapter.ts';
import { definedProductId } from '../own/products.ts';
import type { Mirror } from './mirror.ts';

const codeMax = 30;

/** Answers its id. */
export async function defineProductOf(mirror: Mirror, product: CoreProduct): Promise<string> {
  const { id, kind, name, currency, status, terms } = product;
  const body = { code: codeOf(mirror.core, product), kind, name, currency, status, terms };
  const defined = await mirror.must('product.define', `product ${id}`, body);
  const own_id = definedProductId(defined);
  await mirror.link({ kind: 'product', own_id, core_id: id, as_of: null });
  return own_id;
}

/** In our letters; what is behind keeps those apart that have lost what told them apart. */
function codeOf(core: string, { code, id }: CoreProduct): string {
  const letters = code.toLowerCase().replaceAll(/[^a-z0-9_-]+/g, '-');
  const head = /^[a-z]/.test(letters) ? letters : `p-${letters}`;
  return `${head.slice(0, codeMax)}-${sha256Hex(`${core} ${id}`).slice(0, 6)}`;
}
