import type { OperatorRole } from '../../../core/events/actor.ts'
import type { DomainEvent } from '../../../core/events/event.ts'
import type { SiteId } from '../../../core/ids.ts'
import { type Instant, plusMilliseconds } from '../../../core/instant.ts'
import type { Site } from '../../../core/site/site.ts'
import { trialPolicies } from '../../../core/site/trial-policy.ts'
import { leaveCells } from '../../../lambdas/sites/run/reconcile-sites.ts'
import { nextWakeUp } from '../../../lambdas/trials/find-next-wake-up.ts'
import { type FaultKind, faultKinds } from '../faults/fault-point.ts'
import { MemoryTables } from '../memory-table/memory-table.ts'
import { quickClients } from '../memory-table/quick-client.ts'
import { samplePolicy } from '../sample-policy.ts'
import { type Answer, type Asked, createHosts, scheduled, urgent } from './hosts.ts'
import { type Life, startLife, type TaskCall } from './life.ts'
import { takenWhilePaid } from './money-invariants.ts'
import { createOutsideWorld, type OutsideWorld } from './outside-world.ts'
import { seededInteger, seededRandomness } from './seeded.ts'
import { createSimCells, leavesCell } from './sim-cells.ts'
import { createSimStripe, type SimStripe } from './sim-stripe.ts'
import { readStoredItems, type StoredItems, storedSite } from './stored-items.ts'

type Request = Omit<Asked, 'headers'> & { readonly token?: string }

/** Everything of one simulated run: a table in memory, one host after the other, and the world outside. */
export interface SimWorld {
  readonly outside: OutsideWorld
  readonly integer: (limit: number) => number
  readonly now: () => Instant
  readonly life: () => Promise<Life>
  /** Asks as somebody outside does; no answer where the host is gone, or says that it has an error of its own. */
  readonly ask: (request: Request) => Promise<Answer | undefined>
  readonly operator: (role: OperatorRole, name?: string) => string
  readonly siteIds: SiteId[]
  readonly record: (siteId: SiteId) => Site | undefined
  readonly stored: () => StoredItems
  readonly events: readonly DomainEvent[]
  readonly tasks: readonly TaskCall[]
  /** Which knows who pays; our records may not know it yet. */
  readonly stripe: SimStripe
  /** Money may come in from here on between a gate and what is behind it, until everything is quiet. */
  readonly moneyMayRace: () => void
  /** At most so many of its events come in. */
  readonly hearOfStripe: (max: number) => Promise<void>
  /** No more subscriptions move by themselves: what is left is to be seen through. */
  readonly endRenewals: () => void
  /** The events of sites that were archived because their cell was drained or lost. */
  readonly leftCells: Set<string>
  /** What was taken although it was paid for. */
  readonly takenWhilePaid: string[]
  /** One in so many calls fails from here on; 0 for none. */
  readonly setFaults: (oneIn: number) => void
  readonly faultsTaken: () => number
  /** How many hosts there have been. */
  readonly lives: () => number
  readonly quiet: () => Promise<void>
  /** Calls every scheduled function once. */
  readonly sweep: () => Promise<void>
  /** Lets time pass, every deadline on the way in order. */
  readonly pass: (milliseconds: number) => Promise<void>
  /** Time passes and nobody looks. */
  readonly sleep: (milliseconds: number) => void
  readonly kill: () => Promise<void>
  /** The disk of a cell goes away: what runs there ends, and the host drops its addresses. */
  readonly takeDisk: (cell: string) => Promise<void>
  readonly bringDiskBack: (cell: string) => void
  readonly end: () => Promise<void>
}

/** A second version, to be moved to and back. */
const simulatedPolicies = trialPolicies([
  samplePolicy,
  { ...samplePolicy, version: 2, trialDays: 10, graceDays: 10, retentionDays: 30, reminderDaysBefore: [5, 1] },
])

/** The parts that are late or fail for days, so that only a gate knows who has paid. */
const rare: readonly string[] = ['reconcile-billing']

const begin = Date.UTC(2026, 0, 5, 9)
const maxVisits = 3000

