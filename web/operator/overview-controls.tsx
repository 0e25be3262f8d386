import { api } from '../api/client.ts'
import type { components } from '../api/openapi.d.ts'
import { useRead } from '../api/query-client.ts'
import { Badge, Facts, Notice, Panel } from '../ui/panel.tsx'
import { Loaded } from '../ui/state.tsx'
import { Controls } from './acts-row.tsx'
import { usePage, usePermitted, useTrials } from './page.tsx'

type Overview = components['schemas']['Overview']

const sumOf = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((a, b) => a + b, 0)

interface FigureProps {
  readonly title: string
  readonly value: string
  /** How it changed, such as `+3`, and since when. */
  readonly change?: string | undefined
  readonly tone?: 'good' | 'warning' | 'info'
  readonly note: string
}

const Figure = ({ title, value, change, tone = 'good', note }: FigureProps) => (
  <section className="panel figure-panel">
    <h2>{title}</h2>
    <p className="figure">
      {value} {change === undefined ? null : <Badge tone={tone}>{change}</Badge>}
    </p>
    <p className="quiet-text">{note}</p>
  </section>
)

type Day = Overview['days'][number]

/** What the last seven days brought, and the seven before; undefined for days that nobody counted. */
const weeksOf = (days: readonly Day[], of: 'signups' | 'conversions') => {
  const sum = (week: readonly Day[]) => week.reduce((total, day) => total + (day[of] ?? 0), 0)
  const before = days.slice(-14, -7)
  return { now: sum(days.slice(-7)), before: before.some((day) => day[of] !== null) ? sum(before) : undefined }
}

/** The monthly revenue that the last billing reconciliation counted; until there was one, that of the report of this month. */
const useRevenue = ({ revenue }: Overview): Pick<FigureProps, 'value' | 'note'> => {
  const { t, format } = usePage()
  const isReported = usePermitted()('operatorGetReport') && revenue === null
  const read = (signal: AbortSignal) =>
    api.GET('/v1/operator/reports/{name}', { params: { path: { name: 'revenue' } }, signal })
  const { data: report } = useRead(['revenue'], read, { enabled: isReported })
  const said = (money: readonly { readonly amount: number; readonly currency: string }[]) =>
    money.map(format.money).join(' · ') || format.number(0)
  if (revenue !== null) {
    const count = format.number(revenue.monthly.reduce((sum, part) => sum + part.subscriptions, 0))
    return { value: said(revenue.monthly), note: t('figure.subscriptions', { count, at: format.moment(revenue.at) }) }
  }
  if (!report?.asOf) return { value: '–', note: t('overview.revenue-unknown') }
  const of = (row: (typeof report.rows)[number], name: string) =>
    row[report.columns.findIndex((column) => column.name === name)]
  const month = report.until.slice(0, 7)
  const rows = report.rows.filter((row) => String(of(row, 'month')).startsWith(month))
  const customers = rows.reduce((sum, row) => sum + Number(of(row, 'customers')), 0)
  const money = rows.map((row) => ({ amount: Number(of(row, 'end_amount')), currency: String(of(row, 'currency')) }))
  return {
    value: said(money),
    note: t('figure.customers', { count: format.number(customers), at: format.moment(report.asOf) }),
  }
}

/** From how many on a change is said in percent. */
const fewest = 20

export const Figures = ({ overview }: { readonly overview: Overview }) => {
  const { sites, days } = overview
  const revenue = useRevenue(overview)
  const { t, format } = usePage()
  const [signups, conversions] = [weeksOf(days, 'signups'), weeksOf(days, 'conversions')]
  const more = (count: number) => (count === 0 ? undefined : t('figure.more', { count: format.number(count) }))
  const weekly = ({ now, before }: ReturnType<typeof weeksOf>) => {
    const note = before === undefined ? t('figure.week') : t('figure.before', { before: format.number(before) })
    if (!before || now === before) return { value: format.number(now), note }
    // A share of a few says nothing.
    const size = before < fewest ? format.number(Math.abs(now - before)) : format.percent(Math.abs(now / before - 1))
    const change = `${now > before ? '+' : '−'}${size}`
    return { value: format.number(now), change, note, tone: now > before ? 'good' : 'warning' } as const
  }
  return (
    <div className="panels figures">
      <Figure
        title={t('nav.sites')}
        value={format.number(sumOf(sites.byPlan))}
        change={more(signups.now)}
        note={t('figure.awake', { awake: format.number(sites.awake), asleep: format.number(sites.asleep) })}
      />
      <Figure title={t('figure.signups')} {...weekly(signups)} />
      <Figure title={t('figure.conversions')} {...weekly(conversions)} />
      <Figure title={t('figure.revenue')} {...revenue} />
    </div>
  )
}

