import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, open, readdir, rm, truncate, utimes, writeFile } from 'node:fs/promises'
import { createServer, request, type Server } from 'node:http'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { tarEnd, tarHeader, tarPadding } from '../../../adapters/archiver/tar.ts'
import type { Engine } from '../../../adapters/containers/engine.ts'
import { requireRoom } from '../../../adapters/containers/load-pushed-image.ts'
import { createPushedImages } from '../../../adapters/containers/pushed-images.ts'
import { createImageFiles, type ImageFiles } from '../../../adapters/registry/image-files.ts'
import { createPushTokens } from '../../../adapters/registry/push-tokens.ts'
import { createRegistry } from '../../../adapters/registry/serve-registry.ts'
import type { Blueprint } from '../../../core/blueprint/blueprint.ts'
import { requireImage } from '../../../lambdas/deployments/image.ts'
import { listening } from '../../support/listening.ts'
import { waitFor } from '../../support/wait-for.ts'

const ours = 'own/site-01jq3v5k8m0000000000000000'
const others = 'own/site-01jq3v5k8m0000000000000001'

let now = '2026-03-01T00:00:00.000Z'
/** In bytes. */
let room = Number.POSITIVE_INFINITY
let directory = ''
let address = ''
let files: ImageFiles
let server: Server
let close = async (): Promise<void> => undefined

const tokens = createPushTokens({ secret: 'a'.repeat(43), clock: () => now })

beforeEach(async () => {
  now = '2026-03-01T00:00:00.000Z'
  room = Number.POSITIVE_INFINITY
  directory = await mkdtemp(join(tmpdir(), 'sitewright-registry-'))
  files = createImageFiles(directory)
  const serve = createRegistry({ files, tokens, lacksRoom: async (bytes = 0) => bytes > room })
  server = createServer((asked, answer) => void serve(asked, answer, new URL(asked.url ?? '/', 'http://x')))
  address = `http://127.0.0.1:${await listening(server)}`
  close = async () => {
    server.closeAllConnections()
    server.close()
    await rm(directory, { recursive: true, force: true })
  }
})

afterEach(() => close())

const digestOf = (content: string): string => `sha256:${createHash('sha256').update(content).digest('hex')}`

const ask = (method: string, path: string, body?: string, headers: Record<string, string> = {}, user = ours) => {
  const { password } = tokens.issue(user)
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
  return fetch(new URL(path, address), {
    method,
    headers: { authorization, ...headers },
    ...(body === undefined ? {} : { body }),
  })
}

const uploads = () => readdir(join(directory, ours, 'uploads'))

/** A request of which no more comes for now. */
const opened = async (method: string, place: string, start: string) => {
  const { password } = tokens.issue(ours)
  const made = request(new URL(place, address), { method, auth: `${ours}:${password}` })
  made.on('error', () => undefined).setTimeout(10_000, () => made.destroy())
  const answered = once(made, 'response').catch(() => [])
  made.write(start)
  return { made, status: async () => (await answered)[0]?.statusCode as number | undefined }
}

/** Makes an upload as large as a file may be, of nothing. */
const stretch = async (place: string, bytes: number): Promise<void> => {
  const file = await open(join(directory, ours, 'uploads', place.split('/').at(-1) ?? ''), 'r+')
  await file.truncate(bytes)
  await file.close()
}

const store = async (content: string): Promise<{ digest: string; size: number }> => {
  const digest = digestOf(content)
  expect((await ask('PUT', `${await begin()}?digest=${digest}`, content)).status).toBe(201)
  return { digest, size: content.length }
}

/** Pushes a manifest of one layer. */
const pushImage = async (config: { digest: string; size: number }, layer: { digest: string; size: number }) => {
  const manifest = JSON.stringify({ config, layers: [layer] })
  await ask('PUT', `/v2/${ours}/manifests/latest`, manifest)
  return digestOf(manifest)
}

const required = (digest: string) =>
  requireImage(files.contentOf(ours), { container: 'web', digest, architecture: 'amd64' })

