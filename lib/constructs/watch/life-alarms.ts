import { Duration } from 'aws-cdk-lib'
import { Metric } from 'aws-cdk-lib/aws-cloudwatch'
import { FilterPattern, type JsonPattern, MetricFilter } from 'aws-cdk-lib/aws-logs'
import type { LogEvent } from '../../../core/log-events.ts'
import type { FunctionName } from '../../../lambdas/manifest.ts'
import type { Alarms } from './alarms.ts'
import type { WatchedResources } from './watched-resources.ts'

interface Sign {
  readonly in: readonly [FunctionName, ...FunctionName[]]
  readonly pattern: JsonPattern
  readonly feels: string
  /** Lines within the period that trigger the alarm; one by default. */
  readonly threshold?: number
  /** In minutes; five by default. */
  readonly period?: number
  /** Periods in a row; one by default. */
  readonly checks?: number
}

const logs = (event: LogEvent): JsonPattern => FilterPattern.stringValue('$.event', '=', event)

/** The functions that align billing with Stripe log the same events. */
const converging = ['converge-billing', 'reconcile-billing', 'owner-api'] as const
/** The functions that ask Stripe before they suspend or remove anything. */
const gates = ['pass-gate', 'archive-due-site'] as const
const asking = [...converging, ...gates, 'site-billing-api'] as const

/** Log lines that a person must know about although the function itself succeeded. */
const signs = {
  'brake-tripped': {
    in: ['act-on-deadlines'],
    // The first is logged once, the second in every run until the brake is released.
    pattern: FilterPattern.any(
      logs('brake-tripped'),
      FilterPattern.all(logs('deadlines-checked'), FilterPattern.booleanValue('$.isStopped', true)),
    ),
    feels: 'Nothing: no trial ends until an operator releases the brake. Deletions that somebody requested go on.',
  },
  'archive-damaged': {
    in: ['remove-remains'],
    pattern: FilterPattern.all(logs('operation-failed'), FilterPattern.stringValue('$.error', '=', 'ArchiveDamaged')),
    feels: "A copy of an owner's data cannot be read back.",
  },
  'operation-stuck': {
    in: ['heal-work'],
    pattern: logs('operation-stuck'),
    feels: 'Owners cannot act on a site for hours, because an operation does not end.',
  },
  'many-sites-down': {
    in: ['reconcile-sites'],
    // The second while most sites hang, or cannot be reached, at the addresses of their records.
    pattern: FilterPattern.any(logs('many-sites-down'), logs('silent-sites-kept')),
    feels: 'Many sites do not answer, and their owners get no mail about it.',
    period: 15,
  },
  'tasks-not-placed': {
    // The first three see that Spot refuses a task that they start, and the sweep also what stays without a place.
    in: ['start-site', 'run-site', 'leave-old-version', 'reconcile-sites'],
    pattern: logs('task-not-placed'),
    feels: 'Trials run on more expensive on-demand capacity; without a place there too, sites do not start.',
    // Spot lacks a place at times.
    threshold: 3,
    period: 15,
  },
  'storage-mistake': {
    in: ['meter-storage'],
    pattern: logs('storage-mistake'),
    feels: 'Nothing yet; many sites seem to store far more than they may.',
  },
  'payment-returned': {
    in: converging,
    pattern: FilterPattern.any(logs('subscription-returned'), logs('refund-due')),
    feels:
      'Somebody paid twice, for a purged site, or for a period that has ended. It was refunded, or a person has to refund it.',
  },
  'payment-to-check': {
    in: asking,
    pattern: FilterPattern.any(logs('payment-disputed'), logs('price-unknown'), logs('subscription-unknown')),
    feels: 'Nothing: a dispute or an unknown subscription changes no site automatically.',
  },
  'price-differs': {
    in: ['reconcile-billing', 'owner-api'],
    pattern: logs('price-differs'),
    feels: 'Nobody can buy a plan: Stripe has another price for it than the console shows.',
  },
  'stripe-refused': {
    in: asking,
    pattern: FilterPattern.any(
      logs('stripe-request-refused'),
      logs('stripe-key-refused'),
      logs('stripe-answer-unusable'),
      logs('subscription-unreadable'),
    ),
    feels: 'An owner cannot buy or change a plan, or a payment does not reach its site: Stripe and this code disagree.',
  },
  'billing-drift': {
    in: ['reconcile-billing'],
    pattern: FilterPattern.any(
      logs('billing-drift-repaired'),
      logs('subscription-without-site'),
      logs('site-without-subscription'),
    ),
    feels: 'Nothing now, or a difference that only a person can settle: payment events were missed.',
  },
  'webhook-refused': {
    in: ['stripe-webhook'],
    pattern: FilterPattern.all(logs('request-refused'), FilterPattern.stringValue('$.kind', '=', 'WebhookRefused')),
    feels: 'Payments reach sites half a day late, if Stripe signs with a secret that we do not have.',
    // Stripe sends a quiet installation a few events a day, and repeats them ever more slowly. One forgery alone is no alarm.
    threshold: 3,
    period: 60,
  },
  'domain-elsewhere': {
    in: ['check-domains'],
    pattern: logs('domain-elsewhere'),
    feels: "An owner's domain is verified, but points to somebody else's CloudFront distribution.",
    // An owner who moves a domain here has two hours to remove it there.
    period: 60,
    checks: 2,
  },
  'domain-uncertified': {
    in: ['check-domains', 'withdraw-domain'],
    pattern: logs('domain-certificate-failed'),
    feels: "Browsers refuse an owner's verified domain: it gets no certificate.",
    // After failures, certificates are requested once a day.
    period: 24 * 60,
  },
  'many-accounts-of-network': {
    in: ['public-api'],
    pattern: logs('many-accounts-of-network'),
    feels: 'Nothing yet; one network opened 100 accounts in a day. A few like it can take all trials.',
    // A network is logged once a day.
    period: 24 * 60,
  },
  'operator-sign-in-broken': {
    in: ['operator-sign-in'],
    pattern: logs('operator-sign-in-failed'),
    feels: 'Staff cannot sign in. Open sessions continue.',
  },
  'leftovers-found': {
    in: ['clear-leftovers'],
    pattern: logs('leftover-found'),
    feels: 'Nothing; something is left over. It is removed after a day, but data that no record explains stays.',
  },
} as const satisfies Readonly<Record<string, Sign>>

