import type { components } from '../api/openapi.d.ts'
import { Badge } from '../ui/panel.tsx'
import { usePage } from './page.ts'

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

/** Four numbers, and how they changed. */
export const Figures = ({ overview: { sites, revenue, days } }: { readonly overview: Overview }) => {
  const { t, format } = usePage()
  const [signups, conversions] = [weeksOf(days, 'signups'), weeksOf(days, 'conversions')]
  const more = (count: number) => (count === 0 ? undefined : t('figure.more', { count: format.number(count) }))
  const weekly = ({ now, before }: ReturnType<typeof weeksOf>) => {
    const note = before === undefined ? t('figure.week') : t('figure.before', { before: format.number(before) })
    if (!before || now === before) return { value: format.number(now), note }
    const change = `${now > before ? '+' : '−'}${format.percent(Math.abs(now / before - 1))}`
    return { value: format.number(now), change, note, tone: now > before ? 'good' : 'warning' } as const
  }
  const money = revenue?.monthly.map(format.money).join(' · ')
  const subscriptions = revenue?.monthly.reduce((sum, part) => sum + part.subscriptions, 0) ?? 0
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
      <Figure
        title={t('figure.revenue')}
        value={revenue === null ? '–' : money || format.number(0)}
        note={
          revenue === null
            ? t('overview.revenue-unknown')
            : t('figure.subscriptions', { count: format.number(subscriptions), at: format.moment(revenue.at) })
        }
      />
    </div>
  )
}
