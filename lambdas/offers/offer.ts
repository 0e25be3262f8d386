import * as z from 'zod'
import { onAccent } from '../../core/accent.ts'
import { emailSchema } from '../../core/email.ts'
import { maxQuestions, offerLanguages, questionSchema, slug } from './question.ts'

/** What WCAG 2.2 asks of text (success criterion 1.4.3). */
const leastContrast = 4.5

const linear = (channel: number): number => (channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4)

/** The relative luminance of `#rrggbb`. Source: WCAG 2.2. */
const luminance = (colour: string): number => {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) =>
    linear(Number.parseInt(colour.slice(at, at + 2), 16) / 255),
  )
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/** The contrast ratio of two colours, from 1 to 21; NaN if one is none. Source: WCAG 2.2. */
export const contrastOf = (one: string, other: string): number => {
  const [first, second] = [luminance(one), luminance(other)]
  return (Math.max(first, second) + 0.05) / (Math.min(first, second) + 0.05)
}

const legalLink = z.url({ protocol: /^https?$/, error: 'must be an http or https address' })

/** Links of the pages. Whoever signs up on a page accepts `terms`, if there are any. */
export const legalSchema = z.strictObject({
  terms: legalLink.optional(),
  privacy: legalLink.optional(),
  imprint: legalLink.optional(),
})

const words = z.string().min(1).max(200)

/** Texts of the sign-up in one language, instead of the usual ones. */
const textsSchema = z.strictObject({
  /** The headline beside the form. */
  pitch: words.optional(),
  /** Above the form. */
  title: words.optional(),
  /** Below the title. */
  lead: words.optional(),
})
const textsByLanguage = z.partialRecord(z.enum(offerLanguages), textsSchema)

const colour = z.string().regex(/^#[0-9a-f]{6}$/i, 'must be a colour such as #0f766e')

/** A colour that can be read with the text on it. */
const accent = (theme: keyof typeof onAccent) =>
  colour.superRefine((value, context) => {
    const contrast = contrastOf(value, onAccent[theme])
    if (!(contrast < leastContrast)) return
    const found = `has a contrast of ${Math.floor(contrast * 10) / 10} to 1 with its text ${onAccent[theme]}`
    context.addIssue({ code: 'custom', message: `${found}: it must be at least ${leastContrast} to 1` })
  })

const labels = z.partialRecord(z.enum(offerLanguages), z.string().min(1).max(1000))
const picture = z.string().regex(/\.(png|webp|jpg)$/, 'must end in .png, .webp or .jpg')

/** What is below the form of sign-up. Files are named from the root of the repository. */
const landingSchema = z.strictObject({
  /** Of the product. */
  picture: picture.optional(),
  /** What it shows, for those who do not see it. */
  pictureText: labels.optional(),
  /** For previews in social media, 1200 × 630: they need a whole address. */
  socialPicture: z.url({ protocol: /^https$/, error: 'must be an https address' }).optional(),
  /** For home screens, 180 × 180. */
  touchIcon: picture.optional(),
  /** Instead of the usual ones; an empty list shows none. */
  questions: z
    .array(z.strictObject({ question: labels, answer: labels }))
    .max(20)
    .readonly()
    .optional(),
})

/** The look and the words of an offer. A missing field is as in the installation. */
const brandSchema = z.strictObject({
  name: z.string().min(1).max(60).optional(),
  /** The address for questions. */
  contact: emailSchema.optional(),
  sender: z
    .string()
    .min(1)
    .max(60)
    .regex(/^[^"<>\r\n]*$/, 'may not contain quotes or angle brackets')
    .optional(),
  legal: legalSchema.optional(),
  /** An SVG file, from the root of the repository. */
  logo: z.string().endsWith('.svg', 'must be an SVG file').optional(),
  colours: z.strictObject({ light: accent('light'), dark: accent('dark') }).optional(),
  texts: textsByLanguage.optional(),
  landing: landingSchema.optional(),
})

const variantSchema = z.strictObject({
  name: slug,
  /** How many visitors see it, in proportion to the others. */
  weight: z.int().min(1).max(1000),
  texts: textsByLanguage.optional(),
  trialPolicy: z.string().optional(),
})

const hostname = z
  .string()
  .regex(
    /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])$/,
    'must be a full hostname in lower case, such as schools.example.com',
  )

/** One market. A missing field is as in the rest of the configuration. */
export const offerSchema = z.strictObject({
  id: slug,
  hostnames: z.array(hostname).readonly().default([]),
  /** Paths at the console’s host, such as `/schools`. */
  paths: z
    .array(z.string().regex(/^\/[a-z0-9][a-z0-9-]{0,30}$/, 'must be one part such as /schools'))
    .readonly()
    .default([]),
  brand: brandSchema.prefault({}),
  blueprint: z.string().optional(),
  /** The plans on sale, in this order. */
  plans: z.array(z.string()).readonly().optional(),
  trialPlan: z.string().optional(),
  trialPolicy: z.string().optional(),
  /** Whether an account that had a trial in another offer gets one in this. */
  trials: z.enum(['one-ever', 'one-per-offer']).default('one-ever'),
  languages: z.array(z.enum(offerLanguages)).min(1).readonly().default(offerLanguages),
  /** Days in UTC. Outside them the offer takes no sign-ups, and keeps its sites. */
  firstDay: z.iso.date('must be a day such as 2027-01-31').optional(),
  lastDay: z.iso.date('must be a day such as 2027-01-31').optional(),
  /** Where visitors count as coming from whose address has no `utm_source`, `utm_medium` and `utm_campaign`. */
  campaign: z
    .strictObject({ source: words.optional(), medium: words.optional(), campaign: words.optional() })
    .prefault({}),
  /** Asked on the first screen of the sign-up. Nobody has to answer. */
  questions: z.array(questionSchema).max(maxQuestions).readonly().default([]),
  variants: z.array(variantSchema).max(10).readonly().default([]),
})
export type OfferSettings = z.infer<typeof offerSchema>

/** The installation's own offer: at the console's address, with what the configuration says outside `offers`. */
export const defaultOffer = 'default'

/** How records hold an offer and a variant. Without an offer, it is the installation's own. */
export const heldOfferFields = { offer: z.string().optional(), variant: z.string().optional() }
export interface HeldOffer {
  readonly offer?: string | undefined
  readonly variant?: string | undefined
}

/** The offer and the variant that something holds, and nothing else of it. */
export const heldBy = ({ offer, variant }: HeldOffer): HeldOffer => ({
  ...(offer === undefined ? {} : { offer }),
  ...(variant === undefined ? {} : { variant }),
})
