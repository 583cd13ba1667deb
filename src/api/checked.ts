// What the check of a document answers: flaws with their places, and what it would do.
import Type from 'typebox';

const text = Type.String();

export const checkedParts = {
  is_right: Type.Boolean(),
  flaws: Type.Array(Type.Object({ pointer: text, detail: text })),
  remarks: Type.Array(text, {
    description: 'What is no flaw, and whoever agrees to it should know: sentences.',
  }),
};

type Found = {
  readonly flaws: readonly { readonly pointer: string; readonly detail: string }[];
  readonly remarks: readonly string[];
};

export function checked({ flaws, remarks }: Found) {
  return { is_right: flaws.length === 0, flaws, remarks };
}
