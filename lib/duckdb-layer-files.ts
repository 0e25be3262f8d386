import { existsSync, readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'

const packageSchema = z.looseObject({
  version: z.string().optional(),
  dependencies: z.record(z.string(), z.string()).optional(),
  optionalDependencies: z.record(z.string(), z.string()).optional(),
})
const lockSchema = z.object({ packages: z.record(z.string(), packageSchema) })

const entry = '@duckdb/node-api'
/** The library for Lambda's processor and Linux. */
const native = '@duckdb/node-bindings-linux-arm64'

const readLocked = (root: string): z.infer<typeof lockSchema>['packages'] =>
  lockSchema.parse(JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))).packages

/** The part of package-lock.json that DuckDB needs on Lambda, and its package.json: versions and digests are those of the repository. */
export const lockOfDuckdb = (root: string): { readonly manifest: object; readonly lock: object } => {
  const locked = readLocked(root)
  const needed = new Map<string, z.infer<typeof packageSchema>>()
  const need = (name: string): void => {
    const path = `node_modules/${name}`
    const found = locked[path]
    if (found === undefined) throw new Error(`package-lock.json has no ${name}`)
    if (needed.has(path)) return
    needed.set(path, found)
    // npm wants the libraries for other systems in the lock, and does not fetch them.
    Object.keys({ ...found.dependencies, ...found.optionalDependencies }).forEach(need)
  }
  need(entry)
  const manifest = {
    name: 'duckdb-layer',
    version: '1.0.0',
    dependencies: { [entry]: locked[`node_modules/${entry}`]?.version },
  }
  return {
    manifest,
    lock: { ...manifest, lockfileVersion: 3, packages: { '': manifest, ...Object.fromEntries(needed) } },
  }
}

/** Where `npm run fetch-duckdb` puts the layer. */
export const fetchedLayer = (root: string): string => join(root, '.layers/duckdb')

/** Whether the layer was fetched in the version of package-lock.json. */
export const isFetched = (root: string): boolean => {
  const path = join(fetchedLayer(root), 'nodejs/node_modules', native, 'package.json')
  if (!existsSync(path)) return false
  const { version } = packageSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
  return version === readLocked(root)[`node_modules/${native}`]?.version
}

/** The directory of the layer; until it is fetched, one in `outdir` that says what to do. */
export const layerDirectory = async (root: string, outdir: string): Promise<string> => {
  if (isFetched(root)) return fetchedLayer(root)
  const standIn = join(outdir, 'duckdb')
  await mkdir(standIn, { recursive: true })
  await writeFile(join(standIn, 'README'), 'DuckDB was not fetched: run "npm run fetch-duckdb" and deploy again.\n')
  return standIn
}
