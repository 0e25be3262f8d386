interface BarChartProps {
  /** What the chart shows, in words: screen readers read it instead. */
  readonly summary: string
  readonly series: readonly { readonly name: string; readonly values: readonly (number | null)[] }[]
  readonly first: string
  readonly last: string
}

const height = 120
const slot = 20
const gap = 4

/** Bars by day, up to three series beside each other. A day that was not counted has none. */
export const BarChart = ({ summary, series, first, last }: BarChartProps) => {
  const days = series[0]?.values.length ?? 0
  const most = Math.max(1, ...series.flatMap(({ values }) => values.map((value) => value ?? 0)))
  const bar = (slot - gap) / series.length
  return (
    <figure className="chart">
      <svg viewBox={`0 0 ${days * slot} ${height}`} preserveAspectRatio="none" role="img" aria-label={summary}>
        {[0, 0.5, 1].map((part) => (
          <line key={part} x1="0" x2={days * slot} y1={part * height} y2={part * height} />
        ))}
        {series.map(({ name, values }, place) =>
          values.map((value, day) => {
            const size = ((value ?? 0) / most) * (height - 2)
            const x = day * slot + gap / 2 + place * bar
            // biome-ignore lint/suspicious/noArrayIndexKey: a place in the chart is a day.
            return <rect key={`${name}${day}`} data-series={place} x={x} y={height - size} width={bar} height={size} />
          }),
        )}
      </svg>
      <figcaption>
        <span>{first}</span>
        {series.map(({ name }, place) => (
          <span key={name} className="chart-key" data-series={place}>
            {name}
          </span>
        ))}
        <span>{last}</span>
      </figcaption>
    </figure>
  )
}
