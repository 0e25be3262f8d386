import { createRoot, hydrateRoot } from 'react-dom/client'
import { base } from '../api/client.ts'
import { readPage } from '../ui/show-page.tsx'
import { countVisit } from './count-visit.ts'
import { pickVariant, variantCookie, withVariant } from './pick-variant.ts'
import { SignUpPage } from './sign-up-page.tsx'

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
