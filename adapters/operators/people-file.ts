import { createHmac, randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { Secret, TOTP } from 'otpauth'
import * as z from 'zod'
import { canonicalEmail, emailSchema } from '../../core/email.ts'
import { operatorRoles } from '../../core/events/actor.ts'
import type { Instant } from '../../core/instant.ts'
import type { KnownOperator } from '../../lambdas/operators/operator-session.ts'
import type { OperatorDirectory, OperatorPeople } from '../../lambdas/operators/ports.ts'
import { deriveSecret, isSame } from '../derived-secrets/derive-secret.ts'
import { replaceFile, unlessMissing } from '../durable-files/replace-file.ts'

const personSchema = z.strictObject({
  id: z.string(),
  email: emailSchema,
  role: z.enum(operatorRoles),
  addedAt: z.iso.datetime({ precision: 3 }),
  /** The secret of the authenticator follows from it and the root key, so a new one makes a new secret. */
  enrolment: z.string().min(20),
})
export type ListedOperator = z.infer<typeof personSchema>

const fileSchema = z.strictObject({ schemaVersion: z.literal(1), operators: z.array(personSchema) })

/** One address has the same id each time, with a token too. */
export const operatorIdOf = (secret: string, email: string): string =>
  `op_${createHmac('sha256', deriveSecret(secret, 'sitewright operator ids')).update(canonicalEmail(email)).digest('hex').slice(0, 32)}`

/** In seconds, by RFC 6238. */
const period = 30
/** Authenticators know no other. */
const form = { algorithm: 'SHA1', digits: 6, period } as const
/** How many steps the clock of an authenticator may be off. */
const window = 1

/** The step of a one-time password, which may have spaces; undefined if it is of none within the window. */
export const stepOf = (secret: Secret, password: string, now: Instant): number | undefined => {
  const token = password.replaceAll(/\s/g, '')
  if (!/^\d{6}$/.test(token)) return undefined
  const timestamp = Date.parse(now)
  const delta = new TOTP({ ...form, secret }).validate({ token, timestamp, window })
  return delta === null ? undefined : Math.floor(timestamp / 1000 / period) + delta
}

const read = async (path: string): Promise<readonly ListedOperator[]> => {
  const text = await unlessMissing(readFile(path, 'utf8'))
  return text === undefined ? [] : fileSchema.parse(JSON.parse(text)).operators
}

/**
 * The operators of a machine, in a file that only its user can read. A command changes it while the host runs, and the host reads it
 * for each request: somebody who is removed is out at once. Without a readable file, nobody is an operator.
 * @param options.secret the root key: 256 bits as base64url. Authenticators' secrets are derived from it and not stored.
 */
export const openPeopleFile = ({ path, secret }: { readonly path: string; readonly secret: string }) => {
  const secretOf = ({ id, enrolment }: Pick<ListedOperator, 'id' | 'enrolment'>): Secret => {
    const derived = Buffer.from(deriveSecret(secret, `sitewright operator totp\n${id}\n${enrolment}`), 'base64url')
    // RFC 4226 asks for 160 bits with SHA-1.
    return new Secret({ buffer: new Uint8Array(derived).slice(0, 20).buffer })
  }
  const known = ({ id, email, role, enrolment }: ListedOperator): KnownOperator => ({
    operatorId: id,
    email,
    role,
    listedAs: enrolment,
  })
  const write = (operators: readonly ListedOperator[]): Promise<void> =>
    replaceFile(path, `${JSON.stringify({ schemaVersion: 1, operators }, undefined, 2)}\n`)
  const newEnrolment = (): string => randomBytes(16).toString('base64url')

  /** What an authenticator takes in: as an address for a QR code, and as text to type. */
  const enrolmentOf = (person: ListedOperator, issuer: string) => {
    const totp = new TOTP({ ...form, issuer, label: person.email, secret: secretOf(person) })
    return { uri: totp.toString(), text: totp.secret.base32 }
  }

  const people: OperatorPeople = {
    find: async (email) => {
      const id = operatorIdOf(secret, email)
      const found = (await read(path)).find((person) => isSame(Buffer.from(person.id), Buffer.from(id)))
      return found === undefined ? undefined : known(found)
    },
    stepOf: ({ operatorId, listedAs }, password, now) =>
      stepOf(secretOf({ id: operatorId, enrolment: listedAs }), password, now),
  }
  const directory: OperatorDirectory = {
    roleOf: async ({ operatorId, listedAs }) =>
      (await read(path)).find(({ id, enrolment }) => id === operatorId && enrolment === listedAs)?.role,
  }

  return {
    people,
    directory,
    enrolmentOf,
    list: () => read(path),
    /** Adds somebody, or changes the role of somebody who is listed and keeps the authenticator. */
    add: async ({ email, role, addedAt }: Pick<ListedOperator, 'email' | 'role' | 'addedAt'>) => {
      const all = await read(path)
      const id = operatorIdOf(secret, email)
      const earlier = all.find((person) => person.id === id)
      const person = { ...(earlier ?? { id, email, addedAt, enrolment: newEnrolment() }), role }
      await write([...all.filter((one) => one.id !== id), person])
      return { person, isNew: earlier === undefined }
    },
    /** Ends the sessions and the authenticator of somebody. @returns the person with a new one; undefined for nobody. */
    reset: async (email: string): Promise<ListedOperator | undefined> => {
      const all = await read(path)
      const id = operatorIdOf(secret, email)
      const earlier = all.find((person) => person.id === id)
      if (earlier === undefined) return undefined
      const person = { ...earlier, enrolment: newEnrolment() }
      await write(all.map((one) => (one.id === id ? person : one)))
      return person
    },
    /** @returns whether there was such a person. */
    remove: async (email: string): Promise<boolean> => {
      const all = await read(path)
      const id = operatorIdOf(secret, email)
      const left = all.filter((person) => person.id !== id)
      if (left.length < all.length) await write(left)
      return left.length < all.length
    },
  }
}

/** One's own machine has no list: the person at it may have any role. */
export const everybodyHere: OperatorDirectory = { roleOf: async ({ role }) => role }
