import { api, bodyOf } from '../api/client.ts'
import type { components } from '../api/openapi.d.ts'
import { BarChart } from '../ui/bar-chart.tsx'
import { Disclosure, Facts, Panel } from '../ui/panel.tsx'
import { View } from '../ui/state.tsx'
import { Table } from '../ui/table.tsx'
import { ActDialog } from './act-dialog.tsx'
import { ActsRow } from './acts-row.tsx'
import { Brake, Trials } from './overview-controls.tsx'
import { useNow, usePage, usePermitted } from './page.ts'
import { hashOf, statuses } from './routes.ts'
import { SiteStatus, useRead } from './view.tsx'

type Overview = components['schemas']['Overview']
interface PartProps {
  readonly overview: Overview
}

const sumOf = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((a, b) => a + b, 0)

const Sites = ({ overview: { sites } }: PartProps) => {
  const { t, format } = usePage()
  const kept = sumOf(sites.byPlan)
  const counted = statuses.filter((status) => (sites.byStatus[status] ?? 0) > 0)
  return (
    <Panel title={t('overview.sites')}>
      <p className="figure">{format.number(kept)}</p>
      <p className="quiet-text">{t('overview.awake', { awake: sites.awake, asleep: sites.asleep })}</p>
      <Facts
        facts={counted.map((status) => [
          t(`status.${status}`),
          <a
            key={status}
            href={hashOf({ name: 'sites', view: { status } })}
            aria-label={`${t('nav.sites')}: ${t(`status.${status}`)}, ${format.number(sites.byStatus[status] ?? 0)}`}
          >
            {format.number(sites.byStatus[status] ?? 0)}
          </a>,
        ])}
      />
    </Panel>
  )
}

const Revenue = ({ overview: { revenue, sites } }: PartProps) => {
  const { t, format } = usePage()
  return (
    <Panel title={t('overview.revenue')}>
      {revenue === null ? <p className="quiet-text">{t('overview.revenue-unknown')}</p> : null}
      {revenue?.monthly.length === 0 ? <p className="figure">{format.number(0)}</p> : null}
      {revenue?.monthly.map((part) => (
        <p className="figure" key={part.currency}>
          {format.money(part)}
        </p>
      ))}
      {revenue === null ? null : (
        <p className="quiet-text">
          {t('overview.revenue-at', {
            count: revenue.monthly.reduce((sum, { subscriptions }) => sum + subscriptions, 0),
            at: format.instant(revenue.at),
          })}
        </p>
      )}
      <Facts facts={Object.entries(sites.byPlan).map(([plan, count]) => [plan, format.number(count)])} />
    </Panel>
  )
}

const steps = ['remind', 'warn', 'suspend', 'archive', 'purge'] as const

const Due = ({ overview: { due } }: PartProps) => {
  const { t, format } = usePage()
  return (
    <Panel title={t('overview.due')}>
      <Facts facts={steps.map((step) => [t(`step.${step}`), format.number(due.steps[step])])} />
      {due.isComplete ? null : <p className="quiet-text">{t('overview.due-more')}</p>}
    </Panel>
  )
}

const Days = ({ overview: { days, countedSince } }: PartProps) => {
  const { t, format } = usePage()
  const total = (values: readonly (number | null)[]) => values.reduce<number>((sum, value) => sum + (value ?? 0), 0)
  const signups = days.map((day) => day.signups)
  const conversions = days.map((day) => day.conversions)
  const said = { signups: total(signups), conversions: total(conversions) }
  const shown = (count: number | null) => (count === null ? '–' : format.number(count))
  return (
    <Panel title={t('overview.days')} look="most" aside={<p className="quiet-text">{t('days.sum', said)}</p>}>
      <BarChart
        summary={t('days.summary', said)}
        series={[
          { name: t('days.signups'), values: signups },
          { name: t('days.conversions'), values: conversions },
        ]}
        first={format.date(days[0]?.day ?? '1970-01-01')}
        last={format.date(days.at(-1)?.day ?? '1970-01-01')}
      />
      {countedSince === null ? null : (
        <p className="quiet-text">{t('days.since', { day: format.date(countedSince) })}</p>
      )}
      <Disclosure title={t('days.table')}>
        <Table
          caption={t('overview.days')}
          idOf={({ day }) => day}
          rows={days.toReversed()}
          columns={[
            { title: t('days.day'), cell: ({ day }) => format.date(day) },
            { title: t('days.signups'), look: 'number', cell: (day) => shown(day.signups) },
            { title: t('days.conversions'), look: 'number', cell: (day) => shown(day.conversions) },
          ]}
        />
      </Disclosure>
    </Panel>
  )
}

