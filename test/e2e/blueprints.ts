import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const welcomeDirectory = fileURLToPath(new URL('../../sites/welcome', import.meta.url))

/** Writes a blueprint into a directory, by default under the name that the configuration offers. */
export const writeBlueprint = async (
  directory: string,
  {
    command,
    name = 'welcome',
    environment = {},
    startSeconds = 60,
    version = 1,
    release,
  }: {
    readonly command: readonly string[]
    readonly name?: string
    readonly environment?: Readonly<Record<string, string>>
    readonly startSeconds?: number
    readonly version?: number
    readonly release?: object
  },
): Promise<void> => {
  const blueprint = {
    name,
    version,
    title: `The ${name} for a test`,
    access: 'public',
    containers: [
      { name: 'web', image: 'sitewright/none:1', process: { command, directory: welcomeDirectory }, environment },
    ],
    traffic: { container: 'web', healthPath: '/healthz', startSeconds },
    data: { mode: 'exclusive' },
    ...(release && { release }),
  }
  await writeFile(join(directory, `${name}.json`), JSON.stringify(blueprint))
}

/** A blueprint of the welcome site whose sites come up only while the gate is open; those that are up stay so. */
export const writeGatedBlueprint = async (
  directory: string,
  { startSeconds = 60 }: { readonly startSeconds?: number } = {},
): Promise<{ readonly openGate: () => Promise<void>; readonly closeGate: () => Promise<void> }> => {
  const gate = join(directory, 'gate')
  await writeBlueprint(directory, {
    command: ['node', fileURLToPath(new URL('gated-welcome.mjs', import.meta.url))],
    environment: { GATE: gate },
    startSeconds,
  })
  return { openGate: () => writeFile(gate, ''), closeGate: () => rm(gate, { force: true }) }
}

/** A product that takes its owner by a hook once the file `agrees` is there, and shows them a password. */
export const writeProduct = async (
  directory: string,
  {
    agrees,
    access = 'claimed',
    environment = {},
    task,
  }: {
    readonly task?: object
    readonly agrees: string
    readonly access?: 'claimed' | 'owner'
    readonly environment?: Readonly<Record<string, string>>
  },
): Promise<void> => {
  const web = {
    name: 'web',
    image: 'sitewright/none:1',
    process: { command: ['node', 'product-with-hook.mjs'], directory: import.meta.dirname },
    environment: { ...environment, AGREES: agrees },
    secrets: ['HOOK_TOKEN'],
  }
  const blueprint = {
    name: 'welcome',
    version: 1,
    title: 'A product with a hook',
    access,
    handOver: task === undefined ? { hook: { path: '/hook', secret: 'HOOK_TOKEN' } } : { task },
    credentials: [{ name: 'SITEWRIGHT_ONE_TIME_PASSWORD', label: 'First password', user: '${OWNER_EMAIL}' }],
    containers: [web],
    traffic: { container: 'web', healthPath: '/healthz' },
    data: { mode: 'exclusive' },
  }
  await writeFile(join(directory, 'welcome.json'), JSON.stringify(blueprint))
}
