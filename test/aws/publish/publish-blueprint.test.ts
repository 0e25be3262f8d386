import { createHash, randomBytes } from 'node:crypto'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { CreateRepositoryCommand, ECRClient } from '@aws-sdk/client-ecr'
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { ensureTables, tablesOf } from '../../../adapters/dynamodb/tables.ts'
import { ProgramFailed, runProgram } from '../../../bin/publish/container-tool.ts'
import { publishBlueprint } from '../../../bin/publish/publish-blueprint.ts'
import { publishingOnAws } from '../../../bin/publish/publishing-on-aws.ts'
import { namesOf } from '../../../cloud/names.ts'
import { type Blueprint, parseBlueprint } from '../../../core/blueprint/blueprint.ts'
import { parseExtension } from '../../../core/blueprint/extension.ts'
import { resolveOnBase } from '../../../lambdas/blueprints/resolve-on-base.ts'
import { sayPlayed } from '../say-played.ts'

const fakeEngine = fileURLToPath(import.meta.resolve('./fake-engine.ts'))
const region = 'eu-central-1'
const account = '123456789012'
const built = `${account}.dkr.ecr.${region}.amazonaws.com/cdk-assets:web`
const pinned = `docker.io/library/redis@sha256:${'a'.repeat(64)}`
const repository = (stage: string): string =>
  `${account}.dkr.ecr.${region}.amazonaws.com/sitewright-${stage}/blueprints`

const shop = (change: object = {}): Blueprint =>
  parseBlueprint(
    {
      name: 'shop',
      version: 1,
      title: 'Shop',
      access: 'public',
      containers: [
        { name: 'web', image: 'shop/web:1', build: { context: '../sites/shop' } },
        { name: 'cache', image: pinned },
      ],
      traffic: { container: 'web' },
      data: { mode: 'exclusive' },
      ...change,
    },
    'shop.yaml',
  )

let directory: string
let stage: string
let lines: string[]

/** What a deploy leaves behind. */
const deploy = async (): Promise<void> => {
  const names = namesOf(stage)
  const ecr = new ECRClient({ region })
  await ecr.send(new CreateRepositoryCommand({ repositoryName: names.blueprintRepository }))
  const parameter = { Name: names.imageParameter('shop', 'web'), Value: built, Type: 'String' as const }
  await new SSMClient({ region }).send(new PutParameterCommand(parameter))
  await ensureTables(new DynamoDBClient({ region }), tablesOf(names.tables))
}

const publishing = (more: { dryRun?: boolean; account?: string } = {}) => ({
  ...publishingOnAws(stage, { account: more.account, region }),
  plans: [],
  offered: ['shop'],
  dryRun: more.dryRun ?? false,
  print: (line: string) => lines.push(line),
})

const publish = (blueprint: Blueprint, more: { dryRun?: boolean; account?: string } = {}): Promise<void> =>
  publishBlueprint(publishing(more), blueprint)

const published = async () => (await publishing().store.status('shop'))?.draft?.blueprint

/** What the first healthy site of a draft does. */
const makeCurrent = async () => {
  const draft = await published()
  if (draft === undefined) throw new Error('there is no draft')
  await publishing().store.publish(draft)
}

const tagOf = (container: string, source: string) =>
  `shop-${container}-1-${createHash('sha256').update(source).digest('hex').slice(0, 12)}`

/** What the engine was asked, but for whether it is there. */
const asked = async (): Promise<readonly { parameters: readonly string[]; input: string }[]> => {
  const text = await readFile(join(directory, 'log'), 'utf8').catch(() => '')
  const calls = text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]))
  return calls.filter(({ parameters }) => parameters[0] !== 'version')
}

const putEngine = async (name: string, script: string): Promise<void> => {
  await writeFile(join(directory, name), `#!/bin/sh\n${script}\n`)
  await chmod(join(directory, name), 0o755)
}

beforeAll(() => {
  if (!process.env['AWS_ENDPOINT_URL']) throw new Error('AWS_ENDPOINT_URL is needed: npm run test:aws sets it')
  sayPlayed('the container engine that copies images, as no registry stands behind the emulator')
})

beforeEach(async () => {
  stage = `t${randomBytes(5).toString('hex')}`
  lines = []
  directory = await mkdtemp(join(tmpdir(), 'sitewright-publish-'))
  await putEngine('docker', `exec "${process.execPath}" "${fakeEngine}" "$@"`)
  vi.stubEnv('PATH', directory)
  vi.stubEnv('FAKE_ENGINE_LOG', join(directory, 'log'))
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'testing')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'testing')
  vi.stubEnv('AWS_REGION', region)
})

afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(directory, { recursive: true, force: true })
})

