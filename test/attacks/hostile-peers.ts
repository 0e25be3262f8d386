import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as z from 'zod'
import { readBlueprint } from '../../adapters/files/blueprint-files.ts'
import { endWithCommand } from '../../bin/command-line/run-to-end.ts'
import { demoApi } from '../acceptance/api.ts'
import { waitUntilBuilt } from '../acceptance/walk.ts'
import { type Scene, signedIn } from './attack.ts'

const program = fileURLToPath(new URL('hostile-peer.mjs', import.meta.url))
const blueprints = fileURLToPath(new URL('../../blueprints', import.meta.url))

/** The name of a blueprint whose sites answer with what the path of a request says. */
export const hostile = 'hostile'

/** What a hostile peer says. Each character is a byte. */
export interface Plan {
  readonly start?: string
  readonly unit?: string
  /** How often it says the unit; null for without end. */
  readonly times?: number | null
  readonly end?: string
  /** A site waits for so many bytes behind the head. */
  readonly after?: number
}

/** Writes the blueprints of the host: the hostile program runs in the image of the welcome site. */
export const writeBlueprints = async (directory: string): Promise<void> => {
  const read = await readBlueprint(join(blueprints, 'welcome.yaml'))
  const containers = read.containers.map((container) => ({
    ...container,
    ...(container.build && { build: { ...container.build, context: resolve(blueprints, container.build.context) } }),
    ...(container.process && {
      process: { ...container.process, directory: resolve(blueprints, container.process.directory ?? '.') },
    }),
  }))
  const command = ['node', '$' + '{FILES_DIRECTORY}/peer.mjs']
  const files = { 'peer.mjs': await readFile(program, 'utf8') }
  const peers = containers.map((container) => ({ ...container, command, files, process: { command } }))
  const traffic = { ...read.traffic, healthPath: '/' }
  for (const blueprint of [
    { ...read, containers },
    { ...read, name: hostile, version: 1, containers: peers, traffic },
  ])
    await writeFile(join(directory, `${blueprint.name}.json`), JSON.stringify(blueprint))
}

const usageSchema = z.looseObject({ periods: z.array(z.looseObject({ requests: z.int(), bytes: z.int() })) })

/** Signs up for a hostile site. */
export const openHostileSite = async ({ origin }: Scene, slug: string) => {
  const { token } = await signedIn(origin, `${slug}@example.com`)
  const owner = demoApi(origin, token)
  const { site } = await owner.createSite(slug, slug, hostile)
  const { host } = new URL((await waitUntilBuilt(() => owner.getSite(site.id))).url)
  return {
    /** The head of a request for what a plan says, without its last line. */
    request: (plan: Plan, method = 'GET'): string =>
      `${method} /${Buffer.from(JSON.stringify(plan)).toString('base64url')} HTTP/1.1\r\nHost: ${host}\r\n`,
    /** All that is counted so far; a router stores it every 20 s. */
    usage: async () => {
      const response = await fetch(`${origin}/v1/sites/${site.id}/usage?by=hour`, {
        headers: { authorization: `Bearer ${token}` },
      })
      const { periods } = usageSchema.parse(await response.json())
      const sum = (of: 'requests' | 'bytes'): number => periods.reduce((all, period) => all + period[of], 0)
      return { requests: sum('requests'), bytes: sum('bytes') }
    },
  }
}

const doneSchema = z.object({ opened: z.int(), received: z.int() })

/** Starts a visitor that says a plan on so many connections, in a process of its own. */
export const startHostileVisitor = (port: number, connections: number, plan: Plan) => {
  const child = fork(program, [JSON.stringify({ port, connections, plan })], {
    // With a port it would be a site.
    env: { ...process.env, PORT: undefined },
  })
  const exited = once(child, 'exit')
  const forget = endWithCommand(() => child.kill('SIGKILL'))
  void exited.finally(forget)
  return {
    done: async (): Promise<z.infer<typeof doneSchema>> => {
      child.send('done')
      const [done] = await once(child, 'message')
      return doneSchema.parse(done)
    },
    end: async (): Promise<void> => {
      child.kill('SIGKILL')
      await exited
    },
  }
}
