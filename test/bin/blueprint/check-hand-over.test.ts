import { createServer, type IncomingMessage } from 'node:http'
import { describe, expect, it } from 'vitest'
import { checkHook } from '../../../bin/blueprint/try/check-hand-over.ts'
import { parseBlueprint } from '../../../core/blueprint/blueprint.ts'
import type { Launch } from '../../../core/ports/runtime.ts'
import type { ActiveSite } from '../../../core/site/site.ts'
import { listening } from '../../support/listening.ts'

const path = '/hooks/owner'
const blueprint = parseBlueprint(
  {
    name: 'shop',
    version: 1,
    title: 'Shop',
    containers: [{ name: 'web', image: 'shop:1' }],
    traffic: { container: 'web' },
    data: { mode: 'exclusive' },
    handOver: { hook: { path } },
  },
  'test',
)

/** Hands a product over that answers so. */
const handOver = async (answerTo: (request: IncomingMessage) => readonly [status: number, text: string]) => {
  await using server = createServer((request, response) => {
    const [status, text] = answerTo(request)
    response.writeHead(status).end(text)
  })
  const port = await listening(server)
  const launch = { blueprint, secrets: {} } as unknown as Launch
  const site = { id: 'site_1' } as unknown as ActiveSite
  const visited = { launch, site, url: 'https://shop.example.net', password: 'a password' }
  const { findings, isDone } = await checkHook(visited, { host: '127.0.0.1', port })
  return [findings.map(({ verdict }) => verdict), isDone]
}

describe('the claim hook', () => {
  it.each<[string, Parameters<typeof handOver>[0], readonly [string, boolean]]>([
    ['took an owner', ({ url }) => [url === path ? 204 : 404, ''], ['ok', true]],
    [
      'took an owner, and other paths show a page to read',
      ({ url, method }) => [url === path || method === 'GET' ? 200 : 405, ''],
      ['ok', true],
    ],
    ['answers as any other path does', ({ url }) => [200, `a page at ${url}`], ['change', true]],
    ['answers otherwise than any other path', ({ url }) => [200, url === path ? 'taken' : 'a page'], ['note', true]],
    ['refuses', () => [400, ''], ['change', false]],
  ])('%s', async (_, answerTo, [verdict, isDone]) => {
    expect(await handOver(answerTo)).toEqual([[verdict], isDone])
  })
})