const begin = async (): Promise<string> => {
  const begun = await ask('POST', `/v2/${ours}/blobs/uploads/`)
  expect(begun.status).toBe(202)
  return begun.headers.get('location') ?? ''
}

it('takes a layer in parts, and then knows it', async () => {
  const layer = 'one half and the other'
  const digest = digestOf(layer)
  expect((await ask('HEAD', `/v2/${ours}/blobs/${digest}`)).status).toBe(404)
  const place = await begin()
  expect((await ask('PATCH', place, layer.slice(0, 8))).headers.get('range')).toBe('0-7')
  expect((await ask('PATCH', place, layer.slice(8), { 'content-range': `8-${layer.length - 1}` })).status).toBe(202)
  expect((await ask('PUT', `${place}?digest=${digest}`)).status).toBe(201)
  const known = await ask('HEAD', `/v2/${ours}/blobs/${digest}`)
  expect([known.status, known.headers.get('content-length')]).toEqual([200, String(layer.length)])
  expect(await (await ask('GET', `/v2/${ours}/blobs/${digest}`)).text()).toBe(layer)
})

it('goes on with an upload whose connection was lost', async () => {
  const layer = 'x'.repeat(100_000)
  const place = await begin()
  const { password } = tokens.issue(ours)
  const lost = request(new URL(place, address), { method: 'PATCH', auth: `${ours}:${password}` })
  lost.on('error', () => undefined)
  lost.write(layer.slice(0, 1000))
  const told = await waitFor(async () => {
    const range = (await ask('GET', place)).headers.get('range')
    return range === '0-999' ? range : undefined
  })
  expect(told).toBe('0-999')
  lost.destroy()
  // The host may notice the loss later.
  const early = await waitFor(async () => {
    const { status } = await ask('PATCH', place, layer, { 'content-range': '0-99999' })
    return status === 409 ? undefined : status
  })
  expect(early).toBe(416)
  expect((await ask('PATCH', place, layer.slice(1000), { 'content-range': '1000-99999' })).status).toBe(202)
  expect((await ask('PUT', `${place}?digest=${digestOf(layer)}`)).status).toBe(201)
})

it('refuses content with another digest, and keeps none of it', async () => {
  const place = await begin()
  expect((await ask('PUT', `${place}?digest=${digestOf('this')}`, 'that')).status).toBe(400)
  expect((await ask('PUT', `/v2/${ours}/manifests/${digestOf('this')}`, 'that')).status).toBe(400)
  expect(await readdir(join(directory, ours))).toEqual(['uploads'])
  expect(await uploads()).toEqual([])
})

it.each(['', '{', 'null', '[]'])('refuses %j as a manifest, and shows no such blob as one', async (text) => {
  const put = await ask('PUT', `/v2/${ours}/manifests/latest`, text)
  expect([put.status, await put.json()]).toMatchObject([400, { errors: [{ code: 'MANIFEST_INVALID' }] }])
  await ask('POST', `/v2/${ours}/blobs/uploads/?digest=${digestOf(text)}`, text)
  expect((await ask('GET', `/v2/${ours}/blobs/${digestOf(text)}`)).status).toBe(200)
  expect((await ask('GET', `/v2/${ours}/manifests/${digestOf(text)}`)).status).toBe(404)
})

it.each(['sha256:totallywrong', `sha512:${'0'.repeat(128)}`, '-a', 'x'.repeat(129)])(
  'takes no manifest as %s',
  async (name) => {
    const put = await ask('PUT', `/v2/${ours}/manifests/${name}`, '{"layers":[]}')
    expect([put.status, await put.json()]).toMatchObject([400, { errors: [{ code: 'DIGEST_INVALID' }] }])
  },
)

