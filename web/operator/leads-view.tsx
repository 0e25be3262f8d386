import { useMutation } from '@tanstack/react-query'
import { api } from '../api/client.ts'
import type { components } from '../api/openapi.d.ts'
import { useRead } from '../api/query-client.ts'
import { Button } from '../ui/button.tsx'
import { Chips } from '../ui/chips.tsx'
import { Badge, Notice } from '../ui/panel.tsx'
import type { Column } from '../ui/table.tsx'
import { ListView, listSize, useNow, usePage, usePermitted } from './page.tsx'
import { hashOf, leadSorts, leadStages, leadsQueryOf, type LeadsView as Shown } from './routes.ts'
import { readPages, saveCsv } from './save-file.ts'

/** Saves all leads of a list as one CSV file. */
const exportLeads = async (
  view: Shown,
  readers: 'sales' | 'marketing',
  separator: 'comma' | 'semicolon',
): Promise<void> => {
  const asked = { ...leadsQueryOf({ ...view, cursor: undefined }), for: readers, separator }
  const [first = '', ...others] = await readPages((more) =>
    api.GET('/v1/operator/leads/export', { params: { query: { ...asked, ...more } }, parseAs: 'text' }),
  )
  // Each page begins with the names of the columns.
  const rows = others.map((page) => page.slice(page.indexOf('\r\n') + 2))
  saveCsv('leads.csv', [first, ...rows])
}

type Lead = components['schemas']['Lead']

const Filters = ({ view, people }: { readonly view: Shown; readonly people: readonly string[] }) => {
  const { t } = usePage()
  const { sort = 'score', stage, assignee } = view
  const sorts = leadSorts.filter((known) => known !== 'next-step' || people.length > 0)
  const chip = (text: string, shown: Shown, isChosen: boolean) => ({
    text,
    href: hashOf({ name: 'leads', view: shown }),
    isChosen,
  })
  return (
    <>
      <Chips
        label={t('sites.order')}
        chips={sorts.map((value) =>
          chip(
            t(`lead-sort.${value}`),
            { sort: value, ...(value === 'next-step' ? { assignee: people[0] } : {}) },
            value === sort,
          ),
        )}
      />
      {sort === 'score' ? (
        <Chips
          label={t('lead.stage')}
          chips={[
            chip(t('sites.every'), { sort }, stage === undefined),
            ...leadStages.map((value) => chip(t(`stage.${value}`), { sort, stage: value }, value === stage)),
          ]}
        />
      ) : null}
      {sort === 'next-step' ? (
        <Chips
          label={t('lead.assignee')}
          chips={people.map((value) => chip(value, { sort, assignee: value }, value === assignee))}
        />
      ) : null}
    </>
  )
}

const shownReasons = 2

/** What counts most; the rest on demand. */
const Reasons = ({ reasons }: Pick<Lead, 'reasons'>) => {
  const { t, format } = usePage()
  const said = byPoints(reasons).map(useSayReason())
  if (said.length === 0) return '–'
  const list = (texts: readonly string[]) => texts.map((text) => <span key={text}>{text}</span>)
  const rest = said.slice(shownReasons)
  return (
    <span className="reasons">
      {list(said.slice(0, shownReasons))}
      {rest.length === 0 ? null : (
        <details>
          <summary>{t('lead.more', { count: format.number(rest.length) })}</summary>
          {list(rest)}
        </details>
      )}
    </span>
  )
}

const useColumns = (): readonly Column<Lead>[] => {
  const { t, format } = usePage()
  const now = useNow()
  return [
    {
      title: t('nav.lead'),
      cell: ({ name, email, company, id }) => (
        <>
          {name ?? email ?? id}
          <small>{company ?? (name === null ? null : email)}</small>
        </>
      ),
    },
    { title: t('lead.score'), variant: 'number', cell: ({ score }) => format.number(score) },
    { title: t('lead.stage'), variant: 'state', cell: ({ stage }) => <Badge>{t(`stage.${stage}`)}</Badge> },
    { title: t('lead.why'), from: 'wide', cell: ({ reasons }) => <Reasons reasons={reasons} /> },
    {
      title: t('site.next'),
      from: 'medium',
      cell: ({ nextStep, assignee }) => (
        <>
          {nextStep === null ? '–' : `${nextStep.text}, ${format.fromNow(nextStep.at, now)}`}
          <small>{assignee}</small>
        </>
      ),
    },
    {
      title: t('lead.deadline'),
      from: 'medium',
      cell: ({ deadline }) => (deadline === null ? '–' : format.fromNow(deadline, now)),
    },
  ]
}

const Export = ({ view }: { readonly view: Shown }) => {
  const { t, format, sayProblem } = usePage()
  const { mutate, variables, isPending, error } = useMutation({
    mutationFn: (readers: 'sales' | 'marketing') => exportLeads(view, readers, format.separator),
  })
  return (
    <div className="actions exports">
      {error === null ? null : <Notice tone="danger">{sayProblem(error)}</Notice>}
      {(['sales', 'marketing'] as const).map((readers) => (
        <Button
          key={readers}
          tone="quiet"
          isBusy={isPending && variables === readers}
          isDisabled={isPending}
          onClick={() => mutate(readers)}
        >
          {t(readers === 'sales' ? 'leads.export' : 'leads.export-marketing')}
        </Button>
      ))}
    </div>
  )
}

/** The leads, a page at a time. The address holds the list and the page. */
export const LeadsView = ({ view }: { readonly view: Shown }) => {
  const { t } = usePage()
  const isPermitted = usePermitted()
  const columns = useColumns()
  const asked = { ...leadsQueryOf(view), limit: listSize }
  const query = useRead(['leads', asked], (signal) =>
    api.GET('/v1/operator/leads', { params: { query: asked }, signal }),
  )
  return (
    <ListView
      title={t('nav.leads')}
      aside={isPermitted('operatorExportLeads') ? <Export view={view} /> : null}
      head={<Filters view={view} people={query.data?.people ?? []} />}
      query={query}
      columns={columns}
      rows={query.data?.leads}
      rowHref={({ id }) => hashOf({ name: 'lead', id })}
      none={t('leads.none')}
      present={view.cursor}
      hrefOf={(cursor) => hashOf({ name: 'leads', view: { ...view, cursor } })}
    />
  )
}

export const byPoints = (reasons: Lead['reasons']): Lead['reasons'] =>
  reasons.toSorted((one, other) => Math.abs(other.points) - Math.abs(one.points))

/** Says a reason in the language of the page. */
export const useSayReason = (): ((reason: Lead['reasons'][number]) => string) => {
  const { t, format } = usePage()
  return ({ fact, event, about, value, points }) =>
    `${t(`reason.${fact}`, { value: format.number(value), event: event ?? t('lead.events') })}${about === undefined ? '' : ` (${about})`} (${points > 0 ? '+' : '−'}${Math.abs(points)})`
}
