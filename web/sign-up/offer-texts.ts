import type { Catalogue, PageProps, PageSettings } from '../settings.ts'

const keys = { pitch: 'pitch.title', title: 'email.title', lead: 'email.lead' } as const

/** The texts of the page, with those of its offer. */
export const offeredTexts = ({ settings, language, catalogue }: PageProps): Catalogue => {
  const texts = settings.texts[language] ?? {}
  const { pitch = catalogue[keys.pitch], title = catalogue[keys.title], lead = catalogue[keys.lead] } = texts
  const given = { [keys.pitch]: pitch, [keys.title]: title, [keys.lead]: lead }
  return {
    ...catalogue,
    ...Object.fromEntries(Object.entries(given).flatMap(([key, text]) => (text === undefined ? [] : [[key, text]]))),
  }
}

/** Why an offer takes no sign-ups today, and the day that decides; undefined while it takes them. The API decides. */
export const closedBy = ({
  firstDay,
  lastDay,
}: PageSettings): { readonly why: 'not-yet' | 'ended'; readonly day: string } | undefined => {
  const today = new Date().toISOString().slice(0, 10)
  if (firstDay !== undefined && today < firstDay) return { why: 'not-yet', day: firstDay }
  return lastDay !== undefined && today > lastDay ? { why: 'ended', day: lastDay } : undefined
}

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
