import type { ArchiveId, SiteId } from '../../../../core/ids.ts'
import { type ArchiveJob, type ArchiveJobState, archiveKeys } from '../../../../core/ports/archives.ts'
import type { RuntimeLeftover } from '../../../../core/ports/runtime.ts'
import { type DataHome, homeName } from '../../../../core/site/location.ts'
import type { Site, SiteStatus } from '../../../../core/site/site.ts'
import type { ClearLeftoversPorts } from '../../../../lambdas/endings/leftovers/clear-leftovers.ts'
import { nameOfLeftover } from '../../../../lambdas/endings/leftovers/leftover.ts'
import type { Quarantined } from '../../../../lambdas/endings/leftovers/quarantine.ts'
import { recordingLog } from '../../../support/fixed-ports.ts'

/** A place of which everything is listed, and records of sites that may say something else. */
export const playLeftovers = () => {
  const records = new Map<string, Site>()
  const homes = new Map<string, DataHome>()
  const running = new Set<Site['id']>()
  const leftovers = new Map<string, RuntimeLeftover>()
  const quarantined = new Map<string, Quarantined>()
  const log = recordingLog()
  const state = {
    now: Date.parse('2026-03-01T12:00:00.000Z'),
    isBraked: false,
    /** How many more removals the rate limit allows. */
    room: Number.POSITIVE_INFINITY,
    /** What the archiver answers to a job. */
    release: (_job: ArchiveJob): ArchiveJobState => ({ state: 'done', bytes: 0, files: 0 }),
    released: [] as string[],
    outcomes: new Set<string>(),
    /** Sites that lists by status do not have yet. */
    unlisted: new Set<string>(),
  }
  const instant = (): string => new Date(state.now).toISOString()

  async function* listByStatus<Status extends SiteStatus>(status: Status) {
    for (const site of records.values()) {
      if (site.status === status && !state.unlisted.has(site.id)) yield site as Extract<Site, { status: Status }>
    }
  }

  const ports: ClearLeftoversPorts = {
    startsAtOnce: 2,
    log,
    clocks: { wall: instant, domain: instant },
    sites: { get: async (id) => records.get(id), listByStatus },
    runtime: {
      list: async () => [...running].map((siteId) => ({ siteId, cell: 'local', state: 'running' as const })),
      remove: async ({ siteId }) => {
        running.delete(siteId)
      },
    },
    storage: {
      list: async () => [...homes.values()],
      remove: async (home) => {
        if (!state.released.includes(homeName(home))) throw new Error(`${homeName(home)} still has its files`)
        homes.delete(homeName(home))
      },
    },
    leftovers: {
      list: async () => [...leftovers.values()],
      remove: async (leftover) => {
        leftovers.delete(nameOfLeftover(leftover))
      },
    },
    archiver: {
      run: async (job) => {
        if (job.kind !== 'release') throw new Error(`a ${job.kind} was not to be done`)
        const answer = state.release(job)
        if (answer.state !== 'running') state.outcomes.add(`${job.siteId}/${job.id}.outcome.json`)
        if (answer.state === 'done') state.released.push(homeName(job.home))
        return answer
      },
    },
    archives: {
      async *list(prefix) {
        for (const key of archives) if (key.startsWith(prefix)) yield { key, bytes: 1 }
      },
      remove: async (key) => {
        state.outcomes.delete(key)
        archives.delete(key)
      },
    },
    quarantine: {
      async *list() {
        yield* quarantined.values()
      },
      note: async (after, before) => {
        if (quarantined.get(nameOfLeftover(after))?.seenAt !== before?.seenAt) return false
        quarantined.set(nameOfLeftover(after), after)
        return true
      },
      release: async (leftover) => {
        quarantined.delete(nameOfLeftover(leftover))
      },
    },
    brake: { isOn: async () => state.isBraked },
    pace: {
      take: async () => {
        state.room -= 1
        return state.room >= 0
      },
    },
    pause: async (milliseconds) => {
      passed += milliseconds
    },
    monotonic: () => passed,
  }
  const archives = new Set<string>()
  let passed = 0

  const addHome = (home: DataHome): void => {
    homes.set(homeName(home), home)
  }
  const addLeftover = (leftover: RuntimeLeftover): void => {
    leftovers.set(nameOfLeftover(leftover), leftover)
  }
  const addArchive = (siteId: SiteId, archiveId: ArchiveId): void => {
    for (const key of Object.values(archiveKeys(siteId, archiveId))) archives.add(key)
  }
  return {
    ports,
    state,
    archives,
    addArchive,
    records,
    homes,
    running,
    leftovers,
    quarantined,
    log,
    addHome,
    addLeftover,
  }
}

export type PlayedLeftovers = ReturnType<typeof playLeftovers>
