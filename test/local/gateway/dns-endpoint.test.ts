import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { type BuiltInZone, openBuiltInZone } from '../../../local/built-in-zone.ts'
import { serveDns } from '../../../local/gateway/local-endpoints.ts'
import { StartUpError } from '../../../local/home/start-up-error.ts'
import { call } from '../../e2e/call.ts'
import { directoryForTest } from '../../support/temporary-directories.ts'
import { served } from '../served.ts'

let directory: string
let zone: BuiltInZone

beforeEach(async () => {
  directory = await directoryForTest()
  zone = await openBuiltInZone({ directory })
})

const ask = async (method: string, name: string, body?: object | string) => {
  const serve = serveDns(zone)
  await using server = await served((request, response) => {
    const url = new URL(`http://localhost${request.url}`)
    serve(request, response, url).catch((error: unknown) => response.destroy(error as Error))
  })
  return await call(server, { method, path: `/_local/dns/${name}`, ...(body === undefined ? {} : { body }) })
}

describe('the DNS of one machine', () => {
  it('has what was put under a name, instead of what was there', async () => {
    const put = await ask('PUT', '_sitewright.WWW.example.com.', { TXT: 'one' })
    expect([put.status, put.json]).toEqual([200, { name: '_sitewright.www.example.com', TXT: ['one'], A: [] }])
    expect(await zone.txt('_sitewright.www.example.com')).toEqual(['one'])
    await ask('PUT', '_sitewright.www.example.com', { TXT: ['two', 'three'] })
    expect(await zone.txt('_sitewright.www.example.com')).toEqual(['two', 'three'])
    await ask('PUT', 'www.example.com', { CNAME: 'Shop.Localhost.' })
    expect(await zone.cname('www.example.com')).toEqual(['shop.localhost'])
    expect(await zone.txt('www.example.com')).toEqual([])
  })

  it('leads aliases and names below localhost to this machine', async () => {
    await ask('PUT', 'www.example.com', { CNAME: 'shop.localhost' })
    await ask('PUT', 'example.com', { A: ['127.0.0.1'] })
    await ask('PUT', 'circle.example.com', { CNAME: 'circle.example.com' })
    expect(await zone.addresses('shop.localhost')).toEqual(['127.0.0.1'])
    expect(await zone.addresses('www.example.com')).toEqual(['127.0.0.1'])
    expect(await zone.addresses('example.com')).toEqual(['127.0.0.1'])
    for (const name of ['circle.example.com', 'nobody.example.com']) expect(await zone.addresses(name)).toEqual([])
  })

  it('shows one name and all, and forgets what is deleted', async () => {
    await ask('PUT', 'www.example.com', { CNAME: 'shop.localhost' })
    expect((await ask('GET', 'www.example.com')).json).toMatchObject({ CNAME: 'shop.localhost' })
    expect((await ask('GET', '')).json).toEqual({
      names: { 'www.example.com': { TXT: [], A: [], CNAME: 'shop.localhost' } },
    })
    expect((await ask('DELETE', 'www.example.com')).status).toBe(204)
    expect((await ask('DELETE', 'www.example.com')).status).toBe(204)
    expect((await ask('GET', 'www.example.com')).status).toBe(404)
    expect(await zone.cname('www.example.com')).toEqual([])
  })

  it('keeps it over a restart', async () => {
    await Promise.all(
      Array.from({ length: 20 }, (_, index) => ask('PUT', `n${index}.example.com`, { TXT: String(index) })),
    )
    const again = await openBuiltInZone({ directory })
    expect(again.all()).toEqual(zone.all())
    expect(Object.keys(again.all())).toHaveLength(20)
    expect(JSON.parse(await readFile(join(directory, 'dns.json'), 'utf8'))).toMatchObject({ schemaVersion: 1 })
  })

  it('does not start on a file that is damaged', async () => {
    await writeFile(join(directory, 'dns.json'), '{')
    await expect(openBuiltInZone({ directory })).rejects.toBeInstanceOf(StartUpError)
  })

  it.each([
    ['no name', '', { TXT: 'one' }],
    ['a name that is none', 'a%20b', { TXT: 'one' }],
    ['a broken escape', '%E0%A4%A', { TXT: 'one' }],
    ['another type', 'www.example.com', { MX: 'mail.example.com' }],
    ['an alias that is no name', 'www.example.com', { CNAME: 'a b' }],
    ['a number', 'www.example.com', { TXT: 1 }],
    ['no JSON object', 'www.example.com', 'TXT'],
  ])('refuses %s', async (_what, name, body) => {
    expect((await ask('PUT', name, body)).status).toBe(400)
    expect(zone.all()).toEqual({})
  })

  it.each(['constructor', '__proto__'])('has nothing of its own under %s', async (name) => {
    expect((await ask('GET', name)).status).toBe(404)
  })

  it('takes no POST', async () => {
    const answer = await ask('POST', 'www.example.com', {})
    expect([answer.status, answer.headers.allow]).toEqual([405, 'DELETE, GET, HEAD, PUT'])
  })
})
