export const languages = ['en', 'de'] as const
export type Language = (typeof languages)[number]

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
  readonly products: readonly { readonly name: string; readonly title: string }[]
  /** The parent domain of sites. */
  readonly sitesDomain: string
  readonly trialDays: number
  /** Domains of mail providers. Their names are of no company. */
  readonly sharedMailDomains: readonly string[]
}

/** A page before any script. */
export interface FirstScreen {
  readonly title: string
  readonly html: string
}
