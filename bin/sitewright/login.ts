import { createInterface } from 'node:readline'
import * as z from 'zod'
import { solveChallenge } from '../../web/sign-up/solve-challenge.ts'
import { type Api, Refusal } from './api.ts'
import { Failure } from './failure.ts'

const signupSchema = z.object({ id: z.string() })
const verifiedSchema = z.object({
  account: z.object({ id: z.string(), email: z.string() }),
  session: z.object({ token: z.string(), expiresAt: z.string() }),
})

const startSignup = async (api: Api, email: string): Promise<{ readonly id: string }> => {
  const start = (more: object) => api({ method: 'POST', path: '/v1/signups', body: { email, ...more } }, signupSchema)
  return start({}).catch(async (error: unknown) => {
    if (!(error instanceof Refusal) || error.problem.challenge === undefined) throw error
    return start({ proof: await solveChallenge(error.problem.challenge) })
  })
}

/** Ends the session at the server. One that has ended already is no failure. */
export const signOut = async (api: Api): Promise<void> => {
  await api({ method: 'DELETE', path: '/v1/session' }, z.unknown()).catch((error: unknown) => {
    if (!(error instanceof Refusal) || error.status !== 401) throw error
  })
}

/**
 * Signs in by the code that the server mails.
 * @param ask prints a question; the answers are the lines of `input`.
 * @throws {Failure} if no code was right.
 */
export const signIn = async (
  api: Api,
  email: string,
  { input, ask }: { readonly input: NodeJS.ReadableStream; readonly ask: (text: string) => void },
) => {
  const { id } = await startSignup(api, email)
  ask(`A code was mailed to ${email}. Enter it: `)
  const lines = createInterface({ input, terminal: false })
  try {
    for await (const code of lines) {
      if (code.trim() === '') continue
      try {
        return await api({ method: 'POST', path: `/v1/signups/${id}/verification`, body: { code } }, verifiedSchema)
      } catch (error) {
        if (!(error instanceof Refusal) || error.status !== 422) throw error
        ask(`${error.message} Enter the code: `)
      }
    }
  } finally {
    lines.close()
  }
  throw new Failure('signIn', 'No code was entered. Run the command again, and enter the code of the newest mail.')
}
