import { ownOffer } from '../api/open-offer.ts'
import type { Catalogue, PageProps, PageSettings, Variant } from '../settings.ts'

const byWeight = (variants: readonly Variant[], chance: number): Variant | undefined => {
  let rest = chance * variants.reduce((sum, { weight }) => sum + weight, 0)
  return variants.find(({ weight }) => {
    rest -= weight
    return rest < 0
  })
}

type Offered = Pick<PageSettings, 'variants' | 'base'>

/** The variant that a browser was given before. @param cookies as `document.cookie`. */
export const variantIn = ({ variants }: Pick<PageSettings, 'variants'>, cookies: string): Variant | undefined => {
  const name = /(?:^|;\s*)variant=([\w-]+)/.exec(cookies)?.[1]
  return variants.find((variant) => variant.name === name)
}

/** The browser's variant; a browser without one gets one by weight. @param chance from 0 up to, but not including, 1. */
export const pickVariant = (settings: Offered, cookies: string, chance: number): Variant | undefined =>
  variantIn(settings, cookies) ?? byWeight(settings.variants, chance)

/** What a sign-up and a new site ask for: the offer of the page and the variant that the browser was given. @param cookies as `document.cookie`. */
export const offerOfPage = (
  settings: PageSettings,
  cookies: string,
): { readonly offer: string; readonly variant?: string } => {
  const variant = variantIn(settings, cookies)?.name
  return { offer: settings.offer ?? ownOffer, ...(variant === undefined ? {} : { variant }) }
}

/** The cookie of the browser's session. It holds the variant's name and nothing else. */
export const variantCookie = ({ name }: Variant, { base }: Offered, isSecure: boolean): string =>
  `variant=${name}; path=${base}/; samesite=lax${isSecure ? '; secure' : ''}`

export const withVariant = (settings: PageSettings, { texts, trialDays }: Variant): PageSettings => ({
  ...settings,
  trialDays,
  texts: { en: { ...settings.texts.en, ...texts.en }, de: { ...settings.texts.de, ...texts.de } },
})

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

export const answerName = (id: string): string => `answer.${id}`

export const answersIn = (form: FormData, { questions }: PageSettings): Readonly<Record<string, string>> =>
  Object.fromEntries(
    questions.flatMap(({ id }) => {
      const answer = form.get(answerName(id))
      return typeof answer === 'string' && answer.trim() !== '' ? [[id, answer]] : []
    }),
  )
