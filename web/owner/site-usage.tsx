import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { api, bodyOf } from '../api/client.ts'
import { BarChart } from '../ui/bar-chart.tsx'
import { CopyButton } from '../ui/button.tsx'
import { type UsageDay, uncountedBecause, usageDays } from '../ui/chart-data.ts'
import { Disclosure, type Fact, Panel, Progress } from '../ui/panel.tsx'
import { Table } from '../ui/table.tsx'
import { useMay, useOfferedPlans, usePage } from './page.ts'
import { PlanLines } from './plan-offers.tsx'
import { ownLinesOf, plansOf } from './plan-words.ts'
import { siteHash } from './routes.ts'
import { isKept, isLive, type Site } from './site-words.ts'

type Count = 'requests' | 'visitors' | 'errors'

const usageRanges = [7, 30, 90] as const
export type UsageRange = (typeof usageRanges)[number]
const usualRange = 30
const dayMilliseconds = 86_400_000

const readUsage = (id: string, days: UsageRange, signal: AbortSignal) => {
  // The usual range is the server's own, whatever the browser's clock says.
  const from = days === usualRange ? {} : { from: new Date(Date.now() - days * dayMilliseconds).toISOString() }
  return bodyOf(api.GET('/v1/sites/{id}/usage', { params: { path: { id }, query: from }, signal }))
}
export type Usage = Awaited<ReturnType<typeof readUsage>>

export const useUsage = (site: Site, days: UsageRange = usualRange) =>
  useQuery({
    queryKey: ['usage', site.id, days],
    queryFn: ({ signal }) => readUsage(site.id, days, signal),
    placeholderData: keepPreviousData,
    refetchInterval: 300_000,
    enabled: isKept(site),
  })

interface RangeProps {
  readonly chosen: UsageRange
  readonly onChoose: (days: UsageRange) => void
}

export const ChooseRange = ({ chosen, onChoose }: RangeProps) => {
  const { t, format } = usePage()
  return (
    <fieldset className="chips" aria-label={t('usage.period')}>
      {usageRanges.map((days) => (
        <button
          type="button"
          key={days}
          className="chip"
          aria-current={days === chosen ? 'true' : undefined}
          onClick={() => onChoose(days)}
        >
          {format.days(days)}
        </button>
      ))}
    </fieldset>
  )
}

/** The counts that one chart shows beside each other, of which the first is its figure. */
const Counts = ({
  days,
  of,
  figure,
}: {
  days: readonly UsageDay[]
  of: readonly [Count, ...Count[]]
  figure: number
}) => {
  const { t, format } = usePage()
  const count = format.number(figure)
  return (
    <Panel title={t(`usage.${of[0]}`)} variant="half">
      <p className="figure">{count}</p>
      <p className="quiet-text">
        {t(of[0] === 'visitors' ? 'usage.busiest' : 'usage.sum', { days: format.days(days.length) })}
      </p>
      <BarChart
        summary={t('usage.chart', { of: t(`usage.${of[0]}`), count })}
        series={of.map((one) => ({ name: t(`usage.${one}`), values: days.map((day) => day[one]) }))}
        labels={days.map(({ at }) => format.shortDate(at))}
        first={format.shortDate(days[0]?.at ?? '')}
        last={format.shortDate(days.at(-1)?.at ?? '')}
      />
    </Panel>
  )
}

/** The days as numbers, for those who count. */
const Days = ({ days }: { readonly days: readonly UsageDay[] }) => {
  const { t, format } = usePage()
  const column = (of: Count) =>
    ({ title: t(`usage.${of}`), variant: 'number', cell: (day: UsageDay) => format.number(day[of]) }) as const
  return (
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
  )
}

/** The requests and visitors of a site, by day; before the first count, why there is none. */
export const SiteUsage = ({ site, usage }: { readonly site: Site; readonly usage: Usage }) => {
  const { t, format } = usePage()
  const { periods, from, until, lastUsedAt } = usage
  const days = usageDays(periods, from, until)
  // Nobody can visit a site that is stopped.
  if (periods.length === 0 && !isLive(site)) return null
  if (periods.length === 0)
    return (
      <Panel title={t('usage.title', { days: format.days(days.length) })} variant="wide">
        <p>{t(`usage.${uncountedBecause(lastUsedAt, from)}`)}</p>
        <p className="copy-text">
          <code>{site.mainUrl}</code>
          <CopyButton text={site.mainUrl} of={t('facts.address')} />
        </p>
      </Panel>
    )
  return (
    <>
      <Counts days={days} of={['requests', 'errors']} figure={days.reduce((sum, { requests }) => sum + requests, 0)} />
      <Counts days={days} of={['visitors']} figure={Math.max(...days.map(({ visitors }) => visitors))} />
      <Days days={days} />
    </>
  )
}

/** What was counted, beside the other facts of a site. */
export const useUsageFacts = (usage: Usage | undefined): readonly Fact[] => {
  const { t, format } = usePage()
  if (usage === undefined) return []
  const { periods, awakeHours, lastUsedAt, from, until } = usage
  const days = format.days(usageDays([], from, until).length)
  const errors = periods.reduce((sum, period) => sum + period.errors.server, 0)
  return [
    [t('usage.last'), lastUsedAt === null ? t('usage.never') : format.moment(lastUsedAt)],
    [t('usage.awake', { days }), awakeHours === null ? '–' : format.hours(awakeHours)],
    [t('usage.errors-in', { days }), periods.length === 0 ? '–' : format.number(errors)],
  ]
}

export const PlanUse = ({ site, usage }: { readonly site: Site; readonly usage: Usage | undefined }) => {
  const page = usePage()
  const { t, format, settings } = page
  const may = useMay()
  const plans = plansOf(useOfferedPlans(), settings, site.blueprint.name).filter(({ kind }) => kind !== 'enterprise')
  const plan = plans.find(({ id }) => id === site.plan)
  const { usedBytes = null, maxBytes = 0 } = usage?.storage ?? {}
  const part = (usedBytes ?? 0) / maxBytes
  return (
    <Panel
      title={t('usage.plan', { plan: site.planName })}
      variant="half"
      aside={
        may('getBilling') && site.environment === undefined ? (
          <a href={siteHash(site.id, 'plans')}>{t('usage.plans')}</a>
        ) : undefined
      }
    >
      {maxBytes === 0 || usedBytes === null ? null : (
        <>
          <p className="meter-line">
            <span>{t('usage.storage')}</span>
            <strong>{t('usage.storage-of', { used: format.bytes(usedBytes), room: format.bytes(maxBytes) })}</strong>
          </p>
          <Progress
            label={t('usage.storage')}
            percent={part * 100}
            tone={part >= 1 ? 'danger' : part >= 0.8 ? 'warning' : undefined}
          />
        </>
      )}
      {plan === undefined ? null : <PlanLines lines={ownLinesOf(page, plan, site, plans).slice(1)} />}
    </Panel>
  )
}