export const createSimWorld = async (seed: number): Promise<SimWorld> => {
  const integer = seededInteger(seed)
  const randomness = seededRandomness(integer)
  const tables = new MemoryTables()
  const tasks: TaskCall[] = []
  const events: DomainEvent[] = []
  const siteIds: SiteId[] = []
  const taken: string[] = []
  const leftCells = new Set<string>()
  const now = { at: begin, turned: true, faults: 0, taken: 0, lives: 0, money: 'orderly', renewals: true }
  const clock = (): Instant => new Date(now.at).toISOString()

  const record = (siteId: SiteId) => storedSite(tables, siteId)
  const isLost = async (cell: string): Promise<boolean> =>
    ((await hosts.present()?.store.cellCounts.read()) ?? []).some(
      (count) => count.cell === cell && count.closed === 'lost',
    )
  const outside = createOutsideWorld({ recordOf: record, integer, cells: createSimCells(isLost) })
  const stripe = createSimStripe({ now: clock, integer })

  const take = (call: string): FaultKind | undefined => {
    if (now.faults === 0 || integer(now.faults) !== 0) return undefined
    now.taken += 1
    // A host that goes at every other call gets nothing done: most faults are those of a network.
    const kinds = call.startsWith('stream') || integer(4) > 0 ? faultKinds.slice(0, 3) : faultKinds
    return kinds[integer(kinds.length)]
  }

  const start = (): Promise<Life> => {
    now.lives += 1
    return startLife({
      clients: () => quickClients(tables),
      outside,
      domain: clock,
      wall: clock,
      randomness,
      policies: simulatedPolicies,
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
      take,
      tasks,
      published: events,
      given: {
        payments: stripe.payments,
        operatorTokens: {
          verify: async (token) => {
            const [role, operatorId] = token.split('.')
            return role === 'support' || role === 'sales' || role === 'admin'
              ? { role, operatorId: operatorId ?? role }
              : undefined
          },
        },
        clockIsTurned: () => now.turned,
      },
      onCommitted: (change) => {
        outside.followRestore(change)
        if (leavesCell(change)) leftCells.add(change.event.id)
        if (now.money === 'orderly')
          taken.push(...takenWhilePaid(change, { stripe, policies: simulatedPolicies, now: clock() }))
      },
    })
  }
  const hosts = createHosts(start, randomness)
  const { life } = hosts

  const quiet = async (): Promise<void> => {
    await hosts.quiet()
    now.money = 'orderly'
  }

  const sweep = async (names: readonly string[] = scheduled): Promise<void> => {
    for (const name of names) await hosts.tick(name)
    await quiet()
  }

  const ask = async ({ token, ...request }: Request): Promise<Answer | undefined> => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
    const answer = await hosts.ask({ ...request, headers })
    return answer === undefined || answer.status >= 500 ? undefined : answer
  }

  /** Stripe tells of some of what happened, in any order; what is not acknowledged it tells again. */
  const hearOfStripe = async (max: number): Promise<void> => {
    for (let left = Math.min(max, stripe.waiting()); left > 0; left -= 1) {
      const notice = stripe.take()
      if (notice === undefined) return
      const answer = await ask({ method: 'POST', path: '/v1/webhooks/stripe', body: notice })
      if (answer === undefined) stripe.tellAgain(notice)
      else if (answer.status !== 200) throw new Error(`an event of Stripe was answered ${answer.status}`)
    }
  }

  /** Does what is due at Stripe, and delivers its events sooner or later. */
  const turnStripe = async (): Promise<void> => {
    if (now.renewals) stripe.turn()
    if (integer(2) === 0) await hearOfStripe(integer(4))
  }

  const wakeUp = async (): Promise<Instant | undefined> => {
    const { store } = await life()
    return nextWakeUp(store, clock(), { acted: 0 })
  }

  return {
    outside,
    integer,
    now: clock,
    life,
    ask,
    operator: (role, name = role) => `${role}.${name}.signed`,
    siteIds,
    record,
    stored: () => readStoredItems(tables),
    events,
    tasks,
    stripe,
    moneyMayRace: () => {
      now.money = 'racing'
    },
    endRenewals: () => {
      now.renewals = false
    },
    hearOfStripe,
    leftCells,
    takenWhilePaid: taken,
    setFaults: (oneIn) => {
      now.faults = oneIn
    },
    faultsTaken: () => now.taken,
    lives: () => now.lives,
    quiet,
    sweep: () => sweep(),
    pass: async (milliseconds) => {
      // A host that slept finds out now; from here on the clock is advanced on request.
      await turnStripe()
      if (!now.turned) await sweep()
      now.turned = true
      const end = plusMilliseconds(clock(), milliseconds)
      for (let visit = 0; visit < maxVisits; visit += 1) {
        const next = [await wakeUp(), now.renewals ? stripe.nextAt() : undefined]
          .filter((instant) => instant !== undefined)
          .toSorted()[0]
        if (next === undefined || next > end) break
        now.at = Math.max(now.at, Date.parse(next))
        await turnStripe()
        // The other sweeps come when they come: in the end every one of them has.
        await sweep(scheduled.filter((name) => urgent.includes(name) || integer(rare.includes(name) ? 20 : 4) === 0))
      }
      now.at = Date.parse(end)
      await turnStripe()
      await sweep()
    },
    sleep: (milliseconds) => {
      now.at += milliseconds
      now.turned = false
    },
    takeDisk: async (cell) => {
      outside.loseDisk(cell)
      const { store } = await life()
      const clocks = { domain: clock, wall: clock }
      await leaveCells({ ...store, runtime: outside.runtime, clocks, randomness }, outside.cells.isAway, 'a-disk')
    },
    bringDiskBack: (cell) => outside.cells.bringBack(cell),
    kill: async () => {
      const present = await life()
      await present.quiet()
      present.line.kill()
      outside.hostDied()
    },
    end: async () => {
      now.faults = 0
      await hosts.close()
    },
  }
}
