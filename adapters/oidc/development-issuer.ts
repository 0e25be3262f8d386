import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import {
  type CryptoKey,
  calculateJwkThumbprint,
  errors,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
  type JWTVerifyGetKey,
  SignJWT,
} from 'jose'
import * as z from 'zod'
import type { OperatorRole } from '../../core/events/actor.ts'
import { type Instant, plusMilliseconds, toEpochSeconds } from '../../core/instant.ts'
import { jsonOf } from '../../core/json.ts'
import type { Clock } from '../../core/ports/context.ts'
import { replaceFile, unlessMissing } from '../durable-files/replace-file.ts'
import { operatorIdOf } from '../operators/people-file.ts'
import { groupsClaim } from './operator-tokens.ts'

const signingAlgorithm = 'RS256'

interface SigningKey {
  readonly kid: string
  readonly privateKey: CryptoKey
  readonly publicKey: CryptoKey
}

const keySchema = z.looseObject({ kty: z.literal('RSA'), n: z.string(), e: z.string(), d: z.string() })

const readKey = async (path: string): Promise<JWK | undefined> => {
  const text = await unlessMissing(readFile(path, 'utf8'))
  if (text === undefined) return undefined
  const key = keySchema.safeParse(jsonOf(text))
  if (key.success) return key.data
  throw new Error(`${path} holds no RSA key. Remove it to have a new one made: the tokens of before end with it.`)
}

const makeKey = async (path: string): Promise<JWK> => {
  const { privateKey } = await generateKeyPair(signingAlgorithm, { extractable: true })
  const key = await exportJWK(privateKey)
  await replaceFile(path, `${JSON.stringify(key)}\n`)
  return key
}

const importRsa = async (key: JWK): Promise<CryptoKey> => {
  const imported = await importJWK(key, signingAlgorithm)
  if (imported instanceof Uint8Array) throw new TypeError('expected an RSA key')
  return imported
}

const signingKey = async (key: JWK): Promise<SigningKey> => {
  const { n, e } = keySchema.parse(key)
  const publicJwk = { kty: 'RSA', n, e }
  return {
    kid: await calculateJwkThumbprint(publicJwk),
    privateKey: await importRsa(key),
    publicKey: await importRsa(publicJwk),
  }
}

/** Reads the key once, and makes it when it is missing. No other process may use the file. */
const openKeyFile = (path: string) => {
  let known: SigningKey | undefined
  let making: Promise<SigningKey> | undefined

  const find = async (): Promise<SigningKey | undefined> => {
    if (known !== undefined) return known
    const key = await readKey(path)
    if (key !== undefined) known = await signingKey(key)
    return known
  }
  const make = async (): Promise<SigningKey> => (await find()) ?? signingKey(await makeKey(path))

  return {
    /** Undefined where none was made yet. */
    find,
    findOrMake: (): Promise<SigningKey> => {
      making ??= make().finally(() => {
        making = undefined
      })
      return making
    },
  }
}

const hours = 12

interface IssuedToken {
  readonly token: string
  readonly operatorId: string
  readonly expiresAt: Instant
}

/** Stands in for the operators' identity provider where there is one person, at this machine. */
export interface DevelopmentIssuer {
  readonly issuer: string
  readonly clientId: string
  /** One person has the same id each time. */
  readonly issue: (operator: { readonly email: string; readonly role: OperatorRole }) => Promise<IssuedToken>
  readonly keys: JWTVerifyGetKey
  /** The id of the person with an address. */
  readonly operatorIdOf: (email: string) => string
}

/**
 * @param options.keyFile where its key is kept; made for the first token.
 * @param options.secret keys the ids of operators: 256 bits as base64url. @param options.clock the wall clock.
 */
export const openDevelopmentIssuer = (options: {
  readonly keyFile: string
  readonly secret: string
  readonly consoleUrl: string
  readonly clock: Clock
}): DevelopmentIssuer => {
  const { secret, clock } = options
  const issuer = `${options.consoleUrl}/_local/operators`
  const clientId = 'sitewright-operators'
  const key = openKeyFile(options.keyFile)

  return {
    issuer,
    clientId,
    operatorIdOf: (email) => operatorIdOf(secret, email),
    issue: async ({ email, role }) => {
      const { kid, privateKey } = await key.findOrMake()
      const operatorId = operatorIdOf(secret, email)
      const now = clock()
      const expiresAt = plusMilliseconds(now, hours * 3_600_000)
      const token = await new SignJWT({ [groupsClaim]: [role], client_id: clientId, token_use: 'access' })
        .setProtectedHeader({ alg: signingAlgorithm, kid })
        .setIssuer(issuer)
        .setSubject(operatorId)
        .setIssuedAt(Math.floor(Date.parse(now) / 1000))
        .setExpirationTime(toEpochSeconds(expiresAt))
        .setJti(randomUUID())
        .sign(privateKey)
      return { token, operatorId, expiresAt }
    },
    keys: async ({ kid }) => {
      const found = await key.find()
      if (found === undefined || kid !== found.kid) throw new errors.JWKSNoMatchingKey()
      return found.publicKey
    },
  }
}
