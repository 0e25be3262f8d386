import { randomInt } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { createServer } from 'node:net'
import { dirname } from 'node:path'
import * as z from 'zod'
import { SitewrightError } from '../../core/errors.ts'
import type { SiteId } from '../../core/ids.ts'
import type { Endpoint } from '../../core/site/site.ts'
import { replaceFile } from '../durable-files/replace-file.ts'
import { oneAtATime } from './pacing.ts'

/** A site, or what runs beside it for a while. */
export type PortHolder = SiteId | `${SiteId}+` | `${SiteId}!`

/** The holder of a command that runs once. */
export const onceOf = (siteId: SiteId): PortHolder => `${siteId}!`

export const besideOf = (siteId: SiteId): PortHolder => `${siteId}+`

/** Below the range from which Linux and others take ports of outgoing connections. */
const defaultRange = { first: 20_000, last: 31_999 }

const ledgerSchema = z.strictObject({ next: z.int(), ports: z.record(z.string(), z.int()) })

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => server.close(() => resolve(true)))
  })

const read = (file: string): z.infer<typeof ledgerSchema> | undefined => {
  try {
    return ledgerSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    // Absent, as in a restored home, or damaged: the sites' records have the ports.
    return undefined
  }
}

/**
 * @param options.file where the ports are remembered.
 * @param options.recorded where the sites' records say that they are, for a file that lacks them: visitors of a site must not find another at its port.
 */
export const createLoopbackPorts = (options: {
  readonly file: string
  readonly range?: { readonly first: number; readonly last: number }
  readonly recorded?: ReadonlyMap<SiteId, Endpoint>
}) => {
  const { file, range = defaultRange, recorded = new Map<SiteId, Endpoint>() } = options
  const remembered = read(file)
  const ports = new Map(Object.entries(remembered?.ports ?? {}))
  const taken = new Set(ports.values())
  for (const [siteId, { port }] of recorded) {
    if (!ports.has(siteId) && !taken.has(port)) ports.set(siteId, port)
    taken.add(port)
  }
  const exclusively = oneAtATime()
  const size = range.last - range.first + 1
  // A random start keeps two hosts on one machine out of each other's way.
  let next = remembered?.next ?? range.first + randomInt(size)

  let queued: Promise<void> | undefined
  /** Calls that come while one waits for its turn share it. */
  const write = (): Promise<void> => {
    queued ??= exclusively('file', async () => {
      queued = undefined
      await mkdir(dirname(file), { recursive: true })
      await replaceFile(file, JSON.stringify({ next, ports: Object.fromEntries(ports) }))
    })
    return queued
  }

  const forget = (holder: PortHolder): void => {
    const port = ports.get(holder)
    if (port === undefined) return
    ports.delete(holder)
    taken.delete(port)
  }

  const assign = async (holder: PortHolder): Promise<number> => {
    for (let tries = 0; tries < size; tries += 1) {
      const port = next >= range.first && next <= range.last ? next : range.first
      next = port + 1
      if (taken.has(port)) continue
      taken.add(port)
      if (await isFree(port)) {
        ports.set(holder, port)
        await write()
        return port
      }
      taken.delete(port)
    }
    throw new SitewrightError(
      'RuntimeUnavailable',
      `No port between ${range.first} and ${range.last} is free on 127.0.0.1: remove sites, or stop what else listens there.`,
    )
  }

  return {
    /**
     * The site's port, kept as long as it is free. Call it while nothing of the site listens.
     * @throws {SitewrightError} `RuntimeUnavailable` where no port is left.
     */
    claim: (holder: PortHolder): Promise<number> =>
      exclusively(holder, async () => {
        const port = ports.get(holder)
        if (port !== undefined && (await isFree(port))) return port
        forget(holder)
        return assign(holder)
      }),
    /** Gives the port up because something else listens on it. */
    release: async (holder: PortHolder): Promise<void> => {
      if (!ports.has(holder)) return
      forget(holder)
      await write()
    },
  }
}

export type LoopbackPorts = ReturnType<typeof createLoopbackPorts>
