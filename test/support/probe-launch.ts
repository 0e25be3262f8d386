import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { ulid } from 'ulid'
import { type BlueprintContainer, parseBlueprint } from '../../core/blueprint/blueprint.ts'
import type { SiteId } from '../../core/ids.ts'
import type { Launch } from '../../core/ports/runtime.ts'
import type { DataHome } from '../../core/site/location.ts'
import type { Endpoint } from '../../core/site/site.ts'

export const probeFiles = ['probe-site.mjs', 'probe-sidecar.mjs'].map((name) => resolve(import.meta.dirname, name))

const contents = createHash('sha256').update(process.version)
for (const file of probeFiles) contents.update(readFileSync(file))

/** Named after what is in it, so that one that is there need not be made again. */
export const probeImage = `sitewright/test-probe:${contents.digest('hex').slice(0, 12)}`

export const newSiteId = (): SiteId => `site_${ulid().toLowerCase()}`

/** The first data directory of a site, of a new one if not told which. */
export const firstHome = (siteId = newSiteId()): DataHome => ({ siteId, cell: 'local', generation: 1 })

export const resolveInSupport = (_blueprint: unknown, path: string): string => resolve(import.meta.dirname, path)

const probeContainer = (file: string) => ({
  name: file.replace('.mjs', ''),
  image: probeImage,
  command: ['node', `/app/${file}`],
  process: { command: ['node', file] },
})

export interface ProbeOptions {
  readonly siteId?: SiteId
  readonly cell?: string
  readonly generation?: number
  readonly version?: number
  readonly sidecar?: boolean
  /** Changes of the traffic container. */
  readonly container?: Partial<BlueprintContainer>
  readonly environment?: Readonly<Record<string, string>>
  readonly size?: Launch['size']
  readonly interruptible?: boolean
  /** The port of its own that the site listens on. */
  readonly port?: number
}

/** A launch of the probe site, with its sidecar if asked for. */
export const probeLaunch = ({
  siteId = newSiteId(),
  cell = 'local',
  generation = 1,
  version = 1,
  sidecar = false,
  container = {},
  environment = {},
  size = { cpu: 0.5, memoryMiB: 256, processes: 64 },
  interruptible = true,
  port,
}: ProbeOptions = {}): Launch => ({
  siteId,
  cell,
  generation,
  size,
  plan: interruptible ? 'trial' : 'starter',
  interruptible,
  secrets: {},
  environment: { SITEWRIGHT_SITE_ID: siteId, PROBE_OF: String(process.pid), ...environment },
  blueprint: parseBlueprint(
    {
      name: 'probe',
      version,
      title: 'Probe',
      containers: [
        { ...probeContainer('probe-site.mjs'), ...container },
        ...(sidecar ? [probeContainer('probe-sidecar.mjs')] : []),
      ],
      traffic: { container: 'probe-site', healthPath: '/healthz', port },
      data: { mode: 'exclusive' },
    },
    'the probe blueprint',
  ),
})

/** Asks the probe site; its answers are `{value}` or `{error}`. */
export const askProbe = async (
  { host, port }: Endpoint,
  path: string,
  query: Record<string, string> = {},
): Promise<{ value?: unknown; error?: string }> => {
  const response = await fetch(`http://${host}:${port}${path}?${new URLSearchParams(query)}`, {
    headers: { connection: 'close' },
  })
  return (await response.json()) as { value?: unknown; error?: string }
}

/** The processes of probe sites of this test run that are alive, in containers or not, as far as this user may look. */
export const findProbes = async (): Promise<readonly string[]> => {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name))
  const environments = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '')))
  return pids.filter((_, index) => environments[index]?.split('\0').includes(`PROBE_OF=${process.pid}`))
}
