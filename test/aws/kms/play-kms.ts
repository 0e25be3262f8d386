import { createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import * as z from 'zod'
import { listening } from '../../support/listening.ts'

const requestSchema = z.object({
  KeyId: z.string(),
  Message: z.string().optional(),
  MessageType: z.string().optional(),
  SigningAlgorithm: z.string().optional(),
})

export interface PlayedKms extends AsyncDisposable {
  readonly endpoint: string
  /** The raw public key, base64url. */
  readonly publicKey: string
  /** The operations that were called. */
  readonly asked: readonly string[]
  /** While true, every answer is a fault of the service. */
  isAway: boolean
}

/**
 * A server that speaks KMS's protocol (AWS JSON 1.1) for one key, by its rules for Ed25519: an algorithm goes with a message
 * type, and the message is that of the signature, up to 4096 bytes.
 */
export const playKms = async (keyId: string, kind: 'ed25519' | 'ec' = 'ed25519'): Promise<PlayedKms> => {
  const { privateKey } =
    kind === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const publicKey = createPublicKey(privateKey)
  const asked: string[] = []
  const played = { isAway: false }

  const answer = (operation: string, body: string): { status: number; content: object } => {
    const request = requestSchema.parse(JSON.parse(body))
    if (played.isAway) return { status: 500, content: { __type: 'KMSInternalException' } }
    if (request.KeyId !== keyId) return { status: 400, content: { __type: 'NotFoundException' } }
    if (operation === 'GetPublicKey') {
      const PublicKey = publicKey.export({ format: 'der', type: 'spki' }).toString('base64')
      return { status: 200, content: { KeyId: keyId, KeySpec: 'ECC_NIST_EDWARDS25519', PublicKey } }
    }
    const message = Buffer.from(request.Message ?? '', 'base64')
    const isRight =
      operation === 'Sign' &&
      request.SigningAlgorithm === 'ED25519_SHA_512' &&
      request.MessageType === 'RAW' &&
      message.length > 0 &&
      message.length <= 4096
    if (!isRight) return { status: 400, content: { __type: 'ValidationException' } }
    return { status: 200, content: { KeyId: keyId, Signature: sign(null, message, privateKey).toString('base64') } }
  }

  const server = createServer(async (request, response) => {
    const [service, operation = ''] = String(request.headers['x-amz-target']).split('.')
    const body = await text(request)
    // Another test's server may have had this port, and its clients may still call.
    if (service !== 'TrentService') return void response.writeHead(404).end()
    asked.push(operation)
    const { status, content } = answer(operation, body)
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(content))
  })
  const port = await listening(server)

  return Object.assign(played, {
    endpoint: `http://127.0.0.1:${port}`,
    publicKey: publicKey.export({ format: 'jwk' }).x ?? '',
    asked,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  })
}