/** The brake on endings by deadline, and their rate limit. */
export const Brake = ({ brake }: Pick<components['schemas']['Overview'], 'brake'>) => {
  const { t, format } = usePage()
  const isPermitted = usePermitted()
  const { tripped, pace, waiting } = brake
  const left = ({ used, allowed }: typeof pace.hour) => format.number(Math.max(0, allowed - used))
  const said = { waiting: format.number(waiting), hour: left(pace.hour), day: left(pace.day) }
  const act = tripped === null ? 'pull' : 'release'
  const control = {
    id: act,
    label: t(`brake.${act}`),
    effect: t(`brake.${act}-effect`, said),
    isDangerous: true,
    perform: (reason: string) => api.POST(`/v1/operator/brake/${act}`, { body: { reason } }),
  }
  const isOffered = isPermitted(tripped === null ? 'operatorPullBrake' : 'operatorReleaseBrake')
  return (
    <Panel
      title={t('overview.brake')}
      variant="half"
      aside={tripped === null ? <Badge tone="good">{t('brake.off')}</Badge> : null}
    >
      {tripped === null ? null : (
        <Notice tone="danger" title={t('brake.on', { at: format.instant(tripped.at) })}>
          <span lang="en">{tripped.detail}</span>
        </Notice>
      )}
      <p className="quiet-text">{t('brake.about')}</p>
      <Facts
        facts={[
          [t('brake.waiting'), said.waiting],
          [t('brake.hour'), t('brake.used', { ...pace.hour })],
          [t('brake.day'), t('brake.used', { ...pace.day })],
        ]}
      />
      <Controls controls={isOffered ? [control] : []} refresh="overview" />
    </Panel>
  )
}

const TrialFacts = ({ trials }: { readonly trials: components['schemas']['Trials'] }) => {
  const { t, format } = usePage()
  const isPermitted = usePermitted()
  const { paused, live, newInHour, ceilings } = trials
  const waiting = format.number(trials.waiting)
  const act = paused ? 'resume' : 'pause'
  const control = {
    id: act,
    label: t(`trials.${act}`),
    effect: t(`trials.${act}-effect`, { waiting }),
    perform: (reason: string) => api.PUT('/v1/operator/trials', { body: { paused: !paused, reason } }),
  }
  const of = (used: number, allowed: number) =>
    t('brake.used', { used: format.number(used), allowed: format.number(allowed) })
  return (
    <>
      <Facts
        facts={[
          [t('trials.live'), of(live, ceilings.maxLive)],
          [t('brake.hour'), of(newInHour, ceilings.maxNewPerHour)],
          [t('trials.waiting'), waiting],
          [t('trials.invited'), format.number(trials.invited)],
        ]}
      />
      <Controls controls={isPermitted('operatorSetTrials') ? [control] : []} refresh="trials" />
    </>
  )
}

/** How many trials there are and may be, and whether new ones start. */
export const Trials = () => {
  const { t } = usePage()
  const query = useTrials()
  const paused = query.data?.paused
  const state = paused ? (
    <Badge tone="warning">{t('trials.paused-short')}</Badge>
  ) : (
    <Badge tone="good">{t('trials.open')}</Badge>
  )
  return (
    <Panel title={t('trials.title')} variant="half" aside={paused === undefined ? null : state}>
      <Loaded query={query}>{(trials) => <TrialFacts trials={trials} />}</Loaded>
    </Panel>
  )
}
