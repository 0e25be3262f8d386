import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { logEvents } from '../../../core/log-events.ts'
import { type Resource, resourcesOf } from '../support/resources.ts'
import { synthesise } from '../support/synthesise.ts'

const all = await synthesise()
const alarms = resourcesOf(all.template('watch'), 'AWS::CloudWatch::Alarm').map(({ Properties }) => Properties)

const idOf = ({ AlarmName }: Resource['Properties']): string =>
  String(AlarmName).slice(`${all.names.installation}-`.length)
const alarmOf = (id: string) => alarms.find((alarm) => idOf(alarm) === id)

/** The statistic of a metric that sets an alarm off, in how many periods of so many minutes in a row. */
const thresholds = {
  'api-errors': ['Sum of 5xx', 5, 5, 1],
  'api-latency': ['p99 of Latency', 3000, 5, 3],
  'edge-errors': ['Sum of HTTPCode_ELB_5XX_Count', 10, 5, 1],
  'mail-bounces': ['Maximum of Reputation.BounceRate', 0.03, 60, 1],
  'mail-complaints': ['Maximum of Reputation.ComplaintRate', 0.0008, 60, 1],
  'pool-empty': ['Sum of SitesBuiltOnDemand', 3, 15, 1],
  'stream-age': ['Maximum of IteratorAge', 300_000, 5, 1],
  'routers-unhealthy': ['Maximum of UnHealthyHostCount', 1, 5, 3],
  'routers-missing': ['Maximum of HealthyHostCount', 1, 5, 1],
  'sites-not-looked-up': ['Sum of sites-not-looked-up', 20, 5, 2],
  'routers-busy': ['Average of CPUUtilization', 85, 5, 3],
  'concurrency-near-quota': ['Maximum of ClaimedAccountConcurrency', 800, 5, 1],
  'access-points-near-quota': ['Maximum of access-points-near-quota', 80, 180, 1],
  'parameters-near-quota': ['Maximum of parameters-near-quota', 80, 180, 1],
  'account-near-quota': ['Maximum of account-near-quota', 80, 15, 1],
  'cell-near-quota': ['Maximum of cell-near-quota', 80, 15, 1],
  'cells-nearly-full': ['Maximum of cells-nearly-full', 80, 15, 1],
  'archive-damaged': ['Sum of archive-damaged', 1, 5, 1],
  'billing-drift': ['Sum of billing-drift', 1, 5, 1],
  'brake-tripped': ['Sum of brake-tripped', 1, 5, 1],
  'domain-elsewhere': ['Sum of domain-elsewhere', 1, 60, 2],
  'domain-uncertified': ['Sum of domain-uncertified', 1, 1440, 1],
  'leftovers-found': ['Sum of leftovers-found', 1, 5, 1],
  'many-accounts-of-network': ['Sum of many-accounts-of-network', 1, 1440, 1],
  'operation-stuck': ['Sum of operation-stuck', 1, 5, 1],
  'operator-sign-in-broken': ['Sum of operator-sign-in-broken', 1, 5, 1],
  'payment-returned': ['Sum of payment-returned', 1, 5, 1],
  'payment-to-check': ['Sum of payment-to-check', 1, 5, 1],
  'price-differs': ['Sum of price-differs', 1, 5, 1],
  'stripe-refused': ['Sum of stripe-refused', 1, 5, 1],
  'many-sites-down': ['Sum of many-sites-down', 1, 15, 1],
  'tasks-not-placed': ['Sum of tasks-not-placed', 3, 15, 1],
  'storage-mistake': ['Sum of storage-mistake', 1, 5, 1],
  'webhook-refused': ['Sum of webhook-refused', 3, 60, 1],
} as const

it.each(Object.entries(thresholds))('%s alarms at the threshold of %s', (id, [metric, threshold, minutes, checks]) => {
  const { MetricName, Statistic, ExtendedStatistic, Threshold, Period, EvaluationPeriods } = alarmOf(id)
  expect([`${Statistic ?? ExtendedStatistic} of ${MetricName}`, Threshold, Period / 60, EvaluationPeriods]).toEqual([
    metric,
    threshold,
    minutes,
    checks,
  ])
})

it('alarms at the first failed or late execution, and at the first dead letter', () => {
  const atOnce = alarms.filter((alarm) => /-(failed|timed-out|messages|throttled)$/.test(idOf(alarm)))
  expect(atOnce.length).toBeGreaterThan(17)
  for (const alarm of atOnce)
    expect([idOf(alarm), alarm.Threshold, alarm.EvaluationPeriods]).toEqual([idOf(alarm), 1, 1])
})

it('lists every alarm, except those of functions, executions and queues', () => {
  const others = alarms.map(idOf).filter((id) => !/-(errors|silent|throttled|failed|timed-out|messages)$/.test(id))
  const named = ['spot-near-quota', 'on-demand-near-quota', 'throttled-tables', ...Object.keys(thresholds)].filter(
    (id) => !id.endsWith('-errors'),
  )
  expect(others.toSorted()).toEqual(named.toSorted())
})

