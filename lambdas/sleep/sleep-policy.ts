import * as z from 'zod'
import { idSchema } from '../../core/ids.ts'
import type { AsleepSite, Site } from '../../core/site/site.ts'
import { isPartOf, rateLimits } from '../rate-limits/count-in-windows.ts'

/** Counted together in one item, so the windows have to be parts of the longest. */
const wakeLimits = rateLimits.refine(
  (limits) => limits.every(({ minutes }) => isPartOf(minutes, Math.max(...limits.map((each) => each.minutes)))),
  { error: 'must have minutes that divide the longest' },
)

/** One that matches the empty text, as an empty pattern does, matches everybody: no visitor would wake a site. */
const isPattern = (text: string): boolean => {
  try {
    return !new RegExp(text, 'i').test('')
  } catch {
    return false
  }
}
const patterns = z
  .array(z.string().refine(isPattern, 'must be a regular expression that does not match every user agent'))
  .readonly()

/**
 * Crawlers of search engines, of models and of link previews, readers of feeds, and those who scan every new certificate's name.
 * Libraries with such lists also have `curl` and HTTP clients, which here count as visitors. `Cubot` makes telephones.
 */
const crawlers = [
  '(?<!cu)bot(\\b|_)',
  'crawler',
  'spider',
  'slurp',
  'archiver',
  'facebookexternalhit',
  'meta-externalagent',
  'mediapartners-google',
  'google-(inspectiontool|extended|read-aloud|safety)',
  'googleother',
  'bingpreview',
  'embedly',
  'whatsapp/',
  'skypeuripreview',
  'iframely',
  'mastodon/',
  'microsoftpreview',
  'barkrowler',
  'feed ?(fetcher|burner)',
  '\\d subscribers?\\b',
  'miniflux',
  '(fresh|tiny )rss/',
  'zgrab',
  'censysinspect',
  'internet-?measurement',
  'palo alto networks',
  'netcraft',
]

const monitors = [
  'upp?time',
  'pingdom',
  'statuscake',
  'site24x7',
  'better ?stack',
  'datadog.*synthetics',
  'newrelic.*synthetics',
  'checkly',
  'gatus',
  'blackbox[- ]exporter',
  'nagios',
  'check_http',
  'zabbix',
  'freshping',
  'hetrixtools',
  'hyperping',
  'nodeping',
  'oh ?dear',
  'updown\\.io',
  'uptrends',
  'cronitor',
  'healthchecks',
  'googlestackdrivermonitoring',
  'amazon-route53-health-check',
  'elb-healthchecker',
  'googlehc/',
  'kube-probe',
  'cloudwatchsynthetics',
  'cloudflare-traffic-manager',
  'dotcom-monitor',
  'montastic',
  'catchpoint',
  'ruxitsynthetic',
]

/** Who wakes sites that sleep, and how often. An empty list is no limit. */
export const sleepPolicySchema = z.strictObject({
  /** Regular expressions for user agents. Neither kind counts as use or wakes a site. */
  crawlers: patterns.default(crawlers),
  monitors: patterns.default(monitors),
  /** After how many days of sleep a site on AWS gives back what counts against quotas there, so that its wake takes as long as a build. */
  dormantAfterDays: z.int().min(1).max(365).default(3),
  wakes: z
    .strictObject({
      /** Per IPv4 address or IPv6 /64. */
      client: wakeLimits,
      site: wakeLimits,
      /** The button's wakes count apart, with the same limits. */
      everyone: wakeLimits,
      /** Per site, by the button that visitors get beyond the other limits. */
      button: wakeLimits,
      buttonOfClient: wakeLimits,
    })
    .default({
      client: [
        { limit: 30, minutes: 10 },
        { limit: 150, minutes: 1440 },
      ],
      site: [{ limit: 20, minutes: 60 }],
      everyone: [{ limit: 300, minutes: 1 }],
      button: [{ limit: 6, minutes: 1 }],
      buttonOfClient: [{ limit: 10, minutes: 10 }],
    }),
})
export type SleepPolicy = z.infer<typeof sleepPolicySchema>

/** What a router asks when a visitor wants a site that sleeps. */
export const wakeCallSchema = z.object({
  siteId: idSchema('site'),
  /** A keyed hash of the visitor's network; absent if it is unknown or without limits. */
  client: z.string().max(100).optional(),
  /** By the button that visitors get beyond the limits. */
  isDeliberate: z.boolean(),
})

export type WakeCall = z.infer<typeof wakeCallSchema>

/**
 * `waking`: the site wakes now, by this call or an earlier one, or runs already. `limited`: too many wakes. `no-memory`: the machine
 * has too little free memory. `refused`: another operation decides first.
 */
export const wakeAnswerSchema = z.discriminatedUnion('outcome', [
  z.object({ outcome: z.enum(['waking', 'no-memory', 'refused']) }),
  z.object({ outcome: z.literal('limited'), retryAfterSeconds: z.int().positive() }),
])

export type WakeAnswer = z.infer<typeof wakeAnswerSchema>

/** All that a router can do to a site. */
export interface SiteWakes {
  readonly wake: (call: WakeCall) => Promise<WakeAnswer>
}

/** Whether its workflow starts the site. */
export const isWaking = (site: Site | undefined): boolean =>
  site?.status === 'asleep' && site.operation?.kind === 'wake'

/** Whether the platform keeps nothing of a site but its data, or may not: its wake makes the rest again. */
export const isDormant = ({ dormantSince, operation }: AsleepSite): boolean =>
  dormantSince !== undefined ||
  operation?.kind === 'dormancy' ||
  (operation?.kind === 'wake' && operation.fromDormancy === true)
