import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { DomainEvent } from '../../../core/events/event.ts'
import type { SiteId } from '../../../core/ids.ts'
import { isKept } from '../../../core/site/site.ts'
import { functions as definitions, minutesOf } from '../../../lambdas/manifest.ts'
import type { WebhookCall } from '../../../lambdas/webhooks/webhook.ts'
import { MemoryTables } from '../memory-table/memory-table.ts'
import { readStoredItems } from '../simulation/stored-items.ts'
import { type FaultPlan, type FaultPoint, planFault } from './fault-point.ts'
import { type HostProcess, startHostProcess } from './host-process.ts'
import type { Scenario } from './scenario.ts'
import { type SimulatedClock, simulatedClock } from './simulated-clock.ts'
import type { SiteContent } from './site-content.ts'
import { createWorldCells, type WorldCells } from './two-cells.ts'

/** A home, its tables and its users: one host process after the other. */
export interface World {
  readonly scenario: Scenario
  readonly plan: FaultPlan
  readonly tables: MemoryTables
  readonly homeId: string
  readonly directory: string
  readonly dataDirectory: string
  /** Of a second cell, to which only a relocation that names it brings sites. */
  readonly otherDirectory: string
  readonly archiveDirectory: string
  /** The data of a site, in its present place. */
  readonly kept: Map<SiteId, SiteContent>
  /** What the copy of the kind `release` of a site has, where that is something else. */
  readonly released: Map<SiteId, SiteContent>
  readonly portRange: { readonly first: number; readonly last: number }
  readonly clock: SimulatedClock
  readonly pool: { target: number; readonly buildsAtOnce: number }
  readonly log: Record<'info' | 'warn' | 'error', (fields: object, message: string) => void>
  readonly logged: readonly string[]
  /** From when on everything becomes healthy that is to be so. */
  readonly health: { isCured: boolean }
  /** What reached all its subscribers, in this order. */
  readonly published: DomainEvent[]
  /** What reached an endpoint of webhooks. */
  readonly webhooks: WebhookCall[]
  /** Sites that a visitor was promised, and whom to tell about them. */
  readonly accepted: Map<SiteId, string>
  /** The cells of the host, which change with their disks. */
  readonly cells: WorldCells
  /** The sites that came from another installation: they use no trial. */
  readonly imported: Set<SiteId>
  /** The host that lives now; a dead one is followed by the next. */
  readonly host: () => Promise<HostProcess>
  /** Ends the host as `kill -9` does, and starts the next one. */
  readonly restart: () => Promise<void>
  /** Resolves when nothing is running any more, or a disk is gone and an operator has to look at that first. */
  readonly quiet: () => Promise<void>
  /** Calls one scheduled function as the clock does. */
  readonly tick: (functionName: string) => Promise<void>
  /** Calls every scheduled function again and again while time passes, until that changes nothing more. */
  readonly heal: () => Promise<void>
  readonly end: () => Promise<void>
}

const scheduledFunctions = definitions
  .filter((definition) => minutesOf(definition) !== undefined)
  .map(({ name }) => name)

/** How long a killed host is away: longer than the blueprint gives a start. */
const downtimeMilliseconds = 120_000

/** Longer than a sweep lets a closed workflow settle. */
const betweenSweepsMilliseconds = 15_000

/** Longer than any wait of an operation that was aborted or failed again and again. */
const reprieveMilliseconds = 61 * 60_000

/** A gate without an answer asks again after six hours: the longest that anything here is waited with. */
const maxReprieves = 7

/** As much as counts between two checks of leftovers, and how many checks make its quarantine and the removal after it. */
const betweenChecksMilliseconds = 2 * 60 * 60_000
const checksInQuarantine = 15

/** A world that does not come to rest within so many checks never will. */
const maxChecks = 3000

let worlds = Number.parseInt(randomBytes(2).toString('hex'), 16)

/** Blocks of ports of their own, so that worlds side by side do not race for one. */
const nextPortRange = () => {
  const first = 20_000 + (worlds++ % 700) * 16
  return { first, last: first + 15 }
}

const textOf = (fields: object): string =>
  JSON.stringify(fields, (_key, value) => (value instanceof Error ? `${value.name}: ${value.message}` : value))

