import * as z from 'zod'
import { SitewrightError } from '../../core/errors.ts'
import { idSchema, type SiteId } from '../../core/ids.ts'
import { plusMilliseconds } from '../../core/instant.ts'
import type { Clock, Randomness } from '../../core/ports/context.ts'
import { sitePortRange } from '../ssm/cell-description.ts'
import { contentAttribute, contentItem, type Database, getItem, inTable, readAll, readContent } from './item.ts'
import { cellPortsKey, type Key, padded } from './keys.ts'
import { contentHas, type GuardedWrite, isNew, put, putIf, transact } from './transaction.ts'

const sitePortPrefix = 'SITE#'
const portPrefix = 'PORT#'
const sitePortKey = (cell: string, id: SiteId): Key => ({ pk: cellPortsKey(cell), sk: `${sitePortPrefix}${id}` })
const portKey = (cell: string, port: number): Key => ({ pk: cellPortsKey(cell), sk: `${portPrefix}${padded(port)}` })

const restMilliseconds = 3_600_000

/** Even with 10,000 sites, all that a cell can hold, more than every other port is free: a few guesses find one. */
const guesses = 8

const port = z.int().min(1).max(65_535)
const sitePortSchema = z.object({
  schemaVersion: z.literal(1),
  siteId: idSchema('site'),
  port,
  /** Its task was stopped and its service kept. */
  isAsleep: z.boolean().optional(),
})
const portSchema = z.object({
  schemaVersion: z.literal(1),
  port,
  /** Whose it is; absent while it rests. */
  siteId: idSchema('site').optional(),
  /** From when on it may be another site's. */
  restsUntil: z.string().optional(),
})

const itemOf = (key: Key, kind: string, content: object) => contentItem(key, kind, { schemaVersion: 1, ...content })

/**
 * The ports of a cell's sites, no two alike. A released port rests for an hour: AWS may give its address to another task while
 * somebody still remembers it.
 */
export const createSitePorts = (
  options: Database & {
    readonly cell: string
    readonly wall: Clock
    readonly randomness: Pick<Randomness, 'integer'>
    readonly range?: { readonly first: number; readonly last: number }
  },
) => {
  const { client, cell, wall, randomness, range = sitePortRange } = options
  const TableName = options.tables.main
  const size = range.last - range.first + 1

  const find = async (siteId: SiteId) =>
    readContent(sitePortSchema, await getItem(client, TableName, sitePortKey(cell, siteId)))

  const portOf = async (siteId: SiteId): Promise<number | undefined> => (await find(siteId))?.port

  /** Writes nothing if it is noted already, or if the port was released. */
  const noteSleep = async (siteId: SiteId, isAsleep: boolean): Promise<void> => {
    const held = await find(siteId)
    if (held === undefined || (held.isAsleep ?? false) === isAsleep) return
    const content = { siteId, port: held.port, ...(isAsleep ? { isAsleep } : {}) }
    const Item = itemOf(sitePortKey(cell, siteId), 'site-port', content)
    await putIf(client, TableName, Item, contentHas({ siteId, port: held.port }))
  }

  const claimWrites = (siteId: SiteId, wanted: number): readonly GuardedWrite<'site' | 'port'>[] => [
    put('site', TableName, itemOf(sitePortKey(cell, siteId), 'site-port', { siteId, port: wanted }), isNew),
    put('port', TableName, itemOf(portKey(cell, wanted), 'port', { port: wanted, siteId }), {
      ConditionExpression: 'attribute_not_exists(pk) OR #content.restsUntil <= :now',
      ExpressionAttributeNames: { '#content': contentAttribute },
      ExpressionAttributeValues: { ':now': wall() },
    }),
  ]

  const releaseWrites = (siteId: SiteId, held: number): readonly GuardedWrite<'released'>[] => {
    const isStillHeld = contentHas({ siteId, port: held })
    const restsUntil = plusMilliseconds(wall(), restMilliseconds)
    return [
      { refusal: 'released', write: { Delete: { TableName, Key: sitePortKey(cell, siteId), ...isStillHeld } } },
      put('released', TableName, itemOf(portKey(cell, held), 'port', { port: held, restsUntil }), isStillHeld),
    ]
  }

  const freePorts = async (): Promise<readonly number[]> => {
    const taken = new Set<number>()
    for await (const entry of readAll(client, portSchema, inTable(TableName, cellPortsKey(cell), portPrefix))) {
      if (entry.restsUntil === undefined || entry.restsUntil > wall()) taken.add(entry.port)
    }
    return Array.from({ length: size }, (_, index) => range.first + index).filter((number) => !taken.has(number))
  }

  const nextGuess = async (guess: number): Promise<number> => {
    if (guess < guesses) return range.first + randomness.integer(size)
    const free = await freePorts()
    const chosen = free.length === 0 ? undefined : free[randomness.integer(free.length)]
    if (chosen !== undefined) return chosen
    throw new SitewrightError(
      'RuntimeUnavailable',
      `Every port between ${range.first} and ${range.last} of the cell '${cell}' is taken or rests: add a cell.`,
    )
  }

  return {
    portOf,
    /** The site's port, the same until its release. Notes that the site does not sleep. @throws {SitewrightError} `RuntimeUnavailable` where none is free. */
    claim: async (siteId: SiteId): Promise<number> => {
      for (let guess = 0; ; guess += 1) {
        const held = await find(siteId)
        if (held?.isAsleep === true) await noteSleep(siteId, false)
        if (held !== undefined) return held.port
        const wanted = await nextGuess(guess)
        const refusals = await transact(client, claimWrites(siteId, wanted))
        if (refusals.length === 0) return wanted
      }
    },
    release: async (siteId: SiteId): Promise<void> => {
      const held = await portOf(siteId)
      // Refused where another call released it meanwhile.
      if (held !== undefined) await transact(client, releaseWrites(siteId, held))
    },
    /** Notes whether the site sleeps: then its service has no task and need not be described. */
    noteSleep,
    /** All sites of the cell that have a port. */
    all: async () => {
      const ports = new Map<SiteId, { readonly port: number; readonly isAsleep: boolean }>()
      const entries = readAll(client, sitePortSchema, inTable(TableName, cellPortsKey(cell), sitePortPrefix))
      for await (const { siteId, port: held, isAsleep = false } of entries) ports.set(siteId, { port: held, isAsleep })
      return ports
    },
  }
}

export type SitePorts = ReturnType<typeof createSitePorts>
