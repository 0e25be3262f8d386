import { execFile } from 'node:child_process'
import { cp, mkdtempDisposable, readdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { CreateRepositoryCommand, ECRClient, RepositoryAlreadyExistsException } from '@aws-sdk/client-ecr'
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import * as z from 'zod'
import { findEngine } from '../../../adapters/containers/engine.ts'
import { importNodeImage } from '../../../tools/import-node-image.ts'
import { account, endpoint } from './emulator.ts'
import type { Release } from './release.ts'

const fileDestination = z.object({ bucketName: z.string(), objectKey: z.string(), region: z.string() })
const imageDestination = z.object({ repositoryName: z.string(), imageTag: z.string(), region: z.string() })
const assetsSchema = z.object({
  files: z.record(
    z.string(),
    z.object({
      source: z.object({ path: z.string(), packaging: z.enum(['file', 'zip']) }),
      destinations: z.record(z.string(), fileDestination),
    }),
  ),
  dockerImages: z
    .record(
      z.string(),
      z.object({
        source: z.object({ directory: z.string(), dockerFile: z.string().default('Dockerfile') }),
        destinations: z.record(z.string(), imageDestination),
      }),
    )
    .default({}),
})

const withAccount = (name: string): string => name.replaceAll('${AWS::AccountId}', account)

/** Puts an object into a bucket. @returns its address. */
export const putFile = async (
  { region, Bucket, Key }: { readonly region: string; readonly Bucket: string; readonly Key: string },
  Body: Uint8Array | string,
): Promise<string> => {
  await new S3Client({ region, forcePathStyle: true }).send(new PutObjectCommand({ Bucket, Key, Body }))
  return `${endpoint()}/${Bucket}/${Key}`
}

const zipAll = `
import json, os, sys, zipfile
for source, target in json.loads(sys.argv[1]):
    with zipfile.ZipFile(target, 'w') as archive:
        for folder, _, files in os.walk(source):
            for file in files:
                path = os.path.join(folder, file)
                archive.write(path, os.path.relpath(path, source))
`

interface ImageSource {
  /** What it is built from. */
  readonly directory: string
  readonly dockerFile: string
}

interface App {
  /** What becomes `/app`. */
  readonly directory: string
  readonly command: readonly string[]
}

const bundled = ['node', '--enable-source-maps', 'index.mjs']

/** What each Dockerfile of ours makes, without a registry to build from: this machine's Node with the same files. */
const appOf = async (
  release: Release,
  { directory, dockerFile }: ImageSource,
  into: string,
): Promise<App | undefined> => {
  if (dockerFile === 'router/Dockerfile') {
    await release.run('tools/bundle-router.ts', [into])
    return { directory: join(into, 'router'), command: bundled }
  }
  if (dockerFile === 'cloud/archiver/Dockerfile') {
    await release.run('tools/bundle-archiver.ts', [into])
    return { directory: join(into, 'archiver'), command: bundled }
  }
  // That of the helper and that of the blueprint are called the same.
  if (!(await readdir(directory)).includes('index.mjs')) return undefined
  await cp(directory, join(into, 'site-helper'), { recursive: true })
  return { directory: into, command: ['node', 'site-helper/index.mjs'] }
}

const welcomeModules = ['ws', 'jose', 'saxes', 'xmlchars', 'yauzl', 'pend', 'scorm-again', 'mime', 'valibot']

/** @returns whether it is a blueprint's own. */
const importImage = async (release: Release, source: ImageSource, tag: string): Promise<boolean> => {
  const engine = await findEngine()
  if (engine === undefined) throw new Error('no container engine answers: see .ci/container-engine')
  await using temporary = await mkdtempDisposable(join(tmpdir(), 'sitewright-bundle-'))
  const app = await appOf(release, source, temporary.path)
  // A tag is the digest of what the image is made of.
  const known = engine.calls.getImage(tag).inspect()
  const isKnown = await known.then(
    () => true,
    () => false,
  )
  if (!isKnown) {
    await importNodeImage(engine.streams, {
      tag,
      app: app?.directory ?? join(release.directory, 'sites/welcome'),
      command: app?.command ?? ['node', '/app/server.ts'],
      ...(app === undefined && { modules: welcomeModules }),
      // What the definitions of tasks ask for.
      platform: 'linux/arm64',
    })
  }
  return app === undefined
}

/** The engine's command line, which `publish-blueprint` calls. */
const containerTool = join(import.meta.dirname, 'tool')

/** Publishes a blueprint of a release, as docs/deploy.md says. */
export const publishBlueprint = async ({ run }: Release, file: string): Promise<void> => {
  const PATH = `${containerTool}${delimiter}${process.env['PATH']}`
  await run('bin/publish.ts', ['--stage', 'production', file], { PATH })
}

const made = new Set<string>()

/** Publishes what a stack's template refers to, as `cdk-assets` does. It skips what was published before. */
export const publishAssets = async (release: Release, assembly: string, stack: string): Promise<void> => {
  const assets = assetsSchema.parse(JSON.parse(await readFile(join(assembly, `${stack}.assets.json`), 'utf8')))
  const zipOf = (id: string): string => join(assembly, `${id}.uploaded.zip`)
  const zipped = Object.entries(assets.files).filter(([id, { source }]) => source.packaging === 'zip' && !made.has(id))
  const pairs = zipped.map(([id, { source }]) => [join(assembly, source.path), zipOf(id)])
  await promisify(execFile)('python3', ['-c', zipAll, JSON.stringify(pairs)])
  for (const [id, { source, destinations }] of Object.entries(assets.files)) {
    if (made.has(id)) continue
    made.add(id)
    const content = await readFile(source.packaging === 'zip' ? zipOf(id) : join(assembly, source.path))
    for (const { bucketName, objectKey, region } of Object.values(destinations))
      await putFile({ region, Bucket: withAccount(bucketName), Key: objectKey }, content)
  }
  for (const [id, { source, destinations }] of Object.entries(assets.dockerImages)) {
    if (made.has(id)) continue
    made.add(id)
    for (const { repositoryName, imageTag, region } of Object.values(destinations)) {
      const repository = withAccount(repositoryName)
      const image = `${account}.dkr.ecr.${region}.amazonaws.com/${repository}:${imageTag}`
      const directory = join(assembly, source.directory)
      // Publishing a blueprint pulls it; tasks of ours find it in the engine.
      if (!(await importImage(release, { ...source, directory }, image))) continue
      await new ECRClient({ region })
        .send(new CreateRepositoryCommand({ repositoryName: repository }))
        .catch((error) => {
          if (!(error instanceof RepositoryAlreadyExistsException)) throw error
        })
      await promisify(execFile)(join(containerTool, 'docker'), ['push', image])
    }
  }
}
