import type { Id, IdPrefix } from '../ids.ts'
import type { Instant } from '../instant.ts'
import type { LogEvent } from '../log-events.ts'
import type { PlanCatalogue } from '../plan/plan.ts'
import type { TrialPolicies } from '../site/trial-policy.ts'

export type Clock = () => Instant

/** The domain clock rules deadlines and can be advanced on one machine. The wall clock rules signatures, tokens, codes, sessions and rate limits. */
export interface Clocks {
  readonly domain: Clock
  readonly wall: Clock
}

export interface Randomness {
  /** Ids made later in one process sort later. */
  readonly id: <Prefix extends IdPrefix>(prefix: Prefix) => Id<Prefix>
  /** 256 random bits as base64url: 43 characters. */
  readonly token: () => string
  /** Uniform in `[0, limit)`. */
  readonly integer: (limit: number) => number
}

interface LogFields {
  /** The code of a line that an alarm, the runbook or a test looks for; its sentence may change. */
  readonly event?: LogEvent
  readonly [field: string]: unknown
}

type Line = (fields: LogFields, message: string) => void

/** Structured logging, as pino does it. Never log a code, a token, a secret or an address. */
export interface Log {
  readonly info: Line
  readonly warn: Line
  readonly error: Line
}

/** What every use case may take: the clocks, chance, the log, and the configuration that the domain's own terms describe. */
export interface Context {
  readonly log: Log
  readonly clocks: Clocks
  readonly randomness: Randomness
  readonly brand: string
  readonly contact: string
  /** Where the data of sites is, in words. */
  readonly dataLocation?: string | undefined
  readonly plans: PlanCatalogue
  readonly policies: TrialPolicies
  readonly offeredBlueprints: readonly [string, ...string[]]
  readonly reservedSlugs: readonly string[]
  readonly consoleUrl: string
  readonly sitesDomain: string
  readonly siteUrl: (hostname: string) => string
  readonly paymentsAreLive: boolean
  /** Whether the domain clock was advanced; one machine only. */
  readonly clockIsTurned: () => boolean
  readonly isStopping: () => boolean
  /** How many sites one sweep starts concurrently. */
  readonly startsAtOnce: number
  /** How many sites the archiver copies concurrently: others wait for it, and stand still. */
  readonly copiesAtOnce: number
  readonly pause: (milliseconds: number) => Promise<void>
  /** The pause between two checks: short on one machine, where work is done in a moment. */
  readonly pollMilliseconds: number
  /** Makes room for one more running site; false if there is none. */
  readonly makeRoom: (causationId: string) => Promise<boolean>
  /** By how many seconds the stored last use of a site may be late. */
  readonly usageLatenessSeconds: number
  readonly routerMemoryMilliseconds: number
  /** Monotonic milliseconds, whatever the clocks are set to. */
  readonly monotonic: () => number
}