it('stores a manifest under its digest, whatever tag it has', async () => {
  const manifest = JSON.stringify({ mediaType: 'application/vnd.oci.image.manifest.v1+json', layers: [] })
  const put = await ask('PUT', `/v2/${ours}/manifests/latest`, manifest)
  expect(put.headers.get('docker-content-digest')).toBe(digestOf(manifest))
  const got = await ask('GET', `/v2/${ours}/manifests/${digestOf(manifest)}`)
  expect([await got.text(), got.headers.get('content-type')]).toEqual([
    manifest,
    'application/vnd.oci.image.manifest.v1+json',
  ])
})

it('closes the file of a pull that breaks off', async () => {
  const { digest } = await store('a layer')
  // More than the buffers of a connection take.
  await truncate(join(directory, ours, digest), 2 ** 30)
  const read = vi.spyOn(files, 'read')
  for (let pulls = 0; pulls < 3; pulls += 1) await (await ask('GET', `/v2/${ours}/blobs/${digest}`)).body?.cancel()
  const opened = read.mock.results.map(({ value }) => value as Readable)
  expect(opened).toHaveLength(3)
  await waitFor(() => opened.every(({ closed }) => closed))
})

it('opens no file for a client that has gone', async () => {
  const { digest, size } = await store('a layer')
  const lost = request(new URL(`/v2/${ours}/blobs/${digest}`, address), {
    auth: `${ours}:${tokens.issue(ours).password}`,
    agent: false,
  })
  lost.on('error', () => undefined).end()
  const [connection] = (await once(server, 'connection')) as [Socket]
  const found = Promise.withResolvers<number>()
  vi.spyOn(files, 'size').mockImplementationOnce(() => {
    lost.destroy()
    connection.once('close', () => found.resolve(size))
    return found.promise
  })
  const read = vi.spyOn(files, 'read')
  await found.promise
  await setImmediate()
  expect(read).not.toHaveBeenCalled()
})

it('lets a password reach one repository, for an hour', async () => {
  expect((await fetch(`${address}/v2/`)).status).toBe(401)
  expect((await ask('GET', '/v2/')).status).toBe(200)
  expect((await ask('POST', `/v2/${others}/blobs/uploads/`)).status).toBe(403)
  expect((await ask('HEAD', `/v2/${others}/blobs/${digestOf('x')}`)).status).toBe(403)
  expect((await ask('HEAD', `/v2/${ours}/blobs/..%2f..%2fsecrets.json`)).status).toBe(404)
  const { password } = tokens.issue(ours)
  expect(tokens.isValid(others, password)).toBe(false)
  now = '2026-03-01T01:00:00.001Z'
  expect(tokens.isValid(ours, password)).toBe(false)
})

it('takes nothing while the disk is short, and nothing that is said to be larger than the room, and says so', async () => {
  room = 8
  const place = await begin()
  const large = await ask('PATCH', place, 'more than 8')
  expect(large.status).toBe(507)
  const message = expect.stringMatching('disk of this host has too little free space')
  expect(await large.json()).toMatchObject({ errors: [{ code: 'DENIED', message }] })
  expect((await ask('PATCH', place, 'fits')).status).toBe(202)
  room = -1
  expect((await ask('POST', `/v2/${ours}/blobs/uploads/`)).status).toBe(507)
})

it('lets one request at a time work on an upload, so that nothing follows what was verified', async () => {
  const layer = 'what was verified'
  const place = await begin()
  const patch = await opened('PATCH', place, layer)
  await waitFor(async () =>
    (await ask('GET', place)).headers.get('range') === `0-${layer.length - 1}` ? true : undefined,
  )
  expect((await ask('PUT', `${place}?digest=${digestOf(layer)}`)).status).toBe(409)
  expect((await ask('PATCH', place, 'more')).status).toBe(409)
  patch.made.end()
  expect(await patch.status()).toBe(202)
  expect((await ask('PUT', `${place}?digest=${digestOf(layer)}`)).status).toBe(201)
  expect(await (await ask('GET', `/v2/${ours}/blobs/${digestOf(layer)}`)).text()).toBe(layer)
})

