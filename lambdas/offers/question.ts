import * as z from 'zod'
import { lineOf } from '../../core/text.ts'

export const offerLanguages = ['en', 'de'] as const

export const slug = z.string().regex(/^[a-z][a-z0-9-]{0,30}$/, 'must be lower-case letters, digits and hyphens')

const labels = z.partialRecord(z.enum(offerLanguages), z.string().min(1).max(100))

const common = {
  /** Stored with the answer: do not change it. */
  id: slug,
  label: labels,
  required: z.literal(false, 'must be false: a question never blocks a sign-up').optional(),
}

/** A question of the first screen of the sign-up. */
export const questionSchema = z.discriminatedUnion('kind', [
  z.strictObject({ ...common, kind: z.literal('text') }),
  z.strictObject({
    ...common,
    kind: z.literal('choice'),
    options: z
      .array(z.strictObject({ id: slug, label: labels }))
      .min(2)
      .max(20)
      .readonly(),
  }),
])
export type Question = z.infer<typeof questionSchema>

export const maxQuestions = 3
const longestAnswer = 200

/** Answers by the ids of their questions. That of a choice is the id of an option. */
export const answersSchema = z.record(z.string(), z.string().max(longestAnswer))
export type Answers = z.infer<typeof answersSchema>

/** Takes what can be stored from the answers of a page. It cuts or drops the rest and never refuses. */
export const readAnswers = (
  questions: readonly Question[],
  given: Readonly<Record<string, unknown>> = {},
): { readonly answers?: Answers } => {
  const found = questions.flatMap((question) => {
    const text = lineOf(given[question.id], longestAnswer)
    const isKnown = question.kind === 'text' || question.options.some(({ id }) => id === text)
    return text === undefined || !isKnown ? [] : [[question.id, text] as const]
  })
  return found.length === 0 ? {} : { answers: Object.fromEntries(found) }
}

/** Each language in which a page would show no text, with the path of its label. */
export const missingLabels = (
  question: Question,
  languages: readonly (typeof offerLanguages)[number][],
): readonly (readonly (string | number)[])[] => {
  const all = [
    { path: ['label'], label: question.label },
    ...(question.kind === 'choice' ? question.options : []).map(({ label }, at) => ({
      path: ['options', at, 'label'],
      label,
    })),
  ]
  return all.flatMap(({ path, label }) =>
    languages.filter((language) => label[language] === undefined).map((language) => [...path, language]),
  )
}
