import { useQuery } from '@tanstack/react-query'
import type { components } from '../../docs/api/openapi.d.ts'
import { api, bodyOf } from '../api/client.ts'
import { Button, LinkButton } from '../ui/button.tsx'
import { Field } from '../ui/field.tsx'
import { Empty } from '../ui/state.tsx'
import type { Column } from '../ui/table.tsx'
import { Table } from '../ui/table.tsx'
import type { AuditView as Choice } from './routes.ts'
import { auditQueryOf, hashOf, routeOf } from './routes.ts'
import { usePermitted } from './session.ts'
import { usePage } from './use-page.ts'
import { Pages, View } from './view.tsx'

type Entry = components['schemas']['AuditEntry']

interface EntriesProps {
  readonly entries: readonly Entry[]
  /** The names of sites and operators, by id. */
  readonly names: Readonly<Record<string, string>>
}

const pageSize = 50

const fields = { who: 'text', target: 'text', from: 'date', until: 'date' } as const
const fieldNames = ['who', 'target', 'from', 'until'] as const

const Filter = ({ view }: { readonly view: Choice }) => {
  const { t } = usePage()
  return (
    <form
      className="filters"
      // Another filter in the address, such as after "back", fills the fields.
      key={JSON.stringify(view)}
      onSubmit={(event) => {
        event.preventDefault()
        const given = new FormData(event.currentTarget)
        const values = fieldNames.map((name) => [name, String(given.get(name) ?? '').trim()])
        location.hash = hashOf(routeOf(`#/audit?${new URLSearchParams(values)}`))
      }}
    >
      {fieldNames.map((name) => (
        <Field key={name} label={t(`audit.${name}`)} name={name} type={fields[name]} defaultValue={view[name]} />
      ))}
      <Button type="submit" tone="quiet">
        {t('audit.show')}
      </Button>
    </form>
  )
}

const useColumns = (names: EntriesProps['names']): readonly Column<Entry>[] => {
  const { t, find, format } = usePage()
  return [
    {
      title: t('audit.action'),
      cell: ({ at, action, reason, refused }) => (
        <>
          {find(`audited.${action}`) ?? action}
          {refused === undefined ? null : <small>{`${refused.problem} × ${refused.count}`}</small>}
          {reason === undefined ? null : <small>{t('timeline.reason', { reason })}</small>}
          <small>
            <time dateTime={at}>{format.moment(at)}</time>
          </small>
        </>
      ),
    },
    {
      title: t('audit.who'),
      cell: ({ who }) => (
        <>
          {names[who.id] ??
            (who.kind === 'visitor' ? '–' : t(who.kind === 'person' ? 'who.owner' : `role.${who.role}`))}
          <small data-from="medium">
            <a href={hashOf({ name: 'audit', view: { who: who.id } })}>{who.id}</a>
          </small>
        </>
      ),
    },
    {
      title: t('audit.target'),
      from: 'medium',
      cell: ({ targets: [first, ...others] }) => (
        <>
          {first === undefined ? '–' : null}
          {first?.startsWith('site_') ? (
            <a href={hashOf({ name: 'site', id: first, part: 'facts' })}>{names[first] ?? t('audit.site')}</a>
          ) : null}
          {first === undefined ? null : (
            <small>
              <a href={hashOf({ name: 'audit', view: { target: first } })}>{first}</a>
              {others.length === 0 ? null : ` +${others.length}`}
            </small>
          )}
        </>
      ),
    },
    { title: t('audit.network'), from: 'wide', cell: ({ from }) => from.network },
  ]
}

const Entries = ({ entries, names }: EntriesProps) => {
  const { t } = usePage()
  return <Table caption={t('nav.audit')} columns={useColumns(names)} rows={entries} idOf={({ id }) => id} />
}

/** Who did and read what. The address holds the filter and the page. */
export const AuditView = ({ view }: { readonly view: Choice }) => {
  const { t } = usePage()
  const isPermitted = usePermitted()
  const asked = { ...auditQueryOf(view), limit: pageSize }
  const query = useQuery({
    queryKey: ['audit', asked],
    queryFn: ({ signal }) => bodyOf(api.GET('/v1/operator/audit', { params: { query: asked }, signal })),
  })
  const { cursor: _, ...filter } = view
  const pageOf = (cursor: string | undefined) => hashOf({ name: 'audit', view: { ...filter, cursor } })
  const exported = `/v1/operator/audit/export?${new URLSearchParams(auditQueryOf(filter))}`
  const aside = isPermitted('operatorExportAudit') ? (
    <LinkButton tone="quiet" href={exported} download="audit.jsonl">
      {t('audit.export')}
    </LinkButton>
  ) : null
  return (
    <View title={t('nav.audit')} aside={aside} query={query}>
      {({ entries, names, cursor }) => (
        <>
          <p className="quiet-text">{t('audit.lead')}</p>
          <Filter view={view} />
          {entries.length === 0 ? (
            <Empty />
          ) : (
            <section className="panel">
              <Entries entries={entries} names={names} />
            </section>
          )}
          <Pages present={view.cursor} next={cursor} hrefOf={pageOf} />
        </>
      )}
    </View>
  )
}
