import type { PageSettings, Variant } from '../settings.ts'

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

/** The cookie of the browser's session. It holds the variant's name and nothing else. */
export const variantCookie = ({ name }: Variant, { base }: Offered, isSecure: boolean): string =>
  `variant=${name}; path=${base}/; samesite=lax${isSecure ? '; secure' : ''}`

/** The settings with what the variant changes. */
export const withVariant = (settings: PageSettings, { texts, trialDays }: Variant): PageSettings => ({
  ...settings,
  trialDays,
  texts: { en: { ...settings.texts.en, ...texts.en }, de: { ...settings.texts.de, ...texts.de } },
})
