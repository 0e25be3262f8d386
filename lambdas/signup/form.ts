import { type ErrorKind, SitewrightError } from '../../core/errors.ts'
import type { Answer } from '../_runtime/endpoint.ts'
import { parseInput } from '../_runtime/parse-input.ts'
import { problemForms } from '../_runtime/problem.ts'
import { readText } from '../_runtime/read-text.ts'
import type { Offers } from '../offers/offers.ts'
import { publicOperations } from './operations.ts'
import { type StartSignupPorts, startSignup } from './start-signup.ts'

/** The page that a browser without JavaScript gets after the form. With JavaScript, it asks for the code. */
const mailedPage = '/mailed/'

const answerName = 'answer.'

const fieldsOf = (bytes: Uint8Array): Record<string, unknown> => {
  const form = new URLSearchParams(readText(bytes))
  const marketingConsent = form.get('marketingConsent')
  const answers = [...form].filter(([name, text]) => name.startsWith(answerName) && text !== '')
  return {
    email: form.get('email')?.trim(),
    ...(form.get('acceptedTerms') ? { acceptedTerms: true } : {}),
    ...(marketingConsent ? { marketingConsent } : {}),
    answers: Object.fromEntries(answers.map(([name, text]) => [name.slice(answerName.length), text])),
  }
}

/** Any page can send a form, so the visitor's address would mail codes for it. A form of our page has our origin. */
const requireOwnPage = (origin: string | undefined, { origins }: Offers): void => {
  if (origin !== undefined && origins.has(origin)) return
  throw new SitewrightError('Forbidden', 'This form was sent from a page of another site and was refused.')
}

const germanAdvice: Partial<Record<ErrorKind, string>> = {
  InvalidRequest: 'Geben Sie eine gültige E-Mail-Adresse ein, zum Beispiel ada@example.com.',
  MailDomainRefused: 'Wegwerfadressen werden nicht angenommen. Verwenden Sie eine dauerhafte Adresse.',
  RateLimited: 'Das war zu oft. Versuchen Sie es später erneut.',
  Forbidden: 'Dieses Formular wurde von der Seite einer anderen Website gesendet und abgelehnt.',
}

const adviceIn = {
  en: ({ kind, message, fields }: SitewrightError): string =>
    kind === 'ProofOfWorkRequired'
      ? 'Many people are signing up, so we check that you are not a bot. The check needs JavaScript: turn it on and try again.'
      : `${[message, ...fields.map((field) => `${field.path}: ${field.message}`)].join('\n')}\n\nGo back to correct it.`,
  de: ({ kind }: SitewrightError): string =>
    kind === 'ProofOfWorkRequired'
      ? 'Viele Menschen melden sich gerade an. Daher prüfen wir, dass Sie kein Bot sind. Die Prüfung braucht JavaScript: Schalten Sie es ein und versuchen Sie es erneut.'
      : `${germanAdvice[kind] ?? 'Das ist zurzeit nicht möglich. Versuchen Sie es gleich noch einmal.'}\n\nGehen Sie zurück, um es zu berichtigen.`,
} as const

/** The path below which the pages of an offer are. */
const pathOf = ({ offers, consoleUrl }: FormPorts, offer: string | undefined): string =>
  new URL(offers.find(offer).brand.consoleUrl ?? consoleUrl).pathname.replace(/\/$/, '')

type FormPorts = StartSignupPorts & { readonly consoleUrl: string }

/** Signs up by a form of plain HTML. The answer is for a person: a redirect, or what was wrong as text. */
export const submitSignupForm = async (
  ports: FormPorts,
  bytes: Uint8Array,
  {
    sourceIp,
    origin,
    language,
    offer,
    refusesAttribution,
  }: {
    readonly sourceIp: string
    readonly origin: string | undefined
    readonly language: keyof typeof adviceIn
    readonly offer?: string | undefined
    readonly refusesAttribution: boolean
  },
): Promise<Answer> => {
  try {
    requireOwnPage(origin, ports.offers)
    const body = parseInput(publicOperations.startSignup.body, fieldsOf(bytes), 'body')
    const { id } = await startSignup(ports, { ...body, language, sourceIp, offer, refusesAttribution })
    return { status: 303, headers: { location: `${pathOf(ports, offer)}${mailedPage}#/signups/${id}` } }
  } catch (error) {
    if (!(error instanceof SitewrightError)) throw error
    return { status: problemForms[error.kind].status, text: adviceIn[language](error) }
  }
}
