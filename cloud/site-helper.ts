import { writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { pipeline } from 'node:stream'
import * as z from 'zod'
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

const [, , work] = process.argv
if (work === 'files') await writeFiles(process.env)
else if (work === 'port') forwardPort(process.env)
else throw new Error(`site-helper: there is no work '${work}'`)
