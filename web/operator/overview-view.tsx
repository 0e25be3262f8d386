import { api } from '../api/client.ts'
import type { components } from '../api/openapi.d.ts'
import { useRead } from '../api/query-client.ts'
import { BarChart } from '../ui/bar-chart.tsx'
import { Disclosure, Facts, Panel } from '../ui/panel.tsx'
import { View } from '../ui/state.tsx'
import { Table } from '../ui/table.tsx'
import { Attention } from './overview-attention.tsx'
import { Brake, Figures, Trials } from './overview-controls.tsx'
import { useNames, usePage } from './page.tsx'
import { hashOf, statuses } from './routes.ts'

type Overview = components['schemas']['Overview']
interface PartProps {
  readonly overview: Overview
}

const Sites = ({ overview: { sites } }: PartProps) => {
  const { t, format } = usePage()
  const names = useNames()
  // A purged site is none any more. The rest adds up to the figure above, and so do the plans.
  const counted = statuses.filter((status) => status !== 'purged' && (sites.byStatus[status] ?? 0) > 0)
  if (counted.length === 0) return null
  return (
    <Panel title={t('overview.sites')} variant="side">
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
      <h3 className="panel-part">{t('overview.plans')}</h3>
      <Facts facts={Object.entries(sites.byPlan).map(([plan, count]) => [names.plan(plan), format.number(count)])} />
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
  if (said.signups + said.conversions === 0) return null
  return (
    <Panel title={t('overview.days')} variant="main" aside={<p className="quiet-text">{t('days.sum', said)}</p>}>
      <BarChart
        summary={t('days.summary', said)}
        series={[
          { name: t('days.signups'), values: signups },
          { name: t('days.conversions'), values: conversions },
        ]}
        labels={days.map(({ day }) => format.shortDate(day))}
        first={format.shortDate(days[0]?.day ?? '1970-01-01')}
        last={format.shortDate(days.at(-1)?.day ?? '1970-01-01')}
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
            { title: t('days.signups'), variant: 'number', cell: (day) => shown(day.signups) },
            { title: t('days.conversions'), variant: 'number', cell: (day) => shown(day.conversions) },
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
    <Panel title={t('overview.pools')} variant="main">
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
            variant: 'number',
            cell: ({ ready, target }) => t('pool.of', { ready: format.number(ready), target: format.number(target) }),
          },
          {
            title: t('pool.building'),
            variant: 'number',
            from: 'medium',
            cell: (pool) => format.number(pool.building),
          },
          { title: t('pool.claims'), variant: 'number', cell: ({ claims }) => format.number(claims) },
        ]}
      />
    </Panel>
  )
}

export const OverviewView = () => {
  const { t } = usePage()
  const query = useRead(['overview'], (signal) => api.GET('/v1/operator/overview', { signal }), { every: 30 })
  return (
    <View title={t('nav.overview')} query={query}>
      {(overview) => (
        <>
          <Attention overview={overview} />
          <Figures overview={overview} />
          <div className="panels">
            <Days overview={overview} />
            <Sites overview={overview} />
            {overview.pools.length === 0 ? null : <Pools overview={overview} />}
          </div>
          {/* It stays one element wherever it is shown: the focus and what an act has said stay too. */}
          <div className="panels controls" data-needed={overview.brake.tripped === null ? undefined : ''}>
            <Brake brake={overview.brake} />
            <Trials />
          </div>
        </>
      )}
    </View>
  )
}
