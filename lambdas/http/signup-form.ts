import { SitewrightError } from '../../core/errors.ts'
import type { StartSignupPorts } from '../../core/signup/start-signup.ts'
import { startSignup } from '../../core/signup/start-signup.ts'
import type { Answer } from '../_runtime/endpoint.ts'
import { parseInput } from '../_runtime/parse-input.ts'
import { problemForms } from '../_runtime/problem.ts'
import { publicOperations } from './public-operations.ts'

/** The page that a browser without JavaScript gets after the form. With JavaScript, it asks for the code. */
const mailedPage = '/mailed/'

const fieldsOf = (bytes: Uint8Array): Record<string, unknown> => {
  const form = new URLSearchParams(Buffer.from(bytes).toString('utf8'))
  return { email: form.get('email')?.trim(), ...(form.get('acceptedTerms') ? { acceptedTerms: true } : {}) }
}

/** Any page can send a form, so the visitor's address would mail codes for it. A form of our page has our origin. */
const requireOwnPage = (origin: string | undefined, consoleUrl: string): void => {
  if (origin === new URL(consoleUrl).origin) return
  throw new SitewrightError('Forbidden', 'This form was sent from a page of another site and was refused.')
}

/** Signs up by a form of plain HTML. The answer is for a person: a redirect, or what was wrong as text. */
export const submitSignupForm = async (
  ports: StartSignupPorts & { readonly consoleUrl: string },
  bytes: Uint8Array,
  { sourceIp, origin }: { readonly sourceIp: string; readonly origin: string | undefined },
): Promise<Answer> => {
  try {
    requireOwnPage(origin, ports.consoleUrl)
    const { email, acceptedTerms } = parseInput(publicOperations.startSignup.body, fieldsOf(bytes), 'body')
    const { id } = await startSignup(ports, { email, acceptedTerms, sourceIp })
    return { status: 303, headers: { location: `${mailedPage}#/signups/${id}` } }
  } catch (error) {
    if (!(error instanceof SitewrightError)) throw error
    const advice =
      error.kind === 'ProofOfWorkRequired'
        ? 'Many people are signing up, so we check that you are not a bot. The check needs JavaScript: turn it on and try again.'
        : `${[error.message, ...error.fields.map(({ path, message }) => `${path}: ${message}`)].join('\n')}\n\nGo back to correct it.`
    return { status: problemForms[error.kind].status, text: advice }
  }
}
