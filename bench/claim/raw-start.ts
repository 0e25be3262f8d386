import { chown, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readBlueprintFiles } from '../../adapters/files/blueprint-files.ts'
import { siteUser } from '../../adapters/files/site-storage.ts'
import { createRandomness } from '../../adapters/randomness.ts'
import { planCatalogue } from '../../core/plan/plan-catalogue.ts'
import type { Launch } from '../../core/ports/runtime.ts'
import { findFreePort } from '../../local/engine/free-port.ts'
import config from '../../sitewright.config.ts'
import type { Start } from './first-answer.ts'

/** A site's process or container as anybody would start it by hand. */
export interface RawStart extends Start {
  readonly end: () => Promise<void>
}

/** What is there before the clock runs. */
export interface RawPlace {
  readonly launch: Launch
  readonly port: number
  readonly dataDirectory: string
  readonly resolvePath: (path: string) => string
}

const randomness = createRandomness()

/** A place for one start of the default blueprint, in the size of a trial; its data directory is made below `directory`. */
export const rawPlace = async (directory: string): Promise<RawPlace> => {
  const files = await readBlueprintFiles(fileURLToPath(new URL('../../blueprints', import.meta.url)), [])
  const blueprint = files.blueprints.find(({ name }) => name === config.offeredBlueprints[0])
  if (blueprint === undefined) throw new Error(`there is no blueprint '${config.offeredBlueprints[0]}'`)
  const siteId = randomness.id('site')
  const dataDirectory = join(directory, siteId)
  await mkdir(dataDirectory, { mode: 0o700 })
  if (process.getuid?.() === 0) await chown(dataDirectory, siteUser().uid, siteUser().gid)
  return {
    launch: {
      siteId,
      generation: 1,
      blueprint,
      size: planCatalogue(config.plans).trial.size,
      interruptible: true,
      // Nobody signs for it, so any key will do.
      environment: { SITEWRIGHT_SITE_ID: siteId, SITEWRIGHT_ROOT_KEY: 'A'.repeat(43) },
      secrets: {},
    },
    port: await findFreePort(),
    dataDirectory,
    resolvePath: (path) => files.resolvePath(blueprint, path),
  }
}

export const rawUrl = ({ launch, port }: RawPlace): string =>
  `http://127.0.0.1:${port}${launch.blueprint.traffic.healthPath}`