describe('publishing a blueprint', () => {
  it('copies each image into the repository of the installation and stores the blueprint with their digests as a draft', async () => {
    await deploy()
    await publish(shop())
    const target = repository(stage)
    const forArm = ['--platform', 'linux/arm64']
    const copyOf = (container: string, source: string) => [
      {
        parameters: ['login', '--username', 'AWS', '--password-stdin', target.split('/')[0]],
        input: expect.any(String),
      },
      { parameters: ['pull', ...forArm, source], input: '' },
      { parameters: ['image', 'inspect', '--format', '{{.Architecture}}', ...forArm, source], input: '' },
      { parameters: ['tag', source, `${target}:${tagOf(container, source)}`], input: '' },
      { parameters: ['push', ...forArm, `${target}:${tagOf(container, source)}`], input: '' },
    ]
    const calls = await asked()
    expect(calls).toEqual([...copyOf('web', built), ...copyOf('cache', pinned)])
    // The password goes in where no other process reads it.
    const password = calls[0]?.input ?? ''
    expect(password.length).toBeGreaterThan(5)
    expect(calls.flatMap(({ parameters }) => parameters)).not.toContain(password)

    const stored = await published()
    const images = stored?.containers.map(({ image }) => image) ?? []
    expect(images[0]).toMatch(new RegExp(`^${target}@sha256:[0-9a-f]{64}$`))
    expect(images[1]).toMatch(new RegExp(`^${target}@sha256:[0-9a-f]{64}$`))
    expect(images[0]).not.toBe(images[1])
    const withoutImages = ({ containers, ...rest }: Blueprint) => ({
      ...rest,
      containers: containers.map((container) => ({ ...container, image: '' })),
    })
    expect(stored && withoutImages(stored)).toEqual(withoutImages(shop()))
    expect(await publishing().store.latest('shop')).toBeUndefined()
    expect(lines.at(-1)).toBe(`shop 1 is a draft on ${stage}. It becomes current once a site of it is healthy.`)
  })

  it('takes another image for a draft of the same version', async () => {
    await deploy()
    await publish(shop())
    const before = await published()
    const parameter = { Name: namesOf(stage).imageParameter('shop', 'web'), Value: `${built}2`, Overwrite: true }
    await new SSMClient({ region }).send(new PutParameterCommand(parameter))
    await publish(shop())
    const after = await published()
    expect(after?.containers[0]?.image).not.toBe(before?.containers[0]?.image)
    expect(after?.containers[1]?.image).toBe(before?.containers[1]?.image)
  })

  it('again does nothing, also where a later deploy built another image', async () => {
    await deploy()
    await publish(shop())
    await makeCurrent()
    const [before, calls] = [await published(), await asked()]
    const parameter = { Name: namesOf(stage).imageParameter('shop', 'web'), Value: `${built}2`, Overwrite: true }
    await new SSMClient({ region }).send(new PutParameterCommand(parameter))
    await publish(shop())
    expect(await asked()).toEqual(calls)
    expect(await published()).toEqual(before)
    expect(lines.at(-1)).toBe(`shop 1 is published on ${stage} already.`)
  })

  it('refuses a published version with other content, and copies nothing', async () => {
    await deploy()
    await publish(shop())
    await makeCurrent()
    const calls = await asked()
    await expect(publish(shop({ title: 'Another shop' }))).rejects.toThrow(
      /'shop' version 1 is published.*next version/,
    )
    expect(await asked()).toEqual(calls)
  })

  it('that was interrupted continues with the images that are there', async () => {
    await deploy()
    vi.stubEnv('FAKE_ENGINE_FAILS', 'tag')
    await expect(publish(shop())).rejects.toThrow(ProgramFailed)
    vi.stubEnv('FAKE_ENGINE_FAILS', '')
    expect(await published()).toBeUndefined()
    await runProgram('docker', ['push', `${repository(stage)}:${tagOf('web', built)}`])
    const before = await asked()
    await publish(shop())
    const pulled = (await asked()).slice(before.length).filter(({ parameters }) => parameters[0] === 'pull')
    expect(pulled.map(({ parameters }) => parameters.at(-1))).toEqual([pinned])
    expect((await published())?.version).toBe(1)
  })

  it('with --dry-run says what it would do, and changes nothing', async () => {
    await deploy()
    await publish(shop(), { dryRun: true })
    expect(lines).toEqual([
      `web: would copy ${built} to ${repository(stage)}:${tagOf('web', built)}`,
      `cache: would copy ${pinned} to ${repository(stage)}:${tagOf('cache', pinned)}`,
      `shop 1 would be published on ${stage}.`,
    ])
    expect(await asked()).toEqual([])
    expect(await published()).toBeUndefined()
  })
})

