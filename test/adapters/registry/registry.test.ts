import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createImageFiles } from '../../../adapters/registry/image-files.ts'
import { createPushTokens } from '../../../adapters/registry/push-tokens.ts'
import { createRegistry } from '../../../adapters/registry/serve-registry.ts'
import { waitFor } from '../../support/wait-for.ts'

const ours = 'own/site-01jq3v5k8m0000000000000000'
const others = 'own/site-01jq3v5k8m0000000000000001'

let now = '2026-03-01T00:00:00.000Z'
let isFull = false
let directory = ''
let address = ''
let close = async (): Promise<void> => undefined

const tokens = createPushTokens({ secret: 'a'.repeat(43), clock: () => now })

beforeEach(async () => {
  now = '2026-03-01T00:00:00.000Z'
  isFull = false
  directory = await mkdtemp(join(tmpdir(), 'sitewright-registry-'))
  const serve = createRegistry({ files: createImageFiles(directory), tokens, isFull: async () => isFull })
  const server = createServer((asked, answer) => void serve(asked, answer, new URL(asked.url ?? '/', 'http://x')))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
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
  expect((await ask('PATCH', place, layer, { 'content-range': '0-99999' })).status).toBe(416)
  expect((await ask('PATCH', place, layer.slice(1000), { 'content-range': '1000-99999' })).status).toBe(202)
  expect((await ask('PUT', `${place}?digest=${digestOf(layer)}`)).status).toBe(201)
})

it('refuses content with another digest, and keeps none of it', async () => {
  const place = await begin()
  expect((await ask('PUT', `${place}?digest=${digestOf('this')}`, 'that')).status).toBe(400)
  expect((await ask('PUT', `/v2/${ours}/manifests/${digestOf('this')}`, 'that')).status).toBe(400)
  expect((await readdir(join(directory, ours))).filter((name) => name.startsWith('sha256'))).toEqual([])
})

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

it('takes nothing while the disk is full', async () => {
  isFull = true
  expect((await ask('POST', `/v2/${ours}/blobs/uploads/`)).status).toBe(507)
})
