import * as z from 'zod'
import { system } from '../../core/events/event-names.ts'
import type { SiteId } from '../../core/ids.ts'
import { idSchema } from '../../core/ids.ts'
import type { Context } from '../../core/ports/context.ts'
import type { SiteStore } from '../../core/ports/stores.ts'
import type { Workflows } from '../../core/ports/workflows.ts'
import {
  beginOperation,
  changeSite,
  type SiteUnder,
  startOperationSoon,
  wakeOperation,
} from '../../core/site/change-site.ts'
import { type ChangeContext, type SiteChange, siteChange } from '../../core/site/lifecycle.ts'
import type { AsleepSite, Site } from '../../core/site/site.ts'
import { isDormant, isWaking } from '../../core/site/site-facts.ts'
import { countUpTo, type RateLimit, type RateWindows, readUse, type Subject } from '../rate-limits/count-in-windows.ts'
import type { SleepPolicy } from './sleep-policy.ts'

/** Begins to wake a site. Replaces a sleep that is still stopping it, and a dormancy that still removes what is kept of it. */
export const beginWake = (
  site: AsleepSite,
  context: ChangeContext,
  details: { readonly reason?: string } = {},
): SiteChange<AsleepSite> => {
  const { operation, dormantSince: _, ...kept } = site
  const idle = operation?.kind === 'sleep' || operation?.kind === 'dormancy' ? kept : site
  const wanted = { ...wakeOperation(site, context), ...(isDormant(site) ? { fromDormancy: true as const } : {}) }
  return beginOperation<AsleepSite>(idle, { ...kept, operation: wanted }, context, details)
}

/** Notes that a site that is being copied wakes afterwards. */
export const wakeAfterCopy = (site: AsleepSite & SiteUnder<'copy'>, context: ChangeContext): SiteChange<AsleepSite> => {
  const operation = { ...site.operation, wakeRequestedAt: context.clocks.wall() }
  const after: AsleepSite = { ...site, version: site.version + 1, operation }
  return siteChange({ transition: 'begin', before: site, after, details: { operation: 'wake' } }, context)
}

export interface RequestPorts extends Pick<Context, 'clocks' | 'randomness' | 'log'> {
  readonly sites: Pick<SiteStore, 'get' | 'commit'>
  readonly workflows: Workflows
}

/**
 * `begun`: by this call. `waking`: by an earlier one. `after-copy`: it wakes when the copy of its data ends.
 * `in-operation`: another operation decides first. `not-asleep`: there is nothing to wake.
 */
export type WakeOutcome = 'begun' | 'waking' | 'after-copy' | 'in-operation' | 'not-asleep'

/**
 * Begins to wake a site that sleeps, is being stopped for its sleep or becomes dormant, once, however many ask. Any other site is left
 * alone.
 * @throws {SitewrightError} `VersionConflict`.
 */
export const requestWake = async (ports: RequestPorts, siteId: SiteId, causationId: string): Promise<WakeOutcome> => {
  const { clocks, randomness } = ports
  const context = { actor: system, causationId, clocks, randomness }
  const noted: { outcome: WakeOutcome } = { outcome: 'not-asleep' }
  const decide = (found: Site | undefined): SiteChange | undefined => {
    noted.outcome = 'not-asleep'
    if (found?.status !== 'asleep') return undefined
    const { operation } = found
    if (operation === undefined || operation.kind === 'sleep' || operation.kind === 'dormancy') {
      noted.outcome = 'begun'
      return beginWake(found, context)
    }
    if (operation.kind === 'copy') {
      noted.outcome = 'after-copy'
      return operation.wakeRequestedAt === undefined ? wakeAfterCopy({ ...found, operation }, context) : undefined
    }
    noted.outcome = operation.kind === 'wake' ? 'waking' : 'in-operation'
    return undefined
  }
  const site = await changeSite(ports.sites, siteId, decide)
  if (noted.outcome === 'begun' && site !== undefined) await startOperationSoon(ports, site)
  return noted.outcome
}

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

