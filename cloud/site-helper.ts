import { existsSync } from 'node:fs'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { pipeline } from 'node:stream'
import { setTimeout as timer } from 'node:timers/promises'
import * as z from 'zod'
import { keepLease, takeLease } from '../adapters/files/site-lease.ts'
import { interpolate } from '../core/blueprint/interpolate.ts'

const filesSchema = z.string().transform((text) => z.record(z.string(), z.string()).parse(JSON.parse(text)))

const secretPrefix = 'SECRET_'

/** Writes the files of a container to its volume; adapters/ecs/task-definition.ts says which. */
const writeFiles = async (environment: NodeJS.ProcessEnv): Promise<void> => {
  const secrets = Object.entries(environment).flatMap(([name, value]) =>
    name.startsWith(secretPrefix) && value !== undefined
      ? [[`secret.${name.slice(secretPrefix.length)}`, value] as const]
      : [],
  )
  const directory = z.string().startsWith('/').parse(environment['FILES_TO'])
  for (const [name, template] of Object.entries(filesSchema.parse(environment['FILES']))) {
    await writeFile(join(directory, name), interpolate(template, Object.fromEntries(secrets)), { mode: 0o400 })
  }
}

const portsSchema = z.object({
  HOST: z.string().default('0.0.0.0'),
  PORT: z.coerce.number(),
  FORWARD_TO: z.coerce.number(),
})

/** In milliseconds: connections that are still open then, such as WebSockets, end with the task. */
const grace = 5000

/** Forwards connections to a port of the same task. */
const forwardPort = (environment: NodeJS.ProcessEnv): void => {
  const { HOST, PORT, FORWARD_TO } = portsSchema.parse(environment)
  const options = { allowHalfOpen: true, noDelay: true }
  const server = createServer(options, (visitor) => {
    const site = connect({ ...options, host: '127.0.0.1', port: FORWARD_TO })
    // One that breaks off ends the other.
    pipeline(visitor, site, visitor, () => undefined)
  })
  server.listen(PORT, HOST)
  process.once('SIGTERM', () => {
    server.close(() => process.exit(0))
    setTimeout(() => process.exit(0), grace)
  })
}

const leaseSchema = z
  .object({ DATA: z.string(), RENEW_SECONDS: z.coerce.number(), STOP_SECONDS: z.coerce.number() })
  .transform(({ DATA, RENEW_SECONDS, STOP_SECONDS }) => ({
    data: DATA,
    renewEvery: RENEW_SECONDS * 1000,
    stopAfter: STOP_SECONDS * 1000,
  }))

const termSchema = z.object({ generation: z.number(), renewedAt: z.number() })

/** Where the containers of a task hand over what it has of the lease. */
const termFile = ({ HANDED_OVER_IN }: NodeJS.ProcessEnv): string => join(z.string().parse(HANDED_OVER_IN), 'term')

/** Exiting would wait for a write that hangs. Where this process ends, ECS ends the task. */
const endAtOnce = (reason: string): void => {
  process.stderr.write(`site-helper: ${reason}\n`)
  process.kill(process.pid, 'SIGKILL')
}

const takeData = async (environment: NodeJS.ProcessEnv): Promise<void> => {
  const told = new AbortController()
  process.once('SIGTERM', () => told.abort())
  const term = await takeLease(leaseSchema.parse(environment), { toldToEnd: told.signal, endAtOnce })
  const path = termFile(environment)
  await writeFile(`${path}.part`, JSON.stringify(term))
  await rename(`${path}.part`, path)
}

/** Starts beside the container that takes the lease, which saves the time of a start after it. ECS ends the site's containers before it. */
const keepData = async (environment: NodeJS.ProcessEnv): Promise<void> => {
  const path = termFile(environment)
  while (!existsSync(path)) await timer(50)
  const term = termSchema.parse(JSON.parse(await readFile(path, 'utf8')))
  const release = keepLease(leaseSchema.parse(environment), term, endAtOnce)
  process.once('SIGTERM', () => release().then(() => process.exit(0)))
}

const works: Readonly<Record<string, (environment: NodeJS.ProcessEnv) => Promise<void> | void>> = {
  files: writeFiles,
  port: forwardPort,
  take: takeData,
  keep: keepData,
}

const [, , work = ''] = process.argv
const run = works[work]
if (run === undefined) throw new Error(`site-helper: there is no work '${work}'`)
await run(process.env)
