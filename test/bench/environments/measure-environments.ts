import { execFile } from 'node:child_process'
import { chown, cp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import * as z from 'zod'
import { type Engine, findEngine } from '../../../adapters/containers/engine.ts'
import { findFreePort } from '../../../local/engine/engine-place.ts'
import { importNodeImage } from '../../../tools/import-node-image.ts'
import { poll } from '../../acceptance/poll.ts'
import { temporaryDirectory } from '../../e2e/temporary-directory.ts'
import { type Call, httpCall } from '../../support/http-call.ts'
import { timeToFirstAnswer } from '../claim/raw-start.ts'
import { type BenchHost, openBenchHost, signUpPeople } from '../host/bench-host.ts'
import type { Section } from '../measurement.ts'
import { median, ratioOfMedians } from '../statistics.ts'

const rounds = 7
const cloneRounds = 3
const restMilliseconds = 15_000
/** Milliseconds between two checks, for Sitewright and by hand alike. */
const pollMilliseconds = 20
/** For what takes seconds: looks take processor time too. */
const clonePollMilliseconds = 100
const gibibyte = 2 ** 30
const tag = 'localhost/bench-environments:1'
const podman = fileURLToPath(new URL('../../../.ci/container-engine', import.meta.url))
const run = promisify(execFile)

const file = {
  name: 'shop',
  title: 'For the bench',
  access: 'public',
  containers: [{ name: 'web', image: 'shop/web:1', build: { context: '.' }, variables: ['ROUND'] }],
  variables: { ROUND: { default: 'none' } },
  traffic: { container: 'web' },
  data: { mode: 'exclusive' },
  environments: { production: {}, '*': { data: 'empty' } },
}

const idSchema = z.looseObject({ id: z.string() })
const deploymentSchema = z.looseObject({
  deployment: z.looseObject({ id: z.string(), status: z.string(), cause: z.string().optional() }),
})
const pushSchema = z.looseObject({ repository: z.string(), username: z.string(), password: z.string() })
const siteSchema = z.looseObject({ id: z.string(), status: z.string(), operation: z.unknown() })

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const startedAt = performance.now()
  await work()
  return performance.now() - startedAt
}

const sizeBelow = async (directory: string): Promise<number> => {
  const { stdout } = await run('du', ['--summarize', '--bytes', directory])
  return Number(stdout.split('\t')[0])
}

const callsOf = ({ url }: BenchHost, token: string) => {
  const ask = async <Read>(
    method: NonNullable<Call['method']>,
    path: string,
    schema: z.ZodType<Read>,
    body?: object,
  ): Promise<Read> => {
    const headers = { authorization: `Bearer ${token}` }
    const { status, json, text } = await httpCall({ url: `${url}${path}`, method, headers, ...(body && { body }) })
    if (status >= 300) throw new Error(`${method} ${path} answered ${status}: ${text}`)
    return schema.parse(json)
  }
  const until = async <Read>(
    path: string,
    schema: z.ZodType<Read>,
    is: (found: Read) => boolean,
    milliseconds = pollMilliseconds,
  ): Promise<Read> => {
    const check = () => ask('GET', path, schema)
    const found = await poll(check, is, { patience: 600_000, pause: () => milliseconds * (0.5 + Math.random()) })
    if (!is(found)) throw new Error(`${path}: ${JSON.stringify(found)}`)
    return found
  }
  return { ask, until }
}

