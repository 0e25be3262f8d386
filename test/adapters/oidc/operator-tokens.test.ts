import { generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'
import fc from 'fast-check'
import { createLocalJWKSet, exportJWK, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { createOperatorTokens, issuerKeys } from '../../../adapters/oidc/operator-tokens.ts'
import { isErrorOfKind } from '../../../core/errors.ts'
import { listening } from '../../support/listening.ts'

const issuer = 'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_example'
const clientId = '2example'
const now = '2026-03-01T12:00:00.000Z'
const seconds = Date.parse(now) / 1000

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'RS256', use: 'sig' }] }
const keys = createLocalJWKSet(jwks)
const tokens = createOperatorTokens({ issuer, clientId, keys, clock: () => now })

/** As Cognito makes an access token. */
const claims = {
  iss: issuer,
  sub: 'a1b2',
  client_id: clientId,
  token_use: 'access',
  'cognito:groups': ['support'],
  iat: seconds - 60,
  exp: seconds + 3600,
}

const sign = (payload: JWTPayload, header: { alg?: string; kid?: string } = {}, key = privateKey): Promise<string> =>
  new SignJWT(payload).setProtectedHeader({ alg: 'RS256', kid: 'one', ...header }).sign(key)

describe('the token of an operator', () => {
  it('says who it is, and what they may', async () => {
    expect(await tokens.verify(await sign(claims))).toEqual({ operatorId: 'a1b2', role: 'support' })
  })

  it.each([
    [['sales'], 'sales'],
    [['sales', 'support'], 'sales'],
    [['support', 'admin', 'sales'], 'admin'],
    [['Admin', 'support', 'others'], 'support'],
    ['admin', 'admin'],
  ])('of the groups %j has the highest role, %s', async (groups, role) => {
    expect(await tokens.verify(await sign({ ...claims, 'cognito:groups': groups }))).toMatchObject({ role })
  })

  const without = (name: keyof typeof claims): JWTPayload =>
    Object.fromEntries(Object.entries(claims).filter(([key]) => key !== name))
  const wrong: Readonly<Record<string, () => Promise<string> | string>> = {
    'that has expired': () => sign({ ...claims, exp: seconds - 6 }),
    'that counts only later': () => sign({ ...claims, nbf: seconds + 60 }),
    'without an end': () => sign(without('exp')),
    'without a subject': () => sign(without('sub')),
    'with an empty subject': () => sign({ ...claims, sub: '' }),
    'without a time of issue': () => sign(without('iat')),
    'of another issuer': () => sign({ ...claims, iss: `${issuer}2` }),
    'of no issuer': () => sign(without('iss')),
    'for another client': () => sign({ ...claims, client_id: 'another' }),
    // As Cognito makes it: with an audience, without a client.
    'that is an ID token': () => sign({ ...without('client_id'), aud: clientId, token_use: 'id' }),
    'that is an ID token with a client too': () => sign({ ...claims, aud: clientId, token_use: 'id' }),
    'for our audience, without its kind': () => sign({ ...without('token_use'), aud: clientId }),
    'for our audience alone': () => sign({ ...without('client_id'), aud: clientId }),
    'for nobody': () => sign(without('client_id')),
    'of somebody without a role': () => sign({ ...claims, 'cognito:groups': ['staff'] }),
    'of somebody without groups': () => sign(without('cognito:groups')),
    'of another key': () => sign(claims, {}, generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey),
    'that names an unknown key': () => sign(claims, { kid: 'two' }),
    'of another algorithm': () => sign(claims, { alg: 'RS512' }),
    'with padding of another kind': () => sign(claims, { alg: 'PS256' }),
    'without a signature': () => new UnsecuredJWT(claims).encode(),
    'signed with our public key as a secret': () =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: 'HS256', kid: 'one' })
        .sign(Buffer.from(publicKey.export({ type: 'spki', format: 'pem' }).toString())),
    'whose payload was exchanged': async () => {
      const [header, , signature] = (await sign(claims)).split('.')
      const payload = Buffer.from(JSON.stringify({ ...claims, 'cognito:groups': ['admin'] })).toString('base64url')
      return `${header}.${payload}.${signature}`
    },
  }
  it.each(Object.keys(wrong))('%s is invalid', async (name) => {
    expect(await tokens.verify((await wrong[name]?.()) ?? '')).toBeUndefined()
  })

  it('is not whatever text there is', async () => {
    const good = (await sign(claims)).split('.')
    const part = fc.oneof(fc.string(), fc.base64String(), fc.constantFrom(...good))
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 5 }), async (parts) => {
        fc.pre(parts.join('.') !== good.join('.'))
        expect(await tokens.verify(parts.join('.'))).toBeUndefined()
      }),
    )
  })
})

describe('the keys of an issuer', () => {
  it('are fetched from it; where they cannot be had, nobody is told that their token is wrong', async () => {
    let status = 200
    const asked: (string | undefined)[] = []
    const server = createServer((request, response) => {
      asked.push(request.url)
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(jwks))
    })
    const at = `http://127.0.0.1:${await listening(server)}/pool`
    const open = () => createOperatorTokens({ issuer: at, clientId, keys: issuerKeys(at), clock: () => now })
    const token = await sign({ ...claims, iss: at })

    const good = open()
    expect(await good.verify(token)).toMatchObject({ role: 'support' })
    expect(await good.verify(token)).toMatchObject({ role: 'support' })
    expect(asked).toEqual(['/pool/.well-known/jwks.json'])

    status = 500
    await expect(open().verify(token)).rejects.toSatisfy((error) => isErrorOfKind(error, 'Unavailable'))
    await new Promise((resolve) => server.close(resolve))
    await expect(open().verify(token)).rejects.toSatisfy((error) => isErrorOfKind(error, 'Unavailable'))
    expect(await good.verify(token)).toMatchObject({ role: 'support' })
  })
})
