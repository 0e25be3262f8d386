import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chown, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type Docker from 'dockerode'
import { type ContainerSurroundings, planContainers } from '../../../adapters/containers/container-plan.ts'
import { findEngine } from '../../../adapters/containers/engine.ts'
import { requireReach, traitsOf } from '../../../adapters/containers/site-network.ts'
import { readBlueprintFiles } from '../../../adapters/files/blueprint-files.ts'
import { siteUser } from '../../../adapters/files/site-storage.ts'
import { childCommands } from '../../../adapters/processes/child-command.ts'
import { createRandomness } from '../../../adapters/randomness.ts'
import { planCatalogue } from '../../../core/plan/plan-catalogue.ts'
import type { Launch } from '../../../core/ports/runtime.ts'
import { findFreePort } from '../../../local/engine/engine-place.ts'
import { readHomeId } from '../../../local/home/home-identity.ts'
import config from '../../../sitewright.config.ts'
import { poll } from '../../acceptance/poll.ts'
import { httpCall } from '../../support/http-call.ts'
import type { RuntimeName } from '../../support/temporary-home/temporary-home.ts'

interface RawStart extends Start {
  readonly end: () => Promise<void>
}

interface RawSite {
  readonly launch: Launch
  readonly port: number
  readonly dataDirectory: string
  readonly resolvePath: (path: string) => string
}

const randomness = createRandomness()

/** Prepares one start of the default blueprint, in the size of a trial. Creates its data directory below `directory`. */
const prepareRawSite = async (directory: string): Promise<RawSite> => {
  const files = await readBlueprintFiles(fileURLToPath(new URL('../../../blueprints', import.meta.url)), [])
  const blueprint = files.blueprints.find(({ name }) => name === config.offeredBlueprints[0])
  if (blueprint === undefined) throw new Error(`there is no blueprint '${config.offeredBlueprints[0]}'`)
  const siteId = randomness.id('site')
  const dataDirectory = join(directory, siteId)
  await mkdir(dataDirectory, { mode: 0o700 })
  const { uid, gid } = siteUser(siteId)
  if (process.getuid?.() === 0) await chown(dataDirectory, uid, gid)
  return {
    launch: {
      siteId,
      cell: 'local',
      generation: 1,
      blueprint,
      size: planCatalogue(config.plans).trial.size,
      plan: 'trial',
      interruptible: true,
      // No entitlement is signed, so any key will do.
      environment: { SITEWRIGHT_SITE_ID: siteId, SITEWRIGHT_ROOT_KEY: 'A'.repeat(43) },
      secrets: {},
    },
    port: await findFreePort(),
    dataDirectory,
    resolvePath: (path) => files.resolvePath(blueprint, path),
  }
}

const rawUrl = ({ launch, port }: RawSite): string => `http://127.0.0.1:${port}${launch.blueprint.traffic.healthPath}`

const patienceMilliseconds = 120_000

/** Polls until the answer is 200. @throws {Error} after two minutes. */
const firstAnswer = async (url: string, pollMilliseconds: number): Promise<void> => {
  const answersWell = () =>
    httpCall({ url }).then(
      ({ status }) => status === 200,
      () => false,
    )
  // Random pauses: a poll in step with the start would always come early, or always late.
  const pause = () => pollMilliseconds * (0.5 + Math.random())
  const answers = await poll(answersWell, (is) => is, { patience: patienceMilliseconds, pause })
  if (!answers) throw new Error(`${url} does not answer with 200`)
}

export interface Start {
  readonly begin: () => Promise<void>
  readonly url: string
}

export const timeToFirstAnswer = async ({ begin, url }: Start, pollMilliseconds: number): Promise<number> => {
  const startedAt = performance.now()
  await begin()
  await firstAnswer(url, pollMilliseconds)
  return performance.now() - startedAt
}

/** The command and environment of the processes runtime, without the runtime. */
const rawProcess = (homeId: string, site: RawSite): RawStart => {
  const { launch, port, dataDirectory, resolvePath } = site
  const commands = childCommands(launch, {
    homeId,
    placeOf: () => ({
      host: '127.0.0.1',
      port,
      dataDirectory,
      filesDirectory: dataDirectory,
      homeDirectory: dataDirectory,
    }),
    resolvePath: (_blueprint, path) => resolvePath(path),
  })
  let children: readonly ChildProcess[] = []
  return {
    url: rawUrl(site),
    begin: async () => {
      children = commands.map(({ file, args, directory, environment }) =>
        spawn(file, args, { cwd: directory, env: environment, stdio: 'ignore' }),
      )
    },
    end: async () => {
      await Promise.all(
        children.map(async (child) => {
          const ended = once(child, 'exit')
          child.kill('SIGKILL')
          await ended
        }),
      )
    },
  }
}

/**
 * The container and limits of the containers runtime, by the two calls of `docker run`: on the
 * engine's own network, and without the runtime.
 */
const rawContainer = (docker: Docker, surroundings: ContainerSurroundings, rawSite: RawSite): RawStart => {
  const { launch, port, dataDirectory } = rawSite
  const directories = { dataDirectory, filesDirectoryOf: () => dataDirectory, volumes: new Map() }
  const site = { port, ...directories, digest: 'raw', init: true }
  const [plan] = planContainers(launch, { ...surroundings, reach: 'published' }, site)
  if (plan === undefined) throw new Error('the blueprint has no container')
  const { NetworkMode: _, ...HostConfig } = plan.options.HostConfig ?? {}
  let container: Docker.Container | undefined
  return {
    url: rawUrl(rawSite),
    begin: async () => {
      container = await docker.createContainer({ ...plan.options, HostConfig })
      await container.start()
    },
    end: async () => {
      await container?.remove({ force: true, v: true })
    },
  }
}

/** Starts raw processes or containers. They have the home's labels, so that they are removed with it after an error. */
const rawStarter = async (runtime: RuntimeName, home: string): Promise<(site: RawSite) => RawStart> => {
  const homeId = (await readHomeId(home)) ?? ''
  if (runtime === 'processes') return (place) => rawProcess(homeId, place)
  const engine = await findEngine()
  if (engine === undefined) throw new Error('The container engine does not answer any more.')
  const traits = await traitsOf(engine)
  return (place) => {
    const { siteId, blueprint } = place.launch
    const reach = requireReach(traits, blueprint)
    return rawContainer(engine.calls, { homeId, user: siteUser(siteId), ...traits, reach }, place)
  }
}

/** Starts this many by hand at the same moment, and removes them. @returns the milliseconds of each to its first 200. */
export const openRawStarts = async (runtime: RuntimeName, home: string) => {
  const data = join(home, 'raw')
  await mkdir(data, { mode: 0o711 })
  const makeRaw = await rawStarter(runtime, home)
  const { healthPath } = (await prepareRawSite(data)).launch.blueprint.traffic
  return {
    healthPath,
    run: async (count: number, pollMilliseconds: number): Promise<readonly number[]> => {
      const starts = await Promise.all(Array.from({ length: count }, async () => makeRaw(await prepareRawSite(data))))
      try {
        return await Promise.all(starts.map((start) => timeToFirstAnswer(start, pollMilliseconds)))
      } finally {
        await Promise.all(starts.map(({ end }) => end()))
      }
    },
  }
}
