import { useQueryClient } from '@tanstack/react-query'
import { useRef } from 'react'
import { api } from '../api/client.ts'
import type { components, paths } from '../api/openapi.d.ts'
import { useRead } from '../api/query-client.ts'
import { ActButton, Button } from '../ui/button.tsx'
import { Chips } from '../ui/chips.tsx'
import { Field, Select, textIn } from '../ui/field.tsx'
import type { Column } from '../ui/table.tsx'
import { ListView, listSize, usePage, usePermitted, useSession } from './page.tsx'
import { auditQueryOf, type AuditView as Choice, hashOf } from './routes.ts'
import { readPages, saveFile } from './save-file.ts'

type Entry = components['schemas']['AuditEntry']
type Answer = paths['/v1/operator/audit']['get']['responses'][200]['content']['application/json']

/** Acts of people who have no session, and what the API refused. */
const otherActions = ['signIn', 'signOut', 'refused', 'revealCredentials', 'revealDataSecrets']

/** The people in the pages that were read: the log has no list of them. */
const usePeople = ({ who }: Choice) => {
  const { t } = usePage()
  const queries = useQueryClient()
  const known = new Map<string, string>()
  for (const [, page] of queries.getQueriesData<Answer>({ queryKey: ['audit'] })) {
    for (const entry of page?.entries ?? []) {
      if (entry.who.kind === 'visitor') continue
      const role = t(entry.who.kind === 'person' ? 'who.owner' : `role.${entry.who.role}`)
      known.set(entry.who.id, page?.names[entry.who.id] ?? `${role} ${shortId(entry.who.id)}`)
    }
  }
  const people = [...known].map(([value, label]) => ({ value, label }))
  return who === undefined || known.has(who) ? people : [...people, { value: who, label: who }]
}

/** Shows another part of the log from its first page on. */
const show = (view: Choice): void => {
  location.hash = hashOf({ name: 'audit', view })
}

const Filter = ({ view, names }: { readonly view: Choice; readonly names: Readonly<Record<string, string>> }) => {
  const { t, find } = usePage()
  const { data } = useSession()
  const form = useRef<HTMLFormElement>(null)
  const { who = '', action = '', target, from, until } = view
  const actions = [...otherActions, ...(data?.operations ?? []).filter((id) => !/^operator(Get|List|Read)/.test(id))]
  /** Shows what the form says, with days that were given but not shown yet. */
  const showWith = (chosen: Choice): void => {
    const given = new FormData(form.current ?? undefined)
    show({ ...view, from: textIn(given, 'from'), until: textIn(given, 'until'), ...chosen })
  }
  const acts = actions.map((value) => ({ value, label: find(`audited.${value}`) ?? value }))
  return (
    <>
      <form
        ref={form}
        className="filters audit-filters"
        onSubmit={(event) => {
          event.preventDefault()
          showWith({})
        }}
      >
        <Select
          label={t('audit.action')}
          value={action}
          options={[
            { value: '', label: t('audit.changes') },
            { value: 'all', label: t('audit.all') },
            ...acts.toSorted((one, other) => one.label.localeCompare(other.label)),
          ]}
          onChange={(chosen) => showWith({ action: chosen })}
        />
        <Select
          label={t('audit.by')}
          value={who}
          options={[{ value: '', label: t('audit.everybody') }, ...usePeople(view)]}
          onChange={(chosen) => showWith({ who: chosen })}
        />
        {/* Other days in the address, such as after "back", fill the fields. */}
        <Field key={`from ${from}`} label={t('audit.from')} name="from" type="date" defaultValue={from} />
        <Field key={`until ${until}`} label={t('audit.until')} name="until" type="date" defaultValue={until} />
        <Button type="submit" tone="quiet">
          {t('audit.show')}
        </Button>
      </form>
      {target === undefined ? null : (
        <Chips
          label={t('audit.about')}
          chips={[
            {
              text: `${names[target] ?? target} ✕`,
              href: hashOf({ name: 'audit', view: { ...view, target: '' } }),
              isChosen: true,
            },
          ]}
        />
      )}
    </>
  )
}

const shortId = (id: string): string => (id.length < 20 ? id : `${id.slice(0, id.indexOf('_') + 5)}…${id.slice(-5)}`)

const OnlyThese = ({ view, id, name }: { readonly view: Choice; readonly id: string; readonly name: string }) => {
  const { t } = usePage()
  return (
    <a href={hashOf({ name: 'audit', view })} title={id} aria-label={`${t('audit.only')}: ${name}`}>
      {name}
    </a>
  )
}

/** @param names of sites, people and operators, by id. @param filter stays while somebody limits it further. */
const useColumns = (names: Readonly<Record<string, string>>, filter: Choice): readonly Column<Entry>[] => {
  const { t, find, format } = usePage()
  return [
    {
      title: t('audit.action'),
      cell: ({ at, action, reason, refused }) => (
        <>
          <strong>{find(`audited.${action}`) ?? action}</strong>
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
      cell: ({ who }) => {
        const role = who.kind === 'visitor' ? '–' : t(who.kind === 'person' ? 'who.owner' : `role.${who.role}`)
        const name = names[who.id]
        return (
          <>
            <OnlyThese view={{ ...filter, who: who.id }} id={who.id} name={name ?? role} />
            {name === undefined ? null : <small>{role}</small>}
          </>
        )
      },
    },
    {
      title: t('audit.about'),
      from: 'medium',
      cell: ({ targets: [first, ...others] }) => {
        if (first === undefined) return '–'
        const kind = find(`target.${first.split('_')[0]}`) ?? t('site.site')
        return (
          <>
            <OnlyThese view={{ ...filter, target: first }} id={first} name={names[first] ?? kind} />
            {others.length === 0 ? null : ` +${others.length}`}
            <small>
              {first.startsWith('site_') ? (
                <a href={hashOf({ name: 'site', id: first, part: 'facts' })}>{t('audit.open')}</a>
              ) : (
                kind
              )}
            </small>
          </>
        )
      },
    },
    { title: t('audit.network'), from: 'wide', cell: ({ from }) => from.network },
  ]
}

/** Saves all entries that the filter leaves as one file of JSON lines. */
const exportAudit = async (filter: Choice): Promise<void> => {
  const query = auditQueryOf(filter)
  const read = (more: object) =>
    api.GET('/v1/operator/audit/export', { params: { query: { ...query, ...more } }, parseAs: 'text' })
  saveFile('audit.jsonl', 'application/jsonl', await readPages(read))
}

/** Who did and read what. The address holds the filter and the page. */
export const AuditView = ({ view }: { readonly view: Choice }) => {
  const { t } = usePage()
  const asked = { ...auditQueryOf(view), limit: listSize }
  const query = useRead(['audit', asked], (signal) =>
    api.GET('/v1/operator/audit', { params: { query: asked }, signal }),
  )
  const { cursor: _, ...filter } = view
  const columns = useColumns(query.data?.names ?? {}, filter)
  const aside = usePermitted()('operatorExportAudit') ? (
    <ActButton act={() => exportAudit(filter)}>{t('audit.export')}</ActButton>
  ) : null
  return (
    <ListView
      title={t('nav.audit')}
      aside={aside}
      head={
        <>
          <p className="quiet-text">{t('audit.lead')}</p>
          <Filter view={filter} names={query.data?.names ?? {}} />
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
