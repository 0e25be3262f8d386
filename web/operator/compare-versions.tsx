import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api, bodyOf } from '../api/client.ts'
import type { components } from '../api/openapi.d.ts'
import { Select } from '../ui/field.tsx'
import { Badge, Disclosure } from '../ui/panel.tsx'
import { Loaded } from '../ui/state.tsx'
import { Table, WideTable } from '../ui/table.tsx'
import { usePage } from './page.tsx'
import { differencesOf } from './setting-facts.ts'

type BlueprintStatus = Pick<components['schemas']['BlueprintStatus'], 'name' | 'current' | 'versions'>

const Differences = ({ name, versions }: { readonly name: string; readonly versions: readonly [number, number] }) => {
  const { t } = usePage()
  const caption = t('blueprint.compare')
  const read = (version: number) =>
    bodyOf(api.GET('/v1/operator/blueprints/{name}/versions/{version}', { params: { path: { name, version } } }))
  const query = useQuery({
    queryKey: ['blueprint', name, versions],
    queryFn: async () => differencesOf(await read(versions[0]), await read(versions[1])),
    // A published version never changes.
    staleTime: Number.POSITIVE_INFINITY,
  })
  return (
    <Loaded query={query}>
      {(rows) =>
        rows.length === 0 ? (
          <p className="quiet-text">{t('blueprint.same')}</p>
        ) : (
          <WideTable caption={caption}>
            <Table
              caption={caption}
              rows={rows}
              idOf={({ path }) => path}
              columns={[
                { title: t('blueprint.setting'), cell: ({ path }) => <code>{path}</code> },
                { title: t('blueprint.of', { version: versions[0] }), cell: ({ before }) => before ?? '–' },
                { title: t('blueprint.of', { version: versions[1] }), cell: ({ after }) => after ?? '–' },
              ]}
            />
          </WideTable>
        )
      }
    </Loaded>
  )
}

export const CompareVersions = ({ status: { name, current, versions } }: { readonly status: BlueprintStatus }) => {
  const { t } = usePage()
  const newestFirst = versions.toReversed()
  const [first, second] = newestFirst
  const [isOpen, setOpen] = useState(false)
  const [from, setFrom] = useState(second?.version)
  const [to, setTo] = useState(first?.version)
  const options = newestFirst.map(({ version }) => ({ value: String(version), label: t('blueprint.of', { version }) }))
  return (
    <>
      <ul className="versions">
        {newestFirst.map(({ version, heldBack, unavailable }) => (
          <li key={version}>
            {t('blueprint.of', { version })}{' '}
            {version === current ? <Badge tone="good">{t('draft.current')}</Badge> : null}
            {heldBack ? <Badge tone="warning">{t('rollout.held-back')}</Badge> : null}
            {unavailable ? <Badge tone="danger">{t('rollout.unavailable')}</Badge> : null}
          </li>
        ))}
      </ul>
      {from === undefined || to === undefined ? null : (
        <Disclosure title={t('blueprint.compare')} onToggle={setOpen}>
          <div className="filters">
            <Select
              label={t('blueprint.before')}
              value={from}
              options={options}
              onChange={(value) => setFrom(Number(value))}
            />
            <Select
              label={t('blueprint.after')}
              value={to}
              options={options}
              onChange={(value) => setTo(Number(value))}
            />
          </div>
          {isOpen ? <Differences name={name} versions={[from, to]} /> : null}
        </Disclosure>
      )}
    </>
  )
}
