import { createInterface } from 'node:readline'
import * as z from 'zod'
import { type Answer, type Call, httpCall } from '../support/http-call.ts'
import { poll } from './poll.ts'

const mailboxSchema = z.looseObject({ messages: z.array(z.looseObject({ code: z.string().optional() })) })

/** The messages to an address; undefined without a mailbox, which only one machine has. */
const readMailbox = async (origin: string, email: string, makeCall: (call: Call) => Promise<Answer>) => {
  const answer = await makeCall({ url: `${origin}/_local/mail?to=${encodeURIComponent(email)}` })
  const mailbox = mailboxSchema.safeParse(answer.json)
  return answer.status === 200 && mailbox.success ? mailbox.data.messages : undefined
}

/** The newest code that was mailed to an address. @param tried one that is used up. @throws {Error} if none arrives within two minutes. */
export const codeFromMailbox = async (
  origin: string,
  email: string,
  makeCall: (call: Call) => Promise<Answer> = httpCall,
  tried?: string,
): Promise<string> => {
  const find = async () => (await readMailbox(origin, email, makeCall))?.find(({ code }) => code !== undefined)?.code
  const code = await poll(find, (found) => found !== undefined && found !== tried, { patience: 120_000, pause: 50 })
  if (code !== undefined && code !== tried) return code
  throw new Error(
    `No mail with a code to ${email} came within two minutes; look at ${origin}/_local/mail and the host's log.`,
  )
}

/** The code as somebody types it. */
export const codeFromTerminal = (terminal: Terminal, email: string): Promise<string> =>
  terminal.ask(`    The code that was mailed to ${email}: `)

export interface Terminal {
  /** @throws {Error} at the end of the input. */
  readonly ask: (question: string) => Promise<string>
  readonly close: () => void
}

/** Asks the person at the terminal, or reads a piped input. It keeps lines that arrive before a question. */
export const openTerminal = (input: NodeJS.ReadStream, output: NodeJS.WriteStream): Terminal => {
  const reader = createInterface({ input, output, terminal: input.isTTY === true })
  const lines = reader[Symbol.asyncIterator]()
  return {
    ask: async (question) => {
      reader.setPrompt(question)
      reader.prompt()
      const line = await lines.next()
      if (line.done === true) throw new Error('The input ended before the question was answered.')
      return line.value.trim()
    },
    close: () => reader.close(),
  }
}
