import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cp, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { expect, test, vi } from 'vitest'
import { tarEnd, tarHeader } from '../../adapters/archiver/tar.ts'
import { processorOf } from '../../adapters/containers/engine.ts'
import { createPushedImages } from '../../adapters/containers/pushed-images.ts'
import { createImageFiles } from '../../adapters/registry/image-files.ts'
import { createPushTokens } from '../../adapters/registry/push-tokens.ts'
import { importNodeImage } from '../../tools/import-node-image.ts'
import { canTestSites, testEngine } from '../support/container-engine.ts'
import { startHost } from '../support/start-host.ts'
import { waitFor } from '../support/wait-for.ts'
import { call } from './call.ts'
import { temporaryDirectory } from './temporary-directory.ts'
import { type SiteBody, signIn } from './visitor.ts'

vi.setConfig({ testTimeout: 600_000 })

const engine = await testEngine()
const program = fileURLToPath(new URL('./deployed-program.mjs', import.meta.url))
const podman = fileURLToPath(new URL('../../.ci/container-engine', import.meta.url))

const file = {
  name: 'ours',
  title: 'A program of ours',
  access: 'public',
  containers: [{ name: 'web', image: 'ours/web:1', build: { context: '.' }, secrets: ['SESSION_KEY'] }],
  traffic: { container: 'web' },
  data: { mode: 'exclusive' },
}

const digestOf = (content: Buffer): string => `sha256:${createHash('sha256').update(content).digest('hex')}`

interface Push {
  readonly registry: string
  readonly repository: string
  readonly username: string
  readonly password: string
}

interface Deployed {
  readonly deployment: { readonly id: string; readonly status: string; readonly cause?: string }
}

const sizeBelow = async (directory: string): Promise<number> => {
  const found = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => [])
  const sizes = found
    .filter((one) => one.isFile())
    .map(async (one) => (await stat(join(one.parentPath, one.name))).size)
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}

test.runIf(engine !== undefined && (await canTestSites(engine)))(
  'a pushed image is deployed by its digest, and only what is new travels',
  async () => {
    if (engine === undefined) return
    await using ours = await temporaryDirectory()
    await cp(program, join(ours.path, 'deployed-program.mjs'))
    const make = async (release: string): Promise<void> => {
      await writeFile(join(ours.path, 'release.txt'), release)
      const command = ['node', '/app/deployed-program.mjs']
      await importNodeImage(engine.streams, { tag: `localhost/tried:${release}`, app: ours.path, command })
    }
    // The software of the vendor, which a new site has.
    await using blueprints = await temporaryDirectory()
    await make('vendors')
    const vendors = { ...file, name: 'welcome', version: 1 }
    const [container] = file.containers
    const content = { ...vendors, containers: [{ ...container, build: undefined, image: 'localhost/tried:vendors' }] }
    await writeFile(join(blueprints.path, 'welcome.json'), JSON.stringify(content))
    const env = { SITEWRIGHT_POOL_SIZE: '0', SITEWRIGHT_RUNTIME: 'containers', SITEWRIGHT_BLUEPRINTS: blueprints.path }
    await using host = await startHost({ env })
    const ada = await signIn(host, 'ada@example.com')
    const post = <Body>(path: string, body: object, headers: Readonly<Record<string, string>> = ada.bearer) =>
      call<Body>(host, { method: 'POST', path, body, headers })
    const operator = { email: 'grace@example.com', role: 'admin' }
    const staff = (await post<{ token: string }>('/_local/operators', operator)).json
    const headers = { authorization: `Bearer ${staff.token}` }
    const allowance = { plan: 'enterprise', sites: 1, reason: 'Contract 4711' }
    const path = `/v1/operator/accounts/${ada.accountId}/allowance`
    expect(await call(host, { method: 'PUT', path, headers, body: allowance })).toMatchObject({ status: 200 })
    const created = await post<SiteBody>('/v1/sites', { slug: 'ours', software: 'own' })
    expect(created.status, created.text).toBe(202)
    const { id } = created.json

    const deployments = `/v1/sites/${id}/deployments`
    const push = async (release: string): Promise<string> => {
      const { json, status, text } = await post<Push>(`${deployments}/push`, {})
      expect(status, text).toBe(200)
      const digests = join(ours.path, 'digest')
      const credentials = `${json.username}:${json.password}`
      const options = ['--tls-verify=false', '--creds', credentials, '--digestfile', digests]
      const target = `docker://127.0.0.1:${host.port}/${json.repository}:${release}`
      await promisify(execFile)(podman, ['podman', 'push', ...options, `localhost/tried:${release}`, target])
      return readFile(digests, 'utf8')
    }
    const deploy = async (digest: string) => {
      const made = await post<Deployed>(deployments, { file, images: { web: digest } })
      expect(made.status, made.text).toBe(202)
      return waitFor(async () => {
        const { deployment } = (
          await call<Deployed>(host, { path: `${deployments}/${made.json.deployment.id}`, headers: ada.bearer })
        ).json
        return ['proving', 'deploying'].includes(deployment.status) ? undefined : deployment
      })
    }
    const answer = async () => (await call(host, { at: 'ours.localhost', path: '/' })).json

    await make('one')
    const first = await push('one')
    expect(await deploy(first)).toMatchObject({ status: 'live' })
    expect(await answer()).toEqual({ release: 'one', written: 'one', found: [], isPayable: false })

    const before = await sizeBelow(join(host.home, 'images'))
    // The tool may write another manifest, and finds its layers there.
    await push('one')
    expect((await sizeBelow(join(host.home, 'images'))) - before).toBeLessThan(2 ** 20)

    await make('broken')
    const bad = await deploy(await push('broken'))
    expect(bad).toMatchObject({ status: 'went-back' })
    await waitFor(async () => ((await answer())['release'] === 'one' ? true : undefined))

    expect(await post(deployments, { file, images: { web: `sha256:${'0'.repeat(64)}` } })).toMatchObject({
      status: 422,
    })
    expect(await post(deployments, { file })).toMatchObject({ status: 422 })
    expect(await post(deployments, { file, snapshot: '0'.repeat(32), images: { web: first } })).toMatchObject({
      status: 422,
    })
  },
)