it('reads no manifest and no configuration that has changed since', async () => {
  const { digest } = await store('{"architecture":"amd64"}')
  await writeFile(join(directory, ours, digest), '{"architecture":"arm64"}')
  expect(await files.contentOf(ours).config(digest)).toBeUndefined()
  expect(await files.contentOf(ours).manifest(digest)).toBeUndefined()
})

const tarOf = (path: string, content: string): string =>
  Buffer.concat([
    tarHeader({ path, mode: 0o644, mtime: '0', type: 'file', size: content.length }),
    ...[Buffer.from(content), tarPadding(content.length), tarEnd],
  ]).toString()

/** Reads what an engine would load. */
const loadOf = async (digest: string) => {
  const taken = { text: '' }
  const streams = {
    loadImage: async (tar: AsyncIterable<Buffer>) => {
      for await (const chunk of tar) taken.text += chunk.toString('latin1')
      return Readable.from([])
    },
  }
  const calls = {
    version: async () => ({ Arch: 'amd64' }),
    getImage: () => ({ inspect: () => Promise.reject(new Error('no such image')) }),
    info: async () => ({ DockerRootDir: '/on/another/machine' }),
  }
  const images = createPushedImages({ files, tokens, registry: 'localhost' })
  const name = `localhost/${ours}:${digest.replace('sha256:', '')}`
  const failed = await images.load({ address: '', calls, streams } as unknown as Engine, name).then(
    () => '',
    (error: Error) => error.message,
  )
  return { failed, text: taken.text }
}

it('says for which machines images must be made', async () => {
  const images = createPushedImages({ files, tokens, registry: 'localhost' })
  const engine = { calls: { version: async () => ({ Arch: 'aarch64' }) } } as unknown as Engine
  const { pushAccess } = images.software(engine)
  expect(await pushAccess('site_01jq3v5k8m0000000000000001')).toMatchObject({ platform: 'linux/arm64' })
})

it('gives an engine what was pushed, and fails for what has changed', async () => {
  const config = await store('{"architecture":"amd64"}')
  const [layer, empty] = [await store(tarOf('a', 'the layer')), await store('')]
  const manifest = JSON.stringify({ config, layers: [layer, empty] })
  await ask('PUT', `/v2/${ours}/manifests/latest`, manifest)
  const end = '\0'.repeat(1024)
  const good = await loadOf(digestOf(manifest))
  expect([good.failed, good.text.length % 512, good.text.endsWith(end)]).toEqual(['', 0, true])
  expect(good.text).toContain('the layer')
  await writeFile(join(directory, ours, layer.digest), tarOf('a', 'the LAYER'))
  const bad = await loadOf(digestOf(manifest))
  expect(bad.failed).toContain('is not what was pushed')
  expect(bad.text).toBe('')
})

it('asks for room on the disk of the engine where that is here', async () => {
  const calls = { info: async () => ({ DockerRootDir: '/var/lib/engine' }) }
  const disk =
    (gibibytes: number, free = 200, files = 1000) =>
    async () => ({ ...{ bavail: gibibytes * 1024, blocks: 100 * 1024, bsize: 2 ** 20, ffree: free, files } })
  const needed = { bytes: 2 ** 30, entries: 100 }
  const ask = (diskOf: () => Promise<unknown>, reserve?: number, address = 'unix:///run/engine.sock') =>
    requireRoom({ address, calls } as unknown as Engine, needed, {
      diskOf: diskOf as never,
      ...(reserve && { reserve }),
    })
  const none = { kind: 'Unavailable' }
  await ask(disk(5))
  await expect(ask(disk(4.9))).rejects.toMatchObject(none)
  await ask(disk(4), 2 ** 30)
  await expect(ask(disk(5, 199))).rejects.toMatchObject(none)
  await ask(disk(5, 0, 0))
  await ask(disk(0), undefined, 'tcp://engine.example')
  await ask(() => Promise.reject(new Error('ENOENT')))
})

