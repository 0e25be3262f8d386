import { setTimeout as pause } from 'node:timers/promises'
import { getItem, readContent } from '../../../adapters/dynamodb/item.ts'
import { siteKey } from '../../../adapters/dynamodb/keys.ts'
import { tablesOf } from '../../../adapters/dynamodb/tables.ts'
import { findLeftovers } from '../../../adapters/leftovers/find-leftovers.ts'
import type { SiteId } from '../../../core/ids.ts'
import { homeOf } from '../../../core/site/location.ts'
import { siteSchema } from '../../../core/site/site.ts'
import { quickClients } from '../memory-table/quick-client.ts'
import { unpacked } from './data-invariants.ts'
import { keptSite } from './owned-site.ts'
import { readWritten } from './site-content.ts'
import type { World } from './world.ts'

/** Writes to a site all the time, where its record says that it answers, as a router would. */
export interface BusyVisitor {
  /**
   * Stops. @returns what of it is nowhere, or there twice, and whether two processes of the site ran at once.
   * @param isLost whether the cell may have been lost: then what was written between the newest archive and its restore is gone.
   */
  readonly end: (isLost?: boolean) => Promise<readonly string[]>
}

const betweenWrites = 10
/** Reading all processes of the machine takes its time. */
const writesBetweenChecks = 15

export const startWriting = (world: World, siteId: SiteId): BusyVisitor => {
  const client = quickClients(world.tables).client
  const acknowledged: string[] = []
  const problems: string[] = []
  let isOver = false

  const write = async (line: string): Promise<void> => {
    const site = readContent(siteSchema, await getItem(client, tablesOf('sitewright').main, siteKey(siteId)))
    if (site?.status !== 'active' || site.endpoint === undefined) return
    const { host, port } = site.endpoint
    const options = { method: 'POST', headers: { connection: 'close' } }
    const answer = await fetch(`http://${host}:${port}/written/${line}`, options).catch(() => undefined)
    if (answer?.status === 204) acknowledged.push(line)
  }

  const running = async (): Promise<readonly string[]> =>
    (await findLeftovers(world.homeId, 'site')).flatMap(({ pid, startTime, environment }) =>
      environment['SITEWRIGHT_SITE_ID'] === siteId ? [`${pid} since ${startTime}`] : [],
    )

  /** One that is about to end is not found by the second check. */
  const findTwo = async (): Promise<void> => {
    const first = await running()
    if (first.length < 2) return
    await pause(betweenWrites)
    const again = (await running()).filter((process) => first.includes(process))
    if (again.length > 1) problems.push(`two processes of ${siteId} at once: ${again.join()}`)
  }

  const writing = (async () => {
    for (let count = 1; !isOver; count += 1) {
      await write(`${count}`)
      if (count % writesBetweenChecks === 0) await findTwo()
      await pause(betweenWrites)
    }
  })()

  /** Lines are numbers that go up. */
  const isInGap = (line: string, archived: readonly string[], serving: readonly string[]): boolean => {
    const last = Math.max(0, ...archived.map(Number))
    const next = Math.min(...serving.map(Number).filter((number) => number > last))
    return last < Number(line) && Number(line) < next
  }

  const lost = async (isLost: boolean): Promise<readonly string[]> => {
    const site = await keptSite(world, siteId)
    const serving = await readWritten((await world.host()).storage.directoryOf(homeOf(site)))
    const archived = await Promise.all(site.archives.map(({ id }) => unpacked(world, site, id, readWritten)))
    const found = new Set([serving, ...archived].flat())
    const missing = acknowledged.filter((line) => !found.has(line))
    return [
      ...(acknowledged.length > 1 ? [] : [`only ${acknowledged.length} writes to ${siteId} were acknowledged`]),
      ...missing
        .filter((line) => !(isLost && isInGap(line, archived.flat(), serving)))
        .map((line) => `write ${line} of ${siteId} is nowhere`),
      ...(new Set(serving).size === serving.length ? [] : [`a write of ${siteId} is there twice`]),
    ]
  }

  return {
    end: async (isLost = false) => {
      isOver = true
      await writing
      return [...problems, ...(await lost(isLost))]
    },
  }
}