export interface WakeOnRequestPorts extends RequestPorts {
  readonly rateWindows: RateWindows
  readonly sleep: SleepPolicy
  readonly makeRoom: (causationId: string) => Promise<boolean>
}

/** Clients come as keyed hashes already. */
const codeSecret = async (): Promise<string> => 'wakes'

const subjectsOf = ({ wakes }: SleepPolicy, { siteId, client, isDeliberate }: WakeCall): readonly Subject[] =>
  isDeliberate
    ? [
        ...(client === undefined
          ? []
          : [{ of: 'wakes by button of client', name: client, limits: wakes.buttonOfClient } as const]),
        { of: 'wakes by button', name: siteId, limits: wakes.button },
        { of: 'wakes by buttons', name: '', limits: wakes.everyone },
      ]
    : [
        ...(client === undefined ? [] : [{ of: 'wakes of client', name: client, limits: wakes.client } as const]),
        { of: 'wakes of site', name: siteId, limits: wakes.site },
        { of: 'wakes', name: '', limits: wakes.everyone },
      ]

const findReached = async (ports: WakeOnRequestPorts, subjects: readonly Subject[]): Promise<Subject | undefined> => {
  const uses = await Promise.all(subjects.map((subject) => readUse({ ...ports, codeSecret }, [subject])))
  return subjects.find((_, index) => (uses[index]?.share ?? 0) >= 1)
}

/** Counts a wake in all its limits. @returns the one that others reached meanwhile. */
const countWake = async (ports: WakeOnRequestPorts, subjects: readonly Subject[]): Promise<Subject | undefined> => {
  for (const subject of subjects) {
    if (!(await countUpTo({ ...ports, codeSecret }, subject))) return subject
  }
  return undefined
}

/** Until the shortest window ends; a longer one may refuse again then. */
const secondsLeft = (limits: readonly RateLimit[], now: string): number => {
  const shortest = Math.min(...limits.map(({ minutes }) => minutes)) * 60
  return Math.max(1, shortest - (Math.floor(Date.parse(now) / 1000) % shortest))
}

const runsSoon = (site: Site | undefined): boolean =>
  site?.status === 'active' ||
  isWaking(site) ||
  (site?.status === 'asleep' && site.operation?.kind === 'copy' && site.operation.wakeRequestedAt !== undefined)

const mayWake = (site: Site | undefined): site is AsleepSite =>
  site?.status === 'asleep' && ['sleep', 'dormancy', 'copy', undefined].includes(site.operation?.kind)

/**
 * Wakes a site that a visitor asks for, within the limits. It can do nothing else, so that a router can do nothing else.
 * @throws {SitewrightError} `VersionConflict`.
 */
export const wakeOnRequest = async (
  ports: WakeOnRequestPorts,
  given: unknown,
  causationId: string,
): Promise<WakeAnswer> => {
  const call = wakeCallSchema.parse(given)
  const site = await ports.sites.get(call.siteId)
  if (runsSoon(site)) return { outcome: 'waking' }
  if (!mayWake(site)) return { outcome: 'refused' }
  const subjects = subjectsOf(ports.sleep, call)
  const limited = ({ of, limits }: Subject): WakeAnswer => {
    ports.log.info({ siteId: site.id, of }, 'a site was not woken: too many wakes')
    return { outcome: 'limited', retryAfterSeconds: secondsLeft(limits, ports.clocks.wall()) }
  }
  const reached = await findReached(ports, subjects)
  if (reached !== undefined) return limited(reached)
  if (!(await ports.makeRoom(causationId))) {
    ports.log.warn({ siteId: site.id }, 'a site was not woken: memory is short, and all sites are in use')
    return { outcome: 'no-memory' }
  }
  const exceeded = await countWake(ports, subjects)
  if (exceeded !== undefined) return limited(exceeded)
  const outcome = await requestWake(ports, site.id, causationId)
  return { outcome: outcome === 'in-operation' || outcome === 'not-asleep' ? 'refused' : 'waking' }
}
