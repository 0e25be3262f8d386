import { setTimeout as pause } from 'node:timers/promises'
import { createHealthProbe } from '../../../adapters/http/health-probe.ts'
import { longestStartSeconds } from '../../../core/blueprint/blueprint.ts'
import { isWell } from '../../../core/ports/probes.ts'
import type { Launch, Observation } from '../../../core/ports/runtime.ts'
import type { Endpoint } from '../../../core/site/site.ts'
import { type Diagnosis, diagnose, isSettling, isTelling, maxEnds } from '../../../lambdas/sites/evidence/diagnose.ts'
import { boundedObservation, redacted } from '../../../lambdas/sites/evidence/evidence.ts'
import { messageOf } from '../../command-line/read-options.ts'
import type { Stage } from './stage.ts'

export type Start =
  | { readonly isHealthy: true; readonly milliseconds: number; readonly endpoint: Endpoint }
  | {
      readonly isHealthy: false
      readonly diagnosis: Diagnosis
      readonly seen: Observation | undefined
      readonly endpoint: Endpoint | undefined
    }

/** Milliseconds. */
const check = 200
const saidAfter = 1500
const settledAfter = 8000

const probe = createHealthProbe()

/** What the runtime sees of a site, without its secrets: people read it in a terminal and in the log of a build. */
export const observeSite = async (
  runtime: Stage['runtime'],
  launch: Pick<Launch, 'siteId' | 'cell' | 'secrets'>,
): Promise<Observation | undefined> => {
  const seen = await runtime.observe(launch).catch(() => undefined)
  return seen && boundedObservation(seen, Object.values(launch.secrets))
}

const inspectSite = async (runtime: Stage['runtime'], launch: Launch) => {
  const { blueprint } = launch
  const endpoint = await runtime.locate(launch).catch(() => undefined)
  const [seen, answer] = await Promise.all([
    observeSite(runtime, launch),
    endpoint && probe.ask(endpoint, blueprint.traffic.healthPath),
  ])
  return { seen, endpoint, answer }
}

type Sight = Awaited<ReturnType<typeof inspectSite>>

export interface StartOptions {
  readonly print: (line: string) => void
  /** Waits the whole `startSeconds` for a site that listens elsewhere or answers otherwise. */
  readonly waitsLong: boolean
  readonly signal: AbortSignal
}

const withRefusal = (found: Diagnosis, refusal: string | undefined, hasEnded: boolean): Diagnosis => {
  if (refusal === undefined) return found
  return hasEnded ? { ...found, detail: `${refusal} ${found.detail}` } : { cause: 'unknown', detail: refusal }
}

/**
 * Starts a site and waits until it is healthy or cannot become so: it ends again and again, its time ends, or it stays in a state that
 * does not change by itself. A slow start gets the most that a blueprint may ask for, to measure it. Says in words what is wrong while
 * it waits.
 */
export const followStart = async (
  { runtime }: Pick<Stage, 'runtime'>,
  launch: Launch,
  { print, waitsLong, signal }: StartOptions,
): Promise<Start> => {
  const { healthStatus, startSeconds } = launch.blueprint.traffic
  const hide = (text: string): string => redacted(text, Object.values(launch.secrets))
  const startedAt = performance.now()
  let begun: { readonly refusal?: string } | undefined
  runtime.start(launch).then(
    () => {
      begun = {}
    },
    (error: unknown) => {
      begun = { refusal: messageOf(error) }
    },
  )
  let seen: Observation | undefined
  let endpoint: Endpoint | undefined
  const hasEnded = (times: number): boolean => seen?.containers.some(({ ends }) => ends >= times) ?? false
  const said = new Set<string>()
  let last = { detail: '', since: startedAt }
  let isMeasured = false

  /** Says what is wrong once it stays so. @returns for how long it has. */
  const follow = (found: Diagnosis, sight: Sight): number => {
    const { cause, detail } = found
    if (detail !== last.detail) last = { detail, since: performance.now() }
    const lasts = performance.now() - last.since
    const isDue = lasts > (isTelling(found, sight) ? saidAfter : settledAfter)
    if (cause !== 'unknown' && isDue && !said.has(detail)) {
      said.add(detail)
      print(`So far, ${cause}: ${hide(detail)}`)
    }
    return lasts
  }
  const isLostOn = (found: Diagnosis, sight: Sight, wasBegun: boolean): boolean => {
    const lasts = follow(found, sight)
    const passed = performance.now() - startedAt
    if (begun?.refusal !== undefined || hasEnded(maxEnds) || passed > longestStartSeconds * 1000) return true
    if (isSettling(found, sight) && lasts > settledAfter && !waitsLong) return true
    if (passed <= startSeconds * 1000 || isMeasured || !wasBegun) return false
    if (found.cause !== 'slow') return true
    isMeasured = true
    print(`Not ready after startSeconds (${startSeconds}). Waits up to ${longestStartSeconds} s to measure the start.`)
    return false
  }

  for (;;) {
    signal.throwIfAborted()
    const wasBegun = begun !== undefined
    const sight = await inspectSite(runtime, launch)
    // A site that was removed after a refusal shows nothing.
    seen = sight.seen ?? seen
    endpoint = sight.endpoint ?? endpoint
    if (sight.endpoint !== undefined && isWell(sight.answer, healthStatus)) {
      return { isHealthy: true, milliseconds: performance.now() - startedAt, endpoint: sight.endpoint }
    }
    const found = diagnose(seen, sight.answer, launch.blueprint.traffic)
    if (isLostOn(found, sight, wasBegun)) {
      const { cause, detail } = withRefusal(found, begun?.refusal, hasEnded(1))
      return { isHealthy: false, diagnosis: { cause, detail: hide(detail) }, seen, endpoint }
    }
    await pause(check, undefined, { signal })
  }
}
