import { digitsOf } from '../../core/plan/money.ts'
import { api } from '../api/client.ts'
import type { components, paths } from '../api/openapi.d.ts'
import { useRead } from '../api/query-client.ts'
import { BarChart } from '../ui/bar-chart.tsx'
import { ActButton, Button } from '../ui/button.tsx'
import { Chips } from '../ui/chips.tsx'
import { Field, Select } from '../ui/field.tsx'
import { Funnel } from '../ui/funnel.tsx'
import { Notice, Panel } from '../ui/panel.tsx'
import { Empty, Stale, State, View } from '../ui/state.tsx'
import { type Column, Table, WideTable } from '../ui/table.tsx'
import { useNames, usePage, usePermitted } from './page.tsx'
import { type ReportsView as Choice, hashOf, reportQueryOf } from './routes.ts'
import { saveCsv } from './save-file.ts'

type Report = components['schemas']['Report']
type Row = Report['rows'][number]
type Listed = paths['/v1/operator/reports']['get']['responses'][200]['content']['application/json']

/** More would make a page slow; the file has the others. */
const maxRows = 60

/** Bars with their names below. */
const maxNamed = 6

/** The columns that the chart of a report shows. */
const charted: Readonly<Record<Report['name'], readonly string[]>> = {
  funnel: [],
  'conversion-time': ['paid_day_1', 'paid_day_7', 'paid_day_14', 'paid_day_30', 'paid_later'],
  retention: ['week_1', 'week_4'],
  revenue: ['end_amount'],
  'trial-cost': ['cost'],
  variants: ['share'],
}

const show = (view: Choice): void => {
  location.hash = hashOf({ name: 'reports', view })
}

const useReport = (view: Choice) => {
  const { report: name = 'funnel' } = view
  const asked = reportQueryOf(view)
  return useRead(['reports', name, asked], (signal) =>
    api.GET('/v1/operator/reports/{name}', { params: { path: { name }, query: asked }, signal }),
  )
}

const Filters = ({ view, listed }: { readonly view: Choice; readonly listed: Listed }) => {
  const { t } = usePage()
  const { data } = useReport(view)
  const names = useNames()
  const { report = 'funnel', offer, by } = view
  // Without a choice, the period that the report has.
  const { from = data?.from, until = data?.until } = view
  const groups = listed.reports.find(({ name }) => name === report)?.by ?? []
  return (
    <>
      <Chips
        label={t('report.which')}
        chips={listed.reports.map(({ name }) => ({
          text: t(`report-name.${name}`),
          href: hashOf({ name: 'reports', view: { from: view.from, until: view.until, offer, report: name } }),
          isChosen: name === report,
        }))}
      />
      {groups.length < 2 ? null : (
        <Chips
          label={t('report.by')}
          chips={groups.map((group) => ({
            text: t(`report-group.${group}`),
            href: hashOf({ name: 'reports', view: { ...view, by: group } }),
            isChosen: group === (by ?? 'offer'),
          }))}
        />
      )}
      <form
        className="filters"
        onSubmit={(event) => {
          event.preventDefault()
          const given = new FormData(event.currentTarget)
          const textOf = (name: string) => String(given.get(name) ?? '') || undefined
          show({ ...view, from: textOf('from'), until: textOf('until') })
        }}
      >
        <Select
          label={t('report.offer')}
          value={offer ?? ''}
          options={[
            { value: '', label: t('sites.every') },
            ...listed.offers.map((id) => ({ value: id, label: names.offer(id) })),
          ]}
          onChange={(chosen) => show({ ...view, offer: chosen || undefined })}
        />
        {/* Other days, such as after "back", fill the fields. */}
        <Field key={`from ${from}`} label={t('report.from')} name="from" type="date" defaultValue={from} />
        <Field key={`until ${until}`} label={t('report.until')} name="until" type="date" defaultValue={until} />
        <Button type="submit" tone="quiet">
          {t('audit.show')}
        </Button>
      </form>
    </>
  )
}

interface PictureProps {
  readonly report: Report
  /** What a segment is. */
  readonly by: Choice['by']
}