/** A site with software of its own, of an account with an allowance. */
const openShop = async (host: BenchHost) => {
  const [person] = await signUpPeople(host.url, 'shop', 1)
  const { ask, until } = callsOf(host, person?.token ?? '')
  const { accountId } = await ask(
    'GET',
    '/v1/session',
    z.looseObject({ account: idSchema }).transform(({ account }) => ({ accountId: account.id })),
  )
  const staff = await callsOf(host, '').ask('POST', '/_local/operators', z.object({ token: z.string() }).loose(), {
    email: 'grace@example.com',
    role: 'admin',
  })
  const allowance = { plan: 'enterprise', sites: 1, reason: 'A bench' }
  await callsOf(host, staff.token).ask('PUT', `/v1/operator/accounts/${accountId}/allowance`, z.unknown(), allowance)
  const { id } = await ask('POST', '/v1/sites', idSchema, { slug: 'shop', software: 'own' })
  const deployments = `/v1/sites/${id}/deployments`

  const push = async (directory: string): Promise<string> => {
    const { repository, username, password } = await ask('POST', `${deployments}/push`, pushSchema, {})
    const digests = join(directory, 'digest')
    const options = ['--tls-verify=false', '--creds', `${username}:${password}`, '--digestfile', digests]
    await run(podman, ['podman', 'push', ...options, tag, `docker://127.0.0.1:${host.port}/${repository}:1`])
    return readFile(digests, 'utf8')
  }
  const follow = async ({ deployment }: z.infer<typeof deploymentSchema>): Promise<void> => {
    const path = `${deployments}/${deployment.id}`
    const { deployment: ended } = await until(
      path,
      deploymentSchema,
      (found) => !['proving', 'deploying'].includes(found.deployment.status),
    )
    if (ended.status !== 'live') throw new Error(`a deployment did not go live: ${JSON.stringify(ended)}`)
  }
  let number = 0
  const createEnvironment = async (more: object = {}, milliseconds?: number): Promise<string> => {
    number += 1
    const name = `env-${number}`
    const made = await ask('POST', `/v1/sites/${id}/environments`, idSchema, { name, ...more })
    await until(`/v1/sites/${made.id}`, siteSchema, ({ status }) => status === 'active', milliseconds)
    return name
  }
  return {
    id,
    push,
    deploy: async (digest: string, round: string): Promise<void> => {
      const content = { ...file, variables: { ROUND: { default: round } } }
      await follow(await ask('POST', deployments, deploymentSchema, { file: content, images: { web: digest } }))
    },
    rollBack: async () => follow(await ask('POST', `${deployments}/rollback`, deploymentSchema, {})),
    createEnvironment,
    /** Waits until nothing goes on with the site: a copy is still verified once a clone of it is active. */
    settled: () => until(`/v1/sites/${id}`, siteSchema, ({ operation }) => operation === null),
    deleteEnvironment: (name: string) => ask('DELETE', `/v1/sites/${id}/environments/${name}`, z.unknown()),
  }
}

/** The same container by the two calls of `docker run`, until its first answer. */
const startByHand = async (engine: Engine, data: string): Promise<number> => {
  const port = await findFreePort()
  let container: Awaited<ReturnType<Engine['calls']['createContainer']>> | undefined
  const begin = async (): Promise<void> => {
    container = await engine.calls.createContainer({
      Image: tag,
      Env: ['HOST=0.0.0.0', 'PORT=8080', 'DATA_DIRECTORY=/data'],
      HostConfig: {
        Binds: [`${data}:/data`],
        PortBindings: { '8080/tcp': [{ HostIp: '127.0.0.1', HostPort: `${port}` }] },
      },
      ExposedPorts: { '8080/tcp': {} },
    })
    await container.start()
  }
  try {
    return await timeToFirstAnswer({ url: `http://127.0.0.1:${port}/`, begin }, pollMilliseconds)
  } finally {
    await container?.remove({ force: true, v: true })
  }
}

/** A gibibyte that compresses to about half, below the data directory of a site, as its own files. */
const fill = async (home: string, siteId: string): Promise<string> => {
  const found = (await readdir(home, { recursive: true, withFileTypes: true }))
    .filter((one) => one.isFile() && one.name === 'written.txt' && one.parentPath.includes(siteId))
    .map((one) => one.parentPath)
  const [directory] = found
  if (directory === undefined) throw new Error('the site has no data')
  const { uid, gid } = await stat(join(directory, 'written.txt'))
  const files = join(directory, 'files')
  await mkdir(files)
  const half = Buffer.alloc(8 * 2 ** 20)
  for (let index = 0; index < gibibyte / (2 * half.length); index += 1) {
    crypto.getRandomValues(new Uint8Array(half.buffer, half.byteOffset, 65_536))
    for (let at = 65_536; at < half.length; at += 65_536) {
      crypto.getRandomValues(new Uint8Array(half.buffer, half.byteOffset + at, 65_536))
    }
    await writeFile(join(files, `${index}`), Buffer.concat([half, Buffer.alloc(half.length, 'a row of a table, ')]))
    await chown(join(files, `${index}`), uid, gid)
  }
  await chown(files, uid, gid)
  return directory
}

/**
 * Otherwise each measurement waits for the disk to take what the one before wrote. And virtual disks take the first gigabyte faster, once they
 * have rested.
 */
const restDisk = async (): Promise<void> => {
  await run('sync')
  await pause(restMilliseconds)
}

/**
 * `tar | zstd` of a directory to a file, and from there to another directory. What it made is removed afterwards: a clone removes nothing, either.
 * @param wait `sync` waits until the disk has each half, as a clone does; `:` leaves that to the system.
 */
const thereAndBack = async (from: string, by: string, wait: 'sync' | ':'): Promise<number> => {
  const [back, copied] = [join(by, 'back'), join(by, 'copy.tar.zst')]
  await mkdir(back)
  const there = `tar --create --directory '${from}' . | zstd --quiet -o '${copied}' && ${wait} '${copied}'`
  const again = `zstd -dc '${copied}' | tar -x -C '${back}' && ${wait} --file-system '${back}'`
  const taken = await timed(() => run('bash', ['-euo', 'pipefail', '-c', `${there} && ${again}`]))
  await Promise.all([rm(back, { recursive: true }), rm(copied)])
  return taken
}

