// The search of an explorer: taken over on Enter, kept in the address, reached by `f` or `/`.
import { CloseButton, TextInput } from '@mantine/core';
import { Search } from 'lucide-react';
import { useRef } from 'react';
import { useUrl } from '../app/url.ts';
import { useKeys } from './keys.tsx';

export function SearchBox({
  name,
  label,
  placeholder,
}: {
  /** Of what is searched for, in the address and in the API. */
  readonly name: string;
  readonly label: string;
  readonly placeholder: string;
}) {
  const [url, setUrl] = useUrl();
  const input = useRef<HTMLInputElement>(null);
  const focus = () => input.current?.select();
  useKeys([
    { key: 'f', words: 'Search', act: focus },
    { key: '/', words: 'Search', act: focus },
  ]);
  const given = url[name] ?? '';
  return (
    <form
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        setUrl({ [name]: input.current?.value.trim() ?? '' });
      }}
    >
      <TextInput
        ref={input}
        key={given}
        aria-label={label}
        placeholder={placeholder}
        defaultValue={given}
        leftSection={<Search size={13} aria-hidden />}
        rightSection={
          given !== '' && (
            <CloseButton
              size="xs"
              aria-label="Clear the search"
              onClick={() => setUrl({ [name]: undefined })}
            />
          )
        }
        onKeyDown={({ key, currentTarget }) => {
          if (key === 'Escape') currentTarget.blur();
        }}
      />
    </form>
  );
}
