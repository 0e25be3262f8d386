import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { baseImagesOf, dockerfiles } from '../../lib/base-images.ts'
import { repositoryRoot } from '../../tools/generate-docs.ts'
import { digestOf, pinned } from '../../tools/pin-images.ts'
import { listening } from '../support/listening.ts'

const digest = `sha256:${'a'.repeat(64)}`
const newer = `sha256:${'b'.repeat(64)}`

/** A registry that asks for an anonymous token, as Docker Hub does. */
const openRegistry = async (answer: { readonly status: number; readonly digest?: string }) => {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    const { port } = server.address() as AddressInfo
    if (request.url?.startsWith('/token')) {
      response.end(JSON.stringify({ token: 'anonymous' }))
    } else if (request.headers.authorization === 'Bearer anonymous') {
      response.writeHead(answer.status, answer.digest === undefined ? {} : { 'docker-content-digest': answer.digest })
      response.end()
    } else {
      const challenge = `Bearer realm="http://localhost:${port}/token",service="test",scope="repository:tools/node:pull"`
      response.writeHead(401, { 'www-authenticate': challenge }).end()
    }
  })
  const port = await listening(server)
  return { asked, image: `localhost:${port}/tools/node:24`, [Symbol.dispose]: () => server.close() }
}

test('asks the registry for the digest, with the token that it demands', async () => {
  using registry = await openRegistry({ status: 200, digest })
  expect(await digestOf(registry.image, 'http')).toBe(digest)
  expect(registry.asked).toEqual([
    'HEAD /v2/tools/node/manifests/24',
    'GET /token?service=test&scope=repository%3Atools%2Fnode%3Apull',
    'HEAD /v2/tools/node/manifests/24',
  ])
})

test.each([{ status: 404 }, { status: 200 }, { status: 200, digest: 'latest' }])(
  'fails if the registry answers $status with the digest $digest',
  async (answer) => {
    using registry = await openRegistry(answer)
    await expect(digestOf(registry.image, 'http')).rejects.toThrow(`answered ${answer.status} and gave no digest`)
  },
)

test('pins every base image once and leaves stages alone', async () => {
  const asked: string[] = []
  const find = async (reference: string) => {
    asked.push(reference)
    return digest
  }
  const dockerfile =
    'FROM --platform=$BUILDPLATFORM node:24 AS modules\nRUN npm ci\n\nFROM node:24\nFROM modules AS last\n'
  const first = await pinned(dockerfile, find)
  expect(first).toBe(
    `FROM --platform=$BUILDPLATFORM node:24@${digest} AS modules\nRUN npm ci\n\nFROM node:24@${digest}\nFROM modules AS last\n`,
  )
  expect(asked).toEqual(['node:24'])
  expect(await pinned(first, async () => newer)).toBe(first.replaceAll(digest, newer))
})

test.each(dockerfiles)(
  'finds every base image of %s, and nothing there is installed without a lock file',
  async (path) => {
    const dockerfile = await readFile(join(repositoryRoot, path), 'utf8')
    const result = await pinned(dockerfile, async () => digest)
    const bases = result.split('\n').filter((line) => line.startsWith('FROM'))
    expect(bases.length).toBeGreaterThan(0)
    for (const base of bases) expect(base).toContain(`@${digest}`)
    expect(dockerfile).not.toMatch(/npm install/)
  },
)

test('tells which base images have no digest', async () => {
  const dockerfile = 'FROM --platform=$BUILDPLATFORM node:24 AS modules\nFROM node:24-slim\nFROM modules AS last\n'
  const shown = (text: string) => baseImagesOf(text).map(({ name, isPinned }) => [name, isPinned])
  const names = ['node:24', 'node:24-slim']
  expect(shown(dockerfile)).toEqual(names.map((name) => [name, false]))
  expect(shown(await pinned(dockerfile, async () => digest))).toEqual(names.map((name) => [name, true]))
})

test('refuses a Dockerfile in which it finds nothing to pin', async () => {
  await expect(pinned('from node:24\n', async () => digest)).rejects.toThrow('no FROM line')
})
