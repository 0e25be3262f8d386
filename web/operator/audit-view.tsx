import { useQuery } from '@tanstack/react-query'
import { api, bodyOf } from '../api/client.ts'
import type { components } from '../api/openapi.d.ts'
import { Button, LinkButton } from '../ui/button.tsx'
import { Field } from '../ui/field.tsx'
import type { Column } from '../ui/table.tsx'
import { usePage, usePermitted } from './page.ts'
import { auditQueryOf, type AuditView as Choice, hashOf, routeOf } from './routes.ts'
import { ListView } from './view.tsx'

type Entry = components['schemas']['AuditEntry']

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

/** @param names of sites and operators, by id */
const useColumns = (names: Readonly<Record<string, string>>): readonly Column<Entry>[] => {
  const { t, find, format } = usePage()
  return [
    {
      title: t('audit.action'),
      cell: ({ at, action, reason, refused }) => (
        <>
          {find(`audited.${action}`) ?? action}
          {refused === undefined ? null : (
            <small>{`${find(`refused.${refused.problem}`) ?? refused.problem} × ${refused.count}`}</small>
          )}
          {reason === undefined ? null : <small>{t('timeline.reason', { reason })}</small>}
          <small>
            <time dateTime={at}>{format.moment(at)}</time>
          </small>
        </>
      ),
    },
    {
      title: t('audit.by'),
      cell: ({ who }) => (
        <>
          {names[who.id] ??
            (who.kind === 'visitor' ? '–' : t(who.kind === 'person' ? 'who.owner' : `role.${who.role}`))}
          <small data-from="medium">
            <a href={hashOf({ name: 'audit', view: { who: who.id } })} aria-label={`${t('audit.only')}: ${who.id}`}>
              {who.id}
            </a>
          </small>
        </>
      ),
    },
    {
      title: t('audit.about'),
      from: 'medium',
      cell: ({ targets: [first, ...others] }) => (
        <>
          {first === undefined ? '–' : null}
          {first?.startsWith('site_') ? (
            <a href={hashOf({ name: 'site', id: first, part: 'facts' })}>{names[first] ?? t('site.site')}</a>
          ) : null}
          {first === undefined ? null : (
            <small>
              {find(`target.${first.split('_')[0]}`)}{' '}
              <a href={hashOf({ name: 'audit', view: { target: first } })} aria-label={`${t('audit.only')}: ${first}`}>
                {first}
              </a>
              {others.length === 0 ? null : ` +${others.length}`}
            </small>
          )}
        </>
      ),
    },
    { title: t('audit.network'), from: 'wide', cell: ({ from }) => from.network },
  ]
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
  const columns = useColumns(query.data?.names ?? {})
  const { cursor: _, ...filter } = view
  const exported = `/v1/operator/audit/export?${new URLSearchParams(auditQueryOf(filter))}`
  const aside = isPermitted('operatorExportAudit') ? (
    <LinkButton tone="quiet" href={exported} download="audit.jsonl">
      {t('audit.export')}
    </LinkButton>
  ) : null
  return (
    <ListView
      title={t('nav.audit')}
      aside={aside}
      head={
        <>
          <p className="quiet-text">{t('audit.lead')}</p>
          <Filter view={view} />
        </>
      }
      query={query}
      columns={columns}
      rows={query.data?.entries}
      present={view.cursor}
      hrefOf={(cursor) => hashOf({ name: 'audit', view: { ...filter, cursor } })}
    />
  )
}
