import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as z from 'zod'
import { runCommand } from '../../bin/command-line/read-options.ts'
import { demoApi } from '../acceptance/api.ts'
import { spawnHost, useHost } from '../acceptance/start-host.ts'
import { waitUntilBuilt } from '../acceptance/walk.ts'
import { temporaryHome } from '../support/temporary-home/temporary-home.ts'
import { reportResult } from '../torture/report-result.ts'
import { type Attack, type AttackResult, runAttack, type Scene, signedIn } from './attack.ts'
import { timeBuyers } from './buy-time.ts'
import { growingZips } from './growing-zips.ts'
import { writeBlueprints } from './hostile-peers.ts'
import { hostileSite } from './hostile-site.ts'
import { lockOutCompany, lockOutEveryone, lockOutPerson } from './lock-out.ts'
import { localPage, otherUser, portsOf } from './strangers-on-machine.ts'
import { bytesNotCounted } from './uncounted-bytes.ts'
import { idleSockets, requestFlood, slowHeadsByProxy, slowHeadsOfOneSource } from './use-up.ts'

const attacks: readonly (() => Attack)[] = [
  idleSockets,
  requestFlood,
  slowHeadsOfOneSource,
  slowHeadsByProxy,
  growingZips,
  hostileSite,
  ...timeBuyers,
  bytesNotCounted,
  otherUser,
  localPage,
  lockOutPerson,
  lockOutCompany,
  lockOutEveryone,
]

const usage = `Attacks a host, and checks whether honest clients are served meanwhile. Fails if one is not, or if an attacker gains
something. Buying time gains something if others wait ten times as long as before, and longer than \`--patience\`.

  npm run attacks
  npm run attacks -- --runtime containers --only "slow heads"

  --runtime <name>   processes or containers (processes)
  --requests <n>     how many honest requests are made during each attack (100)
  --patience <ms>    how long others may wait; more on a busy machine (400)
  --only <attack>    runs this attack; may be given several times
  --json <file>      writes the figures

Attacks: ${attacks.map((attack) => attack().name).join(', ')}
`

const optionsSchema = z.object({
  runtime: z.enum(['processes', 'containers']).default('processes'),
  requests: z.coerce.number().int().min(1).max(10_000).default(100),
  patience: z.coerce.number().int().positive().default(400),
  only: z.array(z.string()).default([]),
  json: z.string().min(1).optional(),
})

const openScene = async (
  host: { readonly url: string; readonly port: number; readonly pid: number },
  home: string,
  patienceMilliseconds: number,
): Promise<Scene> => {
  const signed = await signedIn(host.url, 'owner@example.com')
  const owner = demoApi(host.url, signed.token)
  const { site } = await owner.createSite('attacked', 'Attacked')
  const { url } = await waitUntilBuilt(() => owner.getSite(site.id))
  return {
    origin: host.url,
    port: host.port,
    siteUrl: url.replace(/\/$/, ''),
    home,
    patienceMilliseconds,
    owner: signed,
    ports: () => portsOf(host.pid),
  }
}

const columns = (name: string, served: string, ...figures: readonly string[]): string =>
  `  ${name.padEnd(24)}${served.padStart(10)}${figures.map((figure) => figure.padStart(10)).join('')}`

const row = ({ name, served, requests, figures, slowdown, summary }: AttackResult): string => {
  const times = [figures.median, figures.p99, figures.max].map((figure) => figure.toFixed(0))
  const slower = slowdown === undefined ? '' : `${slowdown.toFixed(1)} ×`
  return `${columns(name, `${served}/${requests}`, ...times, slower)}   ${summary}`
}

await runCommand(
  optionsSchema,
  usage,
  async ({ runtime, requests, patience, only, json }, signal) => {
    const chosen = attacks.filter((attack) => only.length === 0 || only.includes(attack().name))
    if (chosen.length === 0) throw new Error(`There is no such attack.\n\n${usage}`)
    await using home = await temporaryHome('attacks', runtime)
    await using blueprints = await mkdtempDisposable(join(tmpdir(), 'sitewright-attacks-'))
    await writeBlueprints(blueprints.path)
    const host = await spawnHost({
      home: home.directory,
      program: 'test/attacks/attacked-host.ts',
      signal,
      // A Stripe key in the environment is for another host.
      environment: {
        SITEWRIGHT_RUNTIME: runtime,
        SITEWRIGHT_BLUEPRINTS: blueprints.path,
        SITEWRIGHT_POOL_SIZE: '0',
        SITEWRIGHT_LOG: 'error',
        STRIPE_SECRET_KEY: undefined,
      },
    })
    return await useHost(host, signal, async () => {
      const scene = await openScene(host, home.directory, patience)
      console.log(columns('milliseconds', 'served', 'median', 'p99', 'max', 'p95'))
      const results: AttackResult[] = []
      for (const attack of chosen) {
        const result = await runAttack(attack(), scene, requests)
        console.log(row(result))
        results.push(result)
      }
      const wrong = results.flatMap(({ name, served, requests: made, failures, gains }) => [
        ...(served === made
          ? []
          : [`${name}: ${made - served} of ${made} requests were not served: ${failures.join('; ')}`]),
        ...gains.map((gain) => `${name}: ${gain}`),
      ])
      return reportResult({ results, wrong }, { json })
    })
  },
  { cleansUp: true },
)
