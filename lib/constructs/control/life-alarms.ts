import { Duration } from 'aws-cdk-lib'
import { Metric } from 'aws-cdk-lib/aws-cloudwatch'
import type { JsonPattern } from 'aws-cdk-lib/aws-logs'
import { FilterPattern, MetricFilter } from 'aws-cdk-lib/aws-logs'
import type { FunctionName } from '../../../lambdas/manifest.ts'
import type { Alarms } from './alarms.ts'
import type { ManifestFunctions } from './manifest-functions.ts'

interface Sign {
  /** Whose logs say so. */
  readonly in: readonly [FunctionName, ...FunctionName[]]
  readonly pattern: JsonPattern
  readonly feels: string
}

const says = (message: string): JsonPattern => FilterPattern.stringValue('$.message', '=', message)

/** Whatever brings billing into line says the same of it. */
const converging = ['converge-billing', 'reconcile-billing', 'owner-api'] as const
/** They ask Stripe before they take anything away. */
const gates = ['suspend-due-site', 'archive-due-site', 'purge-due-site'] as const

/** What a function says in its log, by its very words, that a person has to know though the function itself did well. */
const signs = {
  'brake-tripped': {
    in: ['act-on-deadlines'],
    // It says so once, and then that things wait for it.
    pattern: FilterPattern.any(says('the brake has tripped'), FilterPattern.booleanValue('$.isStopped', true)),
    feels: 'Nothing: no trial ends, and nothing is taken away, until a person has looked.',
  },
  'archive-damaged': {
    in: ['fail-operation'],
    pattern: FilterPattern.all(
      says('an operation failed'),
      FilterPattern.stringValue('$.error', '=', 'ArchiveDamaged'),
    ),
    feels: "A copy of an owner's data cannot be read back.",
  },
  'operation-stuck': {
    in: ['heal-operations'],
    pattern: says('an operation does not come to its end'),
    feels: 'Owners cannot act on a site with which something has gone on for hours.',
  },
  'storage-mistake': {
    in: ['meter-storage'],
    pattern: says('so many sites beyond their storage must be a mistake: none is suspended'),
    feels: 'Nothing yet; many sites seem to hold far more than they may.',
  },
  'payment-returned': {
    in: converging,
    pattern: FilterPattern.any(
      says('a subscription that nobody has anything of was cancelled'),
      says('money that was paid for nothing could not be given back'),
    ),
    feels: 'Somebody has paid twice for a site, or for one that is gone. It was refunded, or a person has to.',
  },
  'payment-to-look-at': {
    in: [...converging, ...gates],
    pattern: FilterPattern.any(
      says("a payment of a site's subscription is disputed"),
      says('a subscription has a price that is none of ours: the plan stays'),
      says("a site's subscription is not known to Stripe"),
    ),
    feels: 'Nothing: what is disputed or not understood changes no site by itself.',
  },
  'billing-drift': {
    in: ['reconcile-billing'],
    pattern: FilterPattern.any(
      says('billing had drifted, and was put right'),
      says('a subscription has no site'),
      says('a paid site has no subscription'),
    ),
    feels: 'Nothing any more, or what only a person can settle: events of payments were missed.',
  },
  'leftovers-found': {
    in: ['clear-leftovers'],
    pattern: says('something is there that should not be; it is watched for a day'),
    feels: 'Nothing; something is there that no record explains, and goes after a day if it holds no data.',
  },
} as const satisfies Readonly<Record<string, Sign>>

/** Watches over how sites end and are taken up again. */
export const watchLives = (alarms: Alarms, functions: ManifestFunctions, installation: string): void => {
  for (const [id, { in: names, pattern, feels }] of Object.entries<Sign>(signs)) {
    for (const name of names) {
      new MetricFilter(alarms, `${id}-in-${name}`, {
        logGroup: functions.of(name).function.logGroup,
        metricNamespace: installation,
        metricName: id,
        filterPattern: pattern,
        metricValue: '1',
        defaultValue: 0,
      })
    }
    // One metric of all these logs.
    const metric = new Metric({
      namespace: installation,
      metricName: id,
      period: Duration.minutes(5),
      statistic: 'Sum',
    })
    alarms.add(id, { metric, feels, threshold: 1 })
  }
}
