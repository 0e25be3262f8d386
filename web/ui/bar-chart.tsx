import { useState } from 'react'
import type { ui } from '../texts/catalogues/ui.ts'
import { useTexts } from '../texts/texts.ts'
import { gridStep } from './chart-data.ts'

interface Series {
  readonly name: string
  readonly values: readonly (number | null)[]
}

interface BarChartProps {
  /** What the chart shows, in words: screen readers read it instead. */
  readonly summary: string
  readonly series: readonly Series[]
  readonly first?: string
  readonly last?: string
  /** The name of each place, such as a day, for the tooltip. */
  readonly labels?: readonly string[]
  /** Shows the names below the bars, for a few places. */
  readonly areNamed?: boolean
  /** How a value is written; a plain number if absent. */
  readonly show?: (value: number) => string
}

const height = 120
const slot = 20
const gap = 5
/** Fewer bars leave room: one alone is not as wide as the page. */
const fewestNamed = 4

interface TooltipProps {
  readonly series: readonly Series[]
  readonly place: number
  readonly places: number
  readonly label: string | undefined
  readonly show: (value: number) => string
}

const Tooltip = ({ series, place, places, label, show }: TooltipProps) => {
  const at = (place + 0.5) / places
  // In the right half of the chart the tooltip is left of its bar, so that it is not cut off.
  const side = at < 0.5 ? { left: `${100 * at}%` } : { right: `${100 * (1 - at)}%` }
  return (
    <div className="chart-tooltip" style={side} aria-hidden="true">
      {label === undefined ? null : <strong>{label}</strong>}
      {series.map(({ name, values }, index) => (
        <span key={name} className="chart-key" data-series={index}>
          {name} <b>{valueAt(values, place, show)}</b>
        </span>
      ))}
    </div>
  )
}

interface BarsProps {
  readonly values: Series['values']
  readonly index: number
  readonly width: number
  readonly max: number
}

const Bars = ({ values, index, width, max }: BarsProps) =>
  values.map((value, day) => {
    const size = ((value ?? 0) / max) * height
    const x = day * slot + gap / 2 + index * width
    // biome-ignore lint/suspicious/noArrayIndexKey: a place in the chart is a day.
    return <rect key={day} data-series={index} x={x} y={height - size} width={width} height={size} />
  })

const valueAt = (values: Series['values'], place: number, show: TooltipProps['show']): string => {
  const value = values[place] ?? null
  return value === null ? '–' : show(value)
}

/** Bars by day, up to three series beside each other, with an axis. A day that was not counted has none. Pointer, touch and arrow keys show the numbers. */
export const BarChart = ({ summary, series, first, last, labels, show, areNamed = false }: BarChartProps) => {
  const { t, format } = useTexts<keyof typeof ui>()
  const [place, setPlace] = useState<number>()
  const [focused, setFocused] = useState(0)
  const days = series[0]?.values.length ?? 0
  const slots = areNamed ? Math.max(days, fewestNamed) : days
  const all = series.flatMap(({ values }) => values.map((value) => value ?? 0))
  const step = gridStep(Math.max(0, ...all), all.every(Number.isInteger))
  const say = show ?? format.number
  const told = (at: number) => series.map(({ name, values }) => `${name} ${valueAt(values, at, say)}`).join(', ')
  return (
    <figure className="chart">
      <div className="chart-body">
        <div className="chart-axis" aria-hidden="true">
          {[2, 1, 0].map((line) => (
            <span key={line}>{say(line * step)}</span>
          ))}
        </div>
        <div className="chart-plot">
          <svg viewBox={`0 0 ${slots * slot} ${height}`} preserveAspectRatio="none" role="img" aria-label={summary}>
            {[0, 0.5, 1].map((part) => (
              <line key={part} x1="0" x2={slots * slot} y1={part * height} y2={part * height} />
            ))}
            {place === undefined ? null : (
              <rect className="chart-cursor" x={place * slot} y="0" width={slot} height={height} />
            )}
            {series.map(({ name, values }, index) => (
              <Bars key={name} {...{ values, index }} width={(slot - gap) / series.length} max={2 * step} />
            ))}
          </svg>
          {place === undefined ? null : (
            <Tooltip {...{ series, place }} places={slots} label={labels?.[place]} show={say} />
          )}
          {/* The arrow keys, a finger and a pointer choose a place. */}
          <input
            type="range"
            min={0}
            max={Math.max(0, days - 1)}
            value={place ?? focused}
            aria-label={t('chart.values')}
            aria-valuetext={[labels?.[place ?? focused], told(place ?? focused)].filter(Boolean).join(': ')}
            onChange={({ target }) => {
              setPlace(Number(target.value))
              setFocused(Number(target.value))
            }}
            onFocus={() => setPlace(focused)}
            onBlur={() => setPlace(undefined)}
            onPointerMove={({ currentTarget, clientX }) => {
              const { left, width } = currentTarget.getBoundingClientRect()
              setPlace(Math.max(0, Math.min(days - 1, Math.floor((slots * (clientX - left)) / width))))
            }}
            onPointerLeave={() => setPlace(undefined)}
          />
          {areNamed ? (
            <div className="chart-names" style={{ width: `${(100 * days) / slots}%` }} aria-hidden="true">
              {labels?.map((label) => (
                <span key={label}>{label}</span>
              ))}
            </div>
          ) : null}
        </div>
      </div>
      <figcaption>
        <span>{first}</span>
        <span className="chart-legend">
          {series.map(({ name }, index) => (
            <span key={name} className="chart-key" data-series={index}>
              {name}
            </span>
          ))}
        </span>
        <span>{last}</span>
      </figcaption>
    </figure>
  )
}