it('fails with what the engine says, if that ends a load early, and goes on with the next', async () => {
  const digest = await pushImage(await store('{"architecture":"amd64"}'), await store(tarOf('a', 'x'.repeat(300_000))))
  const answers = [
    async () => Readable.from([Buffer.from('{"error":"no space left on device"}')]),
    () => Promise.reject(new Error('the engine is gone')),
  ]
  const calls = {
    version: async () => ({ Arch: 'amd64' }),
    getImage: () => ({ inspect: () => Promise.reject(new Error('no such image')) }),
  }
  const images = createPushedImages({ files, tokens, registry: 'localhost' })
  for (const [index, loadImage] of answers.entries()) {
    const engine = { address: 'tcp://engine', calls, streams: { loadImage } } as unknown as Engine
    const asked = images.load(engine, `localhost/${ours}:${digest.replace('sha256:', '')}`)
    await expect(asked).rejects.toThrow(['no space left', 'is gone'][index])
  }
})

it('takes one image after the other, and remembers what it refused', async () => {
  const digest = await pushImage(await store('{"architecture":"amd64"}'), await store('no tar file'.padEnd(512)))
  let [reading, max] = [0, 0]
  const watched: ImageFiles = {
    ...files,
    read: (...of) => {
      reading += 1
      max = Math.max(max, reading)
      return files.read(...of).on('close', () => {
        reading -= 1
      })
    },
  }
  const calls = {
    version: async () => ({ Arch: 'amd64' }),
    getImage: () => ({ inspect: () => Promise.reject(new Error('no such image')) }),
  }
  const read = vi.spyOn(watched, 'read')
  const software = createPushedImages({ files: watched, tokens, registry: 'localhost' }).software({
    calls,
  } as unknown as Engine)
  const sources = { siteId: 'site_01jq3v5k8m0000000000000000', images: { web: digest } } as const
  const blueprint = { containers: [{ name: 'web', image: 'ours:1' }] } as unknown as Blueprint
  const asked = await Promise.allSettled(Array.from({ length: 5 }, () => software.pin(blueprint, sources, {})))
  expect(asked.map((one) => one.status === 'rejected' && one.reason.message)).toEqual(
    Array.from({ length: 5 }, () =>
      expect.stringContaining("The image of 'web' has a layer that is no usual tar file"),
    ),
  )
  // The first bytes, and then all.
  expect([max <= 2, read.mock.calls.length]).toEqual([true, 2])
})

it('answers while an engine still loads an image', async () => {
  const digest = await pushImage(await store('{"architecture":"amd64"}'), await store(tarOf('a', 'the layer')))
  const calls = {
    version: async () => ({ Arch: 'amd64' }),
    getImage: () => ({ inspect: () => Promise.reject(new Error('no such image')) }),
  }
  const loadImage = vi.fn(() => new Promise<never>(() => undefined))
  const images = createPushedImages({ files, tokens, registry: 'localhost', patience: 300 })
  const software = images.software({ address: 'tcp://engine', calls, streams: { loadImage } } as unknown as Engine)
  const blueprint = { containers: [{ name: 'web', image: 'ours:1' }] } as unknown as Blueprint
  const sources = { siteId: 'site_01jq3v5k8m0000000000000000', images: { web: digest } } as const
  const image = `localhost/${ours}:${digest.replace('sha256:', '')}`
  expect(await software.pin(blueprint, sources, {})).toEqual({ containers: [{ name: 'web', image }] })
  expect(loadImage).toHaveBeenCalledOnce()
})

it('runs no image that was not pushed', async () => {
  const software = createPushedImages({ files, tokens, registry: 'localhost' }).software({
    calls: { version: async () => ({ Arch: 'amd64' }) },
  } as unknown as Engine)
  const image = `evil.example/large@sha256:${'0'.repeat(64)}`
  const blueprint = { containers: [{ name: 'web', image }] } as unknown as Blueprint
  const asked = software.pin(blueprint, { siteId: 'site_01jq3v5k8m0000000000000000', images: {} }, {})
  await expect(asked).rejects.toMatchObject({ kind: 'BlueprintInvalid', fields: [{ path: 'containers.0.image' }] })
})