test.runIf(engine !== undefined)('an engine gets the layers as they were measured', async () => {
  if (engine === undefined) return
  await using pushed = await temporaryDirectory()
  const repository = `own/site-${'0'.repeat(26)}`
  await mkdir(join(pushed.path, repository), { recursive: true })
  const store = async (content: Buffer): Promise<{ digest: string; size: number }> => {
    const digest = digestOf(content)
    await writeFile(join(pushed.path, repository, digest), content)
    return { digest, size: content.length }
  }
  const tar = Buffer.concat([
    tarHeader({ path: 'release', mode: 0o644, mtime: '0', type: 'file', size: 3 }),
    ...[Buffer.from('one'.padEnd(512, '\0')), tarEnd],
  ])
  const { Arch } = await engine.calls.version()
  const tokens = createPushTokens({ secret: 'a'.repeat(43), clock: () => '2026-03-01T00:00:00.000Z' })
  const images = createPushedImages({ files: createImageFiles(pushed.path), tokens, registry: 'localhost' })
  const load = async (layer: Buffer, diffId: string): Promise<readonly string[]> => {
    const rootfs = { type: 'layers', diff_ids: [diffId] }
    const config = { architecture: processorOf(Arch), os: 'linux', config: {}, rootfs }
    const stored = await store(Buffer.from(JSON.stringify(config)))
    const manifest = JSON.stringify({ schemaVersion: 2, config: stored, layers: [await store(layer)] })
    const { digest } = await store(Buffer.from(manifest))
    const name = `localhost/${repository}:${digest.replace('sha256:', '')}`
    await images.load(engine, name)
    const image = engine.calls.getImage(name)
    const { RootFS } = await image.inspect()
    await image.remove()
    return RootFS.Layers ?? []
  }
  const frames = Buffer.concat([zstdCompressSync(tar.subarray(0, 600)), zstdCompressSync(tar.subarray(600))])
  for (const layer of [tar, gzipSync(tar), frames]) expect(await load(layer, digestOf(tar))).toEqual([digestOf(tar)])
  await expect(load(gzipSync(tar), digestOf(tarEnd))).rejects.toThrow()
  await expect(load(gzipSync(gzipSync(tar)), digestOf(tar))).rejects.toThrow('no usual tar file')
})
