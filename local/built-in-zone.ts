import { join } from 'node:path'
import * as z from 'zod'
import { replaceFile } from '../adapters/durable-files/replace-file.ts'
import type { Dns } from '../lambdas/domains/ports.ts'
import { readJsonFile } from './home/read-json-file.ts'
import { StartUpError } from './home/start-up-error.ts'

/** Records of one name. A CNAME beside other records acts as an ALIAS or ANAME, also called flattening. */
const zoneRecordsSchema = z.strictObject({
  TXT: z.array(z.string()).readonly().default([]),
  CNAME: z.string().optional(),
  A: z.array(z.ipv4()).readonly().default([]),
})
export type ZoneRecords = z.infer<typeof zoneRecordsSchema>

const zoneFileSchema = z.strictObject({ schemaVersion: z.literal(1), names: z.record(z.string(), zoneRecordsSchema) })

export interface BuiltInZone extends Dns {
  readonly all: () => Readonly<Record<string, ZoneRecords>>
  readonly find: (name: string) => ZoneRecords | undefined
  /** Replaces the records of the name, durably. */
  readonly set: (name: string, records: ZoneRecords) => Promise<void>
  readonly remove: (name: string) => Promise<void>
}

export const zoneName = (name: string): string => name.toLowerCase().replace(/\.$/, '')

const maxAliases = 8

/** Every hostname below it resolves to this machine, as in browsers. */
const isThisMachine = (name: string): boolean => name === 'localhost' || name.endsWith('.localhost')

/**
 * The DNS of this machine, for custom domains that need not work elsewhere. It survives a restart.
 * @throws {StartUpError} if its file is damaged.
 */
export const openBuiltInZone = async ({ directory }: { readonly directory: string }): Promise<BuiltInZone> => {
  const path = join(directory, 'dns.json')
  const file = await readJsonFile(path, zoneFileSchema)
  if (file.found === 'garbage') {
    throw new StartUpError(`${path} is damaged: it holds the built-in DNS records. Remove it and set them again`)
  }
  const names = new Map(file.found === 'content' ? Object.entries(file.content.names) : [])
  let written = Promise.resolve()

  const keep = (): Promise<void> => {
    // Writes run in order, so that the last one remains.
    written = written
      .catch(() => undefined)
      .then(() => replaceFile(path, `${JSON.stringify({ schemaVersion: 1, names: Object.fromEntries(names) })}\n`))
    return written
  }

  const addresses = (name: string, hops = maxAliases): readonly string[] => {
    if (isThisMachine(name)) return ['127.0.0.1']
    const found = names.get(name)
    if (found?.CNAME === undefined || hops === 0) return found?.A ?? []
    return addresses(found.CNAME, hops - 1)
  }

  return {
    all: () => Object.fromEntries(names),
    find: (name) => names.get(zoneName(name)),
    set: (name, records) => {
      names.set(zoneName(name), records)
      return keep()
    },
    remove: (name) => {
      names.delete(zoneName(name))
      return keep()
    },
    txt: async (name) => names.get(zoneName(name))?.TXT ?? [],
    cname: async (name) => {
      const alias = names.get(zoneName(name))?.CNAME
      return alias === undefined ? [] : [alias]
    },
    addresses: async (name) => addresses(zoneName(name)),
  }
}