/** Environments, deployments and clones, compared with the same container by hand, and with `tar` and `zstd`. Needs a container engine. */
export const measureEnvironments = async (): Promise<Section> => {
  const engine = await findEngine()
  if (engine === undefined) throw new Error('Environments are measured with containers, and no engine answers.')
  await using ours = await temporaryDirectory()
  const program = fileURLToPath(new URL('../../e2e/deployed-program.mjs', import.meta.url))
  await cp(program, join(ours.path, 'deployed-program.mjs'))
  await writeFile(join(ours.path, 'release.txt'), 'one')
  await importNodeImage(engine.streams, { tag, app: ours.path, command: ['node', '/app/deployed-program.mjs'] })
  const blueprints = join(ours.path, 'blueprints')
  await mkdir(blueprints)
  const { environments: _, ...vendors } = file
  const containers = [{ name: 'web', image: tag, variables: ['ROUND'] }]
  await writeFile(
    join(blueprints, 'welcome.json'),
    JSON.stringify({ ...vendors, name: 'welcome', version: 1, containers }),
  )
  await using host = await openBenchHost({
    ...{ purpose: 'environments', runtime: 'containers', pool: 0 },
    environment: { SITEWRIGHT_BLUEPRINTS: blueprints },
  })
  const shop = await openShop(host)
  const digest = await shop.push(ours.path)
  await shop.deploy(digest, 'first')
  const images = join(host.home, 'images')
  const before = await sizeBelow(images)
  await shop.push(ours.path)
  const sent = (await sizeBelow(images)) - before

  const data = join(ours.path, 'data')
  const [byHand, created, deployed, back]: number[][] = [[], [], [], []]
  for (let round = 1; round <= rounds; round += 1) {
    await mkdir(data, { mode: 0o777 })
    byHand?.push(await startByHand(engine, data))
    await rm(data, { recursive: true })
    let name = ''
    created?.push(
      await timed(async () => {
        name = await shop.createEnvironment()
      }),
    )
    deployed?.push(await timed(() => shop.deploy(digest, `${round}`)))
    back?.push(await timed(() => shop.rollBack()))
    await shop.deleteEnvironment(name)
  }

  const directory = await fill(host.home, shop.id)
  const [byTar, byTarOnDisk]: number[][] = [[], []]
  const cloned: number[] = []
  for (let round = 0; round < cloneRounds; round += 1) {
    await restDisk()
    byTar?.push(await thereAndBack(directory, ours.path, ':'))
    await restDisk()
    byTarOnDisk?.push(await thereAndBack(directory, ours.path, 'sync'))
    await restDisk()
    const more = { data: 'copy', fresh: true, reason: 'A bench' }
    cloned.push(await timed(() => shop.createEnvironment(more, clonePollMilliseconds)))
    await shop.settled()
  }
  const start = median(byHand ?? [])
  const after = (samples: readonly number[] = []) => median(samples) - start
  return {
    title: 'Environments, deployments and clones (containers)',
    measurements: [
      { name: 'the container by hand, median', value: start, unit: 'ms' },
      { name: 'a created environment, median', value: median(created ?? []), unit: 'ms' },
      {
        name: 'created / by hand',
        value: ratioOfMedians(created ?? [], byHand ?? []),
        unit: '×',
        bar: { atMost: 1.3 },
      },
      { name: 'a deployment, longer than by hand', value: after(deployed), unit: 'ms', bar: { atMost: 2000 } },
      { name: 'a rollback, longer than by hand', value: after(back), unit: 'ms', bar: { atMost: 2000 } },
      { name: 'an unchanged push sends', value: sent / 1024, unit: 'KiB', bar: { atMost: 1024 } },
      { name: 'tar and zstd there and back, 1 GiB, median', value: median(byTar ?? []), unit: 'ms' },
      { name: 'the same until the disk has it, median', value: median(byTarOnDisk ?? []), unit: 'ms' },
      { name: 'a fresh clone of 1 GiB, which the disk has, median', value: median(cloned), unit: 'ms' },
      { name: 'clone / tar and zstd', value: ratioOfMedians(cloned, byTar ?? []), unit: '×' },
      {
        name: 'clone / tar and zstd until the disk has it',
        value: ratioOfMedians(cloned, byTarOnDisk ?? []),
        unit: '×',
        bar: { atMost: 2 },
      },
    ],
    notes: [
      `${rounds} of each in turn, asked every ${pollMilliseconds} ms; ${cloneRounds} clones, every ${clonePollMilliseconds} ms. The image is there, and there is no pool.`,
    ],
  }
}
