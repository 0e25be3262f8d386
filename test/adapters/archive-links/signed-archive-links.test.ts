import { expect, it } from 'vitest'
import { createSignedArchiveLinks } from '../../../adapters/archive-links/signed-archive-links.ts'

const siteId = 'site_01jq3v5k8m0000000000000000'
const archiveId = 'arc_01jq3v5k8m0000000000000000'
const start = Date.parse('2026-01-31T09:30:00.000Z')

const open = (secret = 'a'.repeat(43)) => {
  const state = { now: start }
  const clock = (): string => new Date(state.now).toISOString()
  return { links: createSignedArchiveLinks({ secret, consoleUrl: 'http://localhost:8080', clock }), state }
}

const tokenOf = (url: string): string =>
  new URL(url).pathname.replace('/archives/', '').replace('/acme-2026-11-25.tar.zst', '')

it('a link gives its archive for ten minutes', async () => {
  const { links, state } = open()
  const { url, expiresAt } = await links.linkTo(siteId, archiveId, 'acme-2026-11-25')
  expect(url).toMatch(/^http:\/\/localhost:8080\/archives\/[^/]+\/acme-2026-11-25\.tar\.zst$/)
  expect(links.read(`${tokenOf(url)}/any-name.tar.zst`)).toEqual({ siteId, archiveId })
  expect(expiresAt).toBe('2026-01-31T09:40:00.000Z')
  state.now = start + 10 * 60_000 - 1
  expect(links.read(tokenOf(url))).toEqual({ siteId, archiveId })
  state.now = start + 10 * 60_000
  expect(links.read(tokenOf(url))).toBeUndefined()
})

it('a link that somebody changed leads nowhere, whatever they changed', async () => {
  const { links } = open()
  const token = tokenOf((await links.linkTo(siteId, archiveId, 'acme-2026-11-25')).url)
  for (let index = 0; index < token.length - 1; index += 1) {
    const changed = `${token.slice(0, index)}${token[index] === '1' ? '2' : '1'}${token.slice(index + 1)}`
    expect(links.read(changed), changed).toBeUndefined()
  }
  for (const other of ['', '...', token.slice(0, -1), `${token}.x`, `${token}AA`, token.replace(archiveId, siteId)]) {
    expect(links.read(other), other).toBeUndefined()
  }
})

it('a link of another installation leads nowhere', async () => {
  const { url } = await open('b'.repeat(43)).links.linkTo(siteId, archiveId, 'acme-2026-11-25')
  expect(open().links.read(tokenOf(url))).toBeUndefined()
})
