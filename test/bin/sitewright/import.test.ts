import { execFileSync } from 'node:child_process'
import { cp, mkdir, readFile, rename, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { stringify } from 'yaml'
import { bundleFiles, describeBundle, digestOf, readBundle, secretsDigest } from '../../../bin/sitewright/bundle.ts'
import { importSite } from '../../../bin/sitewright/import.ts'
import { archiveKeys } from '../../../core/ports/archives.ts'
import { archiveId, copyJob, openScene, siteId } from '../../adapters/archiver/scene.ts'
import { collect } from '../../adapters/archives/contract.ts'
import { temporaryDirectory } from '../../e2e/temporary-directory.ts'
import { savedImage, savedManifest, tarOfTexts } from '../../support/saved-image.ts'

const file = {
  name: 'shop',
  title: 'Shop',
  containers: [{ name: 'web', build: { context: '.' }, secrets: ['DB_PASSWORD'], given: ['STRIPE_KEY'] }],
  traffic: { container: 'web' },
  data: { mode: 'exclusive' },
  dataSecrets: ['DB_PASSWORD'],
}
const image = 'localhost/shop/web:3'
const values = { DB_PASSWORD: "it's of the data", STRIPE_KEY: 'the key of ours' }

/** An export of data that has some links. */
const openExport = async (links: Readonly<Record<string, string>> = { newest: 'notes/a' }) => {
  await using stack = new AsyncDisposableStack()
  const { path } = stack.use(await temporaryDirectory())
  await using scene = await openScene()
  await mkdir(join(scene.data, 'notes'))
  await writeFile(join(scene.data, 'notes', 'a'), 'what is in a')
  for (const [name, target] of Object.entries(links)) await symlink(target, join(scene.data, name))
  expect(await scene.attempt(copyJob())).toMatchObject({ state: 'done' })
  const keys = archiveKeys(siteId, archiveId)
  const at = (name: string) => join(path, 'export', name)
  await mkdir(at('images'), { recursive: true })
  for (const part of ['content', 'manifest'] as const) {
    const stored = await scene.archives.open(keys[part])
    if (stored === undefined) throw new Error(`there is no ${part}`)
    const content = Buffer.concat(await collect(stored))
    await writeFile(at(part === 'content' ? bundleFiles.archive : bundleFiles.manifest), content)
  }
  await writeFile(at(bundleFiles.file), stringify(file))
  await writeFile(at('images/web.tar'), savedImage(image))
  const { DB_PASSWORD, STRIPE_KEY } = values
  await writeFile(
    at('.env'),
    `SITE_USER=7:8\nDB_PASSWORD='${DB_PASSWORD.replace("'", "\\'")}'\nSTRIPE_KEY=${STRIPE_KEY}\n`,
  )
  const describe = async (
    more: object = {},
    further: Readonly<Record<string, string>> = {},
    images: readonly string[] = ['images/web.tar'],
  ) => {
    const names = [bundleFiles.archive, bundleFiles.manifest, bundleFiles.file, ...images]
    const digests = names.map(async (name) => [name, await digestOf(at(name))] as const)
    const sha256 = { ...Object.fromEntries(await Promise.all(digests)), ...further }
    const content = {
      ...{
        slug: 'shop',
        version: 3,
        commit: null,
        images: {},
        variables: { GREETING: 'hello' },
        given: ['STRIPE_KEY'],
      },
      ...{ generated: ['DB_PASSWORD'], dataSecrets: ['DB_PASSWORD'], copy: '2026-01-31T09:30:00.000Z', sha256 },
      secretsDigest: secretsDigest(['DB_PASSWORD'], values, sha256[bundleFiles.archive] ?? ''),
    }
    await writeFile(at('bundle.json'), describeBundle({ ...content, ...more }))
  }
  await describe()
  const asked: string[] = []
  const run = (source = join(path, 'sitewright.yaml')) =>
    importSite({
      ...{ directory: join(path, 'export'), slug: undefined, source, environment: {} },
      api: async ({ method = 'GET', path: what }) => {
        asked.push(`${method} ${what}`)
        throw new Error('nobody should ask')
      },
      note: () => undefined,
    })
  /** Refused, and nothing was asked of the server. */
  const refused = async (message: RegExp) => {
    await expect(run()).rejects.toMatchObject({ ending: 'mistake', message: expect.stringMatching(message) })
    expect(asked).toEqual([])
  }
  const moved = stack.move()
  return { path, at, describe, run, refused, [Symbol.asyncDispose]: () => moved.disposeAsync() }
}

const flip = async (path: string, index: number): Promise<() => Promise<void>> => {
  const whole = await readFile(path)
  const flipped = Buffer.from(whole)
  flipped[index] = (whole[index] ?? 0) ^ (1 << (index % 8))
  await writeFile(path, flipped)
  return () => writeFile(path, whole)
}

it('reads an export, with a manifest for the site that it becomes', async () => {
  await using exported = await openExport()
  const bundle = await readBundle(join(exported.path, 'export'))
  expect(bundle).toMatchObject({
    secrets: values,
    variables: { GREETING: 'hello' },
    read: { content: { name: 'shop' } },
  })
  expect(bundle.saved).toEqual({ web: exported.at('images/web.tar') })
  const names = { site: `site_${'1'.repeat(26)}`, archiveId: `arc_${'2'.repeat(26)}` } as const
  const manifest = Buffer.concat(await collect(bundle.manifest.of(names)))
  expect(manifest.length).toBe(bundle.manifest.bytes)
  const [head = '', ...lines] = manifest.toString().split('\n')
  expect(JSON.parse(head)).toMatchObject(names)
  expect(lines.filter((line) => line.includes('"path"'))).toHaveLength(3)
})

it('refuses an export with one bit turned, wherever, before it asks the server', async () => {
  await using exported = await openExport()
  for (const name of ['bundle.json', bundleFiles.archive, bundleFiles.manifest, bundleFiles.file, 'images/web.tar']) {
    const { length } = await readFile(exported.at(name))
    for (let index = 0; index < length; index += name === 'bundle.json' ? 5 : 41) {
      const mend = await flip(exported.at(name), index)
      await exported.refused(/changed|not whole|not of an export|format|too large/)
      await mend()
    }
  }
  // A secret of the data, without which nobody could read it.
  const environment = await readFile(exported.at('.env'), 'utf8')
  await flip(exported.at('.env'), environment.indexOf('of the data'))
  await exported.refused(/DB_PASSWORD .* is not that of the export/)
})

it('refuses an export that is cut off, or lacks a file or a value', async () => {
  await using exported = await openExport()
  for (const name of ['bundle.json', bundleFiles.archive, bundleFiles.manifest, bundleFiles.file, 'images/web.tar']) {
    const whole = await readFile(exported.at(name))
    await truncate(exported.at(name), whole.length - 3)
    await exported.refused(/changed|not whole/)
    await rename(exported.at(name), exported.at('away'))
    await exported.refused(/is not a whole export/)
    await writeFile(exported.at(name), whole)
  }
  await writeFile(exported.at('.env'), "DB_PASSWORD='it\\'s of the data'\nSTRIPE_KEY=\n")
  await exported.refused(/Set STRIPE_KEY in .*\.env/)
})

it('refuses a newer format, and a former one', async () => {
  await using exported = await openExport()
  for (const [version, message] of [
    [3, /has the format 3, and this command reads 2\. Update it/],
    [1, /former format 1\. Export the site again/],
  ] as const) {
    await exported.describe()
    const text = await readFile(exported.at('bundle.json'), 'utf8')
    await writeFile(exported.at('bundle.json'), text.replace('"formatVersion": 2', `"formatVersion": ${version}`))
    await exported.refused(message)
  }
})

it('refuses files outside of the export, links and pipes in it', async () => {
  await using exported = await openExport()
  for (const name of ['../outside', 'images/../../outside.tar', '/etc/hostname', 'images/a/b.tar']) {
    await exported.describe({}, { [name]: '0'.repeat(64) })
    await exported.refused(/is not a file of an export/)
  }
  await exported.describe()
  await rename(exported.at(bundleFiles.archive), join(exported.path, 'archive'))
  await symlink(join(exported.path, 'archive'), exported.at(bundleFiles.archive))
  await exported.refused(/archive\.tar\.zst is not a plain file/)
  await cp(join(exported.path, 'archive'), exported.at('copy'))
  await rename(exported.at('copy'), exported.at(bundleFiles.archive))
  await rename(exported.at('.env'), exported.at('away'))
  execFileSync('mkfifo', [exported.at('.env')])
  await exported.refused(/\.env is not a plain file/)
})

it.each([
  ['/etc/passwd', 'of the machine'],
  ['../outside', 'one level up'],
  ['notes/../../outside', 'by a detour'],
])('refuses data with a link to %s, and says which', async (target) => {
  await using exported = await openExport({ bad: target })
  await exported.refused(/a link that leads out of the data directory\. It is bad\./)
})

it('takes what it has no image of from here only if it is the application, and not what the file of a stranger names', async () => {
  await using exported = await openExport()
  await exported.describe({}, {}, [])
  const own = join(exported.path, 'sitewright.yaml')
  await exported.refused(
    /no image of 'web'\. Import it in the directory of its application, with its containers in sitewright\.yaml as/,
  )
  const [web] = file.containers
  for (const build of [{ context: '..' }, { context: '.', dockerfile: 'export/Dockerfile' }]) {
    await writeFile(own, stringify({ ...file, containers: [{ ...web, build }] }))
    await exported.refused(/no image of 'web'/)
  }
  await writeFile(own, stringify({ ...file, access: 'public' }))
  await exported.refused(/no image of 'web'/)
  // What was added to the file since chooses no software.
  await writeFile(own, stringify({ ...file, anonymise: { command: ['node', 'dump.js'], load: ['node', 'load.js'] } }))
  await expect(exported.run()).rejects.toThrow('nobody should ask')
  await writeFile(own, stringify(file))
  await expect(exported.run()).rejects.toThrow('nobody should ask')
  await expect(exported.run(exported.at(bundleFiles.file))).rejects.toThrow("no image of 'web'")
})

it('takes the slug of a site or an environment, and none that would be another name for an engine', async () => {
  await using exported = await openExport()
  for (const slug of ['', 'Shop', '../shop', 'registry.example.com/shop', 'shop:1', '-shop', 'shop--', 'shop--a/b']) {
    await exported.describe({ slug })
    await exported.refused(/bundle\.json was changed/)
  }
  for (const slug of ['shop--qa', 'billing']) {
    await writeFile(exported.at('images/web.tar'), savedImage(`localhost/${slug}/web:3`))
    await exported.describe({ slug })
    expect(await readBundle(join(exported.path, 'export'))).toMatchObject({ slug })
  }
})

const manifest = ['manifest.json', savedManifest(image)] as const
const indexed = (annotations: object, more: object = {}) => {
  const described = { mediaType: 'a/b', digest: 'sha256:1', size: 1, annotations, ...more }
  return ['index.json', JSON.stringify({ schemaVersion: 2, manifests: [described] })] as const
}
const named = { 'io.containerd.image.name': image, 'org.opencontainers.image.ref.name': '3' }
const twice = (text: string) => text.replace('"RepoTags":', '"RepoTags":["node:22"],"RepoTags":')

it.each([
  ['Podman', tarOfTexts(manifest, ['repositories', '{}'])],
  ['Docker', tarOfTexts(indexed(named), manifest, ['oci-layout', '{}'])],
])('takes an image as %s saves it', async (_, content) => {
  await using exported = await openExport()
  await writeFile(exported.at('images/web.tar'), content)
  await exported.describe()
  expect(await readBundle(join(exported.path, 'export'))).toMatchObject({ slug: 'shop' })
})

it.each([
  ['another name', tarOfTexts(['manifest.json', savedManifest('node:22')])],
  ['one more name', tarOfTexts(['manifest.json', savedManifest(image, 'node:22')])],
  ['no name', tarOfTexts(['manifest.json', savedManifest()])],
  [
    'one more image',
    tarOfTexts(['manifest.json', JSON.stringify([image, 'node:22'].flatMap((one) => JSON.parse(savedManifest(one))))]),
  ],
  [
    'a field that Go takes for the one',
    tarOfTexts(['manifest.json', manifest[1].replace('}', ',"repotags":["node:22"]}')]),
  ],
  ['a field twice', tarOfTexts(['manifest.json', twice(manifest[1])])],
  ['text after its list', tarOfTexts(['manifest.json', `${manifest[1]}{}`])],
  ['two lists', tarOfTexts(manifest, ['./manifest.json', savedManifest('node:22')])],
  ['two lists of which the last is right', tarOfTexts(['./manifest.json', savedManifest('node:22')], manifest)],
  ['no list', tarOfTexts(['repositories', '{"node":{"22":"1"}}'])],
  ['an index with another name', tarOfTexts(manifest, indexed({ ...named, 'io.containerd.image.name': 'node:22' }))],
  [
    'an index with another tag',
    tarOfTexts(manifest, indexed({ ...named, 'org.opencontainers.image.ref.name': 'node:22' })),
  ],
  ['an index without a name', tarOfTexts(manifest, indexed({}))],
  [
    'an index with a field twice',
    tarOfTexts(manifest, indexed(named, { Annotations: { 'io.containerd.image.name': 'node:22' } })),
  ],
  ['a packed file', gzipSync(savedImage(image))],
  ['a file that is cut off', savedImage(image).subarray(0, 700)],
  ['a text', Buffer.from('an image')],
])('refuses an image with %s, which an engine could load over one of its own', async (_, content) => {
  await using exported = await openExport()
  await writeFile(exported.at('images/web.tar'), content)
  await exported.describe()
  await exported.refused(/images\/web\.tar is not what an engine saves of localhost\/shop\/web:3 alone/)
})
