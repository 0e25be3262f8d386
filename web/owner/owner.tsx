import { createRoot } from 'react-dom/client'
import { readPage } from '../read-page.ts'
import { OwnerPage } from './owner-page.tsx'

const catalogues = {
  en: () => import('../texts/en/owner.ts'),
  de: () => import('../texts/de/owner.ts'),
}

const { settings, language, root } = readPage()
const { catalogue } = await catalogues[language]()
createRoot(root).render(<OwnerPage settings={settings} language={language} catalogue={catalogue} />)
document.documentElement.classList.remove('elsewhere')
