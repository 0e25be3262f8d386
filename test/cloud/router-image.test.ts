import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, readFile, stat, symlink } from 'node:fs/promises'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import type Docker from 'dockerode'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { namesOf } from '../../cloud/names.ts'
import { packRouterSettings } from '../../cloud/router-settings.ts'
import type { RouterVariable } from '../../cloud/variables.ts'
import { originHeader } from '../../lambdas/_runtime/own-headers.ts'
import { finishBuild } from '../../lambdas/sites/build/build-changes.ts'
import { findFreePort } from '../../local/engine/engine-place.ts'
import { entitlementVerifier } from '../../sites/welcome/entitlement.ts'
import config from '../../sitewright.config.ts'
import { importNodeImage } from '../../tools/import-node-image.ts'
import { commit, context, owner, request } from '../adapters/dynamodb/made-changes.ts'
import { openTestStore, type TestStore } from '../adapters/dynamodb/test-store.ts'
import { type PlayedKms, playKms } from '../aws/kms/play-kms.ts'
import { visit } from '../router/stage.ts'
import { testEngine } from '../support/container-engine.ts'
import { startTestEngine, type TestEngine } from '../support/engine.ts'
import { samplePolicies } from '../support/sample-policy.ts'
import { directoryForAll } from '../support/temporary-directories.ts'
import { waitFor } from '../support/wait-for.ts'

const root = resolve(import.meta.dirname, '../..')
const dockerfile = await readFile(join(root, 'router/Dockerfile'), 'utf8')

const instructions = (name: string): readonly string[] =>
  Array.from(dockerfile.matchAll(new RegExp(`^${name} (.*)$`, 'gm')), ([, text = '']) => text)

/** The paths that the stage that bundles gets from the context. */
const copied = instructions('COPY')
  .filter((text) => !text.startsWith('--from'))
  .flatMap((text) => text.split(' ').slice(0, -1))

const engine = await testEngine()
if (engine !== undefined) {
  process.stderr.write(
    "the router's Dockerfile: its bundle is made and run on an imported root file system; its base image needs a registry\n",
  )
}

/** Does what the Dockerfile's first stage does with what it is given, but for the installation of packages. */
const bundleAsInDockerfile = async (directory: string): Promise<string> => {
  const source = join(directory, 'source')
  for (const path of copied) {
    await mkdir(dirname(join(source, path)), { recursive: true })
    await cp(join(root, path), join(source, path), { recursive: true })
  }
  await symlink(join(root, 'node_modules'), join(source, 'node_modules'))
  await promisify(execFile)(process.execPath, ['tools/bundle-router.ts', join(directory, 'bundle')], { cwd: source })
  return join(directory, 'bundle/router')
}

let directory: string
let bundle: string
beforeAll(async () => {
  directory = await directoryForAll()
  bundle = await bundleAsInDockerfile(directory)
})

describe("the router's image", () => {
  it('is bundled from what its Dockerfile copies, all of which the context holds', async () => {
    const lines = (await readFile(join(root, '.dockerignore'), 'utf8')).split('\n')
    // An edit of it would replace all routers.
    expect(copied).not.toContain('sitewright.config.ts')
    // The archiver's image is built from the same context.
    const admitted = lines.filter((line) => /^[*!]/.test(line) && !line.includes('archiver'))
    expect(admitted.toSorted()).toEqual(['*', ...copied.map((path) => `!${path}`)].toSorted())
    expect((await stat(join(bundle, 'index.mjs'))).size).toBeGreaterThan(100_000)
  })

  it('is of one pinned base, and nobody is root in it', () => {
    const bases = instructions('FROM').map((text) => text.replace(/^--platform=\S+ | AS .*$/g, ''))
    expect(new Set(bases)).toEqual(new Set([expect.stringMatching(/^node:24\.\d+\.\d+-slim$/)]))
    expect(instructions('USER')).toEqual(['10001:10001'])
  })
})

