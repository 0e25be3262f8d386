import { useQuery } from '@tanstack/react-query'
import { api, bodyOf } from '../api/client.ts'
import { BarChart } from '../ui/bar-chart.tsx'
import { Disclosure, Facts, Panel } from '../ui/panel.tsx'
import { Loaded } from '../ui/state.tsx'
import { Table } from '../ui/table.tsx'
import { usePage } from './page.ts'
import { type UsageDay, uncountedBecause, usageDays } from './usage-days.ts'
import type { Site } from './use-site.ts'

type Count = 'requests' | 'visitors' | 'errors'

const Counts = ({ days, of, figure }: { days: readonly UsageDay[]; of: Count; figure: number }) => {
  const { t, format } = usePage()
  const count = format.number(figure)
  return (
    <Panel title={t(`usage.${of}`)} look="half">
      <p className="figure">{count}</p>
      <p className="quiet-text">{t(of === 'visitors' ? 'usage.busiest' : 'usage.sum')}</p>
      <BarChart
        summary={t('usage.chart', { of: t(`usage.${of}`), count })}
        series={[{ name: t(`usage.${of}`), values: days.map((day) => day[of]) }]}
        first={format.date(days[0]?.at ?? '')}
        last={format.date(days.at(-1)?.at ?? '')}
      />
    </Panel>
  )
}

/** How a site was used within 30 days. */
export const SiteUsage = ({ site }: { readonly site: Site }) => {
  const { t, format } = usePage()
  const query = useQuery({
    queryKey: ['usage', site.id],
    queryFn: ({ signal }) => bodyOf(api.GET('/v1/sites/{id}/usage', { params: { path: { id: site.id } }, signal })),
    refetchInterval: 300_000,
  })
  const column = (of: Count) =>
    ({ title: t(`usage.${of}`), look: 'number', cell: (day: UsageDay) => format.number(day[of]) }) as const
  return (
    <Loaded query={query}>
      {({ periods, from, until, storage: { usedBytes, mostBytes }, awakeHours, lastUsedAt }) => {
        const days = usageDays(periods, from, until)
        const sum = (of: Count) => days.reduce((total, day) => total + day[of], 0)
        const used = usedBytes === null ? '–' : format.bytes(usedBytes)
        return (
          <div className="panels">
            {periods.length === 0 ? null : (
              <>
                <Counts days={days} of="requests" figure={sum('requests')} />
                <Counts days={days} of="visitors" figure={Math.max(...days.map(({ visitors }) => visitors))} />
              </>
            )}
            <Panel title={t('usage.title')} look="wide">
              <Facts
                facts={[
                  [t('usage.storage'), t('usage.storage-of', { used, room: format.bytes(mostBytes) })],
                  [
                    t('usage.awake'),
                    awakeHours === null ? '–' : t('usage.hours', { hours: format.number(awakeHours) }),
                  ],
                  [t('usage.errors'), periods.length === 0 ? '–' : format.number(sum('errors'))],
                  [t('usage.last'), lastUsedAt === null ? t('usage.never') : format.instant(lastUsedAt)],
                ]}
              />
              {periods.length === 0 ? (
                <p className="quiet-text">{t(`usage.${uncountedBecause(lastUsedAt, from)}`)}</p>
              ) : (
                <Disclosure title={t('usage.by-day')}>
                  <Table
                    caption={t('usage.by-day')}
                    columns={[
                      { title: t('usage.day'), cell: ({ at }) => format.date(at) },
                      column('requests'),
                      column('visitors'),
                      { ...column('errors'), from: 'medium' },
                    ]}
                    rows={days.filter(({ requests }) => requests > 0).toReversed()}
                    idOf={({ at }) => at}
                  />
                </Disclosure>
              )}
            </Panel>
          </div>
        )
      }}
    </Loaded>
  )
}
