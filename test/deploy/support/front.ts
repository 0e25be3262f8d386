import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import * as z from 'zod'
import type { Mail } from '../../e2e/visitor.ts'
import { endpoint, loadBalancer } from './emulator.ts'

/**
 * Plays DNS, TLS and CloudFront, which are not on this machine. Requests for sites go to the deployed load balancer, all others to
 * the deployed API with the secret that CloudFront sends. It shows the mails that SES has like the host of one machine does.
 */
export const openFront = async (domains: { readonly sites: string; readonly console: string }) => {
  let balancer: string | undefined
  let secret: string | undefined

  const toSite = async (hostname: string) => {
    balancer ??= await loadBalancer()
    return { prefix: `/_alb/${balancer}`, headers: { host: `${hostname}:443` } }
  }
  const toApi = async (hostname: string) => {
    // Past CloudFront.
    if (hostname === `origin.${domains.console}`) return { prefix: '', headers: { host: hostname } }
    const SecretId = 'sitewright-production/origin'
    secret ??= (await new SecretsManagerClient().send(new GetSecretValueCommand({ SecretId }))).SecretString ?? ''
    const headers = {
      host: `origin.${domains.console}`,
      'x-sitewright-origin': secret,
      'cloudfront-viewer-address': '198.51.100.7:46532',
    }
    return { prefix: '', headers }
  }
  const forward = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const hostname = (incoming.headers.host ?? '').replace(/:\d+$/, '')
    const { prefix, headers } = hostname.endsWith(`.${domains.sites}`) ? await toSite(hostname) : await toApi(hostname)
    const outgoing = request(`${endpoint()}${prefix}${incoming.url}`, {
      method: incoming.method,
      headers: { ...incoming.headers, ...headers },
    })
    outgoing.once('error', () => response.destroy())
    outgoing.once('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    incoming.pipe(outgoing)
  }
  const server = createServer((incoming, response) => {
    const url = new URL(incoming.url ?? '/', 'http://front')
    const answering =
      url.pathname === '/_local/mail'
        ? mailsTo(url.searchParams.get('to') ?? '').then((messages) => response.end(JSON.stringify({ messages })))
        : forward(incoming, response)
    answering.catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const sentSchema = z.object({
  messages: z.record(
    z.string(),
    z.array(z.object({ MessageId: z.string(), To: z.array(z.string()), Subject: z.string(), BodyText: z.string() })),
  ),
})

/** Newest first. */
const mailsTo = async (address: string): Promise<readonly Mail[]> => {
  const answer = await fetch(new URL('/_ministack/ses/messages', endpoint()))
  const { messages } = sentSchema.parse(await answer.json())
  return Object.values(messages)
    .flat()
    .filter(({ To }) => To.includes(address))
    .map(({ MessageId, Subject, BodyText }) => {
      const code = /^[A-Z0-9]{4}-[A-Z0-9]{4}$/m.exec(BodyText)?.[0]
      const links = BodyText.match(/https:\S+/g) ?? []
      return { id: MessageId, to: address, subject: Subject, text: BodyText, links, ...(code && { code }) }
    })
    .toReversed()
}
