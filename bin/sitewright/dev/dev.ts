import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { dirname, join, relative, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Blueprint } from '../../../core/blueprint/blueprint.ts'
import { factsFor } from '../../../core/blueprint/interpolate.ts'
import { blueprintOfFile, production } from '../../../core/blueprint/site-file.ts'
import { limitsSchema } from '../../../core/plan/plan.ts'
import type { Launch } from '../../../core/ports/runtime.ts'
import { type EngineProgram, findEngine, mustRun } from '../engine.ts'
import { Failure } from '../failure.ts'
import { problemText } from '../file-problems.ts'
import { type ReadFile, readSiteFile } from '../read-file.ts'
import { builtImage, containerName, containerParts, type DevPlace, type Part, processParts } from './parts.ts'
import { type Line, runParts } from './run-parts.ts'
import { devDirectory, keepOutOf, watchFiles } from './watch.ts'

interface Dev {
  readonly file: string
  readonly port: number
  readonly processes: boolean
  /** Its variables give secrets of `given` their values. */
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly print: (line: Line) => void
  readonly note: (text: string) => void
  readonly signal: AbortSignal
}

/** Made once, so that the data stays readable. */
const keptSecrets = async ({ directory }: DevPlace, names: readonly string[]): Promise<Record<string, string>> => {
  const file = join(directory, 'secrets.json')
  const kept: Record<string, string> = JSON.parse(await readFile(file, 'utf8').catch(() => '{}'))
  for (const name of names) kept[name] ??= randomBytes(24).toString('base64url')
  await writeFile(file, JSON.stringify(kept), { mode: 0o600 })
  return kept
}

/** Its limits are those of no plan. */
const plan = {
  features: [],
  limits: limitsSchema.parse(Object.fromEntries(Object.keys(limitsSchema.shape).map((name) => [name, 1_000_000]))),
}

const launchFor = async (
  blueprint: Blueprint,
  given: readonly string[],
  place: DevPlace,
  dev: Dev,
): Promise<Launch> => {
  const names = blueprint.containers.flatMap(({ secrets }) => secrets)
  const kept = await keptSecrets(place, names)
  const unset = given.filter((name) => !dev.environment[name])
  if (unset.length > 0) dev.note(`Not set in your environment, so made up: ${unset.join(', ')}`)
  const siteId = 'site_00000000000000000000000000'
  const facts = factsFor(blueprint, { siteUrl: `http://localhost:${place.port}`, plan })
  return {
    ...{ siteId, cell: 'local', generation: 1, blueprint, plan: 'dev', interruptible: false },
    size: { cpu: 1, memoryMiB: 1024, processes: 1024 },
    environment: { SITEWRIGHT_SITE_ID: siteId },
    secrets: Object.fromEntries(
      names.map((name) => [name, (given.includes(name) && dev.environment[name]) || (kept[name] ?? '')]),
    ),
    ...(facts && { facts }),
  }
}

const build = async ({ file }: ReadFile, place: DevPlace, engine: EngineProgram, note: Dev['note']): Promise<void> => {
  for (const { name, build: source } of file.containers) {
    if (source === undefined) continue
    const context = resolve(place.base, source.context)
    note(`Building '${name}'`)
    const words = ['build', '--tag', builtImage(place, { name }), '--file', join(context, source.dockerfile), context]
    await mustRun(engine.program, words, `The image of '${name}' cannot be built: correct its ${source.dockerfile}.`, {
      note,
    })
  }
}

const partsOf = async (read: ReadFile, place: DevPlace, dev: Dev, engine: EngineProgram | undefined) => {
  const { file } = read
  const environment = file.environments?.['dev'] === undefined ? production : 'dev'
  const blueprint = blueprintOfFile(file, { version: 1, environment: { name: environment } })
  const launch = await launchFor(
    blueprint,
    file.containers.flatMap(({ given = [] }) => given),
    place,
    dev,
  )
  if (engine === undefined) return { blueprint, parts: await processParts(launch, place) }
  const imageOf = (container: { readonly name: string; readonly image: string }): string =>
    file.containers.some(({ name, build: source }) => name === container.name && source)
      ? builtImage(place, container)
      : container.image
  return { blueprint, parts: await containerParts(launch, place, engine, imageOf) }
}

