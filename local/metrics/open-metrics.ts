/** A metric of the OpenMetrics text format, version 1.0.0. */
export interface Metric {
  /** Without `_total`, which the samples of counters get. */
  readonly name: string
  readonly type: 'counter' | 'gauge'
  readonly help: string
  /** The name ends with it. */
  readonly unit?: 'seconds' | 'bytes'
  readonly samples: readonly Sample[]
}

export interface Sample {
  readonly labels?: Readonly<Record<string, string>>
  readonly value: number
}

export const openMetricsType = 'application/openmetrics-text; version=1.0.0; charset=utf-8'

const escaped = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"')

const labelsText = (labels: Readonly<Record<string, string>> = {}): string => {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

const linesOf = ({ name, type, help, unit, samples }: Metric): readonly string[] => [
  `# TYPE ${name} ${type}`,
  ...(unit === undefined ? [] : [`# UNIT ${name} ${unit}`]),
  `# HELP ${name} ${escaped(help)}`,
  ...samples.map(({ labels, value }) => `${name}${type === 'counter' ? '_total' : ''}${labelsText(labels)} ${value}`),
]

/** The text of an exposition. */
export const openMetricsText = (metrics: readonly Metric[]): string =>
  `${[...metrics.flatMap(linesOf), '# EOF'].join('\n')}\n`

/** A counter by labels. */
export const createCounter = () => {
  const values = new Map<string, { readonly labels: Readonly<Record<string, string>>; value: number }>()
  return {
    add: (labels: Readonly<Record<string, string>>, count = 1): void => {
      const key = JSON.stringify(Object.entries(labels))
      const known = values.get(key)
      if (known === undefined) values.set(key, { labels, value: count })
      else known.value += count
    },
    samples: (): readonly Sample[] => [...values.values()].map((one) => ({ ...one })),
  }
}