it('reads no further than the size it told, whatever a file got since', async () => {
  const { digest, size } = await store('the layer')
  await writeFile(join(directory, ours, digest), 'the layer and an entry of a tar file')
  const read = await files.read(ours, digest, size).toArray()
  expect(Buffer.concat(read).toString()).toBe('the layer')
})

it('refuses a layer and a manifest that are too large while they come, and keeps none of them', async () => {
  const place = await begin()
  await stretch(place, 2 * 2 ** 30 - 4)
  const patch = await opened('PATCH', place, 'fives')
  expect(await patch.status()).toBe(413)
  const manifest = await opened('PUT', `/v2/${ours}/manifests/latest`, 'x'.repeat(4 * 2 ** 20 + 1))
  expect(await manifest.status()).toBe(413)
  expect(await uploads()).toEqual([])
  for (const { made } of [patch, manifest]) made.destroy()
})

it('takes no more than a repository may have', async () => {
  const small = createImageFiles(directory, 10)
  const push = (repository: string, content: string) =>
    small.withNewUpload(repository, async (upload) => {
      await upload.append(Readable.from([Buffer.from(content)]), { max: 100, lacksRoom: async () => false })
      return upload.finish()
    })
  await push(ours, 'ten bytes.')
  await expect(push(ours, 'more')).rejects.toMatchObject({ reason: 'no-room' })
  expect(await uploads()).toEqual([])
  await expect(push(others, 'more')).resolves.toBe(digestOf('more'))
})

it('stops taking a layer once the disk is full', async () => {
  const place = await begin()
  const patch = await opened('PATCH', place, 'the start')
  await waitFor(async () => ((await ask('GET', place)).headers.get('range') === '0-8' ? true : undefined))
  room = -1
  patch.made.write('x'.repeat(2 ** 20))
  expect(await patch.status()).toBe(507)
  expect(await uploads()).toEqual([])
  patch.made.destroy()
})

it('has few uploads of a repository that are not finished, and removes those that nobody goes on with', async () => {
  const oldest = await begin()
  const asked = Array.from({ length: 19 }, () => ask('POST', `/v2/${ours}/blobs/uploads/`))
  const refused = (await Promise.all(asked)).filter(({ status }) => status === 429)
  expect([refused.length, (await uploads()).length]).toEqual([4, 16])
  const before = new Date(Date.now() - 6000)
  await utimes(join(directory, ours, 'uploads', oldest.split('/').at(-1) ?? ''), before, before)
  const next = await begin()
  expect((await ask('GET', oldest)).status).toBe(404)
  expect((await uploads()).length).toBe(16)
  const lost = await opened('PATCH', next, 'the start')
  await waitFor(async () => ((await ask('GET', next)).headers.get('range') === '0-8' ? true : undefined))
  expect((await ask('POST', `/v2/${ours}/blobs/uploads/`)).status).toBe(429)
  // One whose connection was lost gives way at once.
  lost.made.destroy()
  await waitFor(async () => ((await ask('POST', `/v2/${ours}/blobs/uploads/`)).status === 202 ? true : undefined))
  expect((await ask('GET', next)).status).toBe(404)
})

it('keeps nothing of a manifest and of a layer in one request whose connection was lost', async () => {
  const paths = [`/v2/${ours}/manifests/latest`, `/v2/${ours}/blobs/uploads/?digest=${digestOf('x')}`]
  for (const [index, path] of paths.entries()) {
    const lost = await opened(index === 0 ? 'PUT' : 'POST', path, 'the start')
    await waitFor(async () => ((await uploads().catch(() => [])).length === 1 ? true : undefined))
    lost.made.destroy()
    await waitFor(async () => ((await uploads()).length === 0 ? true : undefined))
  }
})

