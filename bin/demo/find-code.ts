import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod'
import type { Answer, Call } from './http-call.ts'
import { httpCall } from './http-call.ts'
import type { Terminal } from './terminal.ts'

const mailboxSchema = z.looseObject({ messages: z.array(z.looseObject({ code: z.string().optional() })) })

/** The messages to an address; undefined where the host has no mailbox, which is so anywhere but on one machine. */
const readMailbox = async (origin: string, email: string, makeCall: (call: Call) => Promise<Answer>) => {
  const answer = await makeCall({ url: `${origin}/_local/mail?to=${encodeURIComponent(email)}` })
  const mailbox = mailboxSchema.safeParse(answer.json)
  return answer.status === 200 && mailbox.success ? mailbox.data.messages : undefined
}

/** The code that was mailed to an address nobody else uses. @throws {Error} where none comes for 15 s. */
export const codeFromMailbox = async (
  origin: string,
  email: string,
  makeCall: (call: Call) => Promise<Answer> = httpCall,
): Promise<string> => {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    const code = (await readMailbox(origin, email, makeCall))?.find((message) => message.code !== undefined)?.code
    if (code !== undefined) return code
    await sleep(50)
  }
  throw new Error(`No mail with a code to ${email} came within 15 s; look at ${origin}/_local/mail and the host's log.`)
}

/** Mails show a code in groups, and people type it so. */
export const codeFromTerminal = async (terminal: Terminal, email: string): Promise<string> =>
  (await terminal.ask(`    The code that was mailed to ${email}: `)).replace(/\D/g, '')
