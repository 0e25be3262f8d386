import * as z from 'zod'

export const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium'

const mailsSchema = z.object({ messages: z.tuple([z.object({ code: z.string() })]) })

/** The code in the newest mail to an address. */
export const codeFor = async (url: string, email: string): Promise<string> => {
  const answer = await fetch(`${url}/_local/mail?to=${email}`, { headers: { accept: 'application/json' } })
  return mailsSchema.parse(await answer.json()).messages[0].code
}
