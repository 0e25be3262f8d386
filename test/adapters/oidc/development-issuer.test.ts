import { readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { decodeJwt } from 'jose'
import { beforeEach, describe, expect, it } from 'vitest'
import { openDevelopmentIssuer } from '../../../adapters/oidc/development-issuer.ts'
import { createOperatorTokens } from '../../../adapters/oidc/operator-tokens.ts'
import { plusMilliseconds } from '../../../core/instant.ts'
import { directoryForTest } from '../../support/temporary-directories.ts'

const hour = 3_600_000
let directory: string
let now: string

beforeEach(async () => {
  directory = await directoryForTest()
  now = '2026-03-01T12:00:00.000Z'
})

const open = ({ secret = 'a'.repeat(43), consoleUrl = 'http://localhost:4000' } = {}) => {
  const clock = () => now
  const keyFile = join(directory, 'key.json')
  const issuer = openDevelopmentIssuer({ keyFile, secret, consoleUrl, clock })
  return { ...issuer, ...createOperatorTokens({ ...issuer, clock }) }
}
const ada = { email: 'ada@example.com', role: 'admin' } as const

describe('the issuer of one machine', () => {
  it('gives tokens that are valid for twelve hours, by the wall clock', async () => {
    const operators = open()
    const { token, operatorId, expiresAt } = await operators.issue(ada)
    expect(expiresAt).toBe(plusMilliseconds(now, 12 * hour))
    expect(await operators.verify(token)).toEqual({ operatorId, role: 'admin' })
    now = plusMilliseconds(now, 12 * hour - 1000)
    expect(await operators.verify(token)).toBeDefined()
    now = plusMilliseconds(now, 7000)
    expect(await operators.verify(token)).toBeUndefined()
  })

  it('knows one person by one id, whatever their role, and tells nobody their address', async () => {
    const operators = open()
    const { token, operatorId } = await operators.issue(ada)
    expect(operatorId).toMatch(/^op_[0-9a-f]{32}$/)
    expect((await operators.issue({ email: 'ADA@example.com', role: 'sales' })).operatorId).toBe(operatorId)
    expect((await operators.issue({ ...ada, email: 'eve@example.com' })).operatorId).not.toBe(operatorId)
    expect((await open({ secret: 'b'.repeat(43) }).issue(ada)).operatorId).not.toBe(operatorId)
    expect(JSON.stringify(decodeJwt(token))).not.toMatch(/@|\bada\b/)
  })

  it('keeps its key, which only the person of this machine may read', async () => {
    const { token } = await open().issue(ada)
    expect(await open().verify(token)).toMatchObject({ role: 'admin' })
    const { mode } = await stat(join(directory, 'key.json'))
    expect(mode & 0o777).toBe(0o600)
  })

  it('makes one key however many ask at once, and none to verify a token', async () => {
    const { token } = await open().issue(ada)
    await rm(join(directory, 'key.json'))
    expect(await open().verify(token)).toBeUndefined()
    await expect(stat(join(directory, 'key.json'))).rejects.toThrow('ENOENT')
    const operators = open()
    const issued = await Promise.all([ada, ada, ada].map((one) => operators.issue(one)))
    const again = open()
    for (const { token: each } of issued) expect(await again.verify(each)).toBeDefined()
  })

  it('believes nobody else’s tokens', async () => {
    const { token } = await open({ consoleUrl: 'http://localhost:4001' }).issue(ada)
    expect(await open().verify(token)).toBeUndefined()
  })

  it('says so where its key is damaged, without quoting it', async () => {
    await open().issue(ada)
    const content = await readFile(join(directory, 'key.json'), 'utf8')
    await writeFile(join(directory, 'key.json'), content.slice(0, -20))
    const failure = await open()
      .issue(ada)
      .then(
        () => '',
        (error: unknown) => String(error),
      )
    expect(failure).toContain('holds no RSA key. Remove it')
    expect(failure).not.toContain(content.slice(20, 60))
  })
})