/** Plays a store of one parameter. */
const playParameter = async (name: string, Value: string) => {
  const server = createServer(async (incoming, response) => {
    const { Name } = JSON.parse((await incoming.setEncoding('utf8').toArray()).join(''))
    const isAsked = incoming.headers['x-amz-target'] === 'AmazonSSM.GetParameter' && Name === name
    response.writeHead(isAsked ? 200 : 400, { 'content-type': 'application/x-amz-json-1.1' })
    response.end(JSON.stringify(isAsked ? { Parameter: { Name, Value } } : { __type: 'ParameterNotFound' }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

/** Plays a secrets manager for these secrets, by ARN. */
const playSecrets = async (values: Readonly<Record<string, string>>) => {
  const server = createServer(async (incoming, response) => {
    const { SecretId, VersionStage } = JSON.parse((await incoming.setEncoding('utf8').toArray()).join(''))
    // None has a value of before.
    const isAsked =
      incoming.headers['x-amz-target'] === 'secretsmanager.GetSecretValue' && VersionStage !== 'AWSPREVIOUS'
    const value = isAsked ? values[SecretId] : undefined
    response.writeHead(value === undefined ? 400 : 200, { 'content-type': 'application/x-amz-json-1.1' })
    response.end(
      JSON.stringify(
        value === undefined
          ? { __type: 'ResourceNotFoundException', message: 'There is no such value.' }
          : { ARN: SecretId, Name: 'secret', SecretString: value },
      ),
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

const end = (server: Server): void => {
  server.closeAllConnections()
  server.close()
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port

describe.skipIf(engine === undefined)("the router's bundle in a container, read-only and not as root", () => {
  const tag = `sitewright/test-router:${process.pid}`
  const probeArn = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:probe'
  const originArn = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:origin'
  const originSecret = 'what CloudFront alone knows'
  const hostname = 'acme.example.net'
  const held: ServerResponse[] = []
  const ending = new AsyncDisposableStack()
  let database: TestEngine
  let store: TestStore
  let kms: PlayedKms
  let siteId: string
  let port: number
  let container: Docker.Container

  beforeAll(async () => {
    if (engine === undefined) return
    const site = createServer((incoming, response) => {
      if (incoming.url !== '/slow') return response.end(JSON.stringify(incoming.headers))
      response.write('begun, ')
      return held.push(response)
    }).listen(0, '127.0.0.1')
    await once(site, 'listening')
    ending.defer(() => end(site))

    database = await startTestEngine('dynoxide')
    ending.defer(database.stop)
    store = await openTestStore(database)
    ending.defer(() => store.close())
    const building = await commit(store, request({ ownership: { ...owner(), hostname } }))
    if (building.status !== 'building') throw new Error('a requested site is being built')
    const endpoint = { host: '127.0.0.1', port: portOf(site) }
    siteId = (await commit(store, finishBuild({ ...building, endpoint }, samplePolicies.current, context))).id

    kms = ending.use(await playKms('alias/root'))
    const secrets = await playSecrets({ [probeArn]: 'what we know each other by', [originArn]: originSecret })
    ending.defer(() => end(secrets))

    const settings = await playParameter(
      namesOf('production').routerSettings,
      packRouterSettings(config, config.stages['production']!),
    )
    ending.defer(() => end(settings))

    const [command] = instructions('CMD')
    await importNodeImage(engine.streams, { tag, app: bundle, command: JSON.parse(command ?? '') })
    ending.defer(() => engine.calls.getImage(tag).remove({ force: true }))

    port = await findFreePort()
    const { endpoint: dynamodb, region, credentials } = database
    const forRouter: Record<RouterVariable, unknown> = {
      STAGE: 'production',
      LOG_LEVEL: 'info',
      TABLES: store.tables.main,
      ENTITLEMENT_KEY: 'alias/root',
      PROBE_SECRET: probeArn,
      ORIGIN_SECRET: originArn,
      PORT: port,
    }
    const environment = {
      ...forRouter,
      NODE_ENV: 'production',
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: credentials?.accessKeyId ?? 'test',
      AWS_SECRET_ACCESS_KEY: credentials?.secretAccessKey ?? 'test',
      AWS_ENDPOINT_URL_DYNAMODB: dynamodb,
      AWS_ENDPOINT_URL_KMS: kms.endpoint,
      AWS_ENDPOINT_URL_SSM: `http://127.0.0.1:${portOf(settings)}`,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: `http://127.0.0.1:${portOf(secrets)}`,
    }
    container = await engine.calls.createContainer({
      Image: tag,
      User: instructions('USER')[0] ?? '',
      Env: Object.entries(environment).map(([name, value]) => `${name}=${value}`),
      HostConfig: {
        // What the test plays listens on this machine's loopback.
        NetworkMode: 'host',
        ReadonlyRootfs: true,
        CapDrop: ['ALL'],
        SecurityOpt: ['no-new-privileges'],
        Memory: 512 * 1024 * 1024,
        Ulimits: [
          { Name: 'nofile', Soft: 1024, Hard: 1024 },
          { Name: 'nproc', Soft: 1024, Hard: 1024 },
        ],
      },
    })
    ending.defer(() => container.remove({ force: true }))
    await container.start()
  })
  afterAll(() => ending.disposeAsync())

  const check = async () =>
    (await visit(port, { host: `127.0.0.1:${port}`, path: '/healthz' }).catch(() => undefined))?.status

  it('serves a site with an entitlement of the root key, and ends well when it is told to', async () => {
    await waitFor(async () => (await check()) === 200)
    const { status, body } = await visit(port, { host: hostname, headers: { 'x-forwarded-for': '203.0.113.7' } })
    expect(status).toBe(200)
    const told = JSON.parse(body)
    expect(told).toMatchObject({ 'x-real-ip': '203.0.113.7', 'x-forwarded-proto': 'https' })
    const verify = entitlementVerifier(siteId, kms.publicKey)
    expect(await verify(told['x-sitewright-entitlement'])).toMatchObject({ plan: 'trial', features: ['entries'] })
    const fromCloudFront = { [originHeader]: originSecret, 'cloudfront-viewer-address': '198.51.100.9:4711' }
    const throughCloudFront = await visit(port, { host: hostname, headers: fromCloudFront })
    expect(JSON.parse(throughCloudFront.body)).toMatchObject({ 'x-real-ip': '198.51.100.9' })
    expect(throughCloudFront.body).not.toContain(originSecret)
    expect((await visit(port, { host: 'nobody.example.net' })).status).toBe(404)
    // The public key reads the cookies that other routers signed.
    expect(kms.asked).toEqual(['GetPublicKey', 'Sign'])

    const slow = visit(port, { host: hostname, path: '/slow' })
    await waitFor(async () => held.length > 0)
    await container.kill({ signal: 'SIGTERM' })
    await waitFor(async () => (await check()) === 503)
    held[0]?.end('ended')
    expect(await slow).toMatchObject({ status: 200, body: 'begun, ended' })
    expect(await container.wait()).toMatchObject({ StatusCode: 0 })
    const logged = (await container.logs({ stdout: true, stderr: true })).toString()
    expect(logged.match(/"event":"[^"]+"/g)).toEqual([
      '"event":"router-serving"',
      '"event":"router-draining"',
      '"event":"router-ended"',
    ])
  })
})
