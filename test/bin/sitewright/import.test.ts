import { execFileSync } from 'node:child_process'
import { cp, mkdir, readFile, rename, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { stringify } from 'yaml'
import { bundleFiles, describeBundle, digestOf, readBundle, secretsDigest } from '../../../bin/sitewright/bundle.ts'
import { importSite } from '../../../bin/sitewright/import.ts'
import { archiveKeys } from '../../../core/ports/archives.ts'
import { archiveId, copyJob, openScene, siteId } from '../../adapters/archiver/scene.ts'
import { collect } from '../../adapters/archives/contract.ts'
import { temporaryDirectory } from '../../e2e/temporary-directory.ts'

const file = {
  name: 'shop',
  title: 'Shop',
  containers: [{ name: 'web', build: { context: '.' }, secrets: ['DB_PASSWORD'], given: ['STRIPE_KEY'] }],
  traffic: { container: 'web' },
  data: { mode: 'exclusive' },
  dataSecrets: ['DB_PASSWORD'],
}
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
  await writeFile(at('images/web.tar'), 'an image')
  const { DB_PASSWORD, STRIPE_KEY } = values
  await writeFile(
    at('.env'),
    `SITE_USER=7:8\nDB_PASSWORD='${DB_PASSWORD.replace("'", "\\'")}'\nSTRIPE_KEY=${STRIPE_KEY}\n`,
  )
  const describe = async (more: object = {}, further: Readonly<Record<string, string>> = {}) => {
    const names = [bundleFiles.archive, bundleFiles.manifest, bundleFiles.file, 'images/web.tar']
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
  const run = () =>
    importSite({
      ...{ directory: join(path, 'export'), slug: undefined, source: join(path, 'sitewright.yaml'), environment: {} },
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
  return { path, at, describe, refused, [Symbol.asyncDispose]: () => moved.disposeAsync() }
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
