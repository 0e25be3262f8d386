import type { PageSettings } from '../settings.ts'

/** The name of the field with the answer to a question. */
export const answerName = (id: string): string => `answer.${id}`

/** The answers in a form, by the ids of their questions. */
export const answersIn = (form: FormData, { questions }: PageSettings): Readonly<Record<string, string>> =>
  Object.fromEntries(
    questions.flatMap(({ id }) => {
      const answer = form.get(answerName(id))
      return typeof answer === 'string' && answer.trim() !== '' ? [[id, answer]] : []
    }),
  )