/** Says once when the site answers. */
const sayWhenReady = async (
  { traffic }: Blueprint,
  { port }: DevPlace,
  { note }: Dev,
  signal: AbortSignal,
): Promise<void> => {
  while (!signal.aborted) {
    const answer = await fetch(`http://127.0.0.1:${port}${traffic.healthPath}`, { signal, redirect: 'manual' }).catch(
      () => undefined,
    )
    await answer?.body?.cancel()
    if (answer && (traffic.healthStatus ?? (answer.status < 400 ? answer.status : 0)) === answer.status) {
      return note(`Ready: http://localhost:${port}`)
    }
    await pause(300, undefined, { signal }).catch(() => undefined)
  }
}

/** What a change of makes the site start again. Contexts of images are prepared first, also of those that are built later: that is no change of the developer. */
const watchedBy = async (
  { name, file }: ReadFile,
  place: DevPlace,
  isContainers: boolean,
  note: Dev['note'],
): Promise<readonly string[]> => {
  const paths = file.containers.flatMap(
    ({ build: source, process }) => (isContainers ? source?.context : process?.directory) ?? [],
  )
  for (const { build: source } of file.containers) {
    if (source !== undefined) await keepOutOf(source, place.base, note)
  }
  return [name, ...paths.map((path) => resolve(place.base, path))]
}

const chooseEngine = async ({ file }: ReadFile, { processes }: Dev): Promise<EngineProgram | undefined> => {
  const canBeProcesses = file.containers.every(({ process }) => process !== undefined)
  if (processes || (canBeProcesses && file.containers.every(({ image, build: source }) => !(image ?? source))))
    return undefined
  return findEngine().catch((error: unknown) => {
    if (canBeProcesses) return undefined
    throw error
  })
}

const cleanUp = async (parts: readonly Part[], place: DevPlace, engine: EngineProgram | undefined): Promise<void> => {
  if (engine === undefined) return
  const names = parts.map(({ name }) => containerName(place, name))
  await mustRun(engine.program, ['rm', '--force', ...names], '').catch(() => undefined)
}

/** @throws {Failure} if another program answers there: `dev` would take its answers for those of the application. */
const requireFreePort = async (port: number): Promise<void> => {
  const server = createServer().listen(port, '127.0.0.1')
  const error: NodeJS.ErrnoException | undefined = await once(server, 'listening').then(
    () => undefined,
    (failure) => failure,
  )
  server.close()
  // Other errors are no hindrance: Docker may use ports that this person may not.
  if (error?.code !== 'EADDRINUSE') return
  throw new Failure(
    'failed',
    `Port ${port} is taken: end the program that listens there, or choose another with --port.`,
  )
}

/** Runs the file on this machine, and again after each change of it or of what it is built from, until the signal. */
export const runDev = async (dev: Dev): Promise<void> => {
  await requireFreePort(dev.port)
  const base = dirname(resolve(dev.file))
  const place: DevPlace = { base, directory: join(base, devDirectory), port: dev.port }
  await mkdir(place.directory, { recursive: true, mode: 0o755 })
  await writeFile(join(place.directory, '.gitignore'), '*\n')
  let stop = async (): Promise<void> => undefined
  try {
    while (!dev.signal.aborted) {
      let watched: readonly string[] = [resolve(dev.file)]
      let changed = await watchFiles(watched)
      try {
        const read = await readSiteFile(dev.file)
        const engine = await chooseEngine(read, dev)
        watched = await watchedBy(read, place, engine !== undefined, dev.note)
        changed = await watchFiles(watched, { isProcesses: engine === undefined })
        if (engine !== undefined) await build(read, place, engine, dev.note)
        const { blueprint, parts } = await partsOf(read, place, dev, engine)
        await stop()
        await cleanUp(parts, place, engine)
        if (dev.signal.aborted) return
        const ended = new AbortController()
        const stopParts = runParts(parts, { ...dev, blueprint })
        void sayWhenReady(blueprint, place, dev, ended.signal)
        stop = async () => {
          ended.abort()
          await stopParts()
          await cleanUp(parts, place, engine)
        }
      } catch (error) {
        // What runs goes on, until the mistake is corrected.
        if (!(error instanceof Failure)) throw error
        dev.note([error.message, ...error.problems.map((one) => problemText(dev.file, one))].join('\n'))
      }
      const path = await changed(dev.signal)
      if (path !== undefined) dev.note(`${relative(base, path) || base} changed: starting again`)
    }
  } finally {
    await stop()
  }
}