/** Says a text of a column. A variant's segment has its offer before it. */
const useSayText = (by: Choice['by']) => {
  const { format, find } = usePage()
  const names = useNames()
  return (column: string | undefined, value: string): string => {
    const about = column === 'segment' ? (by ?? 'offer') : column
    if (about === 'month') return format.month(value)
    if (about === 'cohort' || about === 'week') return format.date(value)
    if (about !== 'offer' && column !== 'segment') return find(`report-value.${value}`) ?? value
    if (about === 'campaign') return value
    const [offer = value, ...variant] = value.split(': ')
    return [names.offer(offer), ...variant].join(': ')
  }
}

/** `awakeHourCost` is in US dollars. */
const dollars = (value: number) => ({ amount: Math.round(value * 100), currency: 'USD' })

const useShow = ({ columns }: Report, by: Choice['by']) => {
  const { format } = usePage()
  const sayText = useSayText(by)
  const currencyAt = columns.findIndex(({ name }) => name === 'currency')
  return (row: Row, place: number): string => {
    const value = row[place] ?? null
    if (value === null) return '–'
    if (typeof value === 'string') return sayText(columns[place]?.name, value)
    switch (columns[place]?.kind) {
      case 'share':
        return format.share(value)
      case 'amount':
        return format.money({ amount: value, currency: String(row[currencyAt]) })
      case 'days':
      case 'hours':
        return format.number(Math.round(value * 10) / 10)
      case 'cost':
        return format.money(dollars(value))
      default:
        return format.number(value)
    }
  }
}

const useTitle = () => {
  const { find } = usePage()
  return (column: string): string => {
    const [, week] = /^week_(\d+)$/.exec(column) ?? []
    return (week === undefined ? undefined : find('report.week', { week })) ?? find(`report-column.${column}`) ?? column
  }
}

const funnelSteps = ['visits', 'sign_ups', 'with_site', 'activated', 'paid']

/** The accounts of all rows at each step. Visits are left out where nobody counted them. */
const ReportFunnel = ({ report: { columns, rows } }: PictureProps) => {
  const { t } = usePage()
  const titleOf = useTitle()
  const sums = funnelSteps.flatMap((step) => {
    const place = columns.findIndex(({ name }) => name === step)
    return place < 0 ? [] : [{ name: step, count: rows.reduce((sum, row) => sum + Number(row[place] ?? 0), 0) }]
  })
  const steps = sums.filter(({ name, count }) => name !== 'visits' || count > 0)
  return (
    <Funnel
      steps={steps.map(({ name, count }) => ({ name: titleOf(name), count }))}
      sayShare={(share) => t('report.share', { share })}
    />
  )
}

/** How many accounts paid within which time, of all rows. */
const TimeChart = ({ report: { columns, rows } }: PictureProps) => {
  const { t } = usePage()
  const titleOf = useTitle()
  const places = columns.flatMap(({ name }, place) => (charted['conversion-time'].includes(name) ? [place] : []))
  const series = [
    {
      name: titleOf('paid'),
      values: places.map((place) => rows.reduce((sum, row) => sum + Number(row[place] ?? 0), 0)),
    },
  ]
  const labels = places.map((place) => titleOf(columns[place]?.name ?? ''))
  return <BarChart summary={t('report.chart', { of: titleOf('paid') })} series={series} labels={labels} areNamed />
}

const Chart = ({ report, by }: PictureProps) => {
  const { t, format } = usePage()
  const titleOf = useTitle()
  const cellOf = useShow(report, by)
  const { columns, rows, name } = report
  const kind = columns.find((column) => charted[name].includes(column.name))?.kind
  const currencyAt = columns.findIndex((column) => column.name === 'currency')
  const currencies = new Set(rows.map((row) => row[currencyAt]))
  const [currency] = currencies
  const isMoney = kind === 'amount' && currencies.size === 1
  // Bars of several currencies have one axis: in whole units, with the currency in the names of the bars.
  const sized = (value: number, row: Row): number =>
    kind === 'amount' && !isMoney ? value / 10 ** digitsOf(String(row[currencyAt])) : value
  const show = (value: number): string =>
    kind === 'cost'
      ? format.money(dollars(value))
      : isMoney
        ? format.money({ amount: value, currency: String(currency) })
        : format.number(value)
  const series = columns.flatMap((column, place) =>
    charted[name].includes(column.name)
      ? [
          {
            name: titleOf(column.name),
            values: rows.map((row) => (typeof row[place] === 'number' ? sized(row[place], row) : null)),
          },
        ]
      : [],
  )
  return (
    <BarChart
      summary={t('report.chart', { of: series.map((one) => one.name).join(', ') })}
      series={series}
      labels={rows.map((row) => [cellOf(row, 0), typeof row[1] === 'string' ? cellOf(row, 1) : ''].join(' ').trim())}
      show={kind === 'share' ? format.share : show}
      areNamed={rows.length <= maxNamed}
      first={rows.length <= maxNamed ? '' : cellOf(rows[0] ?? [], 0)}
      last={rows.length <= maxNamed ? '' : cellOf(rows.at(-1) ?? [], 0)}
    />
  )
}

