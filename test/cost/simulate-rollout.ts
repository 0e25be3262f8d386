import * as z from 'zod'
import { waiting } from '../../cloud/parts/waiting.ts'
import { blueprintSchema } from '../../core/blueprint/blueprint.ts'
import { idSchema } from '../../core/ids.ts'
import { type Instant, plusMilliseconds } from '../../core/instant.ts'
import type { Log, Randomness } from '../../core/ports/context.ts'
import { endOperation } from '../../core/site/change-site.ts'
import type { SiteChange } from '../../core/site/lifecycle.ts'
import type { OperationAttempt } from '../../core/site/operation.ts'
import { activeSiteSchema, type Site, type SiteIn } from '../../core/site/site.ts'
import { advanceRollouts } from '../../lambdas/releases/advance-rollouts.ts'
import { startRollout } from '../../lambdas/releases/control-rollout.ts'
import type { RolloutPorts } from '../../lambdas/releases/move-chosen.ts'
import { isAtWork, isOfCell, type Rollout } from '../../lambdas/releases/rollout.ts'
import { abortSwap, endAbortedSwap } from '../../lambdas/releases/swap/fail-swap.ts'
import { moveOver } from '../../lambdas/releases/swap/swap-changes.ts'
import { requireSwapping } from '../../lambdas/releases/swap/swap-site.ts'
import { wokenPolicySchema } from '../../lambdas/releases/woken.ts'
import { samplePolicies } from '../support/sample-policy.ts'
import { assumptions } from './assumptions.ts'

export interface RolloutCase {
  readonly sites: number
  /** By default as deployed. */
  readonly atOnce?: number
  readonly migrates?: boolean
  readonly isSecurity?: boolean
  /** From this site on, counted from 1, the version fails; by default on none. */
  readonly failsFrom?: number
  /** Whether sites go back from it by themselves. */
  readonly isCompatible?: boolean
}

export interface RolloutResult {
  readonly rollout: Rollout
  readonly seconds: number
  /** Sites that have the version at the end. */
  readonly moved: number
  /** Upgrades on the way there and back, without the failed ones. */
  readonly upgrades: number
  readonly failures: number
  /** Upgrades that began with a copy: a job packs the data, and another one restores it. */
  readonly copies: number
  /** Transactions of sites and roll-outs. */
  readonly commits: number
}

/** Every definition is registered, and deregistered later. */
export const changesOfADefinition = 2
/** Nothing says whether a start will fail: it gets all of its time. */
const size = { cpu: 0.25, memoryMiB: 512, processes: 64 }
const failSeconds = waiting.placementSeconds + 60

/**
 * The quota of changes of task definitions: 20 at once, and one a second.
 * @param second how long a second is in the caller's unit of time.
 * @returns a function that says when AWS has accepted so many changes.
 */
export const definitionQuota = (second: number) => {
  const burst = 20
  let used = Number.NEGATIVE_INFINITY
  return (now: number, changes: number): number => {
    used = Math.max(used, now - burst * second) + changes * second
    return Math.max(now, used)
  }
}

interface Happening {
  /** In milliseconds since the begin. */
  readonly at: number
  readonly run: () => Promise<void>
}

/** Takes the next one out. */
const soonest = (happenings: Happening[]): Happening | undefined =>
  happenings.sort((left, right) => right.at - left.at).pop()

const attemptSchema = z.object({ siteId: idSchema('site'), operationId: z.string(), fence: z.int() })

const begin: Instant = '2026-01-01T00:00:00.000Z'
const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined }
const endpoint = { host: '10.0.0.1', port: 20_000 }

const countingIds = (): Randomness => {
  let made = 0
  const next = (): string => String(++made).padStart(26, '0')
  return { id: (prefix) => `${prefix}_${next()}`, token: next, integer: () => 0 }
}

const sitesOf = (count: number, { id }: Randomness): Map<string, Site> => {
  const site = activeSiteSchema.parse({
    schemaVersion: 1,
    id: id('site'),
    version: 1,
    status: 'active',
    cell: 'one',
    plan: 'starter',
    blueprint: { name: 'shop', version: 1 },
    policyVersion: 1,
    createdAt: begin,
    completedSteps: [],
    ownership: { accountId: id('acct'), slug: 'shop', hostname: 'shop.example.com', name: 'Shop', since: begin },
    trialEndsAt: begin,
    reminded: [],
  })
  const ids = Array.from({ length: count }, () => id('site'))
  return new Map(ids.map((siteId) => [siteId, { ...site, id: siteId }]))
}

const isIn = <Status extends Site['status']>(site: Site, status: Status): site is SiteIn<Status> =>
  site.status === status

/**
 * Rolls a version out to awake sites on AWS, by the code that decides it there, on a virtual clock: with the time that a task takes to start, jobs that copy and
 * restore, the sweep of each minute, and the quota of changes of task definitions. Everything else takes no time.
 */