it('believes no manifest in the sizes of what it names', async () => {
  const config = await store('{"architecture":"amd64"}')
  const layer = await store('the layer')
  await expect(required(await pushImage(config, layer))).resolves.toMatchObject({ layers: [layer.digest] })
  await expect(required(await pushImage(config, { ...layer, size: 1 }))).rejects.toThrow('is not whole')
  await expect(required(await pushImage({ ...config, size: 1 }, layer))).rejects.toThrow('is not whole')
  const missing = { digest: digestOf('missing'), size: 7 }
  await expect(required(await pushImage(config, missing))).rejects.toThrow('is not whole')
  for (const size of [-1, 0.5]) {
    await expect(required(await pushImage(config, { ...layer, size }))).rejects.toThrow('no manifest that we can read')
  }
})

it('reads no configuration of more than 1 MiB', async () => {
  const config = await store(JSON.stringify({ architecture: 'amd64', padding: 'x'.repeat(2 ** 20) }))
  const layer = await store('the layer')
  expect(await files.contentOf(ours).config(config.digest)).toBeUndefined()
  await expect(required(await pushImage(config, layer))).rejects.toThrow('more than 1 MiB')
})

it('keeps of a repository what it is told and what is new: its deployment may not have been asked for yet', async () => {
  const [kept, old, pushed] = [await store('kept'), await store('old'), await store('pushed')]
  const age = ({ digest }: { digest: string }) => utimes(join(directory, ours, digest), new Date(0), new Date(0))
  await age(kept)
  await age(old)
  await files.keep(ours, new Set([kept.digest]))
  const left = async () => (await readdir(join(directory, ours))).filter((name) => name !== 'uploads').toSorted()
  expect(await left()).toEqual([kept.digest, pushed.digest].toSorted())
  await files.remove(ours)
  expect(await readdir(join(directory, 'own'))).toEqual([])
})

it('keeps every part of an image that was pushed as an index, and what others share with it', async () => {
  const put = async (manifest: object, directoryOf = ours): Promise<string> => {
    const text = JSON.stringify(manifest)
    await ask('PUT', `/v2/${directoryOf}/manifests/latest`, text, {}, directoryOf)
    return digestOf(text)
  }
  const [config, layer, old] = [await store('{"architecture":"amd64"}'), await store('shared'), await store('old')]
  const [foreign, statement] = [await store('{"architecture":"arm64"}'), await store('{"provenance":true}')]
  const image = await put({ config, layers: [layer] })
  const other = await put({ config: foreign, layers: [layer] })
  const attestation = await put({ config: await store('{}'), layers: [statement] })
  const index = await put({
    manifests: [
      { digest: image, platform: { os: 'linux', architecture: 'amd64' } },
      { digest: other, platform: { os: 'linux', architecture: 'arm64' } },
      { digest: attestation, platform: { os: 'unknown', architecture: 'unknown' } },
    ],
  })
  const top = await put({ manifests: [{ digest: index, platform: { os: 'linux', architecture: 'amd64' } }] })
  const gone = await put({ config, layers: [layer, old] })
  const incomplete = await put({ config, layers: [{ digest: digestOf('missing'), size: 7 }] })
  const theirs = await put({ config, layers: [layer] }, others)
  const all = async () => (await readdir(join(directory, ours))).filter((name) => name !== 'uploads')
  const age = async () => {
    for (const name of await all()) await utimes(join(directory, ours, name), new Date(0), new Date(0))
  }
  const engineImages = new Set([`localhost/${ours}:${'a'.repeat(64)}`, `localhost/${ours}:${'b'.repeat(64)}`])
  const calls = {
    version: async () => ({ Arch: 'amd64' }),
    listImages: async () => [{ RepoTags: [...engineImages] }],
    getImage: (tag: string) => ({
      remove: async () => {
        if (tag.endsWith('b')) throw new Error('it still runs')
        engineImages.delete(tag)
      },
    }),
  }
  const images = createPushedImages({ files, tokens, registry: 'localhost' })
  const software = images.software({ address: '', calls } as unknown as Engine)
  const siteId = 'site_01jq3v5k8m0000000000000000'
  await age()
  const before = await all()
  for (const _ of ['once', 'twice']) {
    await software.keepOnly(siteId, [{ siteId, images: { web: top, job: incomplete } }])
    expect((await all()).toSorted()).toEqual(before.filter((name) => name !== gone && name !== old.digest).toSorted())
    await expect(required(top)).resolves.toEqual({ config: config.digest, layers: [layer.digest] })
  }
  // What a client was told is here is not sent again: its deployment may not have been asked for yet.
  expect((await ask('HEAD', `/v2/${ours}/blobs/${layer.digest}`)).status).toBe(200)
  await software.keepOnly(siteId, [])
  expect(await all()).toEqual([layer.digest])
  expect(await readdir(join(directory, others))).toContain(theirs)
  engineImages.add(`localhost/${ours}:${'c'.repeat(64)}`)
  await software.remove(siteId)
  expect([...engineImages]).toEqual([`localhost/${ours}:${'b'.repeat(64)}`])
  expect(await readdir(join(directory, 'own'))).not.toContain(ours.replace('own/', ''))
})

