// Which version of a model a tab is about: by the address, or what decides, or else the newest.
import { Select } from '@mantine/core';
import { useApi } from '../../api/queries.ts';
import { useUrl } from '../../app/url.ts';
import { type Model, rolesOf } from './shapes.ts';

const listedMax = 200;

export function useListed(name: string) {
  return useApi('GET /v1/models/{name}/versions', { path: { name }, query: { limit: listedMax } });
}

export function useVersion(model: Model) {
  const [url] = useUrl();
  const version = Number(url['version']) || (model.production?.version ?? model.versions);
  return useApi('GET /v1/models/{name}/versions/{version}', {
    path: { name: model.name, version },
  });
}

type PickerProps = {
  readonly model: Model;
  readonly value: number;
  /** In the address. */
  readonly name?: string;
  readonly label?: string;
};

export function VersionPicker({ model, value, name = 'version', label = 'Version' }: PickerProps) {
  const [, setUrl] = useUrl();
  const listed = useListed(model.name);
  const versions = listed.data?.items ?? [{ version: value, suspended: false }];
  return (
    <Select
      aria-label={label}
      w={190}
      data={versions.map(({ version, suspended }) => ({
        value: String(version),
        label: [
          `Version ${version}`,
          ...rolesOf(model, version),
          ...(suspended ? ['suspended'] : []),
        ].join(', '),
      }))}
      value={String(value)}
      allowDeselect={false}
      onChange={(version) => setUrl({ [name]: version ?? undefined })}
    />
  );
}
