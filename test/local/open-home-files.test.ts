import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { createPushTokens } from '../../adapters/registry/push-tokens.ts'
import { archiveKeys } from '../../core/ports/archives.ts'
import { openHostCells } from '../../local/cells/host-cells.ts'
import { openHome } from '../../local/home/open-home.ts'
import { openHomeFiles } from '../../local/open-home-files.ts'
import { call } from '../e2e/call.ts'
import { temporaryDirectory } from '../e2e/temporary-directory.ts'
import { served } from './served.ts'

const siteId = 'site_01jq3v5k8m0000000000000000'
const archiveId = 'arc_01jq3v5k8m0000000000000000'
const secrets = { codePepper: 'a'.repeat(43) }
const wall = () => new Date().toISOString()
const log = { info: () => undefined, warn: () => undefined, error: () => undefined }

const open = async (diskReserveMiB: number) => {
  await using opened = new AsyncDisposableStack()
  const home = await openHome(opened.use(await temporaryDirectory()).path)
  opened.defer(home.release)
  const cells = await openHostCells(home, { cells: [], diskReserveMiB }, log)
  opened.defer(cells.close)
  const files = await openHomeFiles({
    ...{ home, cells, diskReserveMiB, log, secrets, wall },
    ...{ consoleUrl: 'http://localhost', isFull: async () => false },
  })
  const server = opened.use(
    await served((request, response) => {
      const url = new URL(request.url ?? '/', 'http://localhost')
      void (url.pathname.startsWith('/v2/') ? files.registry : files.archiveDownload)(request, response, url)
    }),
  )
  const stack = opened.move()
  return { files, server, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

it.each([
  ['has room', 0, [201, 200]],
  ['is short of its reserve', 2 ** 40, [507, 507]],
] as const)('uploads to a home whose disk %s: a layer and an archive', async (_, reserveMiB, statuses) => {
  await using opened = await open(reserveMiB)
  const { files, server } = opened
  const body = Buffer.from('uploaded')
  const repository = 'own/site-01jq3v5k8m0000000000000000'
  const { password } = createPushTokens({ clock: wall, secret: secrets.codePepper }).issue(repository)
  const layer = await call(server, {
    method: 'POST',
    path: `/v2/${repository}/blobs/uploads/?digest=sha256:${createHash('sha256').update(body).digest('hex')}`,
    headers: { authorization: `Basic ${Buffer.from(`${repository}:${password}`).toString('base64')}` },
    body,
  })
  const { archiveUploads, archives } = files.archiving
  const { url } = await archiveUploads.uploadTo(siteId, archiveId, 'content', body.length)
  const archive = await call(server, { method: 'PUT', path: new URL(url).pathname, body })
  expect([layer.status, archive.status]).toEqual(statuses)
  expect((await archives.open(archiveKeys(siteId, archiveId).content)) !== undefined).toBe(archive.status === 200)
})