const pictures: Partial<Record<Report['name'], typeof Chart>> = { funnel: ReportFunnel, 'conversion-time': TimeChart }

const Shown = ({ report, by }: PictureProps) => {
  const { t, format } = usePage()
  const titleOf = useTitle()
  const cellOf = useShow(report, by)
  const title = t(`report-name.${report.name}`)
  const rows = report.rows.slice(0, maxRows).map((row, place) => ({ row, id: String(place) }))
  const Picture = pictures[report.name] ?? Chart
  const columns = report.columns.map(
    ({ name, kind }, place): Column<(typeof rows)[number]> => ({
      title: titleOf(name),
      ...(kind === 'text' || kind === 'verdict' ? {} : { variant: 'number' }),
      cell: ({ row }) => cellOf(row, place),
      ...(report.name === 'retention' && kind === 'share' ? { shade: ({ row }) => Number(row[place] ?? 0) } : {}),
    }),
  )
  return (
    <Panel title={title}>
      <p className="quiet-text">{t(`report-about.${report.name}`)}</p>
      {rows.length === 0 ? <Empty>{t('report.none')}</Empty> : <Picture report={report} by={by} />}
      {rows.length === 0 ? null : (
        <WideTable caption={title}>
          <Table caption={title} rows={rows} idOf={({ id }) => id} columns={columns} />
        </WideTable>
      )}
      {report.truncated ? <Notice tone="warning">{t('report.truncated')}</Notice> : null}
      {report.rows.length > maxRows ? <p className="quiet-text">{t('report.more', { rows: maxRows })}</p> : null}
      <p className="quiet-text">
        {t('report.period', { from: format.date(report.from), until: format.date(report.until) })}{' '}
        {report.asOf === null ? t('report.no-data') : t('report.as-of', { at: format.moment(report.asOf) })}
      </p>
    </Panel>
  )
}

const Chosen = ({ view }: { readonly view: Choice }) => {
  const query = useReport(view)
  const { data } = query
  return (
    <>
      <Stale isStale={query.isError && data !== undefined} />
      {data === undefined ? <State query={query} /> : <Shown report={data} by={view.by} />}
    </>
  )
}

/** Saves all rows of a report. The API names the file. */
const exportReport = async (view: Choice, separator: 'comma' | 'semicolon'): Promise<void> => {
  const { report: name = 'funnel' } = view
  const query = { ...reportQueryOf(view), format: 'csv', separator } as const
  const { data = '', response } = await api.GET('/v1/operator/reports/{name}', {
    params: { path: { name }, query },
    parseAs: 'text',
  })
  const [, file = name] = /filename="(.*)"/.exec(response.headers.get('content-disposition') ?? '') ?? []
  saveCsv(file, [data])
}

/** A report with its chart. The address holds which, and its parameters. */
export const ReportsView = ({ view }: { readonly view: Choice }) => {
  const { t, format } = usePage()
  const isPermitted = usePermitted()
  const query = useRead(['report-list'], (signal) => api.GET('/v1/operator/reports', { signal }))
  return (
    <View
      title={t('nav.reports')}
      query={query}
      aside={
        isPermitted('operatorGetReport') ? (
          <ActButton act={() => exportReport(view, format.separator)}>{t('leads.export')}</ActButton>
        ) : null
      }
    >
      {(listed) => (
        <>
          <Filters view={view} listed={listed} />
          <Chosen view={view} />
        </>
      )}
    </View>
  )
}