export const simulateRollout = async (one: RolloutCase): Promise<RolloutResult> => {
  const { migrates = false, isSecurity = false, isCompatible = false, failsFrom = Number.POSITIVE_INFINITY } = one
  const randomness = countingIds()
  const sites = sitesOf(one.sites, randomness)
  const all = [...sites.keys()]
  const failing = new Set(all.slice(failsFrom - 1))
  const acceptedAt = definitionQuota(1000)
  const blueprint = blueprintSchema.parse({
    name: 'shop',
    version: 2,
    title: 'Shop',
    containers: [{ name: 'web', image: 'shop' }],
    traffic: { container: 'web' },
    data: { mode: 'exclusive' },
    release: { migrates, backwardCompatible: isCompatible },
  })
  const happenings: Happening[] = []
  const counts = { upgrades: 0, failures: 0, copies: 0, commits: 0 }
  let now = 0
  let present = begin
  let record: Rollout | undefined

  const wall = (): Instant => present
  const context = {
    actor: { kind: 'system' },
    causationId: 'simulation',
    clocks: { domain: wall, wall },
    randomness,
  } as const
  const happen = (at: number, run: () => Promise<void>): void => void happenings.push({ at, run })
  const commit = async ({ after }: SiteChange) => {
    counts.commits += 1
    sites.set(after.id, after)
    return { done: true } as const
  }
  /** Starts a task. */
  const run = (seconds: number, then: () => Promise<void>): void =>
    happen(acceptedAt(now, changesOfADefinition) + seconds * 1000, then)

  const end = async (attempt: OperationAttempt): Promise<void> => {
    const site = requireSwapping(sites.get(attempt.siteId), attempt)
    if (failing.has(site.id)) {
      counts.failures += 1
      const aborted = abortSwap(site, { because: 'LaunchFailed', notBefore: wall() }, context)
      await commit(aborted)
      await commit(endAbortedSwap(aborted.after, { endpoint, size }, context))
    } else {
      counts.upgrades += 1
      await commit(moveOver(site, { endpoint, launch: { blueprint, size } }, context))
      await commit(endOperation(requireSwapping(sites.get(site.id), attempt), 'done', context))
    }
    await advance()
  }
  const start = async (attempt: OperationAttempt): Promise<void> =>
    run(failing.has(attempt.siteId) ? failSeconds : assumptions.secondsToStartASite, () => end(attempt))
  const upgrade = async (attempt: OperationAttempt): Promise<void> => {
    const { operation } = requireSwapping(sites.get(attempt.siteId), attempt)
    // The start is timed, and requests are held.
    counts.commits += 2
    if (operation.kind !== 'upgrade' || operation.copy === undefined) return start(attempt)
    counts.commits += 1
    counts.copies += 1
    const job = 60 * assumptions.minutesOfAJob
    // The daily measurement has made the definition of the old data directory.
    happen(now + job * 1000, async () => run(job, () => start(attempt)))
  }

  const ports: RolloutPorts = {
    releases: { woken: wokenPolicySchema.parse({}) },
    makeRoom: async () => true,
    sites: {
      get: async (id) => sites.get(id),
      commit,
      statusPage: async (status, { limit, cursor = '0' }) => {
        const next = Number(cursor) + limit
        const items = all.slice(Number(cursor), next).flatMap((id) => sites.get(id) ?? [])
        const page = { items: items.filter((site) => isIn(site, status)) }
        return next < all.length ? { ...page, cursor: String(next) } : page
      },
    },
    rollouts: {
      read: async () => record,
      readOfCell: async () => undefined,
      list: async () => (record === undefined ? [] : [record]),
      listAll: async () => (record === undefined ? [] : [record]),
      write: async (next) => {
        counts.commits += 1
        if (!isOfCell(next)) record = next
        return true
      },
    },
    workflows: {
      start: async (_machine, _name, input) => upgrade(attemptSchema.parse(input)),
      status: async () => 'running',
    },
    blueprints: { versions: async () => [{ ...blueprint, version: 1 }, blueprint] },
    brake: { isOn: async () => false },
    usage: { list: async () => [] },
    capacities: [],
    cells: ['one'],
    cellCounts: { read: async () => [], add: async () => false },
    policies: samplePolicies,
    plans: { plans: [] },
    clocks: context.clocks,
    randomness,
    log: silent,
    startsAtOnce: one.atOnce ?? waiting.startsAtOnce,
    usageLatenessSeconds: waiting.usageLatenessSeconds,
    monotonic: () => 0,
    isStopping: () => false,
  }
  const advance = () => advanceRollouts(ports, 'simulation')
  const sweep = async (): Promise<void> => {
    await advance()
    if (record !== undefined && isAtWork(record)) happen(now + 60_000, sweep)
  }

  const facts = { isSecurity, reason: 'A simulation', actor: context.actor, causationId: context.causationId }
  await startRollout(ports, { blueprint: 'shop', to: 2, ...facts })
  happen(0, sweep)
  let lastEnd = 0
  for (let next = soonest(happenings); next !== undefined; next = soonest(happenings)) {
    now = next.at
    present = plusMilliseconds(begin, now)
    await next.run()
    if (next.run !== sweep) lastEnd = now
  }
  const rollout = record
  if (rollout === undefined) throw new Error('the roll-out has no record')
  const moved = [...sites.values()].filter(({ blueprint }) => blueprint.version === 2).length
  const endedAt = rollout.endedAt === undefined ? lastEnd : Date.parse(rollout.endedAt) - Date.parse(begin)
  return { ...counts, rollout, moved, seconds: endedAt / 1000 }
}
