import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { basename, delimiter, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { DescribeAccessPointsCommand } from '@aws-sdk/client-efs'
import { GetRolePolicyCommand } from '@aws-sdk/client-iam'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { stringify } from 'yaml'
import { jobName } from '../../../adapters/iam/roles.ts'
import type { PolicyDocument } from '../../../adapters/iam/site-policies.ts'
import { parseBlueprint } from '../../../core/blueprint/blueprint.ts'
import type { SiteId } from '../../../core/ids.ts'
import { archiveJobSchema, archiveKeys } from '../../../core/ports/archives.ts'
import { homeName, homeOf } from '../../../core/site/location.ts'
import { ownBlueprint } from '../../../lambdas/deployments/deployment.ts'
import { type Answer, call } from '../../e2e/call.ts'
import { shopBlueprint, shopProgram } from '../../e2e/shop.ts'
import { temporaryDirectory } from '../../e2e/temporary-directory.ts'
import type { SiteBody } from '../../e2e/visitor.ts'
import { digestsBelow, sitewrightIn } from '../../support/developer.ts'
import { clientSettings } from '../client-settings.ts'
import { siteIn } from '../support/aging.ts'
import { archiverProcess } from '../support/archiver-process.ts'
import { type PushAccess, playRegistry } from '../support/play-registry.ts'
import { asProcesses, type PlayedContainer, type TaskPlace } from '../support/played-task.ts'
import { probeImageOnAws } from '../support/probe-blueprint.ts'
import { remainsOf } from '../support/remains.ts'
import { type StartedAws, startAws } from '../support/start-aws.ts'
import { type Installation, type Owner, openInstallation, siteIdOf } from './installation.ts'

vi.mock('../../../cloud/parts/waiting.ts', () => import('../support/hasty-waiting.ts'))

/** Before the environment names what stands before it. */
const { endpoint: emulator } = clientSettings()

/** It answers with its secrets, so that a test can compare them. */
const program = (release: string) => `
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
const { DATA_DIRECTORY: data, RESULT_DIRECTORY: result, HOST, PORT, DB_PASSWORD, SESSION_KEY } = process.env
const read = (name) => (existsSync(name) ? readFileSync(name, 'utf8') : '')
const [notes, masked] = [data + '/notes', data + '/masked']
const listen = () => createServer(async (request, response) => {
  if (request.method === 'POST') appendFileSync(notes, await new Response(request).text())
  response.end(JSON.stringify({ release: '${release}', DB_PASSWORD, SESSION_KEY, notes: read(notes), masked: read(masked) }))
}).listen(Number(PORT), HOST)
const command = process.argv.at(-1)
if (command === 'dump') writeFileSync(result + '/dumped', read(notes).replace('Ada', 'X') + SESSION_KEY)
else if (command === 'load') writeFileSync(masked, read(result + '/dumped'))
else if ('${release}' !== 'broken') listen()
`

const engine = fileURLToPath(import.meta.resolve('../support/play-engine.ts'))

const file = {
  name: 'shop',
  title: 'Shop',
  access: 'public',
  containers: [{ name: 'web', build: { context: '.' }, secrets: ['DB_PASSWORD', 'SESSION_KEY'] }],
  traffic: { container: 'web', startSeconds: 240 },
  data: { mode: 'exclusive' },
  dataSecrets: ['DB_PASSWORD'],
  anonymise: { command: ['dump'], load: ['load'] },
}

let aws: StartedAws
let installation: Installation
let registry: Awaited<ReturnType<typeof playRegistry>>
let ada: Owner
let shop: SiteId
let jobs: Awaited<ReturnType<typeof reachOf>>[] = []

/** What the role of a job allows, asked of IAM and EFS while that is there, and the directory that its task has. */
const reachOf = async (container: PlayedContainer, { environmentOf, dataDirectory }: TaskPlace) => {
  const { JOB = '', ARCHIVE_BUCKET = '' } = await environmentOf(container)
  const job = archiveJobSchema.parse(JSON.parse(JOB))
  const { iam, efs } = aws.clients
  const stored = await iam.send(new GetRolePolicyCommand({ RoleName: jobName(job), PolicyName: 'one-job' }))
  const { Statement } = JSON.parse(decodeURIComponent(stored.PolicyDocument ?? '')) as PolicyDocument
  const keysOf = (action: string) =>
    Statement.filter(({ Action }) => Action.includes(action))
      .flatMap(({ Resource = [] }) => Resource)
      .map((arn) => arn.replace(`arn:aws:s3:::${ARCHIVE_BUCKET}/`, ''))
      .filter((key) => !key.endsWith('.outcome.json'))
  const mounts: string[] = []
  for (const { Condition } of Statement) {
    const arn = Condition?.['StringEquals']?.['elasticfilesystem:AccessPointArn']
    if (arn === undefined) continue
    const AccessPointId = String(arn).split('/').at(-1)
    const { AccessPoints = [] } = await efs.send(new DescribeAccessPointsCommand({ AccessPointId }))
    mounts.push(basename(AccessPoints[0]?.RootDirectory?.Path ?? ''))
    expect(basename(dataDirectory)).toBe(mounts[0])
  }
  return { kind: job.kind, mounts, reads: keysOf('s3:GetObject'), writes: keysOf('s3:PutObject') }
}

const ask = <Body = Record<string, unknown>>(
  method: string,
  path: string,
  body?: object,
  headers: Readonly<Record<string, string>> = ada.bearer,
): Promise<Answer<Body>> => call<Body>(installation.edge.distribution, { method, path, headers, ...(body && { body }) })

/** Asks for a site or an environment, and waits for the end of its build. */
const make = async (path: string, body: object): Promise<SiteId> => {
  const made = await ask<SiteBody>('POST', path, body)
  expect(made.status, made.text).toBe(202)
  await installation.world.settled()
  return siteIdOf(made.json)
}

const openPush = async (id: SiteId): Promise<PushAccess> => {
  const opened = await ask<PushAccess>('POST', `/v1/sites/${id}/deployments/push`, {})
  expect(opened.status, opened.text).toBe(200)
  return opened.json
}

/** Deploys, and says how that has ended. */
const deploy = async (id: SiteId, digest: unknown, startSeconds = file.traffic.startSeconds) => {
  const path = `/v1/sites/${id}/deployments`
  const made = await ask<{ deployment: { id: string } }>('POST', path, {
    file: { ...file, traffic: { ...file.traffic, startSeconds } },
    images: { web: digest },
  })
  expect(made.status, made.text).toBe(202)
  await installation.world.settled()
  const { json } = await ask<{ deployment: { status: string } }>('GET', `${path}/${made.json.deployment.id}`)
  return json.deployment
}

const active = (id: SiteId) => siteIn(installation.world, id, 'active')

/** Asks the task of a site itself: environments are closed to others than their owner. */
const askTask = async (id: SiteId, body?: string): Promise<Record<string, string>> => {
  const { host, port } = (await active(id)).endpoint ?? {}
  const answer = await fetch(`http://${host}:${port}/`, { ...(body !== undefined && { method: 'POST', body }) })
  return (await answer.json()) as Record<string, string>
}

const directoryOf = async (id: SiteId) => aws.fargate.directoryOf(homeOf(await active(id)))

/** The digests of what a site wrote, without its lease. */
const dataOf = async (id: SiteId) => {
  const digests = Object.entries(await digestsBelow(await directoryOf(id)))
  return Object.fromEntries(digests.filter(([path]) => !path.startsWith('/.sitewright-lease')))
}

beforeAll(async () => {
  registry = await playRegistry()
  const runSite = asProcesses(({ image, command = [] }) => {
    const pushed = registry.programOf(image)
    if (pushed === undefined) return [process.execPath, shopProgram]
    return [process.execPath, '--input-type=module', '--eval', pushed, '--', ...command]
  })
  aws = await startAws({
    run: async (containers, place) => {
      const [first] = containers
      if (first?.name !== 'archiver') return runSite(containers, place)
      jobs.push(await reachOf(first, place))
      return archiverProcess(containers, place)
    },
  })
  const vendors = shopBlueprint.containers.map((one) => ({ ...one, image: probeImageOnAws }))
  const blueprint = parseBlueprint(
    { ...shopBlueprint, containers: vendors, traffic: { ...file.traffic, healthPath: '/' } },
    'the software of the vendor',
  )
  installation = await openInstallation({ blueprint, engine: undefined, aws, played: registry.played })
  installation.beforeCalls(registry.watch)
  ada = await installation.signIn('ada@example.com')
  const { id } = (await ask<{ id: string }>('GET', '/v1/account')).json
  const allowance = { plan: 'enterprise', sites: 5, reason: 'Contract 4711' }
  const staff = { authorization: `Bearer ${installation.administrator}` }
  expect(await ask('PUT', `/v1/operator/accounts/${id}/allowance`, allowance, staff)).toMatchObject({ status: 200 })
  shop = await make('/v1/sites', { slug: 'shop', software: 'own' })
  expect(await deploy(shop, await registry.push(await openPush(shop), program('one')))).toMatchObject({
    status: 'live',
  })
  await askTask(shop, 'written by Ada')
  await mkdir(join(await directoryOf(shop), 'media'))
  await writeFile(join(await directoryOf(shop), 'media/logo'), 'x'.repeat(100_000))
})
afterAll(async () => {
  await installation?.close()
  await registry?.close()
})

it('an account pushes to its own repository alone, and deploys by digest; what does not start goes back', async () => {
  const other = await make('/v1/sites', { slug: 'other', software: 'own' })
  const [ours, theirs] = [await openPush(shop), await openPush(other)]
  expect(await registry.push({ ...ours, repository: theirs.repository }, program('stolen'))).toBe(403)
  expect(await registry.push({ ...ours, password: 'guessed' }, program('stolen'))).toBe(401)
  const two = await registry.push(theirs, program('two'))
  // It is in another repository.
  const stolen = await ask('POST', `/v1/sites/${shop}/deployments`, { file, images: { web: two } })
  expect([stolen.status, stolen.json['detail']]).toEqual([422, expect.stringContaining('was not pushed')])
  expect(await deploy(other, two)).toMatchObject({ status: 'live' })
  expect((await installation.visit('other', '/')).json).toMatchObject({ release: 'two' })
  const images = JSON.stringify(installation.asked('ecs.RegisterTaskDefinition'))
  expect(images).toContain(`"${theirs.registry}/${theirs.repository}@${two}"`)

  const qa = await make(`/v1/sites/${other}/environments`, { name: 'qa' })
  const broken = await registry.push(theirs, program('broken'))
  expect(await deploy(qa, broken, 1)).toMatchObject({ status: 'went-back' })
  expect(await askTask(qa)).toMatchObject({ release: 'two' })
  expect(await deploy(qa, await registry.push(theirs, program('three')))).toMatchObject({ status: 'live' })
  const promoted = await ask('POST', `/v1/sites/${other}/deployments/promote`, { from: 'qa' })
  expect(promoted.status, promoted.text).toBe(202)
  await installation.world.settled()
  expect((await installation.visit('other', '/')).json).toMatchObject({ release: 'three' })
  expect(installation.events.failures()).toEqual([])
})

it('a clone has the same files and new secrets, and each of its jobs one source and one target', async () => {
  jobs = []
  const request = { data: 'copy', fresh: true, reason: 'Bug 4711' }
  const clone = await make(`/v1/sites/${shop}/environments`, { name: 'clone', ...request })
  const [source, copy] = [await askTask(shop), await askTask(clone)]
  expect(copy).toMatchObject({ release: 'one', notes: 'written by Ada', DB_PASSWORD: source['DB_PASSWORD'] })
  expect(copy['SESSION_KEY']).not.toBe(source['SESSION_KEY'])
  expect(Object.keys(await dataOf(shop))).toEqual(['/media/logo', '/notes'])
  expect(await dataOf(clone)).toEqual(await dataOf(shop))

  const { archives, ...production } = await active(shop)
  const keys = Object.values(archiveKeys(shop, archives[0]?.id ?? 'arc_none'))
  const target = homeName(homeOf(await active(clone)))
  expect(jobs).toEqual([
    { kind: 'copy', mounts: [homeName(homeOf(production))], reads: [], writes: keys },
    { kind: 'verify', mounts: [], reads: keys, writes: [] },
    { kind: 'restore', mounts: [target], reads: keys, writes: [] },
  ])
  expect(installation.events.failures()).toEqual([])
})

it('an anonymised clone keeps what the command wrote, and nothing of its copy', async () => {
  const site = await make(`/v1/sites/${shop}/environments`, { name: 'masked', data: 'anonymised', fresh: true })
  const [source, masked] = [await askTask(shop), await askTask(site)]
  // The command has the secrets of the source, and what runs afterwards does not.
  expect(masked).toMatchObject({ notes: '', masked: `written by X${source['SESSION_KEY']}` })
  expect(Object.values(source)).not.toContain(masked['SESSION_KEY'])
  const first = aws.fargate.directoryOf({ ...homeOf(await active(site)), generation: 1 })
  expect(await readdir(first)).toEqual([])
  // Those of its own two secrets: the command's are gone.
  expect(await remainsOf(installation.world, site)).toMatchObject({ services: 1, parameters: 2, 'roles of jobs': 0 })
  expect(installation.events.failures()).toEqual([])
})

it('an export of the stage with an image of others is imported there, and all of its files are the same', async () => {
  await using work = await temporaryDirectory()
  const at = (name: string) => join(work.path, name)
  await writeFile(at('docker'), `#!/bin/sh\nexec ${process.execPath} ${engine} "$@"\n`, { mode: 0o755 })
  vi.stubEnv('PATH', [work.path, process.env['PATH']].join(delimiter))
  vi.stubEnv('PLAYED_REGISTRY', registry.url)
  vi.stubEnv('PLAYED_PROGRAM', `await import('${pathToFileURL(shopProgram)}')`)
  const [container] = file.containers
  const web = { name: container?.name, image: probeImageOnAws, secrets: ['DB_PASSWORD'] }
  await writeFile(at('sitewright.yaml'), stringify({ ...file, name: 'store', containers: [web] }))
  const bucket = installation.world.environment['ARCHIVE_BUCKET']
  const fetched = globalThis.fetch
  // Links have S3's own address.
  vi.stubGlobal('fetch', (at: string | URL, options?: RequestInit) =>
    fetched(String(at).replace(`https://${bucket}.s3.eu-central-1.amazonaws.com`, `${emulator}/${bucket}`), options),
  )
  const run = sitewrightIn(work.path, {
    SITEWRIGHT_URL: `http://localhost:${installation.edge.distribution.port}`,
    SITEWRIGHT_TOKEN: ada.bearer.authorization.slice('Bearer '.length),
  })
  const siteOf = async (slug: string) => {
    const { sites } = (await ask<{ sites: SiteBody[] }>('GET', '/v1/sites')).json
    return siteIdOf(sites.find((one) => one.slug === slug)!)
  }
  const done = { code: 0, said: expect.any(String) }
  expect(await run(['deploy'])).toEqual(done)
  const store = await siteOf('store')
  await askTask(store, 'written at the stage')
  // Without a way to the internet, its task can pull from this registry alone.
  const tasks = JSON.stringify(installation.asked('ecs.RegisterTaskDefinition'))
  expect(tasks).toContain(`/own/${ownBlueprint(store)}@sha256:`)
  expect(await run(['export', at('exported'), '--fresh'])).toEqual(done)
  expect(await readdir(at('exported/images'))).toEqual(['web.tar'])
  const importing = ['import', at('exported'), '--site', 'again']
  expect(await run(importing)).toEqual(done)
  const again = await siteOf('again')
  expect(await askTask(again)).toMatchObject({ entries: ['written at the stage'] })
  expect(await dataOf(again)).toEqual(await dataOf(store))
  expect(await run(importing)).toEqual({ code: 0, said: expect.stringContaining('Nothing was changed') })
  vi.unstubAllGlobals()
  vi.unstubAllEnvs()
  expect(installation.events.failures()).toEqual([])
})
