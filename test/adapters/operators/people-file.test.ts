import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Secret, TOTP, URI } from 'otpauth'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openPeopleFile, operatorIdOf, stepOf } from '../../../adapters/operators/people-file.ts'
import { directoryForAll } from '../../support/temporary-directories.ts'
import { operatorDirectoryContract } from './directory-contract.ts'

const now = '2026-03-01T12:00:00.000Z'
let directory: string
let path: string
let file: ReturnType<typeof openPeopleFile>

beforeAll(async () => {
  directory = await directoryForAll()
})
beforeEach(() => {
  path = join(directory, `${crypto.randomUUID()}.json`)
  file = openPeopleFile({ path, secret: 'r'.repeat(43) })
})

const ada = { email: 'ada@example.com', role: 'support', addedAt: now } as const

const passwordAt = (uri: string, at: string): string => {
  const totp = URI.parse(uri)
  if (!(totp instanceof TOTP)) throw new Error('no time-based password')
  return totp.generate({ timestamp: Date.parse(at) })
}

describe('a one-time password', () => {
  /** RFC 6238, appendix B, with SHA-1. Authenticators show the last six digits of eight. */
  const vectors = [
    [59, '94287082', 0x1],
    [1_111_111_109, '07081804', 0x23523ec],
    [1_111_111_111, '14050471', 0x23523ed],
    [1_234_567_890, '89005924', 0x273ef07],
    [2_000_000_000, '69279037', 0x3f940aa],
    [20_000_000_000, '65353130', 0x27bc86aa],
  ] as const
  const secret = Secret.fromUTF8('12345678901234567890')

  it.each(vectors)('of the RFC, at %i seconds, is accepted with its step', (seconds, password, step) => {
    expect(stepOf(secret, password.slice(2), new Date(seconds * 1000).toISOString())).toBe(step)
  })

  it.each([
    [-60, undefined],
    [-30, 0x23523ec],
    [30, 0x23523ec],
    [60, undefined],
  ])('is tried %i seconds later', (later, step) => {
    // The middle of a step.
    const at = (0x23523ec * 30 + 15 + later) * 1000
    expect(stepOf(secret, '081804', new Date(at).toISOString())).toBe(step)
  })

  it.each(['081 804', ' 081804'])('is %j too, as authenticators show it', (password) => {
    expect(stepOf(secret, password, new Date(1_111_111_109_000).toISOString())).toBe(0x23523ec)
  })

  it.each(['', '81804', '0081804', '08180a', '٠٨١٨٠٤'])('is not %j', (password) => {
    expect(stepOf(secret, password, new Date(1_111_111_109_000).toISOString())).toBeUndefined()
  })
})

describe('the list of operators of a machine', () => {
  it('has nobody without a file', async () => {
    expect(await file.list()).toEqual([])
    expect(await file.people.find('ada@example.com')).toBeUndefined()
  })

  it('is a file that only its user reads, without secrets of authenticators', async () => {
    const { person } = await file.add(ada)
    const { text } = file.enrolmentOf(person, 'Sitewright')
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(await readFile(path, 'utf8')).not.toContain(text)
    expect(text).toMatch(/^[A-Z2-7]{32}$/)
  })

  it('finds somebody by any form of the address, with the id of their tokens', async () => {
    await file.add(ada)
    const found = await file.people.find(' ADA@example.com')
    expect(found).toMatchObject({ operatorId: operatorIdOf('r'.repeat(43), 'ada@example.com'), role: 'support' })
  })

  it('accepts the passwords of the enrolled authenticator, and of no other', async () => {
    const { person } = await file.add(ada)
    const known = (await file.people.find(ada.email))!
    const password = passwordAt(file.enrolmentOf(person, 'Sitewright').uri, now)
    expect(file.people.stepOf(known, password, now)).toBe(Math.floor(Date.parse(now) / 30_000))
    expect(file.people.stepOf({ ...known, operatorId: 'op_other' }, password, now)).toBeUndefined()
    const reset = await file.reset(ada.email)
    expect(file.people.stepOf((await file.people.find(ada.email))!, password, now)).toBeUndefined()
    expect(reset?.enrolment).not.toBe(person.enrolment)
  })

  it('changes a role and keeps the authenticator', async () => {
    const { person } = await file.add(ada)
    const changed = await file.add({ ...ada, role: 'admin' })
    expect(changed).toEqual({ person: { ...person, role: 'admin' }, isNew: false })
    expect(await file.list()).toHaveLength(1)
  })

  it('says whether there was somebody to remove or reset', async () => {
    expect(await file.remove(ada.email)).toBe(false)
    expect(await file.reset(ada.email)).toBeUndefined()
  })

  it('that is damaged makes nobody an operator', async () => {
    const { person } = await file.add(ada)
    await writeFile(path, '{"operators":')
    await expect(
      file.directory.roleOf({ operatorId: person.id, listedAs: person.enrolment, role: 'admin' }),
    ).rejects.toThrow()
  })
})

operatorDirectoryContract('in a file', async () => ({
  directory: file.directory,
  add: async (email, role) => {
    const { person } = await file.add({ email, role, addedAt: now })
    return { operatorId: person.id, listedAs: person.enrolment, role }
  },
  remove: async (email) => void (await file.remove(email)),
}))
