import { Duration } from 'aws-cdk-lib'
import { Metric } from 'aws-cdk-lib/aws-cloudwatch'
import type { JsonPattern } from 'aws-cdk-lib/aws-logs'
import { FilterPattern, MetricFilter } from 'aws-cdk-lib/aws-logs'
import type { FunctionName } from '../../../lambdas/manifest.ts'
import type { Alarms } from './alarms.ts'
import type { WatchedThings } from './watched-things.ts'

interface Sign {
  /** Whose logs say so. */
  readonly in: readonly [FunctionName, ...FunctionName[]]
  readonly pattern: JsonPattern
  readonly feels: string
  /** How often it has to be said within the period; once, unless told. */
  readonly threshold?: number
  /** Minutes; five, unless told. */
  readonly period?: number
  /** In how many periods in a row; one, unless told. */
  readonly looks?: number
}

const says = (message: string): JsonPattern => FilterPattern.stringValue('$.message', '=', message)

/** Whatever brings billing into line says the same of it. */
const converging = ['converge-billing', 'reconcile-billing', 'owner-api'] as const
/** They ask Stripe before they take anything away. */
const gates = ['pass-gate', 'archive-due-site'] as const

/** What a function says in its log, by its very words, that a person has to know though the function itself did well. */
const signs = {
  'brake-tripped': {
    in: ['act-on-deadlines'],
    // It says so once, and then that things wait for it.
    pattern: FilterPattern.any(says('the brake has tripped'), FilterPattern.booleanValue('$.isStopped', true)),
    feels: 'Nothing: no trial ends, and nothing is taken away, until a person has looked.',
  },
  'archive-damaged': {
    in: ['remove-remains'],
    pattern: FilterPattern.all(
      says('an operation failed'),
      FilterPattern.stringValue('$.error', '=', 'ArchiveDamaged'),
    ),
    feels: "A copy of an owner's data cannot be read back.",
  },
  'operation-stuck': {
    in: ['heal-work'],
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
    feels:
      'Somebody has paid twice for a site, for one that is gone, or unheard of until it was over. It was refunded, or a person has to.',
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
  'webhook-refused': {
    in: ['stripe-webhook'],
    pattern: FilterPattern.stringValue('$.kind', '=', 'WebhookRefused'),
    feels: 'What owners pay reaches their sites half a day late, if Stripe signs with a secret that we do not have.',
    // A quiet installation hears of a few events a day, which Stripe repeats ever more slowly; a single forgery is none of ours.
    threshold: 3,
    period: 60,
  },
  'domain-elsewhere': {
    in: ['check-domains'],
    pattern: says('a domain is served by a CloudFront distribution that is not ours'),
    feels: "An owner's own domain is verified, and leads to somebody else's CloudFront distribution.",
    // Whoever moves here from there has an hour or two for it.
    period: 60,
    looks: 2,
  },
  'domain-uncertified': {
    in: ['check-domains', 'withdraw-domain'],
    pattern: says('a certificate for a domain came to nothing; another is asked for'),
    feels: "An owner's own domain is verified, and browsers are refused: it gets no certificate.",
    // Another one takes hours to fail: it is not over as soon as nothing is said.
    period: 24 * 60,
  },
  'leftovers-found': {
    in: ['clear-leftovers'],
    pattern: says('something is there that should not be; it is watched for a day'),
    feels: 'Nothing; something is there that no record explains, and goes after a day if it holds no data.',
  },
} as const satisfies Readonly<Record<string, Sign>>

/** What is only counted, in a metric without an alarm: nobody has to do anything about it. */
const counted = {
  'payment-not-ours': { in: ['converge-billing'], pattern: says('a payment is for no site of ours') },
} as const satisfies Readonly<Record<string, Omit<Sign, 'feels'>>>

/** Watches over how sites end and are taken up again, what is paid for them, and the domains that they have. */
export const watchLives = (alarms: Alarms, things: WatchedThings, installation: string): void => {
  const count = (id: string, { in: names, pattern }: Omit<Sign, 'feels'>): void => {
    for (const name of names) {
      new MetricFilter(alarms, `${id}-in-${name}`, {
        logGroup: things.of(name).log,
        metricNamespace: installation,
        metricName: id,
        filterPattern: pattern,
        metricValue: '1',
        defaultValue: 0,
      })
    }
  }
  for (const [id, sign] of Object.entries(counted)) count(id, sign)
  for (const [id, { feels, ...sign }] of Object.entries<Sign>(signs)) {
    const { threshold = 1, period = 5, looks = 1 } = sign
    count(id, sign)
    // One metric of all these logs.
    const metric = new Metric({
      namespace: installation,
      metricName: id,
      period: Duration.minutes(period),
      statistic: 'Sum',
    })
    alarms.add(id, { metric, feels, threshold, looks })
  }
}
