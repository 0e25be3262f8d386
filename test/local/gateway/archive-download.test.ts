import { readdir } from 'node:fs/promises'
import { get, request } from 'node:http'
import { expect, it } from 'vitest'
import { createSignedArchiveLinks } from '../../../adapters/archive-links/signed-archive-links.ts'
import { openArchiveDirectory } from '../../../adapters/files/archive-store.ts'
import type { ArchiveId } from '../../../core/ids.ts'
import { archiveKeys } from '../../../core/ports/archives.ts'
import { createArchiveDownload } from '../../../local/gateway/archive-download.ts'
import { contentOf } from '../../adapters/archives/contract.ts'
import { call } from '../../e2e/call.ts'
import { temporaryDirectory } from '../../e2e/temporary-directory.ts'
import { waitFor } from '../../support/wait-for.ts'
import { consoleWith, served } from '../served.ts'

const siteId = 'site_01jq3v5k8m0000000000000000'
const archiveId = 'arc_01jq3v5k8m0000000000000000'

const open = async (bytes: number) => {
  await using opened = new AsyncDisposableStack()
  const { path } = opened.use(await temporaryDirectory())
  const archives = await openArchiveDirectory(path)
  await archives.put(archiveKeys(siteId, archiveId).content, contentOf(bytes))
  const state = { now: Date.now(), room: Number.POSITIVE_INFINITY }
  const links = createSignedArchiveLinks({
    secret: 'a'.repeat(43),
    consoleUrl: 'http://localhost',
    clock: () => new Date(state.now).toISOString(),
  })
  const lines: string[] = []
  const line = ({ event }: { event?: string }): void => {
    lines.push(event ?? '')
  }
  const console = consoleWith({
    archiveDownload: createArchiveDownload({
      ...{ links, archives, lacksRoom: async (bytes = 0) => bytes > state.room },
      log: { info: line, warn: line, error: line },
    }),
    isPublic: true,
  })
  const server = opened.use(
    await served((request, response) => {
      console(request, response, 'localhost').catch((error: unknown) => response.destroy(error as Error))
    }),
  )
  const link = new URL((await links.linkTo(siteId, archiveId, 'acme-2026-11-25')).url).pathname
  const stack = opened.move()
  return { server, archives, links, path, link, state, lines, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

it('the holder of the link gets the archive, as a file that no cache keeps', async () => {
  await using opened = await open(300_000)
  const { status, headers, text } = await call(opened.server, { path: opened.link })
  expect(status).toBe(200)
  expect(headers).toMatchObject({
    'content-type': 'application/zstd',
    'content-length': '300000',
    'content-disposition': 'attachment',
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  })
  expect(text.length).toBeGreaterThan(0)
})

it('asked for its head alone, it sends no more than that', async () => {
  await using opened = await open(1000)
  const answer = await call(opened.server, { method: 'HEAD', path: opened.link })
  expect(answer).toMatchObject({ status: 200, text: '', headers: { 'content-length': '1000' } })
})

it('a link that is old, wrong, or to what is gone finds nothing', async () => {
  await using opened = await open(1000)
  const notFound = { status: 404, json: { type: 'urn:sitewright:problem:not-found' } }
  expect(
    await call(opened.server, { path: opened.link.replace('.tar.zst', '').replace('/acme', 'x/acme') }),
  ).toMatchObject(notFound)
  expect(await call(opened.server, { path: '/archives/' })).toMatchObject(notFound)
  await opened.archives.remove(archiveKeys(siteId, archiveId).content)
  expect(await call(opened.server, { path: opened.link })).toMatchObject(notFound)
  opened.state.now += 10 * 60_000
  expect(await call(opened.server, { path: opened.link })).toMatchObject(notFound)
})

it('nothing can be sent to the link of a download', async () => {
  await using opened = await open(1000)
  const answer = await call(opened.server, { method: 'POST', path: opened.link, body: 'x' })
  expect(answer).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD, PUT' } })
  expect(await call(opened.server, { method: 'PUT', path: opened.link, body: 'x' })).toMatchObject({ status: 403 })
})

it('the holder of a link to upload puts a part once, of the size that was asked for', async () => {
  await using opened = await open(1000)
  const { archives, server, state } = opened
  const other = 'arc_01jq3v5k8m0000000000000001'
  const { manifest } = archiveKeys(siteId, other)
  const body = ['a line']
  const bytes = JSON.stringify(body).length
  const link = async (size: number, of: typeof archiveId | typeof other = other) =>
    new URL((await opened.links.uploadTo(siteId, of, 'manifest', size)).url).pathname
  const put = async (path: string) => (await call(server, { method: 'PUT', path, body })).status
  const path = await link(bytes)
  expect(await put(await link(bytes + 1))).toBe(400)
  expect(await put(path.replace('.manifest.', '.content.'))).toBe(403)
  // It is no link to download what is there.
  expect((await call(server, { path })).status).toBe(404)
  for (const room of [-1, bytes - 1]) {
    state.room = room
    expect(await put(path)).toBe(507)
  }
  state.room = bytes
  expect(await archives.open(manifest)).toBeUndefined()
  expect(await put(path)).toBe(200)
  expect(await put(path)).toBe(412)
  const pieces: Uint8Array[] = []
  for await (const piece of (await archives.open(manifest)) ?? []) pieces.push(piece)
  expect(Buffer.concat(pieces).toString()).toBe(JSON.stringify(body))
  state.now += 10 * 60_000
  expect(await put(path)).toBe(403)
})

/** Sends the head and the first bytes of an upload, and waits until they are on the disk. */
const beginUpload = async (opened: Awaited<ReturnType<typeof open>>, id: ArchiveId, bytes: number, first: string) => {
  const { pathname } = new URL((await opened.links.uploadTo(siteId, id, 'content', bytes)).url)
  const options = { port: opened.server.port, path: pathname, method: 'PUT', headers: { 'content-length': bytes } }
  const sent = request(options).on('error', () => undefined)
  const status = new Promise<number | undefined>((resolve) => {
    sent.on('response', (response) => resolve(response.resume().statusCode))
  })
  sent.write(first)
  const files = async () => (await readdir(opened.path)).filter((name) => name.includes(id))
  await waitFor(async () => ((await files()).length > 0 ? true : undefined))
  return { sent, status, pathname, files }
}

it('an upload that ends early leaves nothing, and the link takes it again', async () => {
  await using opened = await open(1000)
  const id = 'arc_01jq3v5k8m0000000000000002'
  const { sent, files, pathname } = await beginUpload(opened, id, 1000, 'the first bytes')
  sent.destroy()
  await waitFor(async () => ((await files()).length > 0 ? undefined : true))
  const again = { method: 'PUT', path: pathname, body: Buffer.alloc(1000) }
  expect(await call(opened.server, again)).toMatchObject({ status: 200 })
})

it('a link takes one upload at a time, and none replaces another', async () => {
  await using opened = await open(1000)
  const id = 'arc_01jq3v5k8m0000000000000003'
  const { sent, status, files, pathname } = await beginUpload(opened, id, 10, 'first')
  const others = await Promise.all(
    ['another 1!', 'another 2!'].map((body) =>
      call(opened.server, { method: 'PUT', path: pathname, body: Buffer.from(body) }),
    ),
  )
  expect(others.map((answer) => answer.status)).toEqual([409, 409])
  expect(await files()).toHaveLength(1)
  sent.end(' ends')
  expect(await status).toBe(200)
  const pieces: Uint8Array[] = []
  for await (const piece of (await opened.archives.open(archiveKeys(siteId, id).content)) ?? []) pieces.push(piece)
  expect(Buffer.concat(pieces).toString()).toBe('first ends')
})

it('an upload ends once the disk has no room for it, and leaves nothing', async () => {
  await using opened = await open(1000)
  const id = 'arc_01jq3v5k8m0000000000000004'
  const { sent, status, files } = await beginUpload(opened, id, 2 ** 25, 'first')
  opened.state.room = -1
  sent.write(Buffer.alloc(2 ** 21))
  expect(await status).toBe(507)
  expect(await files()).toEqual([])
  sent.destroy()
})

it('a client that leaves in the middle disturbs nobody', async () => {
  await using opened = await open(50_000_000)
  await new Promise<void>((resolve) => {
    const request = get({ port: opened.server.port, host: '127.0.0.1', path: opened.link }, (response) => {
      response.once('data', () => {
        request.destroy()
        resolve()
      })
      response.on('error', () => undefined)
    })
    request.on('error', () => undefined)
  })
  await waitFor(async () => opened.lines.includes('download-ended-early'))
  expect(await call(opened.server, { method: 'HEAD', path: opened.link })).toMatchObject({ status: 200 })
})