const Pools = ({ overview: { pools } }: PartProps) => {
  const { t, format } = usePage()
  const timesOf = ({ median, ninetieth }: { readonly median: number; readonly ninetieth: number }) => ({
    median: format.duration(median / 1000),
    ninetieth: format.duration(ninetieth / 1000),
  })
  return (
    <Panel title={t('overview.pools')} look="wide">
      <Table
        caption={t('overview.pools')}
        idOf={({ blueprint }) => blueprint}
        rows={pools}
        columns={[
          {
            title: t('pool.blueprint'),
            cell: ({ blueprint, builds }) => (
              <>
                {blueprint}
                {builds === null ? null : <small>{t('pool.builds', timesOf(builds))}</small>}
              </>
            ),
          },
          {
            title: t('pool.ready'),
            look: 'number',
            cell: ({ ready, target }) => t('pool.of', { ready: format.number(ready), target: format.number(target) }),
          },
          { title: t('pool.building'), look: 'number', from: 'medium', cell: (pool) => format.number(pool.building) },
          { title: t('pool.claims'), look: 'number', cell: ({ claims }) => format.number(claims) },
        ]}
      />
    </Panel>
  )
}

type Failure = Overview['failures'][number]

/** What retries a failure: a dialog here, or the view that has the button. */
const Retry = ({ failure: { siteId, hostname, retry } }: { readonly failure: Failure }) => {
  const { t } = usePage()
  const isPermitted = usePermitted()
  if (retry === null) return '–'
  if (retry.path.includes('/rollouts/')) return <a href={hashOf({ name: 'rollouts' })}>{t('nav.rollouts')}</a>
  if (!retry.path.endsWith('/retry') || !isPermitted('operatorRetry'))
    return (
      <a
        href={hashOf({ name: 'site', id: siteId, part: 'facts' })}
        aria-label={`${t('site.site')}: ${hostname ?? siteId}`}
      >
        {t('site.site')}
      </a>
    )
  const site = { id: siteId, name: hostname, version: 0, plan: '' }
  return (
    <ActsRow
      acts={[{ id: 'retry', label: t('act.retry'), of: hostname ?? siteId }]}
      refreshes={['overview']}
      dialogOf={(_, open) => <ActDialog site={site} act="retry" {...open} />}
    />
  )
}

const Failures = ({ overview: { failures } }: PartProps) => {
  const { t, format } = usePage()
  const now = useNow()
  if (failures.length === 0)
    return (
      <Panel title={t('overview.failures')} look="wide">
        <p className="good">{t('overview.no-failures')}</p>
      </Panel>
    )
  return (
    <Panel title={t('overview.failures')} look="wide">
      <Table
        caption={t('overview.failures')}
        rows={failures}
        idOf={({ id }) => id}
        hrefOf={({ siteId }) => hashOf({ name: 'site', id: siteId, part: 'failures' })}
        columns={[
          { title: t('site.site'), cell: ({ hostname, siteId }) => hostname ?? siteId },
          {
            title: t('failure.cause'),
            cell: ({ cause, detail }) => (
              <>
                {t(`cause.${cause}`)}
                {detail === null ? null : <small lang="en">{detail}</small>}
              </>
            ),
          },
          { title: t('failure.during'), from: 'medium', cell: ({ during }) => t(`during.${during}`) },
          { title: t('failure.at'), from: 'medium', cell: ({ at }) => format.fromNow(at, now) },
          {
            title: t('site.status'),
            from: 'wide',
            cell: ({ status }) => (status === null ? '–' : <SiteStatus status={status} />),
          },
          { title: t('failure.retry'), cell: (failure) => <Retry failure={failure} /> },
        ]}
      />
    </Panel>
  )
}

/** The numbers of the installation. */
export const OverviewView = () => {
  const { t } = usePage()
  const query = useRead('overview', (signal) => bodyOf(api.GET('/v1/operator/overview', { signal })), 30)
  return (
    <View title={t('nav.overview')} query={query}>
      {(overview) => (
        <div className="panels">
          <Sites overview={overview} />
          <Revenue overview={overview} />
          <Due overview={overview} />
          <Brake brake={overview.brake} />
          <Trials />
          <Days overview={overview} />
          {overview.pools.length === 0 ? null : <Pools overview={overview} />}
          <Failures overview={overview} />
        </div>
      )}
    </View>
  )
}