/** @param point the one fault of this world; undefined where its calls are to be listed. */
export const createWorld = async (scenario: Scenario, point: FaultPoint | undefined): Promise<World> => {
  const directory = await mkdtemp(join(tmpdir(), 'sitewright-faults-'))
  const dataDirectory = join(directory, 'data')
  const otherDirectory = join(directory, 'other')
  await Promise.all([mkdir(dataDirectory), mkdir(otherDirectory)])
  const name = randomBytes(8).toString('hex')
  const logged: string[] = []
  const line = (level: string) => (fields: object, message: string) => {
    logged.push(`${level}: ${message} ${textOf(fields)}`)
  }
  const lives: HostProcess[] = []
  let reviving: Promise<HostProcess> | undefined

  const begin = async (): Promise<HostProcess> => {
    for (;;) {
      const dead = lives.at(-1)
      if (dead !== undefined) {
        await dead.bury()
        world.clock.advance(downtimeMilliseconds)
      }
      const next = await startHostProcess(world)
      lives.push(next)
      await next.started
      if (!next.line.isGone()) return next
    }
  }

  const host = (): Promise<HostProcess> => {
    const current = lives.at(-1)
    if (reviving === undefined && current !== undefined && !current.line.isGone()) return Promise.resolve(current)
    reviving ??= begin().finally(() => {
      reviving = undefined
    })
    return reviving
  }

  const isBusy = async (current: HostProcess): Promise<boolean> =>
    current.line.isGone() ||
    current.line.inFlight() > 0 ||
    current.isArchiving() ||
    (await current.hasExecutions()) ||
    (await current.store.outbox.pending()).length > 0

  const quiet = async (): Promise<void> => {
    let calm = 0
    for (let check = 0; calm < 3 && !world.cells.isUnnoticed(); check += 1) {
      if (check > maxChecks) throw new Error('the world does not come to rest')
      calm = (await isBusy(await host())) ? 0 : calm + 1
      await pause(8)
    }
  }

  const tick = async (functionName: string): Promise<void> => {
    const { functions, line } = await host()
    const scheduled = functions.find((candidate) => candidate.name === functionName)
    const call = scheduled?.invoke({ id: `tick-${name}`, 'detail-type': 'Scheduled Event', detail: {} })
    await Promise.race([call?.catch(() => undefined), line.gone])
  }

  const sweepOnce = async (): Promise<string> => {
    // All at once, as they come when a host starts.
    await Promise.all(scheduledFunctions.map(tick))
    await quiet()
    world.clock.advance(betweenSweepsMilliseconds)
    const { sites, ofKind } = readStoredItems(world.tables)
    return [
      // Some of these wait for a minute to pass.
      ...ofKind('closure-task').map(({ sk }) => `${sk} ${world.clock.domain()}`),
      ...sites.map(({ id, version }) => `${id} ${version}`),
      // What runs out of a site that is gone changes no record.
      ...(await readdir(world.dataDirectory)),
      ...(await readdir(world.otherDirectory)),
      ...(await readdir(world.archiveDirectory, { recursive: true })),
    ].join()
  }

  /** Sweeps until one more changes nothing. */
  const sweepOut = async (): Promise<void> => {
    let before = await sweepOnce()
    for (let sweep = 0; sweep < 8; sweep += 1) {
      const after = await sweepOnce()
      if (after === before) return
      before = after
    }
    throw new Error('the sweeps do not come to an end')
  }

  const isWaitedWith = async (): Promise<boolean> =>
    readStoredItems(world.tables).sites.some(
      (site) =>
        ('operation' in site && site.operation !== undefined) ||
        (isKept(site) && site.reprievedUntil !== undefined && site.reprievedUntil > world.clock.domain()) ||
        (site.status === 'active' && (site.planNotBefore ?? '') > world.clock.now()),
    )

  const isQuarantined = async (): Promise<boolean> => {
    for await (const _ of (await host()).store.quarantine.list()) return true
    return false
  }

  const world: World = {
    scenario,
    plan: planFault(point),
    tables: new MemoryTables(),
    homeId: name,
    directory,
    dataDirectory,
    otherDirectory,
    archiveDirectory: join(directory, 'archives'),
    kept: new Map(),
    released: new Map(),
    portRange: nextPortRange(),
    clock: simulatedClock(scenario.health === 'sick' ? 20 : 1),
    pool: { target: scenario.poolTarget, buildsAtOnce: 2 },
    log: { info: line('info'), warn: line('warn'), error: line('error') },
    logged,
    health: { isCured: false },
    published: [],
    webhooks: [],
    accepted: new Map(),
    cells: createWorldCells(),
    imported: new Set(),
    host,
    restart: async () => {
      const current = await host()
      await quiet()
      current.line.kill()
      await host()
    },
    quiet,
    tick,
    heal: async () => {
      await sweepOut()
      for (let pass = 0; pass < maxReprieves && (await isWaitedWith()); pass += 1) {
        world.clock.advance(reprieveMilliseconds)
        await sweepOut()
      }
      for (let check = 0; check < checksInQuarantine && (await isQuarantined()); check += 1) {
        world.clock.advance(betweenChecksMilliseconds)
        await tick('clear-leftovers')
        // A removal is begun in one check, and done in the next.
        await quiet()
      }
    },
    end: async () => {
      // The dead first: they let go of what they wait for, and the last one's processes end with it.
      for (const life of lives) await life.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
  return world
}