/** Log lines that a metric counts without an alarm: nobody has to act on them. */
const counted = {
  'payment-not-ours': { in: ['converge-billing'], pattern: logs('payment-not-ours') },
} as const satisfies Readonly<Record<string, Omit<Sign, 'feels'>>>

/** Adds the alarms on log lines about the ends of sites, billing, domains and leftovers. */
export const watchLives = (alarms: Alarms, resources: WatchedResources, installation: string): void => {
  const count = (id: string, { in: names, pattern }: Omit<Sign, 'feels'>): void => {
    for (const name of names) {
      new MetricFilter(alarms, `${id}-in-${name}`, {
        logGroup: resources.of(name).log,
        metricNamespace: installation,
        metricName: id,
        filterPattern: pattern,
        // Without a default, so that it costs nothing in an hour without such a line.
        metricValue: '1',
      })
    }
  }
  for (const [id, sign] of Object.entries(counted)) count(id, sign)
  for (const [id, { feels, ...sign }] of Object.entries<Sign>(signs)) {
    const { threshold = 1, period = 5, checks = 1 } = sign
    count(id, sign)
    // All these logs count into one metric.
    const metric = new Metric({
      namespace: installation,
      metricName: id,
      period: Duration.minutes(period),
      statistic: 'Sum',
    })
    alarms.add(id, { metric, feels, threshold, checks })
  }
}