describe('publishing a blueprint that is not on offer', () => {
  const search = `docker.io/library/search@sha256:${'b'.repeat(64)}`
  const acme = async (containers: object): Promise<Blueprint> =>
    resolveOnBase(
      publishing().store,
      parseExtension({ name: 'acme', version: 2, extends: { name: 'shop', version: 1 }, containers }, 'acme.yaml'),
      'acme.yaml',
    )

  beforeEach(async () => {
    await deploy()
    await publish(shop())
    await makeCurrent()
  })

  it('copies its own images, and leaves those of the version that it extends', async () => {
    const base = await published()
    const calls = await asked()
    await publish(await acme({ cache: { image: search } }))
    const pulled = (await asked()).slice(calls.length).filter(({ parameters }) => parameters[0] === 'pull')
    expect(pulled.map(({ parameters }) => parameters.at(-1))).toEqual([search])
    const draft = (await publishing().store.status('acme'))?.draft?.blueprint
    expect(draft?.containers.map(({ image }) => image)).toEqual([
      base?.containers[0]?.image,
      expect.stringMatching(new RegExp(`/sitewright-${stage}/blueprints@sha256:[0-9a-f]{64}$`)),
    ])
    const hash = createHash('sha256').update(search).digest('hex').slice(0, 12)
    expect((await asked()).at(-1)?.parameters.at(-1)).toContain(`/sitewright-${stage}/blueprints:acme-cache-2-${hash}`)
  })

  it('refuses an image that a deploy would have to build', async () => {
    const containers = { web: { image: 'acme:2', build: { context: '../acme' } } }
    await expect(publish(await acme(containers))).rejects.toThrow(
      "Container 'web': its image acme:2 needs a digest (@sha256:…), as it is not built here.",
    )
  })
})

describe('publishing a blueprint fails with one clear line', () => {
  it('where the stage was not deployed with it', async () => {
    await ensureTables(new DynamoDBClient({ region }), tablesOf(namesOf(stage).tables))
    await expect(publish(shop())).rejects.toThrow(
      `The repository sitewright-${stage}/blueprints is missing: deploy stage '${stage}', then`,
    )
    await new ECRClient({ region }).send(
      new CreateRepositoryCommand({ repositoryName: namesOf(stage).blueprintRepository }),
    )
    await expect(publish(shop())).rejects.toThrow(
      `The parameter /sitewright/${stage}/images/shop/web is missing: deploy stage '${stage}' with this blueprint offered`,
    )
  })

  it('where the credentials are of another account', async () => {
    await deploy()
    await expect(publish(shop(), { account: '999999999999' })).rejects.toThrow(
      `The credentials are of account ${account}, but stage '${stage}' is of 999999999999.`,
    )
  })

  it('where an image that is not built has no digest', async () => {
    await deploy()
    const containers = [{ name: 'web', image: 'redis:8' }]
    await expect(publish(shop({ containers }))).rejects.toThrow(
      /'shop' cannot be deployed to AWS:\n {2}containers\.0\.image: must be pinned by its digest/,
    )
  })

  it('where an image is made for other processors, and stores nothing', async () => {
    await deploy()
    vi.stubEnv('FAKE_ENGINE_ARCHITECTURE', 'amd64')
    await expect(publish(shop())).rejects.toThrow(`${built} is made for amd64, and sites run on arm64.`)
    expect((await asked()).map(({ parameters }) => parameters[0])).not.toContain('push')
    expect(await published()).toBeUndefined()
  })

  it('where the engine fails, with what it said last', async () => {
    await deploy()
    vi.stubEnv('FAKE_ENGINE_FAILS', 'push')
    await expect(publish(shop())).rejects.toThrow(/^docker push ended with 1: error: the engine is out of breath$/)
  })

  it('where Docker does not answer and there is no Podman', async () => {
    await deploy()
    await putEngine('docker', 'echo "Cannot connect to the Docker daemon." >&2; exit 1')
    await expect(publish(shop())).rejects.toThrow(
      /^Images are copied with Docker or Podman, and neither works here\. docker version .*daemon.*podman version could not be started/,
    )
  })
})

it('an image for several platforms is copied for that of sites, whatever the machine has', async () => {
  await deploy()
  vi.stubEnv('FAKE_ENGINE_MACHINE', 'amd64')
  await publish(shop())
  expect((await published())?.containers[0]?.image).toContain('@sha256:')
})

it('a Docker that does not know the platform of an image shows and pushes the only one', async () => {
  await deploy()
  vi.stubEnv('FAKE_ENGINE_IS_OLD', 'true')
  await publish(shop())
  expect((await published())?.containers[0]?.image).toContain('@sha256:')
  vi.stubEnv('FAKE_ENGINE_ARCHITECTURE', 'amd64')
  await expect(publish(shop({ version: 2 }))).rejects.toThrow(`${built} is made for amd64, and sites run on arm64.`)
})

it('Podman does the same where there is no Docker, with images that start faster', async () => {
  await deploy()
  await putEngine('podman', `exec "${process.execPath}" "${fakeEngine}" "$@"`)
  await rm(join(directory, 'docker'))
  vi.stubEnv('FAKE_ENGINE_IS_OLD', 'true')
  await publish(shop())
  expect((await published())?.containers[0]?.image).toContain('@sha256:')
  const pushes = (await asked()).filter(({ parameters }) => parameters[0] === 'push')
  expect(pushes.map(({ parameters }) => parameters.slice(1, -1))).toEqual(
    Array.from({ length: 2 }, () => ['--compression-format', 'zstd']),
  )
})
