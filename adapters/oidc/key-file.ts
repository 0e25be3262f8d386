import { readFile } from 'node:fs/promises'
import { type CryptoKey, calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose'
import * as z from 'zod'
import { hasCode, replaceFile } from '../durable-files/replace-file.ts'

export const signingAlgorithm = 'RS256'

interface SigningKey {
  readonly kid: string
  readonly privateKey: CryptoKey
  readonly publicKey: CryptoKey
}

const keySchema = z.looseObject({ kty: z.literal('RSA'), n: z.string(), e: z.string(), d: z.string() })

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    // The parser's message may quote its input.
    return undefined
  }
}

const readKey = async (path: string): Promise<JWK | undefined> => {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
  const key = keySchema.safeParse(parse(text))
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
export const openKeyFile = (path: string) => {
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
