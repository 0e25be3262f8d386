import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
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

const [, , work] = process.argv
if (work !== 'files') throw new Error(`site-helper: there is no work '${work}'`)
await writeFiles(process.env)
