export const languages = ['en', 'de'] as const
export type Language = (typeof languages)[number]

/** Texts of the first screen, instead of the usual ones. */
type OfferTexts = Partial<
  Readonly<Record<Language, { readonly [part in 'pitch' | 'title' | 'lead']?: string | undefined }>>
>

type Labels = Partial<Readonly<Record<Language, string>>>

type Question = { readonly id: string; readonly label: Labels } & (
  | { readonly kind: 'text' }
  | { readonly kind: 'choice'; readonly options: readonly { readonly id: string; readonly label: Labels }[] }
)

export interface Variant {
  readonly name: string
  readonly weight: number
  readonly texts: OfferTexts
  readonly trialDays: number
}

/** What the pages know of the installation. The HTML carries it, so that no page waits for it. */
export interface PageSettings {
  readonly brand: string
  /** The address for questions. */
  readonly contact: string
  readonly legal: {
    readonly terms?: string | undefined
    readonly privacy?: string | undefined
    readonly imprint?: string | undefined
  }
  /** The blueprints that a visitor can choose; the first is the default. */
  readonly products: readonly { readonly name: string; readonly title: string; readonly features: readonly string[] }[]
  /** The parent domain of sites. */
  readonly sitesDomain: string
  readonly trialDays: number
  /** The id of the offer; absent for the installation's own. */
  readonly offer?: string
  /** Whether an account that had a trial by another offer gets one by this. */
  readonly trials: 'one-ever' | 'one-per-offer'
  /** The path below which the pages of the offer are, such as `/schools`; empty at a hostname of its own. */
  readonly base: string
  /** Where they are in the output, such as `hosts/schools`; empty for the installation's own. */
  readonly directory: string
  readonly languages: readonly Language[]
  /** The path of the logo. */
  readonly logo?: string
  /** The accent in the light and in the dark theme. */
  readonly colours?: { readonly light: string; readonly dark: string }
  readonly texts: OfferTexts
  readonly variants: readonly Variant[]
  /** Asked on the first screen of the sign-up. */
  readonly questions: readonly Question[]
  /** The ids of the plans on sale, in their order; absent for all. */
  readonly plans?: readonly string[]
  /** Days in UTC. Outside them the offer takes no sign-ups. */
  readonly firstDay?: string
  readonly lastDay?: string
  /** Domains of mail providers. Their names are of no company. */
  readonly sharedMailDomains: readonly string[]
}

/** What is below the form of sign-up: the build renders it, so that no script carries it. */
export interface LandingSettings {
  /** The paths of a picture of the product, and of an icon for home screens. */
  readonly picture?: string | undefined
  readonly touchIcon?: string | undefined
  /** The address of a picture for previews in social media. */
  readonly socialPicture?: string | undefined
  /** What the picture shows. */
  readonly pictureText?: Labels | undefined
  /** Instead of the usual ones. */
  readonly questions?: readonly { readonly question: Labels; readonly answer: Labels }[] | undefined
  readonly graceDays: number
  readonly retentionDays: number
  readonly plans: readonly {
    readonly name: string
    readonly kind: 'trial' | 'paid' | 'enterprise'
    readonly prices: readonly {
      readonly amount: number
      readonly currency: string
      readonly interval: 'month' | 'year'
    }[]
    readonly storageMiB: number
    readonly hasDomain: boolean
    /** Whether its sites never fall asleep. */
    readonly isAlwaysOn: boolean
    /** How many environments each of its sites may have. */
    readonly environments: number
  }[]
}

/** What the build knows of the pages of an offer. */
export interface BuildSettings extends PageSettings {
  /** The picture for mails, and where servers look for it. */
  readonly mark: { readonly file: string; readonly path: string } | undefined
  readonly landing: LandingSettings
}

/** A page's texts in one language, by key. */
export type Catalogue = Readonly<Record<string, string>>

export interface PageProps {
  readonly settings: PageSettings
  readonly language: Language
  readonly catalogue: Catalogue
}
