import { once } from 'node:events'
import { SMTPServer } from 'smtp-server'

interface ReceivedMail {
  readonly recipients: readonly string[]
  /** Headers and body as they came. */
  readonly source: string
}

interface Refusal {
  readonly code: number
  readonly text: string
}

export interface MailServer {
  readonly url: string
  readonly port: number
  readonly received: readonly ReceivedMail[]
  readonly stop: () => Promise<void>
}

export interface MailServerOptions {
  readonly port?: number
  readonly password?: string
  /** Asked for each recipient, and for each message when it has come whole. */
  readonly refuseRecipient?: (address: string) => Refusal | undefined
  readonly refuseMessage?: (source: string) => Refusal | undefined
  /** Called when a message has been taken, before the client is told. */
  readonly beforeReply?: (mail: ReceivedMail) => Promise<void>
}

const toError = ({ code, text }: Refusal): Error => Object.assign(new Error(text), { responseCode: code })

/** An SMTP server of 127.0.0.1 that keeps what it gets in memory. */
export const startMailServer = async (options: MailServerOptions = {}): Promise<MailServer> => {
  const received: ReceivedMail[] = []
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    authOptional: options.password === undefined,
    allowInsecureAuth: true,
    onAuth: ({ password }, _, done) =>
      password === options.password ? done(null, { user: 'user' }) : done(new Error('no such user')),
    onRcptTo: ({ address }, _, done) => {
      const refusal = options.refuseRecipient?.(address)
      done(refusal && toError(refusal))
    },
    onData: async (stream, session, done) => {
      const source = Buffer.concat(await stream.toArray()).toString()
      const refusal = options.refuseMessage?.(source)
      if (refusal) return done(toError(refusal))
      const mail = { recipients: session.envelope.rcptTo.map(({ address }) => address), source }
      received.push(mail)
      await options.beforeReply?.(mail)
      done()
    },
  })
  server.on('error', () => {})
  server.listen(options.port ?? 0, '127.0.0.1')
  await once(server.server, 'listening')
  const address = server.server.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  return {
    url: `smtp://127.0.0.1:${port}`,
    port,
    received,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