it('lets credentials to pull read by digest, and write nothing', async () => {
  const content = 'a layer'
  const digest = digestOf(content)
  expect((await ask('PUT', `${await begin()}?digest=${digest}`, content)).status).toBe(201)
  const { password } = tokens.issue(ours, 'pull')
  const authorization = `Basic ${Buffer.from(`${ours}:${password}`).toString('base64')}`
  const pull = (method: string, path: string) => fetch(new URL(path, address), { method, headers: { authorization } })
  expect((await pull('GET', '/v2/')).status).toBe(200)
  expect(await (await pull('GET', `/v2/${ours}/blobs/${digest}`)).text()).toBe(content)
  expect((await pull('POST', `/v2/${ours}/blobs/uploads/`)).status).toBe(401)
  expect((await pull('PUT', `/v2/${ours}/manifests/latest`)).status).toBe(401)
  expect((await pull('GET', `/v2/${others}/blobs/${digest}`)).status).toBe(403)
  now = '2026-03-01T01:00:01.000Z'
  expect((await pull('GET', '/v2/')).status).toBe(401)
})

it('names the type of a manifest that does not name it', async () => {
  const config = { mediaType: 'application/vnd.oci.image.config.v1+json', digest: digestOf('x'), size: 1 }
  const put = async (manifest: object) => {
    const text = JSON.stringify(manifest)
    const path = `/v2/${ours}/manifests/${digestOf(text)}`
    expect((await ask('PUT', path, text)).status).toBe(201)
    return (await ask('GET', path)).headers.get('content-type')
  }
  expect(await put({ schemaVersion: 2, config, layers: [] })).toBe('application/vnd.oci.image.manifest.v1+json')
  expect(await put({ schemaVersion: 2, manifests: [config] })).toBe('application/vnd.oci.image.index.v1+json')
  const mediaType = 'application/vnd.docker.distribution.manifest.v2+json'
  expect(await put({ schemaVersion: 2, config, layers: [], mediaType })).toBe(mediaType)
})

it('serves nothing that a browser would run as the console', async () => {
  const manifest = JSON.stringify({ mediaType: 'text/html', annotations: { x: '<script>alert(1)</script>' } })
  const digest = digestOf(manifest)
  expect((await ask('PUT', `/v2/${ours}/manifests/${digest}`, manifest)).status).toBe(201)
  for (const path of [`/v2/${ours}/manifests/${digest}`, `/v2/${ours}/blobs/${digest}`, `/v2/${ours}/blobs/missing`]) {
    const { headers } = await ask('GET', path)
    expect(headers.get('content-type')).toMatch(
      /^application\/(?:vnd\.oci\.image\.manifest\.v1\+json|octet-stream|json)$/,
    )
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('content-security-policy')).toBe("default-src 'none'; sandbox")
  }
})