it.each([
  ['spot-near-quota', 'spot', 'Standard/Spot'],
  ['on-demand-near-quota', 'demand', 'Standard/OnDemand'],
])('%s compares the vCPUs of the account with its quota', (alarm, id, kind) => {
  const { Metrics, Threshold, EvaluationPeriods } = alarmOf(alarm)
  expect([Threshold, EvaluationPeriods]).toEqual([80, 1])
  expect(Metrics).toMatchObject([
    { Expression: `100 * (${id} / SERVICE_QUOTA(${id}))` },
    {
      Id: id,
      MetricStat: {
        Metric: {
          Namespace: 'AWS/Usage',
          MetricName: 'ResourceCount',
          Dimensions: [
            { Name: 'Class', Value: kind },
            { Name: 'Resource', Value: 'vCPU' },
            { Name: 'Service', Value: 'Fargate' },
            { Name: 'Type', Value: 'Resource' },
          ],
        },
        Stat: 'Maximum',
        Period: 900,
      },
      ReturnData: false,
    },
  ])
})

it('adds up the throttles of both tables', () => {
  const { Metrics, Threshold } = alarmOf('throttled-tables')
  expect(Threshold).toBe(10)
  const read = Metrics.flatMap(
    ({ MetricStat }: { MetricStat?: { Metric: { MetricName: string; Dimensions: { Value: string }[] } } }) =>
      MetricStat === undefined ? [] : `${MetricStat.Metric.MetricName} of ${MetricStat.Metric.Dimensions[0]?.Value}`,
  )
  expect(read.toSorted()).toEqual(
    ['Read', 'Write'].flatMap((kind) =>
      ['', '-short'].map((suffix) => `${kind}ThrottleEvents of ${all.names.tables}${suffix}`),
    ),
  )
})

it('counts the percent of a quota that a sweep logs, once it is near', () => {
  const quotas = resourcesOf(all.template('watch'), 'AWS::Logs::MetricFilter').filter(({ Properties }) =>
    String(Properties.FilterPattern).includes('capacity-counted'),
  )
  expect(quotas.map(({ Properties }) => Properties.MetricTransformations[0].MetricValue)).toEqual(
    Array.from({ length: 5 }, () => '$.percent'),
  )
  const patterns = quotas.map(({ Properties }) => String(Properties.FilterPattern)).join(' ')
  const kinds = [...patterns.matchAll(/\$\.kind = "([\w-]+)"/g)].map(([, kind]) => kind)
  expect(kinds.toSorted()).toEqual([
    'access-points',
    'addresses',
    'cells',
    'network-interfaces',
    'parameters',
    'roles',
    'services',
  ])
  for (const { Properties } of quotas) expect(Properties.FilterPattern).toContain('$.percent >= 80')
})

it('treats missing data as a failure of scheduled functions and of routers, and as normal elsewhere', () => {
  for (const alarm of alarms) {
    const isFloor = idOf(alarm).endsWith('-silent') || idOf(alarm) === 'routers-missing'
    const { ComparisonOperator, TreatMissingData } = alarm
    expect([idOf(alarm), ComparisonOperator, TreatMissingData]).toEqual([
      idOf(alarm),
      isFloor ? 'LessThanThreshold' : 'GreaterThanOrEqualToThreshold',
      isFloor ? 'breaching' : 'notBreaching',
    ])
  }
})

describe('the code of a log line', () => {
  const root = new URL('../../../', import.meta.url)
  const read = (path: string): string => readFileSync(new URL(path, root), 'utf8')
  const listed = Object.keys(logEvents)

  const filters = (): readonly string[] =>
    resourcesOf(all.template('watch'), 'AWS::Logs::MetricFilter').map(({ Properties }) =>
      String(Properties.FilterPattern),
    )
  const filtered = (): readonly string[] => [
    ...new Set(
      filters().flatMap((pattern) => [...pattern.matchAll(/\$\.event = "([^"]+)"/g)].map(([, code]) => code!)),
    ),
  ]
  const logged = (): ReadonlySet<string> => {
    const folders = ['adapters', 'cloud', 'core', 'lambdas', 'local', 'router']
    const files = folders.flatMap((folder) =>
      readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.ts'))
        .map((file) => read(`${folder}/${file}`)),
    )
    return new Set(files.flatMap((text) => [...text.matchAll(/\{\s*event: '([a-z-]+)'/g)].map(([, code]) => code!)))
  }
  /** The codes that a document names, as `event: code`. */
  const namedIn = (document: string): readonly string[] =>
    [...read(document).matchAll(/`event: ([a-z-]+)`/g)].map(([, code]) => code!)

  it('is what metric filters match, never the sentence', () => {
    const ofGateway = filters().filter((pattern) => pattern.includes('$.route'))
    expect(ofGateway).toHaveLength(1)
    for (const pattern of filters().filter((one) => !ofGateway.includes(one))) {
      expect(pattern).toMatch(/\$\.event = "/)
      const fields = [...pattern.matchAll(/\$\.(\w+)/g)].map(([, field]) => field!)
      expect(fields.filter((field) => !['event', 'error', 'isStopped', 'kind', 'percent'].includes(field))).toEqual([])
    }
  })

  it('is in the list, and product code logs it', () => {
    expect(filtered().length).toBeGreaterThan(10)
    expect(listed).toEqual(expect.arrayContaining([...filtered()]))
    expect([...logged()].toSorted()).toEqual(listed.toSorted())
  })

  it('is in the runbook for every filter with an alarm', () => {
    const alarming = filtered().filter((code) => code !== 'payment-not-ours')
    expect(alarming).toEqual(expect.arrayContaining(['many-sites-down', 'silent-sites-kept']))
    expect(namedIn('docs/runbook.md')).toEqual(expect.arrayContaining(alarming))
  })

  it.each(['docs/runbook.md', 'docs/leftovers.md', 'docs/trials.md'])('is listed when %s names it', (document) => {
    expect(namedIn(document).length).toBeGreaterThan(0)
    expect(listed).toEqual(expect.arrayContaining([...namedIn(document)]))
  })
})
