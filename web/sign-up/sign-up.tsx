import { createRoot, hydrateRoot } from 'react-dom/client'
import { base } from '../api/client.ts'
import type { PageSettings, Variant } from '../settings.ts'
import { readPage } from '../ui/show-page.tsx'
import { pickVariant, variantCookie, withVariant } from './offer.ts'
import { attribution } from './request-code.ts'
import { SignUpPage } from './sign-up-page.tsx'

/** Counts a visit of the first screen, without id and cookie. Nothing waits for it, and nothing depends on it. */
const countVisit = ({ offer }: Pick<PageSettings, 'offer'>, variant: Variant | undefined): void => {
  const { source, medium, campaign } = attribution(false).attribution ?? {}
  fetch('/v1/visits', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ offer, variant: variant?.name, source, medium, campaign }),
    credentials: 'omit',
    keepalive: true,
  }).catch(() => undefined)
}

const { settings: ofOffer, language, catalogue, root } = await readPage()
const variant = pickVariant(ofOffer, document.cookie, Math.random())
// biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in all browsers.
if (variant !== undefined) document.cookie = variantCookie(variant, ofOffer, location.protocol === 'https:')
const settings = variant === undefined ? ofOffer : withVariant(ofOffer, variant)
// What the build rendered below the form, unless the variant has another trial.
const below = settings.trialDays === ofOffer.trialDays ? (root.querySelector('.landing')?.innerHTML ?? '') : ''
const page = <SignUpPage settings={settings} language={language} catalogue={catalogue} below={below} />

// The HTML holds the first screen, without what a variant changes.
const isFirstScreen = location.pathname === `${base()}/` && !/^#\/./.test(location.hash)
if (isFirstScreen && settings === ofOffer) hydrateRoot(root, page)
else createRoot(root).render(page)
document.documentElement.classList.remove('elsewhere')
if (isFirstScreen) countVisit(ofOffer, variant)
