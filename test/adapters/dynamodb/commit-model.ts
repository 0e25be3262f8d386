import type { SiteEvent } from '../../../core/events/event.ts'
import type { CommitResult, Obstacle } from '../../../core/ports/stores.ts'
import type { Reservations, SiteChange } from '../../../core/site/lifecycle.ts'
import type { Site } from '../../../core/site/site.ts'

/** What the store ought to know, in maps. */
export interface CommitModel {
  /** Every state that a site has had, oldest first. */
  readonly states: ReadonlyMap<string, readonly Site[]>
  readonly events: ReadonlyMap<string, readonly SiteEvent[]>
  /** Hostnames and accounts with a trial, and the sites that hold them. */
  readonly held: ReadonlyMap<string, string>
  /** Hostnames, and the sites that hold them or held them last. */
  readonly led: ReadonlyMap<string, string>
  readonly commit: (change: SiteChange) => CommitResult
}

const namesIn = ({ hostname, trial }: Reservations): readonly string[] =>
  [hostname, trial].flatMap((name) => (name === undefined ? [] : [name]))

export const createCommitModel = (): CommitModel => {
  const states = new Map<string, readonly Site[]>()
  const events = new Map<string, readonly SiteEvent[]>()
  const held = new Map<string, string>()
  const led = new Map<string, string>()
  const keys = new Set<string>()

  const standsInTheWay = ({ before, after, reserve = {}, release = {} }: SiteChange): Obstacle | undefined => {
    if (reserve.idempotency !== undefined && keys.has(reserve.idempotency.key)) return 'idempotency'
    if (reserve.trial !== undefined && held.has(reserve.trial)) return 'trial'
    if (reserve.hostname !== undefined && held.has(reserve.hostname)) return 'hostname'
    const current = states.get(after.id)?.at(-1)
    const isSame = before?.version === current?.version && before?.status === current?.status
    const isOwn = namesIn(release).every((name) => (held.get(name) ?? after.id) === after.id)
    return isSame && isOwn ? undefined : 'version'
  }

  const write = ({ after, event, reserve = {}, release = {} }: SiteChange): void => {
    states.set(after.id, [...(states.get(after.id) ?? []), after])
    events.set(after.id, [...(events.get(after.id) ?? []), event])
    for (const name of namesIn(reserve)) held.set(name, after.id)
    for (const name of namesIn(release)) held.delete(name)
    for (const { hostname } of [reserve, release]) if (hostname !== undefined) led.set(hostname, after.id)
    if (reserve.idempotency !== undefined) keys.add(reserve.idempotency.key)
  }

  return {
    states,
    events,
    held,
    led,
    commit: (change) => {
      if (events.get(change.after.id)?.some(({ id }) => id === change.event.id)) return { done: true }
      const obstacle = standsInTheWay(change)
      if (obstacle !== undefined) return { done: false, obstacle }
      write(change)
      return { done: true }
    },
  }
}
