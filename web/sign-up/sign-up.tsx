import { createRoot, hydrateRoot } from 'react-dom/client'
import { readPage } from '../read-page.ts'
import { SignUpPage } from './sign-up-page.tsx'

const catalogues = {
  en: () => import('../texts/en/sign-up.ts'),
  de: () => import('../texts/de/sign-up.ts'),
}

const { settings, language, root } = readPage()
const { catalogue } = await catalogues[language]()
const page = <SignUpPage settings={settings} language={language} catalogue={catalogue} />

// The HTML holds the first screen.
if (location.pathname === '/' && location.hash.length <= 2) hydrateRoot(root, page)
else createRoot(root).render(page)
document.documentElement.classList.remove('elsewhere')
